"""An order line's order, product and SKU exist: checked for a whole statement at once. A host sees her own orders.

What a foreign key does row by row, these triggers do set by set. Inserting: every id of the statement's rows is
looked up. Deleting (rare: products without lines, the erasure of a person): the lines' table is locked against
writers first, so that a line that is being inserted is either seen here or sees the deletion.

The holder of a private link learns with whom she ordered. That function runs as the worker's role, so that a
stranger's request needs no more than this one answer. It is given to that role, by its name's ending, after every
`migrate` (apps/database/grants.py): a restored dump may have made it the owner's, who sees no order.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import OWN, EnableRowSecurity, through

LINES = """
CREATE FUNCTION trade_line_needs_its_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT order_id AS id FROM new_lines) n
                WHERE NOT EXISTS (SELECT FROM trade_order o WHERE o.id = n.id)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an order line names an order that does not exist';
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT product_id AS id FROM new_lines) n
                WHERE NOT EXISTS (SELECT FROM catalog_product p WHERE p.id = n.id)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an order line names a product that does not exist';
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT sku_id AS id FROM new_lines WHERE sku_id IS NOT NULL) n
                WHERE NOT EXISTS (SELECT FROM catalog_sku s WHERE s.id = n.id)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'an order line names a SKU that does not exist';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION trade_line_keeps_its_parent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM gone) THEN
        RETURN NULL;
    END IF;
    LOCK TABLE trade_orderline IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format('SELECT EXISTS (SELECT FROM gone g JOIN trade_orderline l ON l.%I = g.id)', TG_ARGV[0]) INTO used;
    IF used THEN
        RAISE foreign_key_violation USING MESSAGE = format('%s: an order line still names this row', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER line_parents_insert AFTER INSERT ON trade_orderline
    REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION trade_line_needs_its_parents();
CREATE TRIGGER line_parents_update AFTER UPDATE ON trade_orderline
    REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION trade_line_needs_its_parents();
CREATE TRIGGER order_kept_by_lines AFTER DELETE ON trade_order
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION trade_line_keeps_its_parent('order_id');
CREATE TRIGGER product_kept_by_lines AFTER DELETE ON catalog_product
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION trade_line_keeps_its_parent('product_id');
CREATE TRIGGER sku_kept_by_lines AFTER DELETE ON catalog_sku
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION trade_line_keeps_its_parent('sku_id');
"""
NO_LINES = """
DROP FUNCTION trade_line_needs_its_parents() CASCADE;
DROP FUNCTION trade_line_keeps_its_parent() CASCADE;
"""
LINK = """
CREATE FUNCTION trade_order_link_host_as_worker(digest bytea) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT host_id FROM trade_order WHERE view_digest = digest
$$;
REVOKE EXECUTE ON FUNCTION trade_order_link_host_as_worker(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trade_order_link_host_as_worker(bytea) TO app_host, app_hq, app_worker;
"""


def by_order(table: str) -> str:
    return through("trade_order", f"{table}.order_id")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("trade", "0001_initial"), ("catalog", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(LINES, NO_LINES),
        EnableRowSecurity("trade_order", host_reads=OWN),
        EnableRowSecurity("trade_orderline", host_reads=by_order("trade_orderline")),
        EnableRowSecurity("trade_orderreversal", host_reads=by_order("trade_orderreversal")),
        EnableRowSecurity("trade_ordertransition", host_reads=by_order("trade_ordertransition")),
        AppendOnly("trade_orderreversal", may_change=["reason"]),
        AppendOnly("trade_ordertransition"),
        migrations.RunSQL(LINK, "DROP FUNCTION trade_order_link_host_as_worker(bytea)"),
    ]
