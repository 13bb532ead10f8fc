"""A host reads her own numbers; only the projection writes any. What HQ does about them is HQ's."""

from typing import ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import NONE, OWN, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insights", "0001_initial")]
    operations: ClassVar = [
        EnableRowSecurity("insights_hostday", host_reads=OWN, host_adds=NONE, host_changes=NONE),
        EnableRowSecurity("insights_linkvisit", host_reads=OWN, host_adds=NONE, host_changes=NONE),
        EnableRowSecurity("insights_actday", host_reads=OWN, host_adds=NONE, host_changes=NONE),
        EnableRowSecurity("insights_moneymove", host_reads=OWN, host_adds=NONE, host_changes=NONE),
        EnableRowSecurity("insights_newcustomer", host_reads=OWN, host_adds=NONE, host_changes=NONE),
        EnableRowSecurity("insights_hosthelp", host_reads=NONE),
        EnableRowSecurity("insights_hostcall", host_reads=NONE),
        AppendOnly("insights_hostcall"),
    ]
