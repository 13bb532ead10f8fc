"""64 hand-overs and departures at the same moment, each with a real connection and a real commit."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from apps.accounts import services as accounts
from apps.accounts.models import Host, HostTransition
from apps.customers.handover import acts
from apps.customers.invariants import check_hand_overs
from apps.customers.models import HandOver, HandOverItem, Relation
from apps.tracking.models import Event
from apps.trade.invariants import check_orders
from tests.at_once import at_once
from tests.committed import own_tables, transactional_db  # noqa: F401
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, buy
from tests.projecting import empty_ledger

TAKERS, TIMES = 8, 8


def give(giver: Host, taker: Host) -> Callable[[], str]:
    def act() -> str:
        try:
            made = acts.hand_over(
                giver,
                taker,
                relations=Relation.objects.all(),
                scope="全部客户",
                reason="同时",
                by=None,
                now=timezone.now(),
            )
        except acts.NobodyToHandOverError:
            return "nobody"
        except acts.CannotTakeOverError:
            return "cannot"
        return str(made.state)

    return act


def test_64_hand_overs_of_the_same_customers_move_each_once(transactional_db: Any) -> None:  # noqa: F811
    empty_ledger()
    now = timezone.now()
    giver = a_host("giver", "给的人")
    takers = [a_host(f"t{n}", f"接手{n}") for n in range(TAKERS)]
    sku = a_sku(stock=100)
    people = [a_customer(giver, f"1380000{n:04}", at=now) for n in range(6)]
    for n in range(3):
        buy(giver, sku, at=now, phone=f"1380000{n:04}")

    said = Counter(at_once([give(giver, takers[n % TAKERS]) for n in range(TAKERS * TIMES)]))

    assert sum(said.values()) == 64
    assert set(said) <= {"done", "nobody"}
    assert said["done"] >= 1
    assert not Relation.objects.of(giver).exists()
    assert HandOverItem.objects.filter(state="moved").count() == len(people)
    assert Event.objects.filter(name="customer.handed_over").count() == len(people)
    for relation in Relation.objects.all():
        last = relation.hand_overs.get(state="moved").hand_over
        assert relation.host_id == last.to_host_id
    assert check_hand_overs() == []
    assert check_orders() == []


def test_leaving_and_taking_over_at_once_leave_one_truth(transactional_db: Any) -> None:  # noqa: F811
    empty_ledger()
    now = timezone.now()
    taker = a_host("taker", "接手的人")
    givers = [a_host(f"g{n}", f"给{n}") for n in range(32)]
    for n, giver in enumerate(givers):
        a_customer(giver, f"1380000{n:04}", at=now)

    def leave() -> str:
        try:
            accounts.move_host(taker, to="left", actor=None, now=timezone.now(), reason="走")
        except accounts.TransitionNotAllowedError:
            return "refused"
        return "left"

    acts_ = [act for giver in givers for act in (give(giver, taker), leave)]
    said = Counter(at_once(acts_))

    assert said["left"] == 1
    assert said["refused"] == 31
    taker.refresh_from_db()
    assert taker.status == Host.Status.LEFT
    assert HostTransition.objects.filter(host=taker, to_status="left").count() == 1
    # Nobody was given to her after she had left; whoever was, was given before.
    assert said["done"] + said["cannot"] + said["stopped"] == 32
    assert Relation.objects.of(taker).count() == HandOverItem.objects.filter(state="moved").count()
    assert Relation.objects.of(taker).count() == HandOver.objects.filter(state="done").count()
    assert check_hand_overs() == []


def test_orders_placed_while_she_is_handed_over_belong_to_her_host(transactional_db: Any) -> None:  # noqa: F811
    empty_ledger()
    now = timezone.now()
    giver, taker = a_host("giver", "给的人"), a_host("taker", "接手的人")
    sku = a_sku(stock=1_000)
    for n in range(8):
        a_customer(giver, f"1380000{n:04}", at=now)

    def order(n: int) -> Callable[[], str]:
        return lambda: str(buy(giver, sku, at=timezone.now(), phone=f"1380000{n % 8:04}").status)

    said = at_once([order(n) for n in range(24)] + [give(giver, taker) for _ in range(8)])

    assert check_orders() == []
    assert check_hand_overs() == []
    assert set(map(str, said)) <= {"placed", "done", "nobody"}
