"""What leaves and what arrives holds words to and from people: jobs carry it, HQ counts it, no host reads it."""

from typing import ClassVar

from django.db import migrations

from apps.lib.row_security import NONE, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("outbox", "0003_cancelled")]
    operations: ClassVar = [
        EnableRowSecurity("outbox_letter", host_reads=NONE),
        EnableRowSecurity("outbox_deliverycall", host_reads=NONE),
        EnableRowSecurity("outbox_delivery", host_reads=NONE),
        EnableRowSecurity("outbox_inbox", host_reads=NONE),
    ]
