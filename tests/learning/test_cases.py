"""The monthly case: one a month, by two people, its numbers read; its steps on a host's list."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from apps.accounts import roles
from apps.accounts.models import Host
from apps.learning.cases import selectors, services
from apps.learning.models import Adoption, Case
from apps.learning.models.cases import figures_of
from apps.lib.clock import SHANGHAI
from apps.library import publishing
from apps.library import services as content
from apps.library.models.publishing import NotPublishableError, State
from apps.outbox.models import Delivery
from apps.tracking.models import Event
from tests.factories import a_host, a_sku
from tests.happenings import buy
from tests.learning.cases import a_case, published
from tests.library import desk
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
NOW = desk.NOW


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


def case_form(host: Host, **changes: Any) -> dict[str, Any]:
    """What an editor's form for a whole case sends."""
    data: dict[str, Any] = {
        "month": "2026-03-01",
        "title": "三句问候",
        "summary": "",
        "host": host.pk,
        "owner": "",
        "cover": "",
        "background": "群里冷了两个月。",
        "actions": "每天问候三位。",
        "figures": inline_formset(
            [{"label": "成交", "metric": "gmv", "host": host.pk, "first": "2026-02-01", "last": "2026-02-28"}]
        ),
        "lines": inline_formset([{"when": "", "text": "好久不见。"}]),
        "steps": inline_formset([{"text": text, "hint": "", "material": ""} for text in ("一", "二")]),
        "go_live_at": "",
        "expire_at": "",
    }
    return nested_form_data({**data, **changes})


# --- publishing -----------------------------------------------------------------------------------------


def test_a_case_goes_from_the_form_through_another_person_to_the_hosts(lin: Host) -> None:
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())

    answer = editor.post("/hq/cases/add/", {**case_form(lin), "action-submit": "1"}, follow=True)
    case = Case.objects.get()
    assert not case.live, desk.said(answer)
    assert desk.approve(editor, case).status_code in {200, 302, 403}
    case.refresh_from_db()
    assert not case.live  # nobody approves what she wrote

    desk.approve(reviewer, case)
    case.refresh_from_db()
    assert case.live
    assert case.steps.count() == 2


def test_an_unfinished_case_is_kept_as_draft_but_not_handed_in(lin: Host) -> None:
    editor = desk.browser(desk.an_editor())
    empty = case_form(lin, background="", steps=inline_formset([]), figures=inline_formset([]))

    refused = editor.post("/hq/cases/add/", {**empty, "action-submit": "1"})
    said = desk.said(refused)
    assert "还没写「背景」" in said
    assert "「可复制步骤」有 0 步" in said
    assert "还没有数字" in said
    assert not Case.objects.exists()

    editor.post("/hq/cases/add/", empty)
    assert Case.objects.get().live is False


def test_a_month_has_one_published_case(lin: Host) -> None:
    published(lin)
    second = a_case(lin, title="第二个")

    with pytest.raises(NotPublishableError, match="2026年3月已经发布了《三句问候，老客回来了》"):
        content.publish(second, by=None)
    second.refresh_from_db()
    assert not second.live

    publishing.withdraw(Case.objects.get(live=True), by=desk.a_reviewer(), now=NOW)
    content.publish(second, by=None)
    assert Case.objects.get(live=True) == second


def test_two_months_have_one_each_over_the_year(lin: Host) -> None:
    for month in (date(2025, 12, 1), date(2026, 1, 1)):
        published(lin, month=month, title=f"{month:%-m}月")
    assert Case.objects.filter(live=True).count() == 2


@pytest.mark.parametrize("day", [2, 15, 31])
def test_a_month_is_named_by_its_first_day(lin: Host, day: int) -> None:
    answer = desk.browser(desk.an_editor()).post("/hq/cases/add/", case_form(lin, month=f"2026-03-{day:02d}"))
    assert "填这个月的 1 号" in desk.said(answer)


def test_numbers_from_the_future_are_refused(lin: Host) -> None:
    row = a_case(lin).figures.all()[0]
    row.first = row.last = date(2026, 3, 6)
    row.save()
    with pytest.raises(NotPublishableError, match="从将来开始"):
        content.publish(Case.objects.get(), by=None)


