"""Orders through the services and the API."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Product, Sku
from apps.commission import selectors as commission
from apps.customers.models import Relation
from apps.tracking import services as tracking
from apps.tracking.models import Channel, Event, Subject
from apps.trade import services
from apps.trade.models import Order, OrderReversal
from apps.trade.pricing import Item, PriceChangedError, quote
from tests.factories import MORNING, a_host, a_sku, api_of

pytestmark = pytest.mark.django_db
BUYER = {"name": "张小雨", "phone": "13800008000", "address": "上海市静安区幸福路 1 号"}


def commission_of(order: Order) -> int:
    return sum(entry.amount_fen for entry in commission.entries_of(order.pk, None))


def _place(host: Host, sku: Sku, quantity: int = 1, **more: Any) -> Order:
    asked = quote(host, [Item(sku, quantity)])
    placed = services.place_order(asked, **{"now": MORNING, **BUYER, **more})
    return placed.order


def _post(host: Host, sku: Sku, *, key: str = "key-12345", **body: Any) -> HttpResponse:
    return api_of(host).post(
        "/api/v1/orders/",
        {"items": [{"sku": str(sku.public_id), "quantity": 2}], **BUYER, **body},
        content_type="application/json",
        headers={"idempotency-key": key},
    )


def test_an_order_takes_stock_makes_the_customer_and_tells_the_ledger() -> None:
    host, sku = a_host(), a_sku(stock=5, price_fen=9_900, commission_bp=1_500)

    order = _place(host, sku, 2)

    assert (order.total_fen, commission_of(order)) == (19_800, 2_970)
    assert Sku.objects.get().stock == 3
    assert order.relation == Relation.objects.get()
    assert Event.objects.get(name="order.placed").props == {
        "total_fen": 19_800,
        "quantity": 2,
        "goods": {str(Sku.objects.get().product_id): 2},
    }


def test_too_many_leaves_nothing_behind() -> None:
    host, sku = a_host(), a_sku(stock=1)

    with pytest.raises(catalog.OutOfStockError):
        _place(host, sku, 2)

    assert Sku.objects.get().stock == 1
    assert not Order.objects.exists()
    assert not Relation.objects.exists()
    assert not Event.objects.exists()


def test_a_host_sells_at_her_own_price() -> None:
    host, sku = a_host(), a_sku(price_fen=9_900)
    item = catalog.add_to_shelf(host, sku.product, now=MORNING)
    catalog.edit_shelf_item(item, prices={sku: 8_800}, pitch="", now=MORNING)

    assert _place(host, sku, 2).total_fen == 17_600


def test_cancelling_gives_stock_and_money_back_once() -> None:
    host, sku = a_host(), a_sku(stock=5)
    order = _place(host, sku, 2)

    services.cancel_order(order, by=host.user, now=MORNING + timedelta(days=1))
    with pytest.raises(services.StepNotAllowedError):
        services.cancel_order(order, by=host.user, now=MORNING + timedelta(days=1))

    assert Sku.objects.get().stock == 5
    [reversal] = OrderReversal.objects.all()
    assert (reversal.kind, reversal.amount_fen) == ("cancel", order.total_fen)
    assert Order.objects.get().total_fen == order.total_fen  # a reversal, never an edit


def test_returns_never_exceed_the_order() -> None:
    host, sku = a_host(), a_sku(price_fen=10_000, commission_bp=1_000)
    order = _place(host, sku)
    services.confirm_order(order, by=host.user, now=MORNING)
    services.ship_order(order, by=host.user, now=MORNING)

    services.return_goods(order, amount_fen=4_000, by=host.user, now=MORNING)
    with pytest.raises(services.ReturnTooLargeError) as caught:
        services.return_goods(order, amount_fen=6_001, by=host.user, now=MORNING)
    services.return_goods(order, amount_fen=6_000, by=host.user, now=MORNING)

    assert caught.value.left_fen == 6_000
    assert commission_of(order) == 0


@pytest.mark.parametrize(("opened_before", "counts"), [(timedelta(days=6), True), (timedelta(days=8), False)])
def test_an_order_counts_for_the_last_link_within_seven_days(opened_before: timedelta, counts: bool) -> None:
    host, sku = a_host(), a_sku()
    _, visitor = tracking.new_visitor(now=MORNING)
    link = tracking.link_for(
        host, subject_kind=Subject.PRODUCT, subject_id=sku.product_id, channel=Channel.GROUP, now=MORNING
    )
    tracking.record_many(
        [
            Event(
                name="product.viewed",
                occurred_at=MORNING - opened_before,
                host_id=host.pk,
                visitor_id=visitor.pk,
                link_id=link.pk,
            )
        ]
    )

    order = _place(host, sku, visitor=visitor)

    assert order.link_id == (link.pk if counts else None)


def test_another_hosts_link_is_never_the_cause() -> None:
    host, other, sku = a_host(), a_host("zhen", "阿珍"), a_sku()
    _, visitor = tracking.new_visitor(now=MORNING)
    link = tracking.link_for(
        other, subject_kind=Subject.PRODUCT, subject_id=sku.product_id, channel=Channel.GROUP, now=MORNING
    )
    tracking.record("product.viewed", at=MORNING, host_id=other.pk, visitor_id=visitor.pk, link_id=link.pk)

    assert _place(host, sku, visitor=visitor).link_id is None


def test_the_same_key_and_body_is_one_order() -> None:
    host, sku = a_host(), a_sku(stock=10)

    first, second = _post(host, sku), _post(host, sku)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Sku.objects.get().stock == 8


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    host, sku = a_host(), a_sku(stock=10)
    _post(host, sku)

    answer = _post(host, sku, address="北京市朝阳区 2 号")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert Order.objects.count() == 1


def test_two_hosts_may_use_the_same_key() -> None:
    sku = a_sku(stock=10)

    answers = [_post(a_host(), sku), _post(a_host("zhen", "阿珍"), sku)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Order.objects.count() == 2


def test_the_last_ones_are_named_in_the_conflict() -> None:
    answer = _post(a_host(), a_sku(stock=1))

    assert answer.status_code == 409
    assert "只剩 1 件" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "123"}, "phone"),
        ({"phone": "139OOOO1111"}, "phone"),
        ({"name": ""}, "name"),
        ({"address": "x" * 201}, "address"),
        ({"items": []}, "items"),
        ({"items": [{"sku": str(uuid4()), "quantity": 1}]}, "items.0.sku"),
        ({"items": [{"sku": "no-id", "quantity": 1}]}, "items.0.sku"),
        ({"items": "many"}, "items"),
    ],
)
def test_each_bad_field_is_named_and_nothing_is_ordered(body: dict[str, Any], field: str) -> None:
    sku = a_sku()

    answer = _post(a_host(), sku, **body)

    assert answer.status_code == 400
    assert field in answer.json()["fields"], answer.json()
    assert not Order.objects.exists()
    assert Sku.objects.get().stock == 100


def test_a_quantity_out_of_range_and_an_item_twice_are_refused() -> None:
    host, sku = a_host(), a_sku()
    for items in (
        [{"sku": str(sku.public_id), "quantity": 0}],
        [{"sku": str(sku.public_id), "quantity": 100}],
        [{"sku": str(sku.public_id), "quantity": 1}] * 2,
    ):
        assert _post(host, sku, items=items).status_code == 400

    assert not Order.objects.exists()


def test_without_a_key_nothing_is_ordered() -> None:
    assert _post(a_host(), a_sku(), key="").status_code == 400
    assert not Order.objects.exists()


def test_off_sale_goods_cannot_be_ordered() -> None:
    assert _post(a_host(), a_sku(status=Product.Status.OFF)).status_code == 400
    assert not Order.objects.exists()


@pytest.mark.parametrize("step", ["", "confirm/", "ship/", "finish/", "cancel/", "return/"])
def test_a_foreign_order_is_not_there(step: str) -> None:
    theirs = _place(a_host("zhen", "阿珍"), a_sku())
    client = api_of(a_host())

    def ask(public_id: object) -> tuple[int, object]:
        address = f"/api/v1/orders/{public_id}/{step}"
        answer = client.post(address, {"amount": "1"}) if step else client.get(address)
        return answer.status_code, answer.json()

    assert ask(theirs.public_id) == ask(uuid4())
    assert ask(theirs.public_id)[0] == 404
    assert Order.objects.get().status == Order.Status.PLACED


def test_an_order_walks_its_steps_in_order_only() -> None:
    host = a_host()
    order = _place(host, a_sku())
    client = api_of(host)

    def step(name: str) -> int:
        return client.post(f"/api/v1/orders/{order.public_id}/{name}/").status_code

    assert [step("ship"), step("confirm"), step("confirm"), step("ship"), step("cancel"), step("finish")] == [
        409,
        200,
        409,
        200,
        409,
        200,
    ]


def test_the_list_shows_names_and_hides_phones() -> None:
    host = a_host()
    order = _place(host, a_sku())
    client = api_of(host)

    [row] = client.get("/api/v1/orders/").json()["results"]
    detail = client.get(f"/api/v1/orders/{order.public_id}/").json()

    assert row["customer_name"] == "张小雨"
    assert "receiver_phone" not in row
    assert detail["receiver_phone"] == "138****8000"


def test_each_size_is_charged_at_its_own_price() -> None:
    """One price for a product charged five jin and ten jin alike."""
    host, small = a_host(), a_sku(price_fen=3_900)
    big = Sku.objects.create(product=small.product, code="BIG", name="10斤", retail_price_fen=6_900, stock=9)
    dear = Sku.objects.create(product=small.product, code="XL", name="20斤", retail_price_fen=12_900, stock=5)
    item = catalog.add_to_shelf(host, small.product, now=MORNING)
    catalog.edit_shelf_item(item, prices={small: 3_500, big: 6_000}, pitch="", now=MORNING)

    order = services.place_order(
        quote(host, [Item(sku, 2) for sku in (small, big, dear)]), now=MORNING, **BUYER
    ).order

    assert [line.total_fen for line in order.lines.order_by("pk")] == [7_000, 12_000, 25_800]
    assert order.total_fen == 44_800


def test_a_total_that_the_buyer_did_not_see_is_not_charged() -> None:
    host, sku = a_host(), a_sku(stock=5, price_fen=9_900)

    with pytest.raises(PriceChangedError) as caught:
        _place(host, sku, 2, seen_fen=19_000)

    assert caught.value.quote.total_fen == 19_800
    assert (Sku.objects.get().stock, Order.objects.count()) == (5, 0)
    assert _place(host, sku, 2, seen_fen=19_800).total_fen == 19_800
