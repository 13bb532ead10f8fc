"""`manage.py`: a Django command, with the embedded PostgreSQL under it where no other is named."""

import os
from contextlib import AbstractContextManager, nullcontext

from runtime import environment, keeper, screen
from runtime.trouble import Trouble

#: Commands that answer without a database; the others get one.
_WITHOUT = {
    "",
    "-h",
    "--help",
    "--version",
    "collectstatic",
    "compilemessages",
    "help",
    "makemessages",
    "version",
}


def run(arguments: list[str]) -> int:
    environment.load_dotenv()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    os.environ["VAR_DIR"] = str(environment.var_dir())
    try:
        with _database(arguments[1] if len(arguments) > 1 else ""):
            from django.core.management import execute_from_command_line

            execute_from_command_line(arguments)
    except Trouble as trouble:
        screen.trouble(str(trouble))
        return 1
    return 0


def _database(command: str) -> AbstractContextManager[object]:
    named = os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")
    if named or command in _WITHOUT:
        return nullcontext()
    return keeper.hold(environment.var_dir())
