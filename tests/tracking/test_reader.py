"""The ledger is read in commit order and nothing is missed, whatever runs beside it."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from apps.database import db_role
from apps.lib.ids import uuid7
from apps.tracking import reader, services
from apps.tracking.facts import Fact
from apps.tracking.invariants import check_ledger
from apps.tracking.models import Checkpoint, Event, Ledger
from apps.tracking.reader import LedgerEntry, Projection
from tests.projecting import wait_until_readable

AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
INSERT = "INSERT INTO tracking_event (id, occurred_at, name) VALUES (%s, %s, %s)"


class Diary:
    """A projection that keeps its rows in a table: the names it read, in order."""

    def __init__(self) -> None:
        self.apply: Callable[[list[LedgerEntry]], None] = self.write
        with db_role.as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS test_diary")  # left by a run that was killed
            cursor.execute("CREATE TABLE test_diary (n serial, name text)")

    def write(self, facts: list[LedgerEntry]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO test_diary (name) VALUES (%s)", [(fact.name,) for fact in facts])

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE test_diary")

    def names(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM test_diary ORDER BY n")
            return [row[0] for row in cursor.fetchall()]

    def projection(self, version: int = 1) -> Projection:
        return Projection("diary", version, self.apply, self.clear)


@pytest.fixture
def diary(ledger: None) -> Iterator[Diary]:
    yield Diary()
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_diary")


def write(*names: str) -> None:
    with transaction.atomic():
        for name in names:
            Event.objects.create(name=name, occurred_at=AT)


def slow_write(held: psycopg.Connection, name: str) -> None:
    held.execute(INSERT, [uuid7(), AT, name])


def test_an_older_transaction_that_commits_later_is_not_missed(
    diary: Diary, another: psycopg.Connection
) -> None:
    projection = diary.projection()
    slow_write(another, "slow")
    write("quick")

    assert reader.catch_up(projection) == 0  # the older one still runs: nothing newer may be taken

    another.commit()
    wait_until_readable()
    reader.catch_up(projection)
    assert diary.names() == ["slow", "quick"]


def test_a_transaction_that_began_first_but_wrote_last_is_not_missed(
    diary: Diary, another: psycopg.Connection
) -> None:
    projection = diary.projection()
    another.execute("SELECT pg_current_xact_id()")  # it has its number, and nothing in the ledger yet
    write("first")
    reader.catch_up(projection)
    slow_write(another, "second")
    write("third")
    reader.catch_up(projection)

    another.commit()
    wait_until_readable()
    reader.catch_up(projection)

    assert sorted(diary.names()) == ["first", "second", "third"]


def test_an_aborted_transaction_holds_up_nobody_and_leaves_nothing(
    diary: Diary, another: psycopg.Connection
) -> None:
    slow_write(another, "never happened")
    write("happened")
    another.rollback()
    wait_until_readable()

    reader.catch_up(diary.projection())

    assert diary.names() == ["happened"]


def test_what_the_own_transaction_wrote_is_left_for_the_next_time(diary: Diary) -> None:
    with transaction.atomic():
        services.record(Fact.HOST_SIGNED_IN, at=AT)
        assert reader.catch_up(diary.projection()) == 0
    wait_until_readable()
    assert reader.catch_up(diary.projection()) == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_every_cut_into_batches_reads_each_event_once_in_the_same_order(diary: Diary, limit: int) -> None:
    for n in range(0, 9, 3):
        write(*(f"e{n + k}" for k in range(3)))
    wait_until_readable()

    assert reader.catch_up(diary.projection(), limit=limit) == 9

    assert diary.names() == [f"e{n}" for n in range(9)]
    assert reader.catch_up(diary.projection(), limit=limit) == 0


def test_a_rebuild_gives_the_same_rows(diary: Diary) -> None:
    write("a", "b")
    write("c")
    wait_until_readable()
    reader.catch_up(diary.projection(), limit=2)
    before = diary.names()

    reader.rebuild(diary.projection())
    assert diary.names() == []
    reader.catch_up(diary.projection())

    assert diary.names() == before


@pytest.mark.parametrize("cause", ["version", "epoch"])
def test_a_new_version_and_a_new_epoch_begin_from_zero(diary: Diary, cause: str) -> None:
    write("a", "b")
    wait_until_readable()
    reader.catch_up(diary.projection())

    if cause == "epoch":
        Ledger.objects.update(epoch=2)
    reader.catch_up(diary.projection(version=2 if cause == "version" else 1))

    assert diary.names() == ["a", "b"]
    mark = Checkpoint.objects.get(name="diary")
    assert (mark.version, mark.epoch) == ((2, 1) if cause == "version" else (1, 2))


def test_a_batch_that_breaks_leaves_rows_and_place_as_they_were(diary: Diary) -> None:
    write("a")
    wait_until_readable()
    reader.catch_up(diary.projection())
    write("b")
    wait_until_readable()

    def write_and_break(facts: list[LedgerEntry]) -> None:
        diary.write(facts)
        raise RuntimeError

    diary.apply = write_and_break
    with pytest.raises(RuntimeError):
        reader.catch_up(diary.projection())
    assert diary.names() == ["a"]

    diary.apply = diary.write
    reader.catch_up(diary.projection())
    assert diary.names() == ["a", "b"]


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_workers_at_once_apply_each_event_once(diary: Diary) -> None:
    for n in range(60):
        write(f"e{n}")
    wait_until_readable()

    def work() -> None:
        while reader.lag("diary").waiting:
            reader.advance(diary.projection(), limit=3)

    threads = [in_thread(work) for _ in range(3)]
    for thread in threads:
        thread.join()

    assert diary.names() == [f"e{n}" for n in range(60)]


def test_a_second_worker_steps_aside_while_the_first_is_at_it(diary: Diary) -> None:
    write("a")
    wait_until_readable()
    seen: list[int | None] = []

    def write_while_another_tries(facts: list[LedgerEntry]) -> None:
        in_thread(lambda: seen.append(reader.advance(diary.projection()))).join()
        diary.write(facts)

    diary.apply = write_while_another_tries
    reader.advance(diary.projection())

    assert seen == [None]
    assert diary.names() == ["a"]


def test_a_rebuild_waits_for_the_batch_under_way_and_then_starts_from_zero(diary: Diary) -> None:
    write("a", "b")
    wait_until_readable()
    rebuilds: list[threading.Thread] = []

    def write_while_another_rebuilds(facts: list[LedgerEntry]) -> None:
        diary.apply = diary.write
        diary.write(facts)
        rebuilds.append(in_thread(lambda: reader.rebuild(diary.projection())))

    diary.apply = write_while_another_rebuilds
    reader.advance(diary.projection())
    rebuilds[0].join()
    assert diary.names() == []

    reader.catch_up(diary.projection())
    assert diary.names() == ["a", "b"]


def test_lag_counts_what_waits_and_since_when(diary: Diary) -> None:
    assert (reader.lag("diary").waiting, reader.lag("diary").since) == (0, None)
    write("a", "b")
    wait_until_readable()
    reader.advance(diary.projection(), limit=1)

    lag = reader.lag("diary")

    assert lag.waiting == 1
    assert lag.since is not None


def test_reading_goes_by_the_index_in_every_month_and_never_sorts(ledger: None) -> None:
    """Else a rebuild sorts all that is left for each batch, as it did when statistics were stale."""
    write(*(f"e{n}" for n in range(50)))
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            "EXPLAIN SELECT e.* FROM tracking_event e WHERE (e.tx, e.id) > ('0'::xid8, %s) "
            "ORDER BY e.tx, e.id LIMIT 10",
            [uuid7()],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT prosrc, proconfig FROM pg_proc WHERE proname = 'tracking_read'")
        source, settings = cursor.fetchone()

    assert "Merge Append" in plan
    assert "Sort  (" not in plan
    assert "ORDER BY e.tx, e.id" in source
    assert "enable_sort=off" in settings


def test_a_ledger_restored_into_a_younger_cluster_is_read_on_after_adoption(diary: Diary) -> None:
    write("before the dump")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tx::text::bigint FROM tracking_event")
        far = cursor.fetchone()[0] + 10**12
        cursor.execute(
            "INSERT INTO tracking_event (tx, id, occurred_at, name) VALUES (%s::text::xid8, %s, %s, 'far')",
            [str(far), uuid7(), AT],
        )
    assert len(check_ledger()) == 1
    try:
        services.adopt_ledger()
        assert check_ledger() == []
        write("after")
        wait_until_readable()
        reader.catch_up(diary.projection())

        assert diary.names() == ["before the dump", "far", "after"]
        assert Ledger.objects.get().epoch == 2
    finally:
        with db_role.as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE tracking_event ALTER COLUMN tx SET DEFAULT pg_current_xact_id()")
        Ledger.objects.update(epoch=1, tx_offset=0)
