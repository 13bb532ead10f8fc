"""What came of some materials within a span, from every side at once: material, kind, host, channel, hour.

Four queries, however many materials and hosts there are. Counted as in the funnel: a visitor of a link once,
in the span in which she first came; orders on the day they were placed, what was taken back on its own day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.accounts.models import Host
from apps.insights import replica
from apps.insights.periods import Span
from apps.insights.scope import Whose, clause
from apps.tracking.facts import Fact


@dataclass(frozen=True, slots=True)
class Tally:
    """Hosts who opened (or did more), copied, saved, shared; shares; then the consumers' steps and money."""

    openers: int = 0
    copiers: int = 0
    savers: int = 0
    sharers: int = 0
    shares: int = 0
    reached: int = 0
    read: int = 0
    ordered: int = 0
    orders: int = 0
    gmv_fen: int = 0

    @property
    def per_hundred(self) -> float | None:
        """Visitors who ordered, of a hundred who opened; None without any."""
        return 100 * self.ordered / self.reached if self.reached else None

    def plus(self, other: "Tally") -> "Tally":
        """The sum of two that have no host in common."""
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


NOTHING = Tally()


@dataclass(slots=True)
class Tallies:
    """The same happenings, counted by each side. What did not happen has no entry."""

    total: Tally = NOTHING
    materials: dict[int, Tally] = field(default_factory=dict)
    kinds: dict[str, Tally] = field(default_factory=dict)
    hosts: dict[int, Tally] = field(default_factory=dict)
    channels: dict[str, Tally] = field(default_factory=dict)
    hours: dict[int, Tally] = field(default_factory=dict)

    def add(self, side: str, key: Any, **counted: Any) -> None:
        counts = {name: int(value or 0) for name, value in counted.items()}
        if side == "total":
            self.total = replace(self.total, **counts)
        else:
            found = getattr(self, side)
            found[key] = replace(found.get(key, NOTHING), **counts)

    def by_organisation(self, hosts: dict[int, Host]) -> dict[int, Tally]:
        """By the node that the host belongs to: a host is in one, so the hosts' tallies add up."""
        found: dict[int, Tally] = {}
        for host_id, tally in self.hosts.items():
            if host_id in hosts:
                node = hosts[host_id].organisation_id
                found[node] = found.get(node, NOTHING).plus(tally)
        return found


def tallies(span: Span, material_ids: Iterable[int], *, hosts: Whose = None) -> Tallies:
    """What came of these materials within `span`, of these hosts alone."""
    found = Tallies()
    wanted = sorted(set(material_ids))
    if not wanted:
        return found
    whose = {name: clause(hosts, f"{name}.host_id") for name in ("a", "v", "l", "e")}
    days, moments = [span.first, span.end], [span.starts_at, span.ends_at]

    rows = _ask(_ACTS, whose["a"], [wanted, *days])
    for side, key, openers, copiers, savers, sharers, shares in _sided(rows, _ACT_SIDES):
        found.add(side, key, openers=openers, copiers=copiers, savers=savers, sharers=sharers, shares=shares)
    rows = _ask(_SHARES.replace("{shared}", Fact.MATERIAL_SHARED), whose["e"], [wanted, *moments])
    for side, key, shares, sharers in _sided(rows, _SHARE_SIDES):
        found.add(side, key, shares=shares, sharers=sharers)
    rows = _ask(_VISITS, whose["v"], [wanted, *moments])
    for side, key, reached, read, ordered in _sided(rows, _SIDES):
        found.add(side, key, reached=reached, read=read, ordered=ordered)
    rows = _ask(_ORDERS, whose["l"], [wanted, *moments], twice=True)
    for side, key, orders, fen in _sided(rows, _SIDES):
        found.add(side, key, orders=orders, gmv_fen=fen)
    return found


def _ask(sql: str, whose: tuple[str, list[Any]], params: list[Any], *, twice: bool = False) -> Any:
    condition, values = whose
    with replica.cursor() as cursor:
        cursor.execute(sql.replace("{whose}", condition), [*params, *values] * (2 if twice else 1))
        return cursor.fetchall()


