"""Whose a browser is, for one host: told by the ledger alone, so that a rebuild tells the same.

The first order that a browser places with a host says whose it is. An erasure of hers, or a long silence,
makes it nobody's again: whose it is next, only a later order says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection

from apps.profiles.models import VisitorRelation
from apps.tracking.facts import Fact
from apps.tracking.reader import LedgerEntry

#: A host's id and a visitor's.
Browser = tuple[int, int]
#: Its host, its visitor, an event's kind, and the relation that the event names.
_Told = tuple[int, int, str, int | None]


@dataclass(slots=True)
class Turned:
    """What a batch changed about whose browsers are whose."""

    #: Whose browser every visitor of the batch is now.
    known: dict[Browser, int] = field(default_factory=dict)
    #: Who got a browser or lost one: what is counted by browsers begins anew for them.
    relations: set[int] = field(default_factory=set)


def keep(entries: list[LedgerEntry]) -> Turned:
    """Bring the browsers that these events speak of up to what the ledger says of them."""
    spoken_of: set[Browser] = set()
    released: set[Browser] = set()
    erased: set[int] = set()
    for entry in entries:
        if entry.name == Fact.CUSTOMER_ERASED and entry.relation_id:
            erased.add(entry.relation_id)
        elif entry.host_id and entry.visitor_id:
            if entry.name == Fact.ORDER_PLACED:
                spoken_of.add((entry.host_id, entry.visitor_id))
            elif entry.name == Fact.BROWSER_FORGOTTEN:
                released.add((entry.host_id, entry.visitor_id))
    released |= ordered_with(sorted(erased))
    turned = Turned(relations=erased)
    _turn(spoken_of | released, released, turned)
    turned.known = _kept({entry.visitor_id for entry in entries if entry.visitor_id})
    return turned


def _turn(browsers: set[Browser], released: set[Browser], turned: Turned) -> None:
    """Write whose these are. `released` may have lost their rows already (to an erasure, or an expiry):
    those who had them are counted anew in any case."""
    before = _kept({visitor_id for _, visitor_id in browsers})
    after: dict[Browser, int | None] = {}
    for browser, acts in _acts_of(browsers):
        after[browser] = _holder(acts)
        if browser in released:
            turned.relations |= {relation_id for *_, relation_id in acts if relation_id}
    changed = {one: after.get(one) for one in browsers if before.get(one) != after.get(one)}
    for browser, holder in changed.items():
        turned.relations |= {one for one in (before.get(browser), holder) if one is not None}
    _write(changed)


def of(relation_ids: Iterable[int]) -> set[Browser]:
    """The browsers that are theirs by the ledger, whether or not the projection has come so far."""
    wanted = set(relation_ids)
    return {browser for browser, acts in _acts_of(ordered_with(sorted(wanted))) if _holder(acts) in wanted}


def ordered_with(relation_ids: list[int]) -> set[Browser]:
    """The browsers by which these relations ever ordered."""
    if not relation_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT host_id, visitor_id FROM tracking_event
             WHERE relation_id = ANY(%s) AND name = %s AND host_id IS NOT NULL AND visitor_id IS NOT NULL
            """,
            [relation_ids, Fact.ORDER_PLACED],
        )
        return set(cursor.fetchall())


def _holder(acts: list[_Told]) -> int | None:
    """Whose a browser is after these events of its life, in commit order."""
    holder: int | None = None
    for _host_id, _visitor_id, name, relation_id in acts:
        if name == Fact.ORDER_PLACED:
            holder = holder or relation_id
        elif name == Fact.BROWSER_FORGOTTEN or relation_id == holder:
            holder = None
    return holder


_ACTS = """
WITH asked AS (
    SELECT * FROM unnest(%(hosts)s::bigint[], %(visitors)s::bigint[]) AS asked (host_id, visitor_id)
), own AS (
    SELECT a.host_id, a.visitor_id, e.name, e.relation_id, e.tx, e.id
      FROM asked a JOIN tracking_event e ON e.visitor_id = a.visitor_id AND e.host_id = a.host_id
     WHERE (e.name = %(placed)s AND e.relation_id IS NOT NULL) OR e.name = %(forgotten)s
), erasures AS (
    SELECT o.host_id, o.visitor_id, e.name, e.relation_id, e.tx, e.id
      FROM (SELECT DISTINCT host_id, visitor_id, relation_id FROM own) o
      JOIN tracking_event e ON e.relation_id = o.relation_id
     WHERE e.name = %(erased)s
)
SELECT host_id, visitor_id, name, relation_id
  FROM (SELECT * FROM own UNION ALL SELECT * FROM erasures) AS told
 ORDER BY host_id, visitor_id, tx, id
"""


def _acts_of(browsers: set[Browser]) -> Iterator[tuple[Browser, list[_Told]]]:
    """Each browser's orders and partings, in commit order. Later events than the batch's do no harm: they
    are told again when they are read."""
    if not browsers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _ACTS,
            {
                "hosts": [host_id for host_id, _ in browsers],
                "visitors": [visitor_id for _, visitor_id in browsers],
                "placed": Fact.ORDER_PLACED,
                "forgotten": Fact.BROWSER_FORGOTTEN,
                "erased": Fact.CUSTOMER_ERASED,
            },
        )
        rows = cursor.fetchall()
    for browser, acts in groupby(rows, key=lambda row: (row[0], row[1])):
        yield browser, list(acts)


def _kept(visitor_ids: set[int]) -> dict[Browser, int]:
    rows = VisitorRelation.objects.filter(visitor_id__in=visitor_ids) if visitor_ids else []
    return {(row.host_id, row.visitor_id): row.relation_id for row in rows}


def _write(holders: dict[Browser, int | None]) -> None:
    """Write whose these browsers are; None is nobody's."""
    if not holders:
        return
    values: list[Any] = [[one[0] for one in holders], [one[1] for one in holders], list(holders.values())]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM profiles_visitorrelation k
             USING unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS told (host_id, visitor_id, relation_id)
             WHERE k.host_id = told.host_id AND k.visitor_id = told.visitor_id AND told.relation_id IS NULL
            """,
            values,
        )
        cursor.execute(
            """
            INSERT INTO profiles_visitorrelation (host_id, visitor_id, relation_id)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
                   AS told (host_id, visitor_id, relation_id)
             WHERE told.relation_id IS NOT NULL
                ON CONFLICT (host_id, visitor_id) DO UPDATE SET relation_id = excluded.relation_id
            """,
            values,
        )
