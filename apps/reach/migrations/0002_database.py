"""A host reads and adds what was done to reach her own customers; touches never change.

A touch goes when its time has come (the retention job, as the worker); no host and nobody at HQ deletes one.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import NONE, EnableRowSecurity, through


def by_relation(table: str) -> str:
    return through("customers_relation", f"{table}.relation_id")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reach", "0001_initial")]
    operations: ClassVar = [
        AppendOnly("reach_touch", may_go="current_user = 'app_worker'"),
        EnableRowSecurity("reach_touch", host_reads=by_relation("reach_touch"), host_changes=NONE),
        EnableRowSecurity("reach_asking", host_reads=by_relation("reach_asking")),
    ]
