"""What HQ typed into a search is read at HQ alone."""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import NONE, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("console_kit", "0001_initial")]
    operations: ClassVar = [EnableRowSecurity("console_kit_savedview", host_reads=NONE)]
