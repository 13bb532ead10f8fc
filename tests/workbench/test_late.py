"""今日: what of the plan is late, in one line; one tap shares it, one lets it go."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.lib import clock
from apps.library.models import IssueEntry, Material
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from tests.happenings import pass_on
from tests.pages import html_of
from tests.workbench.issues import a_material, an_issue, sold

HINT = "还没发"


@pytest.fixture
def now(db: None) -> Iterator[datetime]:
    """Noon of this week's Thursday: the fourth day of an issue, whatever day the tests run on."""
    thursday = clock.monday_of(clock.day_of(timezone.now())) + timedelta(days=3)
    tracking.make_partitions(
        {(thursday - timedelta(days=days)).replace(day=1) for days in (-31, 0, 31, 62, 93)}
    )
    with time_machine.travel(clock.start_of(thursday) + timedelta(hours=12), tick=False):
        yield timezone.now()


def home(phone: Client) -> str:
    return html_of(phone.get("/"))


def let_go(phone: Client, material: Material, **headers: str) -> str:
    answer = phone.post(f"/materials/{material.public_id}/let-go/", headers=headers, follow=True)
    assert answer.status_code == 200
    return html_of(answer)


def test_what_was_missed_yesterday_stands_in_one_line(phone: Client, now: datetime) -> None:
    first, monday, tea, today, later = (
        a_material(word) for word in ("头一条", "周一", "昨天的茶", "今天", "明天")
    )
    an_issue((1, first), (1, monday), (3, tea), (4, today), (5, later), now=now)
    page = home(phone)
    assert "昨天的《昨天的茶》还没发" in page
    assert "前面还有 2 条没发" in page
    assert page.count(HINT) == 1
    assert f"/materials/{tea.public_id}/share/" in page


def test_what_she_shared_is_not_late(phone: Client, lin: Host, mei: Host, now: datetime) -> None:
    tea, soap = a_material("茶"), a_material("皂")
    an_issue((2, soap), (3, tea), now=now)
    pass_on(lin, tea, at=now)
    pass_on(mei, soap, at=now)
    page = home(phone)
    assert "《皂》还没发" in page
    assert "《茶》" not in page


def test_let_go_it_is_not_spoken_of_again_and_the_next_takes_its_place(
    phone: Client, lin: Host, mei: Host, now: datetime
) -> None:
    tea, soap = a_material("茶"), a_material("皂")
    an_issue((2, soap), (3, tea), now=now)
    part = let_go(phone, tea, hx_request="true")
    assert "《皂》还没发" in part
    assert "<html" not in part
    page = let_go(phone, soap)
    assert "不再提它" in page
    assert HINT not in page
    assert HINT not in home(phone)
    acts = Event.objects.filter(name=Fact.MATERIAL_LET_GO).order_by("id")
    assert [(one.host_id, one.subject_id) for one in acts] == [(lin.pk, tea.pk), (lin.pk, soap.pk)]
    other = Client()
    other.force_login(mei.user)
    assert "《茶》还没发" in home(other)
    assert "茶" in html_of(phone.get("/materials/"))  # still there to be shared


def test_late_is_only_what_she_could_share_with_profit(phone: Client, apple: Sku, now: datetime) -> None:
    again, gone, off, expired, guides, today = (a_material(word) for word in "又空下期导今")
    sold(gone, apple.product)
    an_issue((1, again), (4, again), (3, gone), (3, off), (3, expired), (3, guides), (4, today), now=now)
    apple.stock = 0
    apple.save()
    Material.objects.filter(pk=off.pk).update(live=False)
    Material.objects.filter(pk=expired.pk).update(expire_at=now)
    IssueEntry.objects.filter(material=guides).update(host_kind=Host.Kind.GUIDE)
    assert HINT not in home(phone)
    apple.stock = 1
    apple.save()
    assert "《空》还没发" in home(phone)


def test_another_issues_days_are_over(phone: Client, now: datetime) -> None:
    an_issue((3, a_material("旧")), now=now - timedelta(days=14), number=6)
    an_issue((4, a_material("今")), now=now)
    assert HINT not in home(phone)


def test_what_is_not_hers_cannot_be_let_go(phone: Client, now: datetime) -> None:
    draft = a_material("没发布")
    Material.objects.filter(pk=draft.pk).update(live=False)
    assert phone.post(f"/materials/{draft.public_id}/let-go/").status_code == 404
    assert phone.get(f"/materials/{draft.public_id}/let-go/").status_code == 405
    assert not Event.objects.filter(name=Fact.MATERIAL_LET_GO).exists()
