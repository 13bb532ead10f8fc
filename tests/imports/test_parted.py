"""Files that name customers whom their store has handed over, or who were erased since."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Host, User
from apps.accounts.services import hosts as accounts
from apps.catalog.models import Product
from apps.customers.handover import acts
from apps.customers.invariants import check_hand_overs
from apps.customers.models import Customer, Relation
from apps.database import db_role
from apps.insights import selectors
from apps.insights.invariants import check_numbers
from apps.insights.periods import one_day
from apps.privacy.services import data_requests
from apps.profiles.invariants import check_facts
from apps.tracking.models import Event
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from tests.factories import a_company, a_host
from tests.imports.files import CUSTOMERS, NOON, ORDERS, counts, customers, orders, sent_back, written
from tests.projecting import project_now

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 4)
FOUR = ORDERS + "".join(
    f"T{n},lin,{customer},A1,1,10.00,2026-03-04 09:0{n}\n"
    for n, customer in enumerate(("K1", "K1", "K2", "K3"), 1)
)


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def mei() -> Host:
    return a_host("mei", "小美")


@contextmanager
def nothing_changes(*hosts: Host) -> Iterator[None]:
    """No order, customer, relation, event or number of that day, for host, HQ and worker; and all adds up."""

    def state() -> list[Any]:
        project_now()
        checks = (check_orders, check_numbers, check_facts, check_hand_overs)
        assert [check() for check in checks] == [[]] * len(checks)
        found: list[Any] = [
            list(model.objects.order_by("pk").values()) for model in (Order, Relation, Customer)
        ]
        for host in hosts:
            for identity in (db_role.Identity(db_role.Role.HOST, host.pk), db_role.HQ, db_role.WORKER):
                with db_role.as_identity(identity):
                    found.append(selectors.numbers(one_day(DAY), hosts=host))
        return [*found, Event.objects.count()]

    before = state()
    yield
    assert state() == before


def hand_over(giver: Host, taker: Host, *keys: str) -> None:
    hers = Relation.objects.filter(source_key__in=keys, host=giver)
    assert len(hers) == len(keys)
    acts.hand_over(giver, taker, relations=hers, scope="", reason="换人", by=None, now=NOON)


def erase(key: str) -> None:
    """By the link that her host gave her."""
    now, hers = timezone.now(), Relation.objects.get(source_key=key)
    secret = data_requests.vouch(
        host_id=hers.host_id, relation_id=hers.pk, phone="", by=hers.host.user, now=now
    )
    held: Any = data_requests.behind(secret, now=now)
    asked = data_requests.prove_by_host(held, kind="erase", last4="", now=now)
    data_requests.erase({"id": asked.pk}, now)


def new_customers(host: Host) -> int:
    project_now()
    return int(selectors.numbers(one_day(DAY), hosts=host).new_customers)


def test_orders_of_a_customer_who_was_handed_over_are_known(tmp_path: Path, lin: Host, mei: Host) -> None:
    path = written(tmp_path, FOUR)
    orders(path)
    hand_over(lin, mei, "shop:K1")

    with nothing_changes(lin, mei):
        again = orders(path)

    assert counts(again) == (4, 0, 0, 4, 0)
    assert not any("新建" in note for note in again.notes)


def test_so_they_are_where_the_new_host_knows_that_number_already(
    tmp_path: Path, lin: Host, mei: Host
) -> None:
    path = written(tmp_path, FOUR + "M1,mei,K1,A1,1,10.00,2026-03-04 08:00\n")
    orders(path)
    hand_over(lin, mei, "shop:K1")
    assert Relation.objects.filter(host=mei, source_key="").count() == 1
    with nothing_changes(lin, mei):
        assert counts(orders(path)) == (5, 0, 0, 5, 0)
    hand_over(mei, lin, "shop:K1")
    with nothing_changes(lin, mei):
        assert counts(orders(path)) == (5, 0, 0, 5, 0)

    other = FOUR.replace("T1,lin,K1", "T1,lin,K2")
    with nothing_changes(lin, mei):
        assert counts(orders(written(tmp_path, other))) == (4, 0, 0, 3, 1)


def test_what_she_buys_in_the_old_store_counts_there_and_stands_with_her_new_host(
    tmp_path: Path, lin: Host, mei: Host
) -> None:
    orders(written(tmp_path, FOUR))
    hand_over(lin, mei, "shop:K1")
    before = new_customers(lin), new_customers(mei)

    later = written(tmp_path, FOUR + "T5,lin,K1,A1,1,70.00,2026-03-04 10:00\n")
    assert counts(orders(later)) == (5, 1, 0, 4, 0)

    order = Order.objects.get(external_no="T5")
    assert (order.host, order.earned_by, order.relation.source_key) == (mei, lin, "shop:K1")
    assert (new_customers(lin), new_customers(mei)) == before == (3, 0)
    assert selectors.numbers(one_day(DAY), hosts=lin).gmv_fen == 11_000
    with nothing_changes(lin, mei):
        assert counts(orders(later)) == (5, 0, 0, 5, 0)


def test_a_customer_file_does_not_give_back_who_was_handed_over(tmp_path: Path, lin: Host, mei: Host) -> None:
    rows = (
        "lin,K1,王芳,13800008001\nlin,K2,李静,13800008002\nlin,,赵敏,13800008003\nmei,K2,李静,13800008002\n"
    )
    path = written(tmp_path, CUSTOMERS + rows)
    customers(path)
    hand_over(lin, mei, "shop:K1", "shop:K2")  # the second one's number and phone are known there
    by_phone = Relation.objects.filter(host=lin)
    acts.hand_over(lin, mei, relations=by_phone, scope="", reason="换人", by=None, now=NOON)

    with nothing_changes(lin, mei):
        again = customers(path)

    assert counts(again) == (4, 0, 0, 4, 0)
    assert again.notes == ["有 3 位已交接给别的大C，这份文件没有动她们的资料。"]
    assert counts(customers(written(tmp_path, CUSTOMERS + "lin,K9,钱多,13800008001\n"))) == (1, 1, 0, 0, 0)


def test_whoever_was_handed_back_is_an_ordinary_customer(tmp_path: Path, lin: Host, mei: Host) -> None:
    path = written(tmp_path, CUSTOMERS + "lin,K1,王芳,13800008001\n")
    customers(path)
    hand_over(lin, mei, "shop:K1")
    hand_over(mei, lin, "shop:K1")

    changed = customers(written(tmp_path, CUSTOMERS + "lin,K1,王小芳,13800008001\n"))

    assert (counts(changed), changed.notes) == ((1, 0, 1, 0, 0), [])


def test_orders_of_an_erased_customer_are_known_by_the_order(tmp_path: Path, lin: Host) -> None:
    path = written(tmp_path, FOUR)
    orders(path)
    erase("shop:K2")

    for _ in range(2):
        with nothing_changes(lin):
            assert counts(orders(path)) == (4, 0, 0, 4, 0)
    assert Relation.objects.exclude(blocked_at=None).count() == 1


def test_what_an_erased_customer_bought_besides_counts_and_makes_nobody(tmp_path: Path, lin: Host) -> None:
    orders(written(tmp_path, FOUR))
    erase("shop:K2")
    before = new_customers(lin)

    more = written(tmp_path, FOUR + "T5,lin,K2,A1,1,70.00,2026-03-04 10:00\n")
    assert counts(orders(more)) == (5, 1, 0, 4, 0)
    apart = written(tmp_path, ORDERS + "T6,lin,K2,A1,1,5.00,2026-03-04 11:00\n", name="apart.csv")
    assert counts(orders(apart)) == (1, 1, 0, 0, 0)

    assert new_customers(lin) == before
    # Alone in its file, too, it is an order of the row that was emptied for her.
    emptied = Relation.objects.exclude(blocked_at=None).get()
    assert set(emptied.orders.values_list("external_no", flat=True)) == {"T3", "T5", "T6"}
    assert (emptied.name, emptied.source_key) == ("", "")
    assert selectors.numbers(one_day(DAY), hosts=lin).gmv_fen == 11_500
    with nothing_changes(lin):
        assert counts(orders(more)) == (5, 0, 0, 5, 0)
        assert counts(orders(apart)) == (1, 0, 0, 1, 0)


def test_an_order_that_goes_back_makes_nobody_and_nothing(tmp_path: Path, lin: Host, mei: Host) -> None:
    orders(written(tmp_path, FOUR))
    products = Product.objects.count()
    other = (
        FOUR.replace("T1,lin,K1,A1", "T1,lin,K8,B7").replace("T2,lin", "T2,new-1").replace("T3,lin", "T3,mei")
    )

    with nothing_changes(lin, mei):
        outcome = orders(written(tmp_path, other), make_hosts_under=a_company())

    assert counts(outcome) == (4, 0, 0, 1, 3)
    assert [line.split(",")[1] for line in sent_back(outcome)] == [
        "这张订单已记在另一位客户名下",
        "这张订单已记在另一位大C名下",
        "这张订单已记在另一位大C名下",
    ]
    assert (Product.objects.count(), Host.objects.count()) == (products, 2)
    assert not any("新建" in note for note in outcome.notes)


def test_a_dry_run_says_which_orders_are_somebody_elses(tmp_path: Path, lin: Host) -> None:
    orders(written(tmp_path, FOUR))
    outcome = orders(written(tmp_path, FOUR.replace("T1,lin,K1", "T1,lin,K8")), dry_run=True)
    assert [line.split(",")[1] for line in sent_back(outcome)] == ["这张订单已记在另一位客户名下"]


# --- stores whose host has left -------------------------------------------------------------------------


def test_a_store_whose_host_has_left_keeps_no_other_out(tmp_path: Path, lin: Host) -> None:
    company = a_company()
    path = written(
        tmp_path, ORDERS + "".join(f"T{n},90{n},K{n},A1,1,1.00,2026-03-04 09:00\n" for n in (1, 2))
    )
    orders(path, make_hosts_under=company)
    gone = Host.objects.get(user__username="shop-901")
    accounts.move_host(gone, to=Host.Status.LEFT, actor=None, now=timezone.now())
    User.objects.create(username="shop-904")

    for make, number in ((company, 4), (None, 6)):
        rows = (
            f"T3,901,K3,A1,1,1.00,2026-03-04 09:00\nT{number},902,K2,A1,1,1.00,2026-03-04 09:00\n"
            "T5,904,K2,A1,1,1.00,2026-03-04 09:00\n"
        )
        outcome = orders(written(tmp_path, ORDERS + rows), make_hosts_under=make)
        assert outcome.run.rejected == 2
        assert [line.split(",")[1] for line in sent_back(outcome)] == [
            "编号是 901 的大C已经离开",
            "登录账号 shop-904 不是大C的，不能为这个门店建导购",
        ]
    people = customers(
        written(tmp_path, CUSTOMERS + "901,K3,王芳,13800008001\n903,K4,李静,13800008002\n"),
        make_hosts_under=company,
    )
    assert counts(people) == (2, 1, 0, 0, 1)
    assert sent_back(people)[0].split(",")[1] == "编号是 901 的大C已经离开"


def test_rows_that_go_back_make_no_guide(tmp_path: Path) -> None:
    company = a_company()
    bad = written(tmp_path, ORDERS + "T1,901,K1,A1,1,1.00,2099-03-04 09:00\n")
    assert orders(bad, make_hosts_under=company).run.rejected == 1
    twice = CUSTOMERS + "902,K1,王芳,13800008001\n902,K1,王芳,13800008002\n903,K1,王芳,1380000\n"
    assert customers(written(tmp_path, twice), make_hosts_under=company).run.rejected == 2
    assert list(Host.objects.values_list("user__username", flat=True)) == ["shop-902"]
