"""The chain over the access log: sealed each minute in commit order, checked at any time.

A seal is SHA-256 over the seal before, the position and every column of one row. Who changes a row, takes one
out or slips one in between breaks the chain from there on, and would have to rewrite every later seal, which
the database refuses; the newest seal goes into the server's log each day, where the database's owner can't
reach it.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.records.models import AccessLog, AccessSeal

logger = logging.getLogger(__name__)

BATCH = 2_000
START = b"\0" * 32
#: A row that is not sealed so long after a younger one has been passed over.
SEALED_WITHIN = timedelta(hours=1)
_LOCK = 0x5EA1
#: Two transactions that overlap write ids at most this far apart: what is older is sealed.
_SPREAD = 100_000
_COLUMNS = (
    "public_id", "actor_id", "actor_name", "host_id", "relation_id", "is_hq", "action", "fields", "purpose",
    "count", "request_id", "at",
)  # fmt: skip

# Rows of transactions that are surely over. A number above this cluster's own came with a restored dump.
_DUE = """
    SELECT log.id FROM records_accesslog log
     WHERE log.id > (SELECT coalesce(max(log_id), 0) - %s FROM records_accessseal)
       AND (log.tx < pg_snapshot_xmin(pg_current_snapshot())
            OR log.tx >= pg_snapshot_xmax(pg_current_snapshot()))
       AND NOT EXISTS (SELECT FROM records_accessseal seal WHERE seal.log_id = log.id)
     ORDER BY log.tx, log.id LIMIT %s
"""


def seal(*, now: datetime) -> int:
    """Seal what has been committed since; how many rows. Of two sealers one waits, then finds nothing."""
    sealed = 0
    while (count := _seal_batch(now)) > 0:
        sealed += count
        if count < BATCH:
            break
    return sealed


@transaction.atomic
def _seal_batch(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_DUE, [_SPREAD, BATCH])
        ids = [row[0] for row in cursor.fetchall()]
    rows = AccessLog.objects.in_bulk(ids)
    last = AccessSeal.objects.order_by("-position").first()
    position, previous = (last.position, bytes(last.sha256)) if last else (0, START)
    seals = []
    for log_id in ids:
        position += 1
        digest = digest_of(rows[log_id], position=position, previous=previous)
        seals.append(
            AccessSeal(position=position, log_id=log_id, previous=previous, sha256=digest, sealed_at=now)
        )
        previous = digest
    AccessSeal.objects.bulk_create(seals)
    return len(seals)


def digest_of(row: AccessLog, *, position: int, previous: bytes) -> bytes:
    values = {name: _plain(getattr(row, name)) for name in _COLUMNS}
    body = json.dumps([position, row.pk, values], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(previous + body.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


def problems(*, now: datetime, kept: timedelta | None) -> Iterator[str]:
    """Walk the whole chain; one sentence for each thing that is not as it was sealed, naming the row."""
    previous: bytes | None = None
    expected = None
    seals = AccessSeal.objects.order_by("position").iterator(chunk_size=BATCH)
    for group in _groups(seals):
        rows = AccessLog.objects.in_bulk([one.log_id for one in group])
        for one in group:
            if expected is not None and one.position != expected:
                yield f"查看记录的封条缺了第 {expected} 到第 {one.position - 1} 号"
            expected = one.position + 1
            if bytes(one.previous) != (START if previous is None else previous):
                yield f"查看记录的第 {one.position} 号封条接不上前一号"
            previous = bytes(one.sha256)
            row = rows.get(one.log_id)
            if row is None:
                # What is past its time may go; its seal stays, and so does the chain.
                if kept is None or one.sealed_at > now - kept:
                    yield f"第 {one.log_id} 行查看记录不见了（封条第 {one.position} 号）"
            elif digest_of(row, position=one.position, previous=bytes(one.previous)) != previous:
                yield f"第 {one.log_id} 行查看记录被改过（编号 {row.public_id}，封条第 {one.position} 号）"
    yield from _unsealed(now)


def _unsealed(now: datetime) -> Iterator[str]:
    """Rows that younger ones were sealed before: written with an old number, or passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT log.id FROM records_accesslog log
             WHERE log.id < (SELECT max(log_id) FROM records_accessseal WHERE sealed_at < %s)
               AND NOT EXISTS (SELECT FROM records_accessseal seal WHERE seal.log_id = log.id)
             ORDER BY log.id LIMIT 5
            """,
            [now - SEALED_WITHIN],
        )
        ids = [str(row[0]) for row in cursor.fetchall()]
    if ids:
        yield f"查看记录里有没封存的旧行（{', '.join(ids)} 等）：漏封了，或者是后来补写的"


def _groups(seals: Iterator[AccessSeal]) -> Iterator[list[AccessSeal]]:
    group: list[AccessSeal] = []
    for one in seals:
        group.append(one)
        if len(group) == BATCH:
            yield group
            group = []
    if group:
        yield group


def tell_newest() -> str:
    """Write the newest seal into the server's log; `12 8f3a…`, or nothing when there is none."""
    last = AccessSeal.objects.order_by("-position").first()
    if last is None:
        return ""
    text = f"{last.position} {bytes(last.sha256).hex()}"
    logger.info("records.newest_seal %s", text)
    return text
