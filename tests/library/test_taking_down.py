"""What was announced and goes away: nothing that waits is sent, and a corrected version is told as such."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import Host
from apps.learning.models import Case
from apps.lib import clock
from apps.library import announcing, publishing, services
from apps.library.models import Issue
from apps.outbox import registry
from apps.outbox.letters import Card, unpack
from apps.outbox.models import Delivery, DeliveryCall, Lane
from apps.outbox.progress import PARTS, progress
from apps.outbox.registry import Built, Outgoing, Result, Sender, Verdict
from apps.outbox.services import deliveries
from apps.tracking.models import Event
from tests.factories import a_branch, a_host
from tests.happenings import pass_on
from tests.learning.cases import a_case
from tests.library import desk
from tests.pages import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The other side of messages to hosts: who got one, call by call."""
    got: list[list[int]] = []

    def send(outgoing: Outgoing) -> Result:
        got.append(sorted(outgoing.host_ids))
        return Result(Verdict.SENT)

    sender = Sender(
        kind="app-message",
        addresses=registry.Addressee.HOST,
        idempotency=registry.Idempotency.DEDUPLICATED,
        build=lambda body, host_ids: Built(body),
        send=send,
        lease=timedelta(seconds=30),
        group=1000,
        swallows_for=timedelta(hours=4),
    )
    monkeypatch.setitem(registry._senders, "app-message", sender)
    return got


def carry(*, but: Host | None = None) -> None:
    """Bring what waits, but not hers: the outbox reckons by the database's clock, which is not ours here."""
    Delivery.objects.update(deadline_at=None)
    if but is not None:
        Delivery.objects.filter(host_id=but.pk).update(not_before=timezone.now() + timedelta(days=9999))
    deliveries.drain(Lane.BULK)


def wake_everybody() -> None:
    Delivery.objects.filter(state="new").update(not_before=desk.NOW)


def states() -> dict[str, str]:
    names = dict(Host.objects.values_list("pk", "name"))
    return {names[row.host_id or 0]: row.state for row in Delivery.objects.order_by("pk")}


def cards_for(host: Host) -> list[str]:
    rows = Delivery.objects.filter(host_id=host.pk, state__in=["new", "sent"]).order_by("pk")
    return [card.title for row in rows if isinstance(card := unpack(row.letter.body), Card)]


@pytest.fixture
def issue() -> Issue:
    return desk.an_issue(desk.an_editor(), [desk.a_material()])


def test_taking_down_names_and_cancels_what_waits_and_tells_what_was_sent(
    chat: list[list[int]], issue: Issue
) -> None:
    awake, asleep = a_host("lin", "林姐"), a_host("mei", "梅姐")
    services.publish(issue, by=issue.owner)
    carry(but=asleep)
    reviewer = desk.browser(desk.a_reviewer())
    url = f"/hq/issues/withdraw/{issue.pk}/"

    page = html_of(reviewer.post(url))
    assert "还等着发出的 1 条消息全部取消，不会再发。" in page
    assert "已经发出 1 条，收不回来。" in page
    assert states() == {"林姐": "sent", "梅姐": "new"}

    answer = desk.confirm(reviewer, url)
    assert "已下架。还没发的 1 条消息取消了。已经发出的 1 条收不回来。" in desk.said(answer)
    wake_everybody()
    carry()
    assert states() == {"林姐": "sent", "梅姐": "cancelled"}
    assert chat == [[awake.pk]]
    found = progress(f"issue:{issue.pk}", now=desk.NOW)
    assert sum(getattr(found, part) for part in PARTS) == found.created == 2
    plan = html_of(reviewer.get(f"/hq/fortnights/{issue.pk}/"))
    assert "<b>1</b> 条取消了没发" in plan


def test_the_page_that_was_read_is_asked_again_when_its_numbers_changed(
    chat: list[list[int]], issue: Issue
) -> None:
    mei = a_host("mei", "梅姐")
    services.publish(issue, by=issue.owner)
    carry(but=mei)
    reviewer, url = desk.browser(desk.a_reviewer()), f"/hq/issues/withdraw/{issue.pk}/"
    read = reviewer.get(url).context["act"].mark
    wake_everybody()
    carry()

    answer = reviewer.post(url, {"confirmed": read})

    assert "刚才看到的数字变了，请再看一眼。" in html_of(answer)
    issue.refresh_from_db()
    assert issue.live


