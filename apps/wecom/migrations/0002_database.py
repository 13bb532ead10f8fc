"""A host sees what she sent to many at once, and to whom."""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import OWN, EnableRowSecurity, through


class Migration(migrations.Migration):
    dependencies: ClassVar = [("wecom", "0001_initial")]
    operations: ClassVar = [
        EnableRowSecurity("wecom_masssend", host_reads=OWN),
        EnableRowSecurity("wecom_masssendrecipient", host_reads=through("wecom_masssend", "send_id")),
    ]