def test_who_may_not_write_cases_is_sent_away(lin: Host) -> None:
    case = published(lin)
    for role in (roles.OPERATOR, roles.ANALYST, roles.MERCHANDISER):
        client = desk.browser(desk.a_person(role))
        assert client.get("/hq/cases/").status_code == 200, role
        assert client.get("/hq/cases/add/").status_code == 302, role
        assert client.post(f"/hq/cases/edit/{case.pk}/", case_form(lin)).status_code == 302, role
    support = desk.browser(desk.a_person(roles.SUPPORT))
    assert support.get("/hq/cases/").status_code == 302
    assert support.get("/hq/hosts/choose/").status_code in {302, 403}


# --- its numbers ------------------------------------------------------------------------------------------


def test_a_number_is_read_from_the_data_each_time(lin: Host) -> None:
    sku = a_sku(price_fen=10_000)
    buy(lin, sku, at=datetime(2026, 2, 10, 9, tzinfo=SHANGHAI))
    project_now()
    case = published(lin)
    assert [one.said for one in figures_of(case, NOW)] == ["¥100.00", "1 单"]

    # Half a minute before the last of its days ends, and at its end, which is not its own.
    buy(lin, sku, at=datetime(2026, 3, 1, 23, 59, 30, tzinfo=SHANGHAI), phone="13800008001")
    buy(lin, sku, at=datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI), phone="13800008002")
    project_now()
    assert [one.said for one in figures_of(case, NOW)] == ["¥200.00", "2 单"]


def test_the_preview_shows_the_numbers_too(lin: Host) -> None:
    case = published(lin)
    shown = desk.browser(desk.an_editor()).get(f"/hq/cases/inspect/{case.pk}/").content.decode()
    assert "¥0.00" in shown
    assert "2月1日—3月1日" in shown


# --- the month's place on HQ's home ---------------------------------------------------------------------


def test_the_home_shows_the_gap_and_then_that_it_is_late(lin: Host) -> None:
    editor = desk.browser(desk.an_editor())
    assert "还没有案例" in editor.get("/hq/").content.decode()
    for now, late in ((datetime(2026, 3, 9, 23, 59), False), (datetime(2026, 3, 10, 0, 0), True)):
        with time_machine.travel(now.replace(tzinfo=SHANGHAI), tick=False):
            this, after = selectors.glance(now.replace(tzinfo=SHANGHAI))
            assert (this.is_overdue, after.is_overdue) == (late, False)
    published(lin)
    this, after = selectors.glance(NOW)
    assert (this.state, this.is_out, after.case) == (State.PUBLISHED, True, None)


def test_the_next_months_draft_is_there_over_the_year(lin: Host) -> None:
    december = datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI)
    assert services.ensure_next_case(now=december) is None  # there was never a case
    with time_machine.travel(december, tick=False):
        published(lin, month=date(2026, 12, 1), title="年末")

    made = services.ensure_next_case(now=december)
    assert made is not None
    assert (made.month, made.live) == (date(2027, 1, 1), False)
    assert services.ensure_next_case(now=december) is None
    this, after = selectors.glance(december)
    assert this.is_out
    assert "还没写「背景」" in "".join(after.missing)


# --- telling hosts ----------------------------------------------------------------------------------------


def test_publication_tells_every_host_once_and_wakes_nobody(lin: Host) -> None:
    awake, gone = a_host("awake", "早姐"), a_host("gone", "走姐")
    Host.objects.filter(pk=awake.pk).update(quiet_from="00:00", quiet_to="00:00")
    Host.objects.filter(pk=gone.pk).update(status=Host.Status.LEFT)
    night = datetime(2026, 3, 5, 23, 0, tzinfo=SHANGHAI)
    with time_machine.travel(night, tick=False):
        case = published(lin)
        content.publish(case, by=None)  # an edited one again

    rows = {row.host_id: row.not_before for row in Delivery.objects.filter(key__startswith="case:")}
    assert set(rows) == {lin.pk, awake.pk}
    assert rows[lin.pk] == datetime(2026, 3, 6, 7, 30, tzinfo=SHANGHAI)
    assert rows[awake.pk] != rows[lin.pk]  # she has no quiet hours


def test_a_case_of_a_month_that_is_over_tells_nobody(lin: Host) -> None:
    published(lin, month=date(2026, 2, 1))
    assert not Delivery.objects.filter(key__startswith="case:").exists()
    assert Event.objects.filter(name="case.published").count() == 1


# --- doing as it did --------------------------------------------------------------------------------------


