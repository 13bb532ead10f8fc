"""The database refuses an order line without its order, product or SKU, and to delete these under it."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Organisation
from apps.accounts.services import create_host
from apps.catalog.models import Category, Product, Sku
from apps.customers.imports.bulk import NewRelation, add_relations
from apps.lib.clock import SHANGHAI
from apps.trade.imports.bulk import NewLine, NewOrder, add_orders
from apps.trade.models import Order, OrderLine
from tests.by_force import unguarded

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
NOBODY = 9_999_999

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> OrderLine:
    root = Organisation.add_root(name="总部", kind="company")
    host = create_host(username="lin", name="林姐", kind="owner", organisation=root, now=NOW)
    product = Product.objects.create(title="海苔", category=Category.objects.create(name="零食"))
    sku = Sku.objects.create(product=product, code="HT-1", retail_price_fen=1990)
    (relation_id,) = add_relations([NewRelation(host_id=host.pk, joined_at=NOW)], now=NOW)
    (order_id,) = add_orders(
        [
            NewOrder(
                host_id=host.pk,
                relation_id=relation_id,
                placed_at=NOW,
                lines=[NewLine(product_id=product.pk, sku_id=sku.pk, quantity=1, total_fen=1990)],
            )
        ]
    )
    return OrderLine.objects.get(order_id=order_id)


@pytest.mark.parametrize("column", ["order_id", "product_id", "sku_id"])
def test_a_line_cannot_name_what_does_not_exist(line: OrderLine, column: str) -> None:
    values = {"order_id": line.order_id, "product_id": line.product_id, "sku_id": None, column: NOBODY}
    with pytest.raises(IntegrityError, match="does not exist"), transaction.atomic():
        OrderLine.objects.create(quantity=1, total_fen=1, **values)
    with pytest.raises(IntegrityError, match="does not exist"), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(**{column: NOBODY})


@pytest.mark.parametrize(
    ("table", "column"),
    [("trade_order", "order_id"), ("catalog_product", "product_id"), ("catalog_sku", "sku_id")],
)
def test_what_a_line_names_cannot_be_deleted(line: OrderLine, table: str, column: str) -> None:
    """Past the ORM's own protection, by SQL."""
    delete = f"DELETE FROM {table} WHERE id = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="still names"), transaction.atomic():
            cursor.execute(delete, [getattr(line, column)])
    assert OrderLine.objects.filter(pk=line.pk).exists()


def test_an_order_without_lines_can_be_deleted(line: OrderLine) -> None:
    order = Order.objects.get(pk=line.order_id)
    with unguarded("trade_ordertransition"):
        order.transitions.all().delete()
    line.delete()
    order.delete()
    assert not Order.objects.exists()
