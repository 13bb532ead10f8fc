"""An order line's order, product and SKU exist: checked for a whole statement at once.

What a foreign key does row by row, these triggers do set by set. Inserting: every id of the statement's rows is
looked up. Deleting (rare: products without lines, the erasure of a person): the lines' table is locked against
writers first, so that a line that is being inserted is either seen here or sees the deletion.
"""

from typing import ClassVar

from django.db import migrations

MAKE = """
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

UNDO = """
DROP FUNCTION trade_line_needs_its_parents() CASCADE;
DROP FUNCTION trade_line_keeps_its_parent() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("trade", "0001_initial"), ("catalog", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(MAKE, UNDO)]
