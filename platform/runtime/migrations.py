"""Runs every migration on an empty database and nothing after them: a template (templates.py) is made so.

One JSON line for each migration that is done: [done, total].
"""

import json
import sys
from typing import Any


def main() -> None:
    import django
    from django.core.management.sql import emit_pre_migrate_signal
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    done = 0
    plan: list[Any] = []

    def tell(action: str, *_: object) -> None:
        nonlocal done
        if action == "apply_success":
            done += 1
            sys.stdout.write(f"{json.dumps([done, len(plan)])}\n")
            sys.stdout.flush()

    executor = MigrationExecutor(connection, tell)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    # Before any migration: the database's roles.
    emit_pre_migrate_signal(0, False, connection.alias, plan=plan)
    executor.migrate(executor.loader.graph.leaf_nodes(), plan)


if __name__ == "__main__":
    main()
