"""Runs every migration on an empty database and nothing after them: a template (templates.py) is made so.

One JSON line for each migration that is done: [done, total].
"""

import json
import sys
from typing import Any


def main() -> None:
    import django
    from django.core.management import get_commands, load_command_class
    from django.db import connection

    django.setup()
    done = 0

    def tell(action: str, *_: object) -> None:
        nonlocal done
        if action == "apply_success":
            done += 1
            sys.stdout.write(f"{json.dumps([done, len(executor.full_plan)])}\n")
            sys.stdout.flush()

    command: Any = load_command_class(get_commands()["migrate"], "migrate")
    executor = command.new_database(connection, tell)
    executor.make()


if __name__ == "__main__":
    main()
