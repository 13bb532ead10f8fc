"""A host's role sees the orders placed with her; the holder of a private link learns with whom.

The function runs as the worker's role, so that a stranger's request needs no more than this one answer. It is
given to that role, by its name's ending, after every `migrate` (apps/lib/database_roles.py): a restored dump may
have made it the owner's, who sees no order.
"""

from typing import ClassVar

from django.db import migrations

from apps.lib.row_security import OWN, EnableRowSecurity, through

DOOR = """
CREATE FUNCTION trade_order_link_host_as_worker(digest bytea) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT host_id FROM trade_order WHERE view_digest = digest
$$;
REVOKE EXECUTE ON FUNCTION trade_order_link_host_as_worker(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trade_order_link_host_as_worker(bytea) TO app_host, app_hq, app_worker;
"""
UNDO = "DROP FUNCTION trade_order_link_host_as_worker(bytea)"


def by_order(table: str) -> str:
    return through("trade_order", f"{table}.order_id")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("trade", "0003_line_without_product_index")]
    operations: ClassVar = [
        EnableRowSecurity("trade_order", host_reads=OWN),
        EnableRowSecurity("trade_orderline", host_reads=by_order("trade_orderline")),
        EnableRowSecurity("trade_orderreversal", host_reads=by_order("trade_orderreversal")),
        EnableRowSecurity("trade_ordertransition", host_reads=by_order("trade_ordertransition")),
        migrations.RunSQL(DOOR, UNDO),
    ]
