"""What is only ever added to can't be emptied either, by its own name or by a table's above it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from apps.accounts.models import AccountEvent, HostTransition
from apps.accounts.services import events
from apps.trade import services as trade
from apps.trade.models import OrderReversal, OrderTransition
from apps.trade.pricing import Item, quote
from tests.factories import MORNING, a_host, a_sku

pytestmark = pytest.mark.django_db

#: Tables of which rows may not be changed, or not be deleted: found by the function that refuses it.
_APPEND_ONLY = """
SELECT DISTINCT t.tgrelid::regclass::text
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE p.proname = 'append_only'
   AND t.tgtype & 1 = 1
"""


def test_the_worker_may_truncate_nothing_that_is_append_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_APPEND_ONLY)
        tables = {name for (name,) in cursor.fetchall()}
        months = {name for name in tables if name.startswith("tracking_event_")}

        assert tables - months == {
            "accounts_accountevent",
            "accounts_hosttransition",
            "commission_entry",
            "insights_hostcall",
            "reach_touch",
            "records_accesslog",
            "records_accessseal",
            "records_notice",
            "tracking_event",
            "trade_orderreversal",
            "trade_ordertransition",
        }
        assert len(months) >= 4
        for table in sorted(tables):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")


def test_what_happened_to_orders_and_accounts_stays_as_it_was() -> None:
    host = a_host()
    events.note(host.user, AccountEvent.Kind.SIGNED_OUT, by=host.user, now=MORNING)
    who = {"name": "张小雨", "phone": "13800008000", "address": "上海市静安区幸福路 1 号"}
    order = trade.place_order(
        quote(host, [Item(a_sku("红枣", price_fen=3_300), 1)]), now=MORNING, **who
    ).order
    trade.cancel_order(order, by=host.user, now=MORNING, reason="不要了")

    changes: list[tuple[type[Model], str, object]] = [
        (OrderReversal, "amount_fen", 1),
        (OrderTransition, "to_status", "done"),
        (AccountEvent, "detail", "没有的事"),
        (HostTransition, "reason", "没有的事"),
    ]
    for model, field, value in changes:
        rows = model._default_manager.all()
        assert rows.exists()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**{field: value})
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(rows.db)


def test_words_about_a_person_leave_a_reversal() -> None:
    host = a_host()
    who = {"name": "张小雨", "phone": "13800008000", "address": "上海市静安区幸福路 1 号"}
    order = trade.place_order(
        quote(host, [Item(a_sku("红枣", price_fen=3_300), 1)]), now=MORNING, **who
    ).order
    trade.cancel_order(order, by=host.user, now=MORNING, reason="她说老公不喜欢")

    OrderReversal.objects.update(reason="")

    assert OrderReversal.objects.get().reason == ""
