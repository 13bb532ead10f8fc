"""A host's own file of orders adds up to her pages, before and after a hand-over."""

from collections import Counter
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.commission.models import Entry
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.database import db_role
from apps.insights import exports as own
from apps.insights.projection import PROJECTION
from apps.lib import clock
from apps.outbox.registry import LaterError
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from apps.records.declarations import Span
from apps.tracking.models import Checkpoint
from apps.trade import services as trade
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from tests.console import desk
from tests.factories import a_branch, a_host, a_sku, api_of
from tests.library.desk import a_person, browser
from tests.pages import text_of
from tests.privacy.test_exports import ask, built, decide, opened
from tests.projecting import project_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_over() -> tuple[Host, Host]:
    """林姐 sold for 100 and 70, of which 40 came back after the hand-over; 小美 then sold for 50 to the same
    customer, and for 20 that is doubtful. A tenth is commission.
    """
    lin, mei = a_host("lin", "林姐"), a_host("mei", "小美")
    first = sold(lin, price_fen=10_000)
    sold(lin, price_fen=7_000)
    acts.hand_over(
        lin,
        mei,
        relations=Relation.objects.all(),
        scope="全部客户",
        reason="林姐回老家了",
        by=None,
        now=timezone.now(),
    )
    first.refresh_from_db()
    trade.confirm_order(first, by=None, now=timezone.now())
    trade.ship_order(first, by=None, now=timezone.now())
    trade.return_goods(Order.objects.get(pk=first.pk), amount_fen=4_000, by=mei.user, now=timezone.now())
    sold(mei, price_fen=5_000)
    sold(mei, price_fen=2_000)
    Order.objects.filter(total_fen=2_000).update(doubt=Order.Doubt.MANY)
    project_now()
    return lin, mei


def sold(host: Host, *, price_fen: int) -> Order:
    sku = a_sku(f"茶 {price_fen}", price_fen=price_fen, commission_bp=1_000)
    return trade.place_order(
        quote(host, [Item(sku, 1)]), name=desk.NAME, phone=desk.PHONE, address="", now=timezone.now()
    ).order


def columns(rows: list[list[str]], *names: str) -> list[tuple[str, ...]]:
    places = [rows[0].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in rows[1:]]


def own_file(host: Host) -> list[list[str]]:
    page = browser(host.user)
    page.post("/me/exports/", {"what": "orders"})
    request = built(ExportRequest.objects.latest("pk"))
    return opened(page.get(f"/me/exports/{request.public_id}/file/").content)[0]


def fen(yuan: str) -> int:
    return round(float(yuan) * 100)


def added_up(rows: list[list[str]]) -> tuple[int, int, int, int]:
    """Of what counts: orders, their money, what is left of it, and of the commission."""
    lines = [
        (kind, fen(yuan), fen(commission))
        for kind, yuan, commission, counts in columns(
            rows, "这一笔", "金额（元）", "佣金（元）", "算不算业绩"
        )
        if counts == "算"
    ]
    placed = [yuan for kind, yuan, _ in lines if kind == "下单"]
    return len(placed), sum(placed), sum(yuan for _, yuan, _ in lines), sum(part for _, _, part in lines)


def of_her_pages(host: Host) -> tuple[int, int, int, int]:
    phone = browser(host.user)
    numbers = phone.get("/me/?period=7d").context["numbers"]
    told = (numbers.orders, numbers.placed_fen, numbers.gmv_fen, numbers.commission_fen)
    for name, figure in (("gmv", told[2]), ("commission", told[3])):
        assert phone.get(f"/me/numbers/{name}/?period=7d").context["found"].sum_fen == figure
    said = api_of(host).get("/api/v1/numbers/?period=7d").json()
    assert (said["orders"], fen(said["gmv"]), fen(said["commission"])) == (told[0], told[2], told[3])
    return told


WORLD = {"lin": (2, 17_000, 13_000, 1_300), "mei": (1, 5_000, 5_000, 500)}


