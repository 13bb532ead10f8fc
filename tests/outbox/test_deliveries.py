"""What leaves arrives once, or visibly not at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import Host
from apps.outbox import invariants, registry
from apps.outbox.leases import MAX_CRASHES
from apps.outbox.models import Delivery, DeliveryCall, Lane, Letter
from apps.outbox.registry import Addressee, Idempotency, Result, Sender, Verdict
from apps.outbox.services import deliveries
from tests.outbox.conftest import OtherSide

pytestmark = pytest.mark.django_db

PassTime = Callable[..., None]
UNKNOWN = Result(Verdict.UNKNOWN, note="no answer")


def later(seconds: float) -> Result:
    return Result(Verdict.LATER, note="busy", wait=timedelta(seconds=seconds))


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def queue_for(*host_ids: int, body: str = "hello", key: str = "k") -> None:
    letter = Letter.objects.create(kind="post", body=body)
    for host_id in host_ids:
        Delivery.objects.create(
            kind="post", key=f"{key}:{host_id}", letter=letter, host_id=host_id, lane=Lane.NORMAL
        )


def test_an_intention_is_queued_once(other_side: OtherSide) -> None:
    assert deliveries.queue("post", key="order:1", body="hello", host_id=7)
    assert not deliveries.queue("post", key="order:1", body="hello again", host_id=7)

    deliveries.drain(Lane.NORMAL)

    assert [sent.request for sent in other_side.got] == ["hello to [7]"]
    assert Letter.objects.count() == 1
    assert Delivery.objects.get().sent_at is not None


def test_nothing_is_queued_when_its_cause_rolls_back(other_side: OtherSide) -> None:
    with transaction.atomic():
        deliveries.queue("post", key="order:1", body="hello")
        transaction.set_rollback(True)

    assert deliveries.drain(Lane.NORMAL) == 0


def test_many_are_queued_by_one_statement(
    other_side: OtherSide, hosts: list[Host], django_assert_num_queries: Callable[..., object]
) -> None:
    everybody = Host.objects.annotate(at=F("joined_at")).values_list("pk", "at")

    with django_assert_num_queries(4):  # savepoint, letter, one INSERT … SELECT, release
        made = deliveries.queue_many("post", key_prefix="issue:1", body="new", recipients=everybody)

    assert made == len(hosts)
    assert deliveries.queue_many("post", key_prefix="issue:1", body="new", recipients=everybody) == 0


def test_equal_words_travel_in_one_call(other_side: OtherSide) -> None:
    queue_for(1, 2, 3, 4)
    queue_for(5, body="other", key="other")

    deliveries.drain(Lane.NORMAL)

    assert [sent.request for sent in other_side.got] == ["hello to [1, 2, 3]", "hello to [4]", "other to [5]"]
    assert states() == ["sent"] * 5


def test_a_recipient_who_cannot_be_reached_does_not_hold_up_the_others(other_side: OtherSide) -> None:
    other_side.unreachable = {2: "not bound"}
    other_side.answers = [Result(Verdict.SENT, refused={3: "unknown there"})]
    queue_for(1, 2, 3)

    deliveries.drain(Lane.NORMAL)

    assert states() == ["sent", "refused", "refused"]
    assert [row.outcome for row in Delivery.objects.order_by("pk")] == ["", "not bound", "unknown there"]


def test_a_call_without_an_answer_is_repeated_byte_for_byte(
    other_side: OtherSide, pass_time: PassTime
) -> None:
    other_side.answers = [UNKNOWN, UNKNOWN]
    queue_for(1, 2)

    deliveries.drain(Lane.NORMAL)
    assert states() == ["unknown", "unknown"]
    queue_for(3, key="late")  # the same words, but never in a call that went out already
    for _ in range(2):
        pass_time(minutes=5)
        deliveries.drain(Lane.NORMAL)

    repeats = [sent for sent in other_side.got if sent.request == "hello to [1, 2]"]
    assert [sent.may_have_arrived for sent in repeats] == [False, True, True]
    assert states() == ["sent"] * 3


def test_a_call_is_not_repeated_when_the_other_side_would_not_swallow_it(
    other_side: OtherSide, pass_time: PassTime
) -> None:
    other_side.answers = [UNKNOWN]
    queue_for(1)
    deliveries.drain(Lane.NORMAL)

    pass_time(minutes=59)
    deliveries.drain(Lane.NORMAL)

    assert len(other_side.got) == 1
    assert states() == ["dead"]
    assert "重复" in Delivery.objects.get().outcome


def test_busy_is_tried_again_until_it_is_too_late(other_side: OtherSide, pass_time: PassTime) -> None:
    other_side.answers = [later(10)] * 50
    deliveries.queue("post", key="k", body="b", host_id=1, deadline_at=timezone.now() + timedelta(hours=2))

    for _ in range(5):
        deliveries.drain(Lane.NORMAL)
        assert states() == ["new"]
        pass_time(minutes=15)
    pass_time(hours=1)
    deliveries.drain(Lane.NORMAL)

    assert states() == ["expired"]
    assert Delivery.objects.get().outcome == "过了时限：busy"


def test_what_was_never_tried_expires_by_itself(other_side: OtherSide, pass_time: PassTime) -> None:
    deliveries.queue("post", key="k", body="b", deadline_at=timezone.now() + timedelta(seconds=10))
    pass_time(seconds=11)

    deliveries.drain(Lane.NORMAL)

    assert other_side.got == []
    assert states() == ["expired"]


def test_a_refusal_is_kept_with_its_reason(other_side: OtherSide) -> None:
    other_side.answers = [Result(Verdict.REFUSED, note="never", errcode="40058")]
    queue_for(1)

    deliveries.drain(Lane.NORMAL)

    row = Delivery.objects.get()
    assert (row.state, row.outcome, row.errcode) == ("refused", "never", "40058")


@pytest.mark.filterwarnings("ignore")
def test_our_own_bug_gives_up_after_five_tries(
    other_side: OtherSide, pass_time: PassTime, caplog: pytest.LogCaptureFixture
) -> None:
    other_side.answers = [RuntimeError("bug")] * 9
    queue_for(1)

    for _ in range(7):
        deliveries.drain(Lane.NORMAL)
        pass_time(minutes=6)

    assert len(other_side.got) == 5
    assert states() == ["dead"]
    assert "given up" in caplog.text


def test_a_letter_that_cannot_be_built_does_not_stop_the_lane(
    other_side: OtherSide, pass_time: PassTime
) -> None:
    queue_for(1, body="broken")
    queue_for(2, key="fine")

    for _ in range(5):
        deliveries.drain(Lane.NORMAL)
        pass_time(minutes=1)

    assert states() == ["dead", "sent"]


def test_the_work_of_a_dead_worker_is_taken_over(other_side: OtherSide, pass_time: PassTime) -> None:
    queue_for(1)
    dead = deliveries.take(Lane.NORMAL)
    assert dead is not None
    assert deliveries.take(Lane.NORMAL) is None

    pass_time(seconds=31)
    heir = deliveries.take(Lane.NORMAL)

    assert heir is not None
    assert heir.outgoing.request == dead.outgoing.request
    assert heir.outgoing.may_have_arrived
    assert deliveries.settle(heir, Result(Verdict.SENT))
    assert states() == ["sent"]


def test_a_worker_that_lost_its_lease_settles_nothing(other_side: OtherSide, pass_time: PassTime) -> None:
    queue_for(1)
    slow = deliveries.take(Lane.NORMAL)
    pass_time(seconds=31)
    heir = deliveries.take(Lane.NORMAL)
    assert slow is not None
    assert heir is not None

    assert not deliveries.settle(slow, Result(Verdict.REFUSED, note="too late to say"))
    assert states() == ["leased"]
    assert deliveries.settle(heir, Result(Verdict.SENT))
    assert not deliveries.settle(heir, Result(Verdict.SENT))


def test_a_call_that_kills_its_workers_is_given_up(other_side: OtherSide, pass_time: PassTime) -> None:
    queue_for(1)
    for _ in range(MAX_CRASHES):
        assert deliveries.take(Lane.NORMAL) is not None
        pass_time(seconds=31)

    assert deliveries.take(Lane.NORMAL) is None
    assert states() == ["dead"]


def test_a_one_shot_call_is_repeated_only_until_its_deadline(
    other_side: OtherSide, pass_time: PassTime
) -> None:
    other_side.answers = [UNKNOWN] * 9
    deliveries.queue(
        "one-shot", key="w", body="hi", lane=Lane.WELCOME, deadline_at=timezone.now() + timedelta(seconds=18)
    )

    for _ in range(6):
        deliveries.drain(Lane.WELCOME)
        pass_time(seconds=5)

    assert len(other_side.got) == 4
    assert states() == ["expired"]


def test_a_host_gets_no_more_messages_than_she_may(other_side: OtherSide, pass_time: PassTime) -> None:
    for number in range(8):
        queue_for(1, body=f"news {number}", key=str(number))

    deliveries.drain(Lane.NORMAL)
    assert states().count("sent") == 5

    pass_time(seconds=61)
    deliveries.drain(Lane.NORMAL)
    assert states().count("sent") == 7

    pass_time(hours=1)
    deliveries.drain(Lane.NORMAL)
    assert states().count("sent") == 8


def test_a_repeat_that_would_be_swallowed_is_refused_with_the_reason(other_side: OtherSide) -> None:
    queue_for(1, key="first")
    deliveries.drain(Lane.NORMAL)
    queue_for(1, key="second")
    deliveries.drain(Lane.NORMAL)

    assert states() == ["sent", "refused"]
    assert len(other_side.got) == 1


def test_a_paused_kind_waits_and_the_others_do_not(other_side: OtherSide) -> None:
    other_side.paused = True
    queue_for(1)

    assert deliveries.drain(Lane.NORMAL) == 0
    other_side.paused = False
    assert deliveries.drain(Lane.NORMAL) == 1


def test_one_intention_names_a_host_once(other_side: OtherSide) -> None:
    letter = Letter.objects.create(kind="post", body="x")
    Delivery.objects.create(kind="post", key="a", letter=letter, host_id=1, lane=Lane.NORMAL)

    with pytest.raises(IntegrityError):
        Delivery.objects.create(kind="post", key="b", letter=letter, host_id=1, lane=Lane.NORMAL)


def test_words_are_not_stored_in_clear(other_side: OtherSide) -> None:
    queue_for(1, body="王小雨的地址")
    deliveries.drain(Lane.NORMAL)

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM outbox_letter UNION ALL SELECT request FROM outbox_deliverycall")
        stored = [bytes(row[0]) for row in cursor.fetchall()]
    assert stored
    assert not any("王小雨".encode() in raw for raw in stored)


def test_a_sender_must_say_what_a_repeat_does() -> None:
    with pytest.raises(ValueError, match="swallow"):
        registry.register_sender(
            Sender(
                kind="careless",
                addresses=Addressee.HOST,
                idempotency=Idempotency.DEDUPLICATED,
                build=OtherSide().build,
                send=OtherSide().send,
                lease=timedelta(seconds=1),
            )
        )


def test_invariants_are_clean_after_every_ending(other_side: OtherSide, pass_time: PassTime) -> None:
    other_side.answers = [UNKNOWN, Result(Verdict.REFUSED, note="no"), later(1)]
    for number in range(5):
        queue_for(number, body=str(number), key=str(number))
    deliveries.drain(Lane.NORMAL)
    pass_time(minutes=10)
    deliveries.drain(Lane.NORMAL)

    assert invariants.check_outbox() == []


def test_invariants_name_what_was_forgotten(other_side: OtherSide, pass_time: PassTime) -> None:
    queue_for(1)
    deliveries.take(Lane.NORMAL)
    queue_for(2, key="other", body="other")
    pass_time(hours=2)

    found = invariants.check_outbox()

    assert any("租约" in sentence for sentence in found)
    assert any("还没有发" in sentence for sentence in found)
    assert DeliveryCall.objects.count() == 1
