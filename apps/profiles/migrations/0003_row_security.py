"""What we know of a customer shows to the host of that relation."""

from typing import ClassVar

from django.db import migrations

from apps.lib.row_security import OWN, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies: ClassVar = [("profiles", "0002_facts_follow")]
    operations: ClassVar = [
        EnableRowSecurity("profiles_facts", host_reads=OWN),
        EnableRowSecurity("profiles_visitorrelation", host_reads=OWN),
    ]
