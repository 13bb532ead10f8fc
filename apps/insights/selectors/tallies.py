"""What came of some materials within a span, from every side at once: material, kind, host, channel, hour.

Four queries, however many materials and hosts there are. Counted as in the funnel: a visitor of a link once,
in the span in which she first came; orders on the day they were placed, what was taken back on its own day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from apps.accounts.scope import Whose
from apps.insights import metrics
from apps.insights.metrics import Metric, Question, Side
from apps.insights.periods import Span
from apps.tracking.models import Subject


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
    #: By the node at which the host was on the day; of hosts, who moved is one of both.
    organisations: dict[int, Tally] = field(default_factory=dict)

    def add(self, side: Side | None, key: Any, counts: dict[str, int]) -> None:
        if side is None:
            self.total = replace(self.total, **counts)
            return
        found = getattr(self, _PLACES[side])
        found[key] = replace(found.get(key, NOTHING), **counts)


def tallies(span: Span, material_ids: Iterable[int], *, hosts: Whose) -> Tallies:
    """What came of these materials within `span`, of these hosts alone."""
    found = Tallies()
    wanted = tuple(sorted(set(material_ids)))
    if not wanted:
        return found
    asked = Question(hosts=hosts, span=span, now=timezone.now(), subjects=(Subject.MATERIAL, wanted))
    for told, sides in _TOLD:
        for side, counted in metrics.sided(told, asked, sides).items():
            for key, counts in counted.items():
                found.add(side, key, {_FIELDS.get(name, name): count for name, count in counts.items()})
    return found


_PLACES = {
    Side.SUBJECT: "materials",
    Side.KIND: "kinds",
    Side.HOST: "hosts",
    Side.CHANNEL: "channels",
    Side.HOUR: "hours",
    Side.ORGANISATION: "organisations",
}
_CAME = (metrics.REACHED, metrics.READ, metrics.ORDERED, metrics.ORDERS, metrics.GMV)
_TOOK = (metrics.OPENER_HOSTS, metrics.COPIER_HOSTS, metrics.SAVER_HOSTS, metrics.SHARER_HOSTS)
#: What is told by which sides: one query for each source.
_TOLD: tuple[tuple[tuple[Metric, ...], tuple[Side, ...]], ...] = (
    ((*_TOOK, metrics.SHARES), (Side.SUBJECT, Side.KIND, Side.HOST, Side.ORGANISATION)),
    ((metrics.SHARES, metrics.SHARER_HOSTS), (Side.CHANNEL, Side.HOUR)),
    (_CAME, tuple(_PLACES)),
)
#: The names of the tally's fields, where they are not the numbers' own.
_FIELDS = {
    "opener_hosts": "openers",
    "copier_hosts": "copiers",
    "saver_hosts": "savers",
    "sharer_hosts": "sharers",
    "gmv": "gmv_fen",
}