@pytest.mark.parametrize("wall", ["both", "the query alone"])
@pytest.mark.parametrize("name", list(WORLD))
def test_what_counts_in_her_file_is_what_her_pages_say(
    handed_over: tuple[Host, Host], name: str, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = next(one for one in handed_over if one.user.username == name)
    with monkeypatch.context() as down:
        if wall == "the query alone":
            down.setattr(db_role, "acting_as", lambda host_id: nullcontext())
        told = own_file(host)

    assert added_up(told) == of_her_pages(host) == WORLD[name]


def test_with_the_databases_wall_alone_nothing_of_another_host_is_told(
    handed_over: tuple[Host, Host],
) -> None:
    lin, mei = handed_over
    for host, asker in ((lin, mei), (mei, lin)):
        with db_role.acting_as(asker.pk):
            found = own.rows(Host.objects.filter(pk=host.pk), Span(None, None), is_clear=True, is_own=True)
            assert list(found) == []


def test_of_who_has_gone_it_tells_when_and_how_much(handed_over: tuple[Host, Host]) -> None:
    rows = own_file(handed_over[0])

    assert columns(rows, "这一笔", "金额（元）", "佣金（元）", "收货人", "算给", "算不算业绩") == [
        ("下单", "100.00", "10.00", "已交接的客户", "我", "算"),
        ("下单", "70.00", "7.00", "已交接的客户", "我", "算"),
        ("退货", "-40.00", "-4.00", "已交接的客户", "我", "算"),
    ]
    untold = columns(rows, "订单号", "下单时间", "状态", "商品", "电话", "地址")
    assert untold == [("",) * 6] * 3


def test_the_new_hosts_file_holds_what_she_serves_and_says_for_whom_it_counts(
    handed_over: tuple[Host, Host],
) -> None:
    """What counts for her adds up to her page; a doubtful order without her yes counts for nobody."""
    rows = own_file(handed_over[1])

    told = columns(rows, "这一笔", "金额（元）", "佣金（元）", "收货人", "算给", "算不算业绩")
    not_hers = ("原来的大C", "不算：算给原来的大C")
    assert told == [
        ("下单", "100.00", "0.00", desk.NAME, *not_hers),
        ("下单", "70.00", "0.00", desk.NAME, *not_hers),
        ("退货", "-40.00", "0.00", desk.NAME, *not_hers),
        ("下单", "50.00", "5.00", desk.NAME, "我", "算"),
        ("下单", "20.00", "0.00", desk.NAME, "我", "不算：存疑，还没点头"),
    ]
    # As the API says: what somebody else earned is nothing to her.
    listed = api_of(handed_over[1]).get("/api/v1/orders/").json()["results"]
    assert {row["commission"] for row in listed if row["total"] in ("100.00", "70.00")} == {"0.00"}


def test_an_order_that_is_in_no_number_yet_is_in_her_file(handed_over: tuple[Host, Host]) -> None:
    _, mei = handed_over
    sold(mei, price_fen=3_000)

    assert ("30.00", "我", "算") in columns(own_file(mei), "金额（元）", "算给", "算不算业绩")


def test_its_days_are_those_on_which_money_counts(handed_over: tuple[Host, Host]) -> None:
    lin, _ = handed_over
    today = clock.day_of(timezone.now())
    for span, count in ((Span(today, today), 3), (Span(None, today - timedelta(days=1)), 0)):
        assert len(list(own.rows(Host.objects.filter(pk=lin.pk), span, is_clear=True, is_own=True))) == count


def test_while_numbers_are_counted_anew_the_file_waits(handed_over: tuple[Host, Host]) -> None:
    lin, _ = handed_over
    mark = Checkpoint.objects.create(
        name=PROJECTION.name, version=PROJECTION.version, epoch=1, is_whole=False
    )
    request = exports.ask_own(lin, what="orders", now=timezone.now())
    with pytest.raises(LaterError):
        exports.build({"id": request.pk}, timezone.now())

    mark.is_whole = True
    mark.save()
    assert exports.build({"id": request.pk}, timezone.now()) == "生成了 3 行"


def test_hqs_file_and_page_say_who_earned_and_what_counts(handed_over: tuple[Host, Host]) -> None:
    asker = a_person(roles.OPERATOR, "asker", "运营小王")
    request = ask(asker, what="orders")
    decide(a_person(roles.ADMIN, "other", "管理员老李"), request)
    built(request)

    rows, _ = opened(browser(asker).get(f"/hq/exports/{request.public_id}/file/").content)

    told = columns(rows, "佣金（元）", "算给", "大C", "算不算业绩")
    assert told == [
        ("6.00", "林姐", "小美", "算"),
        ("7.00", "林姐", "小美", "算"),
        ("5.00", "小美", "小美", "算"),
        ("2.00", "小美", "小美", "不算：存疑，还没点头"),
    ]
    by_host: Counter[str] = Counter()
    for yuan, earner, *_ in told:
        by_host[earner] += fen(yuan)
    entered = Entry.objects.values_list("host__name").annotate(fen=Sum("amount_fen"))
    assert by_host == dict(entered)
    order = Order.objects.earliest("placed_at")
    page = text_of(browser(asker).get(f"/hq/orders/{order.public_id}/"))
    assert "算给 林姐" in page


def test_hqs_file_says_where_who_earned_was_on_the_day_of_the_order(handed_over: tuple[Host, Host]) -> None:
    """She has moved since, and her customers are another's: it adds up to 按组织 all the same."""
    lin, mei = handed_over
    north, south, west = lin.organisation, a_branch("华南"), a_branch("西北")
    moment = timezone.now()
    accounts.place_host(lin, organisation=south, actor=None, now=moment + timedelta(days=1))
    accounts.place_host(mei, organisation=west, actor=None, now=moment)
    project_now()
    asker = a_person(roles.OPERATOR, "asker", "运营小王")
    request = ask(asker, what="orders")
    decide(a_person(roles.ADMIN, "other", "管理员老李"), request)
    built(request)

    rows, _ = opened(browser(asker).get(f"/hq/exports/{request.public_id}/file/").content)

    assert columns(rows, "算给", "算给的组织", "大C") == [
        ("林姐", north.name, "小美"),
        ("林姐", north.name, "小美"),
        ("小美", "西北", "小美"),
        ("小美", "西北", "小美"),
    ]
