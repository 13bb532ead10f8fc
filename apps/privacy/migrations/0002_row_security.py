"""A host reads, and adds to, the log of looks at her own customers; she changes nothing in it."""

from typing import ClassVar

from django.db import migrations

from apps.lib.row_security import NONE, OWN, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("privacy", "0001_initial")]
    operations: ClassVar = [EnableRowSecurity("privacy_accesslog", host_reads=OWN, host_changes=NONE)]
