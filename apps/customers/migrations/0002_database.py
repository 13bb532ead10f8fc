"""A host's role sees her own relations and what hangs on them."""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import CURRENT_HOST, NONE, OWN, EnableRowSecurity, through


def by_relation(table: str) -> str:
    return through("customers_relation", f"{table}.relation_id")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0001_initial"), ("records", "0002_database")]
    operations: ClassVar = [
        EnableRowSecurity("customers_relation", host_reads=OWN),
        # A customer is new before she is anybody's. Nothing about her is written here.
        EnableRowSecurity(
            "customers_customer",
            host_reads=through("customers_relation", "customers_customer.id", key="customer_id"),
            host_adds="true",
            host_changes=NONE,
        ),
        # What identifies her may come from another host: no host reads it, not even of her own customers.
        EnableRowSecurity(
            "customers_identity",
            host_reads=NONE,
            host_adds=through("customers_relation", "customers_identity.customer_id", key="customer_id"),
            host_changes=NONE,
        ),
        # HQ's tags (without a host) are everybody's to read. Not an OR: the condition stays one comparison.
        EnableRowSecurity(
            "customers_tag",
            host_reads=f"coalesce(host_id, {CURRENT_HOST}) = {CURRENT_HOST}",
            host_adds=OWN,
            host_changes=OWN,
        ),
        EnableRowSecurity("customers_relationtag", host_reads=by_relation("customers_relationtag")),
        EnableRowSecurity("customers_note", host_reads=by_relation("customers_note")),
        EnableRowSecurity("customers_importrun", host_reads=NONE),
        EnableRowSecurity("customers_importchunk", host_reads=NONE),
        # Both hosts read the act; whom it was about is HQ's and the jobs'. (No OR: it would cost the index.)
        EnableRowSecurity(
            "customers_handover",
            host_reads=f"ARRAY[from_host_id, to_host_id] @> ARRAY[{CURRENT_HOST}]",
            host_adds=NONE,
            host_changes=NONE,
        ),
        EnableRowSecurity("customers_handoveritem", host_reads=NONE),
        EnableRowSecurity("records_consent", host_reads=by_relation("records_consent")),
        EnableRowSecurity("records_legalhold", host_reads=by_relation("records_legalhold"), host_changes=NONE),
    ]
