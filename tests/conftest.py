"""What every test may lean on. At most a dozen fixtures; everything else is a function in tests/factories."""

import gc
import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from runtime import keeper, postgres, templates
from tests import scale
from tests.sandbox_fixture import sandbox, sandbox_server  # noqa: F401

#: Nothing here must survive a power cut.
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 256MB\n"


# The same examples in every run, and no clock: a busy machine is no reason to fail.
settings.register_profile(
    "house",
    derandomize=not scale.SOAK,
    max_examples=scale.of(100, 5_000),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")

_FAILED_BEFORE = pytest.StashKey[set[str]]()


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """DATABASE_URL's server when it is set, else an embedded one for all processes of this run.

    Gives the name of a database on it in which every migration is done (runtime/templates.py).
    """
    if url := os.environ.get("DATABASE_URL"):
        yield templates.on_server(url)
        return
    from django.conf import settings

    (settings.VAR_DIR / "postgres.conf").write_text(_FAST)
    templates.clone(settings.VAR_DIR)
    with keeper.hold(settings.VAR_DIR):
        yield postgres.DATABASE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_server: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """pytest-django asks for this before it makes its databases: each is a clone of the migrated one."""
    from django.db import connections

    connections["default"].settings_dict["TEST"]["TEMPLATE"] = database_server


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The ledger's months of the year in which the tests' fixed clock stands."""
    from django.db import connection

    from apps.tracking import services as tracking

    # pytest-django makes databases for the tests that say they need one (mark or argument), not for
    # those that ask while they run: they would write into the one all databases are cloned from.
    name = connection.settings_dict["NAME"]
    assert name.startswith("test_"), f"{name} is no database for tests: mark those that need one"
    with django_db_blocker.unblock():
        tracking.make_partitions([date(2026, month, 1) for month in range(1, 13)])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The isolation run comes last: while its long transactions are open, readers of the ledger wait."""
    items.sort(key=lambda item: item.nodeid.startswith("tests/isolation/test_run.py"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Who a test leaves standing as somebody else would make all that follow it see less or more."""
    yield
    from django.db import connection

    from apps.database import db_role

    left = db_role.current()
    if left != db_role.WORKER:
        connection.db_identity = db_role.WORKER  # type: ignore[attr-defined]
        pytest.fail(f"{item.nodeid} leaves the database's role at {left}", pytrace=False)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_configure(config: pytest.Config) -> None:
    """Remember what failed last time, when this run repeats just that (.ci/run)."""
    if config.getoption("lf", default=False) and config.cache is not None:
        config.stash[_FAILED_BEFORE] = set(config.cache.get("cache/lastfailed", {}))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What else a reader must know of the run."""
    passed, failed = (terminalreporter.stats.get(outcome, []) for outcome in ("passed", "failed"))
    for line in [*_isolation([*passed, *failed]), *_only_on_repeat(passed, config)]:
        terminalreporter.write_line(line)


def _isolation(reports: list[pytest.TestReport]) -> Iterator[str]:
    """How many requests the isolation run made (tests/isolation/test_run.py), over all processes."""
    asked: dict[str, int] = {}
    leaks = 0
    for report in reports:
        for name, value in report.user_properties:
            if name == "isolation":
                way, count, found = value  # type: ignore[misc]
                asked[way] = asked.get(way, 0) + count
                leaks += found
    if asked:
        ways = " · ".join(f"{way} {count:,}" for way, count in asked.items())
        share = "in full" if scale.SOAK else "a share of it; make soak runs it in full"
        yield f"isolation: {sum(asked.values()):,} requests ({ways}), {leaks} leaks ({share})"


def _only_on_repeat(passed: list[pytest.TestReport], config: pytest.Config) -> Iterator[str]:
    """Each test that had failed and now passed by itself: green, and yet something to look into."""
    before = config.stash.get(_FAILED_BEFORE, set())
    names = sorted({report.nodeid for report in passed if report.when == "call"} & before)
    if names:
        yield f"{len(names)} passed only on the repeat; each leans on something it should not:"
        yield from (f"REPEATED {name}" for name in names)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder with a path short enough for a unix socket inside."""
    with tempfile.TemporaryDirectory(prefix="dac-", dir="/tmp") as folder:
        yield Path(folder)
