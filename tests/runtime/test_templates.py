"""Databases are clones of one that was migrated once; the digest says when that one is out of date."""

from pathlib import Path

import psycopg
import pytest

from runtime import keeper, postgres, templates
from tests.runtime.running import first_run


def test_a_clone_has_every_migration_and_a_second_one_leaves_what_is_there(short_folder: Path) -> None:
    var_dir = short_folder / "var"

    assert templates.clone(var_dir)
    assert not templates.clone(var_dir)

    with keeper.hold(var_dir) as url, psycopg.connect(url) as connection:
        count = connection.execute("SELECT count(*) FROM django_migrations").fetchone()
        # Which key the indexes are made by is every database's own.
        keys = connection.execute("SELECT count(*) FROM privacy_keystate").fetchone()
    assert count is not None
    assert count[0] > 100
    assert keys == (0,)


def test_the_first_start_does_the_rest(tmp_path_factory: pytest.TempPathFactory) -> None:
    var_dir = first_run(tmp_path_factory)

    assert not postgres.clone_mark(var_dir).exists()
    assert "建数据表" in var_dir.with_name(f"{var_dir.name}.said").read_text()


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("apps/shop/migrations/0001_initial.py", True),
        ("apps/shop/paths.py", True),  # a migration names it
        ("apps/database/grants.py", True),
        ("apps/database/new_database.py", True),
        ("requirements.lock", True),
        ("apps/shop/views.py", False),
        ("apps/sandbox/migrations/0001_initial.py", False),  # its tables come after, by its own project
    ],
)
def test_the_digest_is_that_of_the_migrations_and_what_they_use(
    path: str, counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = tmp_path / "apps/shop/migrations/0001_initial.py"
    migration.parent.mkdir(parents=True)
    migration.write_text("import apps.shop.paths\nupload_to = apps.shop.paths.picture\n")
    monkeypatch.setattr(templates, "ROOT", tmp_path)
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as text:
        text.write("# before\n")
    before = templates.digest()

    with file.open("a") as text:
        text.write("# after\n")

    assert (templates.digest() != before) == counts
