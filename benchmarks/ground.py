"""A house of its own for the benchmarks: an embedded server as we ship it, and fresh databases."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from runtime import keeper, postgres


@contextmanager
def ground() -> Iterator[Path]:
    """A server with an empty, migrated database, and Django set up on it. Once in a process."""
    with tempfile.TemporaryDirectory(prefix="dac-bench-") as folder:
        var_dir = Path(folder)
        var_dir.chmod(0o755)
        with keeper.hold(var_dir):
            os.environ["VAR_DIR"] = str(var_dir)
            os.environ["DATABASE_URL"] = postgres.url_for(var_dir, database="bench")
            os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
            with maintenance() as connection:
                connection.execute("CREATE DATABASE bench OWNER dac")
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            keep("empty")
            try:
                yield var_dir
            finally:
                close()


def keep(name: str) -> None:
    """From now on `fresh(name)` gives a database like this one."""
    close()
    with maintenance() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS kept_{name}")
        connection.execute(f"CREATE DATABASE kept_{name} TEMPLATE bench OWNER dac")


def fresh(name: str = "empty") -> None:
    """The database as it was kept, with nothing left to be written by the server."""
    close()
    with maintenance() as connection:
        connection.execute("DROP DATABASE bench WITH (FORCE)")
        connection.execute(f"CREATE DATABASE bench TEMPLATE kept_{name} OWNER dac")
        connection.execute("CHECKPOINT")


def maintenance() -> "psycopg.Connection[Any]":
    url = postgres.url_for(Path(os.environ["VAR_DIR"]), database="postgres", user="postgres")
    return psycopg.connect(url, autocommit=True)


def plain() -> "psycopg.Connection[Any]":
    """A connection to the benchmark's database without Django."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def close() -> None:
    from django.db import connections

    connections.close_all()
