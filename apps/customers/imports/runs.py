"""The life of an import: staged, checked whole, applied in chunks, resumable (docs/imports.md)."""

import queue
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Protocol

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from apps.customers.imports import rejected
from apps.customers.imports.importer import Import
from apps.customers.imports.staging import Staging
from apps.customers.models import ImportChunk, ImportRun
from apps.files.tables import Block, UnreadableError

_ATTEMPTS = 3
#: Blocks of one COPY: some megabytes, well under a second.
_BLOCKS = 8


class ImportBusyError(Exception):
    """Another process is importing rows of this kind."""


class ImportPausedError(Exception):
    """It stopped on the way; the same command goes on from there. The message says why."""


class Progress(Protocol):
    """Who is told how far it is."""

    def phase(self, name: str, total: int | None) -> None: ...
    def advance(self, done: float, rows: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    run: ImportRun
    rejected_file: Path | None
    notes: list[str]
    resumed: bool


def run_import(
    job: Import, *, workers: int = 1, progress: Progress | None = None, dry_run: bool = False
) -> Outcome:
    """Bring the file in. The same file again after an interruption goes on where it stopped.

    UnreadableError: nothing was applied. ImportPausedError: what is applied stays, the rest waits.
    """
    with _alone(job.kind):
        _settle(job.kind)
        run, resumed = _run_of(job, may_resume=not dry_run)
        job.staging = Staging(run.pk, job.staged)
        try:
            _stage_and_plan(job, run, progress)
            if dry_run:
                return _leave(job, run)
            _prepare(job, progress)
            _write(job, run, workers, progress)
            return Outcome(run, _finish(job, run), job.notes(), resumed)
        except UnreadableError as error:
            job.staging.drop()
            _save(run, state=ImportRun.State.REFUSED, reason=str(error)[:300], finished_at=timezone.now())
            raise
        except BaseException as error:
            _pause(run, error)
            if isinstance(error, DatabaseError | OSError):
                raise ImportPausedError(run.reason) from error
            raise


@contextmanager
def _alone(kind: str) -> Iterator[None]:
    """Hold the right to import this kind; the database lets go of it however the process ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), 12)", [f"import:{kind}"])
        if not cursor.fetchone()[0]:
            raise ImportBusyError
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), 12)", [f"import:{kind}"])


def _settle(kind: str) -> None:
    """Runs that were killed say so: we hold the lock, hence nobody is at them."""
    ImportRun.objects.filter(kind=kind, state__in=[ImportRun.State.STAGING, ImportRun.State.APPLYING]).update(
        state=ImportRun.State.PAUSED, reason="上次没有做完，用同一个文件再执行一次命令就会接着做。"
    )


def _run_of(job: Import, *, may_resume: bool) -> tuple[ImportRun, bool]:
    """The paused run of this very file, or a new one."""
    paused = ImportRun.objects.filter(
        kind=job.kind, file_sha256=job.digest(), source=job.source, state=ImportRun.State.PAUSED
    ).last()
    if paused is not None and may_resume:
        return paused, True
    return ImportRun.objects.create(
        kind=job.kind,
        file_name=job.table.path.name[:200],
        file_sha256=job.digest(),
        source=job.source,
        started_at=job.now,
    ), False


def _save(run: ImportRun, **values: object) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=list(values))


def _pause(run: ImportRun, error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt):
        reason = "被中断，用同一个文件再执行一次命令就会接着做。"
    else:
        reason = f"出错停下（{type(error).__name__}），排除后用同一个文件再执行一次命令就会接着做。"
    try:
        _save(run, state=ImportRun.State.PAUSED, reason=reason)
    except DatabaseError:
        run.reason = reason  # the database is away: the next start finds the run as it stands


# --- staging and checking -------------------------------------------------------------------------------


def _stage_and_plan(job: Import, run: ImportRun, progress: Progress | None) -> None:
    planned = run.chunks.exists()
    if planned and job.staging.holds(run.rows_in - _rejected_while_reading(job, run)):
        return
    _save(run, state=ImportRun.State.STAGING, reason="")
    job.staging.make()
    rows_in = _stage(job, progress)
    if not rows_in:
        raise UnreadableError("文件里只有表头，没有数据。")
    if progress:
        progress.phase("核对", None)
    job.reject_whole()
    if planned:  # the same file gives the same chunks
        return
    with transaction.atomic():
        ImportChunk.objects.bulk_create(
            [
                ImportChunk(run=run, number=number, after=after, up_to=up_to)
                for number, (after, up_to) in enumerate(job.plan(), start=1)
            ]
        )
        _save(run, rows_in=rows_in)


def _rejected_while_reading(job: Import, run: ImportRun) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [job.staging.rejects])
        if cursor.fetchone()[0] is None:
            return 0
    return int(
        job.staging.ask(
            f"SELECT count(*) FROM {job.staging.rejects} WHERE line IS NOT NULL AND chunk IS NULL"
        )[0][0]
    )


def _stage(job: Import, progress: Progress | None) -> int:
    """Read the file into the staging table; how many rows it has, bad ones too."""
    sound = re.compile(rb"(?:" + job.sound_line() + rb")*+") if job.sound else None

    def is_sound(block: Block) -> bool:
        return bool(sound and block.plain and sound.fullmatch(block.plain))

    total = 0
    if progress:
        progress.phase("读取", None)
    for sounds, blocks in groupby(job.table.blocks(), key=is_sound):
        while batch := _stage_plain(job, blocks) if sounds else _stage_looked_at(job, blocks):
            total += batch.rows
            if progress:
                progress.advance(batch.share, total)
    return total


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: int
    share: float


def _stage_plain(job: Import, blocks: Iterator[Block]) -> _Batch | None:
    """Stage the next sound blocks as they are, looking at one while the database takes in the other."""
    taken: list[Block] = []
    columns = job.columns_in_file()
    try:
        with job.staging.copying(columns) as write:
            for block in islice(blocks, _BLOCKS):
                taken.append(block)
                write(_asked_for(job, block.plain, columns))
    except DataError:  # 30 February
        return _Batch(sum(_stage_rows(job, block) for block in taken), taken[-1].share)
    if not taken:
        return None
    return _Batch(sum(block.plain.count(b"\n") for block in taken), taken[-1].share)


def _asked_for(job: Import, text: bytes, columns: list[str]) -> bytes:
    """The lines without the columns we did not ask for: those are not stored, not even for a minute."""
    if len(columns) == len(job.table.header):
        return text
    wanted = b",".join(rb"\%d" % number for number in range(1, len(columns) + 1)) + rb"\n"
    return re.sub(job.sound_line(capture=True), wanted, text)


def _stage_looked_at(job: Import, blocks: Iterator[Block]) -> _Batch | None:
    block = next(blocks, None)
    return _Batch(_stage_rows(job, block), block.share) if block else None


def _stage_rows(job: Import, block: Block) -> int:
    good: list[object] = []
    bad: list[tuple[int | None, str | None, str]] = []
    rows = block.parsed()
    for row in rows:
        cells = job.cells(row)
        values = job.check(cells)
        if cells.problems:
            bad.append((row.line, job.reject_key(cells), "；".join(cells.problems)))
        else:
            good.append(values)
    if block.ends_abruptly and bad and bad[-1][0] == rows[-1].line:
        raise UnreadableError(
            f"文件在第 {rows[-1].line} 行中间断了（{bad[-1][2]}），可能只传了一半：请重新导出一份。"
        )
    with transaction.atomic():
        job.staging.copy_values(good)  # type: ignore[arg-type]
        job.staging.reject(bad)
    return len(rows)


# --- applying -------------------------------------------------------------------------------------------


def _prepare(job: Import, progress: Progress | None) -> None:
    if progress:
        progress.phase("准备", None)
    job.prepare()


def _write(job: Import, run: ImportRun, workers: int, progress: Progress | None) -> None:
    _save(run, state=ImportRun.State.APPLYING, reason="")
    done = run.chunks.filter(applied_at__isnull=False).count()
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in run.chunks.filter(applied_at=None).order_by("number").values_list("pk", flat=True):
        waiting.put(number)
    total = done + waiting.qsize()
    if progress:
        progress.phase("写入", total)
        progress.advance(done, _applied_rows(run))

    lock = threading.Lock()
    failures: list[BaseException] = []
    state = {"done": done, "rows": _applied_rows(run)}

    def work() -> None:
        while not failures:
            try:
                pk = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                rows = _write_chunk(job, pk)
            except BaseException as error:  # noqa: BLE001 - the first failure of any worker ends the run
                failures.append(error)
                return
            with lock:
                state["done"] += 1
                state["rows"] += rows
                if progress:
                    progress.advance(state["done"], state["rows"])

    helpers = [threading.Thread(target=_closing(work), daemon=True) for _ in range(workers - 1)]
    for helper in helpers:
        helper.start()
    try:
        work()
    except KeyboardInterrupt as error:
        failures.append(error)
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]


def _closing(work: Callable[[], None]) -> Callable[[], None]:
    def in_a_thread() -> None:
        try:
            work()
        finally:
            connection.close()

    return in_a_thread


def _applied_rows(run: ImportRun) -> int:
    sums = run.chunks.aggregate(
        created=Sum("created"), changed=Sum("changed"), unchanged=Sum("unchanged"), rejected=Sum("rejected")
    )
    return sum(value or 0 for value in sums.values())


def _write_chunk(job: Import, pk: int) -> int:
    """Apply a chunk and mark it in one transaction; how many rows it had. A deadlock is tried again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                chunk = ImportChunk.objects.select_for_update().get(pk=pk)
                if chunk.applied_at is None:
                    counts = job.write(chunk)
                    chunk.created, chunk.changed = counts.created, counts.changed
                    chunk.unchanged, chunk.rejected = counts.unchanged, counts.rejected
                    chunk.applied_at = timezone.now()
                    chunk.save()
                return chunk.created + chunk.changed + chunk.unchanged + chunk.rejected
        except (IntegrityError, OperationalError):
            # Somebody wrote the same order or customer meanwhile: now we see it.
            if attempt == _ATTEMPTS or connection.in_atomic_block or not connection.is_usable():
                raise
    raise AssertionError("unreachable")


# --- the end --------------------------------------------------------------------------------------------


def _finish(job: Import, run: ImportRun) -> Path | None:
    _count(job, run)
    if run.rows_in != run.created + run.changed + run.unchanged + run.rejected:
        raise AssertionError(f"import {run.pk}: the rows do not add up")
    path = rejected.write(job) if run.rejected else None
    with transaction.atomic():
        _save(
            run,
            created=run.created,
            changed=run.changed,
            unchanged=run.unchanged,
            rejected=run.rejected,
            state=ImportRun.State.APPLIED,
            reason="",
            finished_at=timezone.now(),
        )
        job.staging.drop()
    return path


def _count(job: Import, run: ImportRun) -> None:
    sums = run.chunks.aggregate(
        created=Sum("created"), changed=Sum("changed"), unchanged=Sum("unchanged"), rejected=Sum("rejected")
    )
    for name, value in sums.items():
        setattr(run, name, value or 0)
    run.rejected += _rejected_while_reading(job, run)


def _leave(job: Import, run: ImportRun) -> Outcome:
    """The end of a dry run: what would be sent back is told, everything else is forgotten."""
    run.rejected = _rejected_while_reading(job, run) + sum(
        job.rejected_of(chunk.after, chunk.up_to) for chunk in run.chunks.all()
    )
    path = rejected.write(job) if run.rejected else None
    notes = job.notes()
    job.staging.drop()
    run.delete()
    return Outcome(run, path, notes, resumed=False)
