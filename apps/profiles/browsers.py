"""Whose a browser is, for one host: told by the ledger alone, so that a rebuild tells the same.

The first order that a browser places with a host says whose it is. An erasure of hers, a long silence, or a
hand-over to another host makes it nobody's again: whose it is next, only a later order says. What was done by
it before that moment is never the next one's: after an erasure or a silence it is nobody's, after a hand-over
hers who was handed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from apps.profiles.models import NEVER, NO_END, VisitorRelation
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from apps.tracking.reader import LedgerEntry

#: A host's id and a visitor's.
Browser = tuple[int, int]

#: The SQL of the browsers `b` of some relations `r` at the host whose customer each is by now: what was done
#: on a former host's pages is none of the new one's.
WITH_HER_HOST = """
    customers_relation r
    JOIN profiles_visitorrelation b ON b.relation_id = r.id AND b.host_id = r.host_id
"""
#: The SQL of an event `e` by a browser `b` (a row of ours) while that was hers.
HERS = (
    "e.visitor_id = b.visitor_id AND e.host_id = b.host_id "
    "AND e.occurred_at > b.since AND e.occurred_at < b.until"
)


class Held(NamedTuple):
    """Whose a browser was, between two moments."""

    relation_id: int
    since: datetime
    until: datetime


class _Told(NamedTuple):
    """One event of a browser's life. `from_host_id` is of a hand-over alone."""

    host_id: int
    visitor_id: int
    name: str
    relation_id: int | None
    from_host_id: int | None
    at: datetime


@dataclass(slots=True)
class Turned:
    """What a batch changed about whose browsers are whose."""

    #: Whose browser every visitor of the batch was, and when.
    known: dict[Browser, list[Held]] = field(default_factory=dict)
    #: Who got a browser or lost one, or another host: what is counted by browsers begins anew for them.
    relations: set[int] = field(default_factory=set)

    def whose(self, entry: LedgerEntry) -> int | None:
        """The relation whose browser did this, at that time."""
        if entry.host_id is None or entry.visitor_id is None:
            return None
        for held in self.known.get((entry.host_id, entry.visitor_id), ()):
            if held.since < entry.occurred_at < held.until:
                return held.relation_id
        return None


def keep(entries: list[LedgerEntry]) -> Turned:
    """Bring the browsers that these events speak of up to what the ledger says of them."""
    spoken_of: set[Browser] = set()
    released: set[Browser] = set()
    parted: set[int] = set()
    erased: set[int] = set()
    for entry in entries:
        if entry.name == Fact.CUSTOMER_HANDED_OVER and entry.relation_id:
            parted.add(entry.relation_id)
        elif entry.name == Fact.CUSTOMER_ERASED and entry.relation_id:
            erased.add(entry.relation_id)
        elif entry.host_id and entry.visitor_id:
            if entry.name == Fact.ORDER_PLACED:
                spoken_of.add((entry.host_id, entry.visitor_id))
            elif entry.name == Fact.BROWSER_FORGOTTEN:
                released.add((entry.host_id, entry.visitor_id))
    released |= ordered_with(sorted(erased))
    spoken_of |= ordered_with(sorted(parted))
    # Whose pages count as her host's changed with a hand-over, whether or not a browser of hers did.
    turned = Turned(relations=erased | parted)
    _turn(spoken_of | released, released, turned)
    turned.known = _kept({entry.visitor_id for entry in entries if entry.visitor_id})
    return turned


def _turn(browsers: set[Browser], released: set[Browser], turned: Turned) -> None:
    """Write whose these are. `released` may have lost their rows already (to an erasure, or an expiry):
    those who had them are counted anew in any case."""
    before = _kept({visitor_id for _, visitor_id in browsers})
    after: dict[Browser, list[Held]] = {}
    for browser, acts in _acts_of(browsers):
        after[browser] = _holders(acts)
        if browser in released:
            turned.relations |= {act.relation_id for act in acts if act.relation_id}
    changed = {one: after.get(one, []) for one in browsers if before.get(one, []) != after.get(one, [])}
    for browser, holders in changed.items():
        turned.relations |= {held.relation_id for held in (*before.get(browser, ()), *holders)}
    _write(changed)


def of(relation_ids: Iterable[int]) -> set[Browser]:
    """The browsers that are or were theirs by the ledger, whether or not the projection has come so far."""
    wanted = set(relation_ids)
    return {
        browser
        for browser, acts in _acts_of(ordered_with(sorted(wanted)))
        if any(held.relation_id in wanted for held in _holders(acts))
    }