def test_adopting_twice_makes_one_list(lin: Host) -> None:
    case = published(lin)
    one, two = services.adopt(case, lin, now=NOW), services.adopt(case, lin, now=NOW)
    assert one == two
    assert [step.text for step in one.steps.all()] == ["列出沉睡客户", "每天问候三位", "周五发一条新品"]
    assert Event.objects.filter(name="case.adopted", host_id=lin.pk).count() == 1


def test_the_last_tick_finishes_and_taking_it_back_reopens(lin: Host) -> None:
    adoption = services.adopt(published(lin), lin, now=NOW)
    *most, last = adoption.steps.all()
    for step in most:
        services.tick(step, is_done=True, now=NOW)
        services.tick(step, is_done=True, now=NOW)  # a double tap
    assert services.tick(last, is_done=True, now=NOW).finished_at == NOW
    assert selectors.lists_of(lin) == []
    assert services.tick(last, is_done=False, now=NOW).finished_at is None
    assert len(selectors.lists_of(lin)) == 1
    assert Event.objects.filter(name="case.step_done").count() == 3


def test_what_was_put_down_is_out_of_the_day_and_begins_anew(lin: Host) -> None:
    case = published(lin)
    adoption = services.adopt(case, lin, now=NOW)
    step = adoption.steps.all()[0]
    services.tick(step, is_done=True, now=NOW)
    services.drop(adoption, now=NOW)
    services.drop(adoption, now=NOW)
    assert selectors.lists_of(lin) == []
    with pytest.raises(services.ClosedError):
        services.tick(step, is_done=False, now=NOW)

    again = services.adopt(case, lin, now=NOW + timedelta(days=1))
    assert (again.pk, again.is_open) == (adoption.pk, True)
    assert [step.done_at for step in again.steps.all()] == [None] * 3
    assert Adoption.objects.count() == 1


def test_a_list_outlives_changes_and_the_end_of_its_case(lin: Host) -> None:
    case = published(lin)
    adoption = services.adopt(case, lin, now=NOW)
    case.steps.all().delete()
    publishing.withdraw(case, by=desk.a_reviewer(), now=NOW)
    assert adoption.steps.count() == 3
    assert len(selectors.lists_of(lin)) == 1


# --- on the phone -----------------------------------------------------------------------------------------


def _phone(host: Host) -> Client:
    client = Client()
    client.force_login(host.user)
    return client


def test_a_host_reads_adopts_ticks_and_finishes_on_her_phone(lin: Host) -> None:
    case, phone = published(lin), _phone(lin)

    assert "三句问候" in phone.get("/cases/").content.decode()
    shown = phone.get(f"/cases/{case.public_id}/").content.decode()
    assert "好久不见" in shown
    assert "/me/numbers/gmv/?from=2026-02-01&amp;to=2026-03-01" in shown  # her own: it opens its rows
    assert phone.get("/me/numbers/gmv/?from=2026-02-01&to=2026-03-01").status_code == 200
    phone.post(f"/cases/{case.public_id}/adopt/")
    assert "列出沉睡客户" in phone.get("/").content.decode()
    for step in Adoption.objects.get().steps.all():
        part = phone.post(
            f"/cases/steps/{step.public_id}/tick/", {"done": "1"}, headers={"hx-request": "true"}
        )
        assert part.status_code == 200
    assert "全部做完了" in part.content.decode()
    assert "列出沉睡客户" not in phone.get("/").content.decode()


def test_another_hosts_numbers_are_said_and_not_opened(lin: Host) -> None:
    case = published(lin)
    shown = _phone(a_host("mei", "梅姐")).get(f"/cases/{case.public_id}/").content.decode()
    assert "¥0.00" in shown
    assert "/me/numbers/gmv/?from" not in shown


def test_drafts_and_other_peoples_lists_are_absent(lin: Host) -> None:
    draft = a_case(lin, month=date(2026, 4, 1))
    adoption = services.adopt(published(lin), lin, now=NOW)
    step = adoption.steps.all()[0]
    mei = _phone(a_host("mei", "梅姐"))

    assert mei.get(f"/cases/{draft.public_id}/").status_code == 404
    assert mei.post(f"/cases/{draft.public_id}/adopt/").status_code == 404
    assert mei.post(f"/cases/steps/{step.public_id}/tick/", {"done": "1"}).status_code == 404
    assert mei.post(f"/cases/lists/{adoption.public_id}/drop/").status_code == 404
    adoption.refresh_from_db()
    assert adoption.is_open
