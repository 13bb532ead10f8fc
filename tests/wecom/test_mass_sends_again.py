"""A second one of the same: by the browser's way back to one prepared already, or without who went."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.library.models import Material
from apps.outbox.models import Delivery
from apps.wecom.models import MassSend
from tests.pages import html_of
from tests.reach.people import takes_back
from tests.sandbox_fixture import Sandbox
from tests.wecom.mass_sending import Work, ask, befriend, detail, lin, phone, tea

__all__ = ["lin", "phone", "tea"]
ASKED = "刚刚已经排过同样一条，再排一次？"


@pytest.mark.parametrize("channel", ["single", "group", "moments"])
def test_the_same_from_a_new_page_is_asked_and_prepared_when_she_says_so(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, channel: str
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, channel=channel, audience="all")

    asked = ask(phone, tea, channel=channel, audience="all")

    page = html_of(asked)
    assert asked.status_code == 422
    assert ASKED in page
    assert "再排一次 </button>" in page or "再排一次</button>" in page
    assert 'name="again" value="on"' in page
    assert MassSend.objects.count() == 1
    assert ask(phone, tea, channel=channel, audience="all", again="on").status_code == 302
    assert MassSend.objects.count() == 2


def test_who_would_get_it_twice_is_enough_and_who_would_not_is_no_question(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material
) -> None:
    yu, jing = (str(befriend(wecom, lin, name).public_id) for name in ("小雨", "静静"))
    ask(phone, tea, audience="pick", customers=[yu])

    assert ASKED in html_of(ask(phone, tea, audience="all"))
    assert ask(phone, tea, audience="pick", customers=[jing]).status_code == 302
    assert ask(phone, tea, audience="all", text="还有新茶").status_code == 302


def test_her_earlier_yes_about_her_words_is_kept(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all", text="现在最低价", anyway="on")

    page = html_of(ask(phone, tea, audience="all", text="现在最低价", anyway="on"))

    assert ASKED in page
    assert 'name="anyway" value="on"' in page


def test_later_or_after_a_refused_one_nobody_asks(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    MassSend.objects.update(state=MassSend.State.REFUSED)
    assert ask(phone, tea, audience="all").status_code == 302

    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert ask(phone, tea, audience="all").status_code == 302


@pytest.mark.parametrize("is_over", [False, True])
def test_one_without_who_went_is_over_when_its_content_is(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work, is_over: bool
) -> None:
    jing, until = (
        [befriend(wecom, lin, name) for name in ("小雨", "静静")][1],
        timezone.now() + timedelta(hours=2),
    )
    Material.objects.update(expire_at=until)
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)

    with time_machine.travel(until if is_over else timezone.now(), tick=False):
        takes_back(jing)
        work()

    first, *copies = MassSend.objects.order_by("pk")
    assert first.state == MassSend.State.EXPIRED
    assert ("另排了一条不含她的" in detail(phone, first)) is not is_over
    assert [copy.until for copy in copies] == ([] if is_over else [until])
    for copy in copies:
        assert Delivery.objects.get(key=copy.delivery_key).deadline_at == until
