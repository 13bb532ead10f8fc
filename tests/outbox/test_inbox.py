"""What arrived is stored once and handled once, in whatever state the worker dies."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from apps.accounts.models import Organisation
from apps.lib.pii import Kept
from apps.outbox import expiry, registry
from apps.outbox.leases import MAX_CRASHES
from apps.outbox.models import Inbox, Lane
from apps.outbox.registry import Arrival, Handler, IgnoredError, LaterError
from apps.outbox.services import inbox

pytestmark = pytest.mark.django_db

PassTime = Callable[..., None]


class Reader:
    """Handles kind `news`: each row makes an organisation of its name, so that effects can be counted."""

    def __init__(self) -> None:
        self.raises: list[Exception] = []
        self.prepared: list[str] = []

    def prepare(self, arrival: Arrival, now: datetime) -> str:
        self.prepared.append(arrival.body)
        return arrival.body.upper()

    def handle(self, arrival: Arrival, prepared: Any, now: datetime) -> None:
        Organisation.add_root(name=prepared, kind="team")
        if self.raises:
            raise self.raises.pop(0)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()
    handler = Handler("news", prepare=reader.prepare, handle=reader.handle, lease=timedelta(seconds=10))
    monkeypatch.setitem(registry._handlers, "news", handler)
    return reader


def effects() -> list[str]:
    return list(Organisation.objects.order_by("pk").values_list("name", flat=True))


def state() -> str:
    return Inbox.objects.get().state


def test_the_same_text_is_one_row_and_one_effect(reader: Reader) -> None:
    first = inbox.accept("news", text="a")
    again = inbox.accept("news", text="a")
    inbox.drain(Lane.NORMAL)
    after = inbox.accept("news", text="a")
    inbox.drain(Lane.NORMAL)

    assert first.is_new
    assert not again.is_new
    assert {first.id, again.id, after.id} == {first.id}
    assert effects() == ["A"]
    assert state() == "done"


def test_an_ignored_row_is_kept_with_its_reason(reader: Reader) -> None:
    inbox.accept("news", text="a", ignored="nobody needs it")

    assert inbox.drain(Lane.NORMAL) == 0
    row = Inbox.objects.get()
    assert (row.state, row.reason) == ("ignored", "nobody needs it")
    assert row.finished_at is not None


def test_a_handler_may_find_that_nothing_needs_doing(reader: Reader) -> None:
    reader.raises = [IgnoredError("not ours")]
    inbox.accept("news", text="a")
    inbox.drain(Lane.NORMAL)

    assert effects() == []
    assert (state(), Inbox.objects.get().reason) == ("ignored", "not ours")


def test_what_can_not_be_done_now_is_done_later(reader: Reader, pass_time: PassTime) -> None:
    reader.raises = [LaterError(timedelta(seconds=30), "busy")]
    inbox.accept("news", text="a")
    inbox.drain(Lane.NORMAL)
    assert effects() == []
    assert inbox.drain(Lane.NORMAL) == 0

    pass_time(seconds=31)
    inbox.drain(Lane.NORMAL)

    assert effects() == ["A"]
    assert state() == "done"


def test_what_can_never_be_done_is_given_up_after_three_days(reader: Reader, pass_time: PassTime) -> None:
    reader.raises = [LaterError(timedelta(minutes=1), "busy")] * 9
    inbox.accept("news", text="a")
    for _ in range(4):
        inbox.drain(Lane.NORMAL)
        pass_time(days=1)
    inbox.drain(Lane.NORMAL)

    assert state() == "dead"


@pytest.mark.filterwarnings("ignore")
def test_a_poisoned_row_is_given_up_after_five_failures_and_stops_nobody(
    reader: Reader, pass_time: PassTime
) -> None:
    reader.raises = [RuntimeError("poison")] * 5
    inbox.accept("news", text="a")
    for _ in range(6):
        inbox.drain(Lane.NORMAL)
        pass_time(minutes=5)
    inbox.accept("news", text="b")
    inbox.drain(Lane.NORMAL)

    assert effects() == ["B"]
    assert [row.state for row in Inbox.objects.order_by("pk")] == ["dead", "done"]


def test_a_row_of_a_dead_worker_is_taken_over(reader: Reader, pass_time: PassTime) -> None:
    inbox.accept("news", text="a")
    assert inbox.take(Lane.NORMAL) is not None
    assert inbox.take(Lane.NORMAL) is None

    pass_time(seconds=11)
    taken = inbox.take(Lane.NORMAL)

    assert taken is not None
    assert taken[0].repeated
    inbox.handle(*taken)
    assert effects() == ["A"]


def test_a_worker_that_lost_its_lease_changes_nothing(reader: Reader, pass_time: PassTime) -> None:
    inbox.accept("news", text="a")
    slow = inbox.take(Lane.NORMAL)
    pass_time(seconds=11)
    heir = inbox.take(Lane.NORMAL)
    assert slow is not None
    assert heir is not None

    inbox.handle(*slow)
    assert effects() == []
    inbox.handle(*heir)
    inbox.handle(*slow)
    assert effects() == ["A"]


def test_a_row_that_kills_its_workers_is_given_up(reader: Reader, pass_time: PassTime) -> None:
    inbox.accept("news", text="a")
    for _ in range(MAX_CRASHES):
        assert inbox.take(Lane.NORMAL) is not None
        pass_time(seconds=11)

    assert inbox.take(Lane.NORMAL) is None
    assert state() == "dead"


def test_a_held_row_is_left_alone_until_its_holder_is_late(reader: Reader, pass_time: PassTime) -> None:
    inbox.accept("news", text="a", held_for=timedelta(seconds=10))
    assert inbox.drain(Lane.NORMAL) == 0

    pass_time(seconds=11)

    assert inbox.drain(Lane.NORMAL) == 1
    assert effects() == ["A"]


def test_a_finished_held_row_gives_the_same_answer_again(reader: Reader, pass_time: PassTime) -> None:
    accepted = inbox.accept("news", text="a", held_for=timedelta(seconds=10))
    row = inbox.held(accepted.id, inbox.FIRST_FENCE)
    assert row is not None
    inbox.finish(row, reply="回答")

    assert inbox.answer_to(accepted.id) == "回答"
    pass_time(minutes=1)
    assert inbox.drain(Lane.NORMAL) == 0


def test_the_words_of_old_rows_are_forgotten_but_not_that_they_came(
    reader: Reader, pass_time: PassTime
) -> None:
    inbox.accept("news", text="a")
    inbox.drain(Lane.NORMAL)
    pass_time(days=31)

    [arrivals] = [one for one in expiry.EXPIRIES if one.name == "arrivals"]
    past = timezone.now() - settings.RETENTION[Kept.INBOX]
    assert arrivals.due(past) == arrivals.clear(past) == 1
    assert arrivals.due(past) == arrivals.clear(past) == 0
    assert Inbox.objects.get().body == ""
    assert not inbox.accept("news", text="a").is_new
