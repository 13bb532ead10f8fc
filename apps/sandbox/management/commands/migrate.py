"""Django's migrate, after making the schema that the sandbox keeps to itself."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from apps.sandbox.env import SCHEMA


class Command(DjangoMigrate):
    help = "Make the sandbox's schema and tables."

    def handle(self, *args: Any, **options: Any) -> None:
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        super().handle(*args, **options)