def _sided(rows: Iterable[Sequence[Any]], sides: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    """Rows of GROUPING SETS of one column each: (side, key, counts…). The first value says which column."""
    total = (1 << len(sides)) - 1
    for mask, *rest in rows:
        keys, counts = rest[: len(sides)], rest[len(sides) :]
        if mask == total:
            yield ("total", None, *counts)
            continue
        place = next(n for n in range(len(sides)) if not mask & (1 << (len(sides) - 1 - n)))
        yield (sides[place], keys[place], *counts)


_SIDES = ("materials", "kinds", "hosts", "channels", "hours")
_ACT_SIDES = ("materials", "kinds", "hosts")
_SHARE_SIDES = ("channels", "hours")

_ACTS = """
SELECT grouping(a.subject_id, m.kind, a.host_id), a.subject_id, m.kind, a.host_id,
       count(DISTINCT a.host_id), count(DISTINCT a.host_id) FILTER (WHERE a.copied > 0),
       count(DISTINCT a.host_id) FILTER (WHERE a.saved > 0),
       count(DISTINCT a.host_id) FILTER (WHERE a.shared > 0), sum(a.shared)
  FROM insights_actday a
  JOIN content_material m ON m.id = a.subject_id
 WHERE a.subject_kind = 'material' AND a.subject_id = ANY(%s) AND a.day >= %s AND a.day < %s AND {whose}
 GROUP BY GROUPING SETS ((), (a.subject_id), (m.kind), (a.host_id))
"""
_SHARES = """
SELECT grouping(channel, hour), channel, hour, count(*), count(DISTINCT host_id)
  FROM (SELECT e.props->>'channel' AS channel, e.host_id,
               extract(hour FROM e.occurred_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
          FROM tracking_event e
         WHERE e.name = '{shared}' AND e.subject_kind = 'material' AND e.subject_id = ANY(%s)
           AND e.occurred_at >= %s AND e.occurred_at < %s AND {whose}) AS shared
 GROUP BY GROUPING SETS ((channel), (hour))
"""
_VISITS = """
SELECT grouping(subject_id, kind, host_id, channel, hour), subject_id, kind, host_id, channel, hour,
       count(*), count(read_at), count(ordered_at)
  FROM (SELECT v.subject_id, m.kind, v.host_id, l.channel, v.read_at, v.ordered_at,
               extract(hour FROM v.reached_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
          FROM insights_linkvisit v
          JOIN tracking_link l ON l.id = v.link_id
          JOIN content_material m ON m.id = v.subject_id
         WHERE v.subject_kind = 'material' AND v.subject_id = ANY(%s)
           AND v.reached_at >= %s AND v.reached_at < %s AND {whose}) AS came
 GROUP BY GROUPING SETS ((), (subject_id), (kind), (host_id), (channel), (hour))
"""
#: By the link's host: she made the order, whoever serves the customer now.
_ORDERS = """
SELECT grouping(subject_id, kind, host_id, channel, hour), subject_id, kind, host_id, channel, hour,
       sum(n), sum(fen)
  FROM (SELECT l.subject_id, m.kind, l.host_id, l.channel, 1 AS n, o.total_fen AS fen,
               extract(hour FROM o.placed_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
          FROM trade_order o
          JOIN tracking_link l ON l.id = o.link_id
          JOIN content_material m ON m.id = l.subject_id
         WHERE l.subject_kind = 'material' AND l.subject_id = ANY(%s)
           AND o.placed_at >= %s AND o.placed_at < %s AND {whose}
         UNION ALL
        SELECT l.subject_id, m.kind, l.host_id, l.channel, 0, -r.amount_fen,
               extract(hour FROM r.at AT TIME ZONE 'Asia/Shanghai')::int
          FROM trade_orderreversal r
          JOIN trade_order o ON o.id = r.order_id
          JOIN tracking_link l ON l.id = o.link_id
          JOIN content_material m ON m.id = l.subject_id
         WHERE l.subject_kind = 'material' AND l.subject_id = ANY(%s)
           AND r.at >= %s AND r.at < %s AND {whose}) AS money
 GROUP BY GROUPING SETS ((), (subject_id), (kind), (host_id), (channel), (hour))
"""
