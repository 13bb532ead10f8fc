"""The bulk entry points leave the same state as the services would."""

from datetime import datetime, timedelta

import pytest

from apps.accounts.models import Host, Organisation
from apps.accounts.services import create_host
from apps.catalog.models import Category, Product
from apps.commission.selectors import entries_of
from apps.customers import services as customers
from apps.customers.imports.bulk import Key, NewRelation, add_relations
from apps.customers.models import Customer, Identity, Relation
from apps.lib.clock import SHANGHAI
from apps.tracking.models import Event
from apps.trade.imports.bulk import NewLine, NewOrder, Return, Step, add_orders
from apps.trade.invariants import check_orders
from apps.trade.models import Order, OrderReversal

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db


def a_host(name: str) -> Host:
    root = Organisation.objects.filter(depth=1).first() or Organisation.add_root(name="总部", kind="company")
    return create_host(username=name, name=name, kind="owner", organisation=root, now=NOW)


def a_product() -> Product:
    category, _ = Category.objects.get_or_create(name="零食")
    return Product.objects.create(title="海苔", category=category, status=Product.Status.ACTIVE)


def test_a_relation_written_in_bulk_opens_and_is_found_by_phone() -> None:
    host = a_host("lin")
    (relation_id,) = add_relations(
        [NewRelation(host_id=host.pk, name="王芳", phone="+8613800008000", joined_at=NOW)], now=NOW
    )
    relation = Relation.objects.get(pk=relation_id)
    assert (relation.name, relation.phone) == ("王芳", "+8613800008000")
    found, made = customers.find_or_make_relation(
        host, phone="13800008000", name="别人", source="order", now=NOW
    )
    assert (found.pk, made) == (relation_id, False)
    assert Identity.objects.get(customer=relation.customer).value == "+8613800008000"
    event = Event.objects.get(relation_id=relation_id)
    assert (event.name, event.host_id, event.occurred_at) == ("customer.joined", host.pk, NOW)


def test_rows_of_one_person_share_the_customer_and_nothing_else() -> None:
    hosts = [a_host("lin"), a_host("chen")]
    rows = [
        NewRelation(
            host_id=host.pk,
            source_key="900",
            person="900",
            keys=(Key(Identity.Kind.SHOP, "retail", "900"),),
            joined_at=NOW,
        )
        for host in hosts
    ]
    first, second = (Relation.objects.get(pk=pk) for pk in add_relations(rows, now=NOW))
    assert first.customer_id == second.customer_id
    assert Identity.objects.filter(customer_id=first.customer_id).count() == 1
    (third,) = add_relations(
        [NewRelation(host_id=hosts[0].pk, source_key="901", customer_id=first.customer_id, joined_at=NOW)],
        now=NOW,
    )
    assert Relation.objects.get(pk=third).customer_id == first.customer_id
    assert Customer.objects.count() == 1


def test_orders_written_in_bulk_carry_their_history() -> None:
    host, product = a_host("lin"), a_product()
    (relation_id,) = add_relations([NewRelation(host_id=host.pk, joined_at=NOW)], now=NOW)
    line = NewLine(product_id=product.pk, quantity=2, total_fen=3980, commission_bp=1_000)
    done, cancelled = add_orders(
        [
            NewOrder(
                host_id=host.pk,
                relation_id=relation_id,
                placed_at=NOW,
                lines=[line],
                receiver_name="王芳",
                paid_at=NOW + timedelta(hours=1),
                steps=[
                    Step(to_status=Order.Status.CONFIRMED, at=NOW + timedelta(hours=1)),
                    Step(to_status=Order.Status.SHIPPED, at=NOW + timedelta(hours=5)),
                    Step(to_status=Order.Status.DONE, at=NOW + timedelta(days=3)),
                ],
                returns=[Return(amount_fen=1000, at=NOW + timedelta(days=4))],
            ),
            NewOrder(
                host_id=host.pk,
                relation_id=relation_id,
                placed_at=NOW - timedelta(days=70),
                lines=[line],
                steps=[Step(to_status=Order.Status.CANCELLED, at=NOW, reason="不想要了")],
            ),
        ]
    )
    order = Order.objects.get(pk=done)
    assert (order.status, order.total_fen, order.receiver_name) == ("done", 3980, "王芳")
    assert [t.to_status for t in order.transitions.order_by("pk")] == [
        "placed",
        "confirmed",
        "shipped",
        "done",
    ]
    assert list(order.reversals.values_list("kind", "amount_fen")) == [("return", 1000)]
    reversal = OrderReversal.objects.get(order_id=cancelled)
    assert (reversal.kind, reversal.amount_fen) == ("cancel", 3980)
    earned = [
        [(entry.reversal_id != 0, entry.amount_fen) for entry in entries_of(order_id, None)]
        for order_id in (done, cancelled)
    ]
    assert earned == [[(False, 398), (True, -100)], [(False, 398), (True, -398)]]
    assert check_orders() == []
    assert reversal.reason == "不想要了"
    assert sorted(Event.objects.filter(subject_kind="order").values_list("name", flat=True)) == [
        "order.cancelled",
        "order.confirmed",
        "order.done",
        "order.paid",
        "order.placed",
        "order.placed",
        "order.returned",
        "order.shipped",
    ]