def visits(relation_ids: Iterable[int], host_id: int | None = None) -> "QuerySet[Event]":
    """What was done by their browsers while these were theirs, and names nobody; with one host, if named."""
    rows = VisitorRelation.objects.filter(relation_id__in=list(relation_ids))
    if host_id is not None:
        rows = rows.filter(host_id=host_id)
    hers = rows.filter(
        host_id=OuterRef("host_id"),
        visitor_id=OuterRef("visitor_id"),
        since__lt=OuterRef("occurred_at"),
        until__gt=OuterRef("occurred_at"),
    )
    return Event.objects.filter(Exists(hers), visitor_id__in=rows.values("visitor_id"), relation_id=None)


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


def _holders(acts: list[_Told]) -> list[Held]:
    """Whose a browser was and is after these events of its life, in commit order."""
    found: list[Held] = []
    holder: int | None = None
    since = NEVER
    away: set[int] = set()  # who is another host's by now: a late order of hers makes it nobody's
    for act in acts:
        if act.name == Fact.ORDER_PLACED:
            if holder is None and act.relation_id not in away:
                holder = act.relation_id
            continue
        if act.name == Fact.CUSTOMER_HANDED_OVER and act.relation_id is not None:
            if act.from_host_id != act.host_id:
                away.discard(act.relation_id)
                continue
            away.add(act.relation_id)
            if act.relation_id == holder and act.at > since:
                found.append(Held(holder, since, act.at))
        elif act.name == Fact.BROWSER_FORGOTTEN:
            found.clear()
        else:
            found = [held for held in found if held.relation_id != act.relation_id]
        if act.relation_id == holder or act.name == Fact.BROWSER_FORGOTTEN:
            holder, since = None, max(since, act.at)
    return [*found, Held(holder, since, NO_END)] if holder is not None else found


_ACTS = """
WITH asked AS (
    SELECT * FROM unnest(%(hosts)s::bigint[], %(visitors)s::bigint[]) AS asked (host_id, visitor_id)
), own AS (
    SELECT a.host_id, a.visitor_id, e.name, e.relation_id, NULL::bigint AS from_host_id,
           e.occurred_at, e.tx, e.id
      FROM asked a JOIN tracking_event e ON e.visitor_id = a.visitor_id AND e.host_id = a.host_id
     WHERE (e.name = %(placed)s AND e.relation_id IS NOT NULL) OR e.name = %(forgotten)s
), partings AS (
    SELECT o.host_id, o.visitor_id, e.name, e.relation_id, (e.props->>'from_host_id')::bigint, e.occurred_at,
           e.tx, e.id
      FROM (SELECT DISTINCT host_id, visitor_id, relation_id FROM own) o
      JOIN tracking_event e ON e.relation_id = o.relation_id
     WHERE e.name = %(erased)s
        OR (e.name = %(handed_over)s
            AND o.host_id IN (e.host_id, (e.props->>'from_host_id')::bigint))
)
SELECT host_id, visitor_id, name, relation_id, from_host_id, occurred_at
  FROM (SELECT * FROM own UNION ALL SELECT * FROM partings) AS told
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
                "handed_over": Fact.CUSTOMER_HANDED_OVER,
            },
        )
        rows = [_Told(*row) for row in cursor.fetchall()]
    for browser, acts in groupby(rows, key=lambda act: (act.host_id, act.visitor_id)):
        yield browser, list(acts)


def _kept(visitor_ids: set[int]) -> dict[Browser, list[Held]]:
    rows = VisitorRelation.objects.filter(visitor_id__in=visitor_ids).order_by("since") if visitor_ids else []
    kept: dict[Browser, list[Held]] = {}
    for row in rows:
        held = Held(row.relation_id, row.since, row.until)
        kept.setdefault((row.host_id, row.visitor_id), []).append(held)
    return kept


def _write(holders: dict[Browser, list[Held]]) -> None:
    """Write whose these browsers were and are."""
    if not holders:
        return
    rows: list[tuple[Any, ...]] = [(*one, *held) for one, found in holders.items() for held in found]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM profiles_visitorrelation k
             USING unnest(%s::bigint[], %s::bigint[]) AS told (host_id, visitor_id)
             WHERE k.host_id = told.host_id AND k.visitor_id = told.visitor_id
            """,
            [[host_id for host_id, _ in holders], [visitor_id for _, visitor_id in holders]],
        )
        cursor.execute(
            """
            INSERT INTO profiles_visitorrelation (host_id, visitor_id, relation_id, since, until)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[],
                                 %s::timestamptz[], %s::timestamptz[])
            """,
            [[row[at] for row in rows] for at in range(5)],
        )
