"""The access log, its seals and the notices can be added to, and nothing else.

A row of the log knows its writing transaction, by which the sealer reads in commit order. Deletion is open for
rows older than the log is kept, and for nothing younger, whoever asks. A host reads, and adds to, the log of what
was seen of her own customers.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import NONE, OWN, EnableRowSecurity

#: By it the sealer reads in commit order.
TRANSACTION = "ALTER TABLE records_accesslog ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id()"
NO_TRANSACTION = "ALTER TABLE records_accesslog DROP COLUMN tx"
PAST = "OLD.at < now() - interval '3 years'"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(TRANSACTION, NO_TRANSACTION),
        AppendOnly("records_accesslog", may_go=PAST),
        AppendOnly("records_accessseal"),
        AppendOnly("records_notice"),
        EnableRowSecurity("records_accesslog", host_reads=OWN, host_changes=NONE),
        # Imports and the sync alone ask by it: no host and nobody at HQ learns who was erased.
        EnableRowSecurity("records_erasedmark", host_reads=NONE, hq=NONE),
    ]
