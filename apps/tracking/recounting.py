"""Are the projections what the ledger says? Some hosts' rows are computed anew and compared.

The projection itself computes them, in temporary tables that hide the real ones for one transaction, from
the events about these hosts: so every column that a projection keeps is checked without a line of its own.
"""

import time
from collections.abc import Iterator

from django.db import connection, transaction

from apps.accounts.models import Host
from apps.tracking import reader
from apps.tracking.reader import Projection, Table

#: So many hosts, chosen anew each time, unless all are asked for.
SAMPLE = 20
#: Of one transaction, which holds the readers of the ledger back while it lasts.
_HOSTS = 5
_ENTRIES = 2_000
#: A live projection has read within this time whatever was written before we asked.
PATIENCE_S = 10.0


def check_sample() -> list[str]:
    return check(is_full=False)


def check_all() -> list[str]:
    return check(is_full=True)


def check(*, is_full: bool, patience_s: float = PATIENCE_S) -> list[str]:
    """A sentence for each table with rows that the ledger does not say, or lacks, and for what is behind.

    What happens meanwhile is no violation: hosts whose events are not read yet are left for the next time.
    """
    found = []
    behind = _behind(patience_s)
    for projection in reader.projections():
        if waiting := behind.get(projection.name):
            found.append(f"{projection.name}：账本里有 {waiting} 条没有算进来，数字还不能信")
            continue
        differing: dict[str, list[str]] = {}
        for hosts in _chunks(is_full):
            compare(projection, hosts, differing)
        if is_full:
            _find_strays(projection, differing)
        found += [_say(name, keys) for name, keys in differing.items()]
    return found


def _say(table: str, keys: list[str]) -> str:
    return f"{table}：{len(keys)} 行和账本对不上（{'；'.join(keys[:5])}{' 等' if len(keys) > 5 else ''}）"


def _chunks(is_full: bool) -> Iterator[list[int]]:
    hosts = Host.objects.order_by("pk") if is_full else Host.objects.order_by("?")[:SAMPLE]
    ids = list(hosts.values_list("pk", flat=True))
    for at in range(0, len(ids), _HOSTS):
        yield ids[at : at + _HOSTS]


def _behind(patience_s: float) -> dict[str, int]:
    """How many of the events that were there when we asked each projection has not read by now."""
    end = reader.newest()
    until = time.monotonic() + patience_s
    while True:
        found = {one.name: reader.unread(one, upto=end) for one in reader.projections()}
        behind = {name: waiting for name, waiting in found.items() if waiting}
        if not behind or time.monotonic() >= until:
            return behind
        time.sleep(0.2)


# --- one chunk ----------------------------------------------------------------------------------------------


def compare(projection: Projection, hosts: list[int], differing: dict[str, list[str]]) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One moment for all of it: rows, their place in the ledger, and what they are counted from.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        settled = [host for host in hosts if not reader.unread(projection, hosts=[host])]
        if settled:
            _hide(projection)
            projection.seed(settled)
            entries = reader.about(projection, settled)
            for at in range(0, len(entries), _ENTRIES):
                projection.fold(entries[at : at + _ENTRIES])
            for table in projection.tables:
                if keys := _differing(table, settled):
                    differing.setdefault(table.name, []).extend(keys)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")  # those that were made for the tables that are gone


def _hide(projection: Projection) -> None:
    """Empty tables in front of the real ones, until the transaction ends."""
    with connection.cursor() as cursor:
        for table in projection.tables:
            cursor.execute(
                f"CREATE TEMPORARY TABLE {table.name} "
                f"(LIKE public.{table.name} INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS)"
            )
        cursor.execute("DISCARD PLANS")


def _differing(table: Table, hosts: list[int]) -> list[str]:
    """The keys of rows of these hosts that are on one side only, or read otherwise there."""
    kept, counted = (
        f"SELECT {_key(table)} AS key, t::text FROM {schema}.{table.name} t WHERE {table.of_hosts}"  # noqa: S608
        for schema in ("public", "pg_temp")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT key FROM (({kept} EXCEPT ALL {counted}) UNION ALL "  # noqa: S608 - names of our own
            f"({counted} EXCEPT ALL {kept})) AS differing ORDER BY key",
            {"hosts": hosts},
        )
        return [row[0] for row in cursor.fetchall()]


def _find_strays(projection: Projection, differing: dict[str, list[str]]) -> None:
    """Rows of nobody: of hosts and customers that there are not."""
    hosts = list(Host.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for table in projection.tables:
            cursor.execute(
                f"SELECT {_key(table)} FROM {table.name} t WHERE NOT ({table.of_hosts}) ORDER BY 1",  # noqa: S608
                {"hosts": hosts},
            )
            if keys := [row[0] for row in cursor.fetchall()]:
                differing.setdefault(table.name, []).extend(keys)


def _key(table: Table) -> str:
    named = ", ".join(f"'{name}=' || t.{name}" for name in table.key)
    return f"concat_ws(' ', {named})"
