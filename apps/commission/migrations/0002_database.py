"""An entry is never changed, nor deleted. A host sees her own; none is added by a host's role."""

from typing import ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import NONE, OWN, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("commission", "0001_initial")]
    operations: ClassVar = [
        AppendOnly("commission_entry"),
        EnableRowSecurity("commission_entry", host_reads=OWN, host_adds=NONE, host_changes=NONE),
    ]
