"""`manage.py migrate`: Django's own, which leaves a new database's tables to apps/database/new_database.py.

It stands here because a command's place is in an installed app, and `apps.database` is none.
"""

from typing import Any

from django.core.management.base import no_translations
from django.core.management.commands import migrate
from django.db import connections

from apps.database.new_database import NewDatabase

#: With one of these somebody wants less than every table, or only to know.
_SPECIAL = ("app_label", "plan", "check_unapplied", "fake", "fake_initial", "prune")


class Command(migrate.Command):
    #: By its name `runtime.migrations`, which may not import us, finds the command and so this.
    new_database = NewDatabase

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        if not any(options[name] for name in _SPECIAL):
            self.verbosity = options["verbosity"]
            tell: Any = self.migration_progress_callback
            executor = self.new_database(connections[options["database"]], tell)
            # Two ends of one app's migrations are for Django to name.
            if executor.is_new and not executor.loader.detect_conflicts():
                executor.make(verbosity=self.verbosity, interactive=options["interactive"])
        super().handle(*args, **options)
