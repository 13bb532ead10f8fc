"""Of exports and of what people ask for by their rights, a host sees her own."""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import CURRENT_HOST, NONE, OWN, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("privacy", "0001_initial")]
    operations: ClassVar = [
        # An export of her own list; HQ's have no host.
        EnableRowSecurity("privacy_exportrequest", host_reads=f"own_host_id = {CURRENT_HOST}"),
        # What a person asked for by her rights: the host only where the proof came by her.
        EnableRowSecurity("privacy_rightsrequest", host_reads=OWN, host_adds=NONE),
    ]
