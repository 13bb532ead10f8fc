"""A new database's tables are made by an executor of our own: they are those that Django's would make."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from django.db.utils import ConnectionHandler

from apps.database.new_database import NewDatabase
from runtime import keeper, postgres
from runtime.environment import ROOT
from tests import scale

_EXECUTORS = [MigrationExecutor, NewDatabase]


@pytest.fixture
def empty(django_db_blocker: Any) -> Iterator[BaseDatabaseWrapper]:
    """An empty database in memory, under a name of its own: Django finds by it where migrations are noted."""
    settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    connections.settings["empty"] = ConnectionHandler({"default": settings}).settings["default"]  # type: ignore[arg-type]
    with django_db_blocker.unblock():
        yield connections["empty"]
        connections["empty"].close()
    del connections["empty"], connections.settings["empty"]


def _run(executor: MigrationExecutor, *steps: list[Any]) -> None:
    """A project of one app, `shop`, with a migration for each list of operations."""
    graph = MigrationGraph()
    for number, operations in enumerate(steps):
        migration = migrations.Migration(str(number), "shop")
        migration.operations = operations
        graph.add_node(("shop", str(number)), migration)
        if number:
            graph.add_dependency(migration, ("shop", str(number)), ("shop", str(number - 1)))
    executor.loader.graph = graph
    executor.migrate(graph.leaf_nodes())


def _model(name: str, **fields: models.Field[Any, Any]) -> migrations.CreateModel:
    return migrations.CreateModel(name, list(fields.items()))


def _shelf() -> Any:
    return models.ForeignKey("shop.Shelf", models.CASCADE)


@pytest.mark.parametrize("executor", _EXECUTORS)
def test_a_key_that_changes_its_type_changes_the_columns_that_point_to_it(
    executor: type[MigrationExecutor], empty: BaseDatabaseWrapper
) -> None:
    _run(
        executor(empty),
        [
            _model("Shelf", id=models.IntegerField(primary_key=True)),
            _model("Box", shelf=models.OneToOneField("shop.Shelf", models.CASCADE, primary_key=True)),
        ],
        [migrations.AlterField("Shelf", "id", models.CharField(max_length=7, primary_key=True))],
    )

    with empty.cursor() as cursor:
        cursor.execute("SELECT type FROM pragma_table_info('shop_box') WHERE name = 'shelf_id'")
        assert cursor.fetchone() == ("varchar(7)",)


@pytest.mark.parametrize("executor", _EXECUTORS)
def test_code_in_a_migration_looks_backwards_along_relations_old_and_new(
    executor: type[MigrationExecutor], empty: BaseDatabaseWrapper
) -> None:
    found: list[set[str]] = []

    def look(apps: Any, _: Any) -> None:
        shelf = apps.get_model("shop", "Shelf")
        found.append({relation.name for relation in shelf._meta.related_objects})

    _run(
        executor(empty),
        [
            _model("Shelf", id=models.AutoField(primary_key=True)),
            _model("Box", id=models.AutoField(primary_key=True), shelf=_shelf()),
            migrations.RunPython(look),
        ],
        [
            _model("Label", id=models.AutoField(primary_key=True), shelf=_shelf()),
            migrations.RunPython(look),
        ],
    )

    assert found == [{"box"}, {"box", "label"}]


@pytest.mark.django_db
def test_a_database_with_migrations_is_refused() -> None:
    executor = NewDatabase(connection)

    with pytest.raises(ValueError, match="has migrations already"):
        executor.make()
    with pytest.raises(ValueError, match="has migrations already"):
        executor.migrate(executor.loader.graph.leaf_nodes())


#: A new row's id or moment.
_OF_THE_RUN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[-\d]{10} [:\d]{8}\.\d+\+00"
)
_DJANGOS = """
import django
django.setup()
from django.core.management.sql import emit_pre_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
emit_pre_migrate_signal(0, False, connection.alias, plan=plan)
executor.migrate(executor.loader.graph.leaf_nodes(), plan)
"""


@pytest.mark.skipif(not scale.SOAK, reason="Django's own executor takes half a minute")
def test_it_makes_the_database_that_djangos_executor_makes(short_folder: Path) -> None:
    ways = {"ours": ["-m", "runtime.migrations"], "djangos": ["-c", _DJANGOS]}
    dumps = {}
    with keeper.hold(short_folder / "var") as url:
        for name, command in ways.items():
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            made = url.replace(f"/{postgres.DATABASE}?", f"/{name}?")
            assert made != url
            settings = {
                "DATABASE_URL": made,
                "VAR_DIR": str(short_folder / "var"),
                "PYTHONPATH": "platform:.",
                "PYTHONHASHSEED": "0",  # rows made out of sets, in one order
            }
            subprocess.run([sys.executable, *command], cwd=ROOT, env={**os.environ, **settings}, check=True)
            dumps[name] = _dump(made)

    assert dumps["ours"] == dumps["djangos"]


def _dump(url: str) -> list[str]:
    """All that it holds but times and ids that each run makes anew."""
    url = url.replace("//dac@", "//postgres@")  # who is bound by no policy
    program = postgres.binaries() / "pg_dump"
    told = ["--restrict-key=x", "--exclude-table-data=django_migrations", f"--dbname={url}"]
    dump = subprocess.run([program, *told], capture_output=True, text=True, check=True).stdout
    return _OF_THE_RUN.sub("…", dump).splitlines()