@pytest.mark.parametrize("gone", ["draft", "over", "not-hers"])
def test_an_issue_is_asked_again_when_its_message_leaves(
    chat: list[list[int]], issue: Issue, gone: str, thursday: Any
) -> None:
    """By whatever door it changed: the row alone is looked at."""
    lin = a_host("lin", "林姐", organisation=a_branch("华东"))
    services.publish(issue, by=issue.owner)
    match gone:
        case "draft":
            Issue.objects.filter(pk=issue.pk).update(live=False)
        case "over":
            thursday.move_to(clock.start_of(issue.ends_on))
        case _:
            issue.entries.model.objects.filter(issue=issue).update(organisation=a_branch("华南"))

    carry()

    row = Delivery.objects.get()
    assert (row.host_id, row.state, chat) == (lin.pk, "cancelled", [])
    assert row.outcome.endswith("没有再发")


def test_a_message_that_is_repeated_is_asked_again_too(chat: list[list[int]], issue: Issue) -> None:
    """Only who is to get it still; the others' message is made anew without her."""
    lin = a_host("lin", "林姐", organisation=a_branch("华东"))
    mei = a_host("mei", "梅姐", organisation=a_branch("华南"))
    services.publish(issue, by=issue.owner)
    Delivery.objects.update(deadline_at=None)
    attempt = deliveries.take(Lane.BULK)
    assert attempt is not None
    assert sorted(attempt.outgoing.host_ids) == [lin.pk, mei.pk]
    deliveries.settle(attempt, Result(Verdict.LATER, note="忙"))
    DeliveryCall.objects.update(not_before=desk.NOW)
    issue.entries.model.objects.filter(issue=issue).update(organisation=mei.organisation)

    carry()

    assert (states(), chat) == ({"林姐": "cancelled", "梅姐": "sent"}, [[mei.pk]])


def test_other_causes_are_asked_as_well(chat: list[list[int]]) -> None:
    lin = a_host("lin", "林姐")
    case = a_case(lin)
    services.publish(case, by=None)
    porridge = desk.a_material(title="限时的粥")
    pass_on(lin, porridge, at=desk.NOW)
    announcing.tell_it_is_over(porridge, now=desk.NOW)  # it can be shared again by now
    Case.objects.update(live=False)
    assert Delivery.objects.count() == 2

    carry()

    assert chat == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}


# --- corrections --------------------------------------------------------------------------------------


def test_what_comes_back_is_told_as_a_correction_to_those_who_read_the_first(
    chat: list[list[int]], issue: Issue
) -> None:
    awake, asleep = a_host("lin", "林姐"), a_host("mei", "梅姐")
    services.publish(issue, by=issue.owner)
    carry(but=asleep)
    publishing.withdraw(issue, by=issue.owner, now=desk.NOW)
    issue.refresh_from_db()
    issue.theme = "初夏焕新"

    services.publish(issue, by=issue.owner)

    assert cards_for(awake) == ["第 7 期「春日焕新」来了", "更正：第 7 期「初夏焕新」改过了"]
    assert cards_for(asleep) == ["第 7 期「初夏焕新」来了"]
    assert Event.objects.filter(name="issue.corrected").count() == 1
    assert Event.objects.filter(name="issue.published").count() == 1


def test_a_change_to_what_is_live_is_told_once_for_each_version_and_only_when_asked(
    chat: list[list[int]], issue: Issue, thursday: Any
) -> None:
    lin = a_host("lin", "林姐")
    services.publish(issue, by=issue.owner)
    carry()
    reviewer, editor = desk.browser(desk.a_reviewer()), desk.browser(issue.owner)
    url = f"/hq/issues/correct/{issue.pk}/"
    assert "没有要更正的" in desk.said(reviewer.get(url, follow=True))
    issue.theme = "第二版"
    thursday.shift(60)
    services.publish(issue, by=issue.owner)
    assert Delivery.objects.count() == 1

    assert "收到过旧消息的 1 位大C各收到一条更正" in html_of(reviewer.post(url))
    assert Delivery.objects.count() == 1
    assert "正在发：1 条更正，0 条通知。" in desk.said(desk.confirm(reviewer, url))
    assert "没有要更正的" in desk.said(desk.confirm(reviewer, url))
    desk.confirm(editor, url)

    assert Delivery.objects.count() == 2
    assert cards_for(lin)[-1] == "更正：第 7 期「第二版」改过了"


def test_each_state_of_a_delivery_is_in_one_part_of_the_split() -> None:
    """So the parts add up to the whole, whatever becomes of a message."""
    counted = [state for part in PARTS.values() for _field, found in part.children for state in listed(found)]
    assert sorted(counted) == sorted(Delivery.State.values)


def listed(found: Any) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]
