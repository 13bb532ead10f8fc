"""What works for hosts like her: materials by what each share brought, as far as the numbers carry."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core.cache import cache

from apps.accounts.models import Host, HostQuerySet
from apps.database import db_role
from apps.insights import metrics
from apps.insights.metrics import Question, Side
from apps.insights.periods import last_days
from apps.lib import clock
from apps.tracking.models import Subject

#: How far back it looks.
WINDOW = timedelta(days=90)
#: Below this a number says nothing about a material: so many hosts, so many shares.
MIN_HOSTS, MIN_SHARES = 3, 10
#: So many materials must be comparable, or a wider circle of hosts is asked.
MIN_RANKED = 3
#: How many shares of the average weigh on a material's own: a lucky few do not win.
PRIOR = 10
_KEPT_S = 600


@dataclass(frozen=True)
class Worked:
    """One material in the hands of a circle of hosts: `hosts` shared it `shares` times."""

    material_id: int
    hosts: int
    shares: int
    visits: int
    orders: int

    @property
    def words(self) -> str:
        """What to expect of sharing it: shares for an order, or orders (else visits) of a share."""
        if self.orders > self.shares:
            return f"平均发 1 次有 {_each(self.orders, self.shares)} 单"
        if self.orders:
            return f"平均发 {_each(self.shares, self.orders)} 次换 1 单"
        return f"平均发 1 次有 {_each(self.visits, self.shares)} 人打开"


@dataclass(frozen=True)
class Works:
    """Ranked materials, whose numbers they are, and how many more have too few."""

    circle: str
    hosts: int
    ranked: list[Worked]
    too_few: int

    @property
    def is_enough(self) -> bool:
        return bool(self.ranked)


def _each(count: int, of: int) -> str:
    """So many of one, `2.4`."""
    return f"{count / of:.1f}".removesuffix(".0")


def what_works(host: Host, *, now: datetime) -> Works:
    """The best materials of the last 90 days among hosts like her, herself left out of the circle.

    The circle is her level in her organisation; while too few materials are comparable there it widens: her
    level one organisation up, her level everywhere, all hosts.
    """
    key = f"works:{host.organisation_id}:{host.level}:{host.pk}:{clock.day_of(now)}"
    found: Works | None = cache.get(key)
    if found is None:
        # Of other hosts only what many of them did together leaves this line.
        with db_role.as_worker():
            found = _look(host, now)
        cache.set(key, found, _KEPT_S)
    return found


def _look(host: Host, now: datetime) -> Works:
    span = last_days(WINDOW.days + 1, now)
    found = Works("", 0, [], 0)
    for name, circle in _circles(host):
        asked = Question(hosts=circle, span=span, now=now, subjects=(Subject.MATERIAL, None))
        counted = metrics.by(Side.SUBJECT, (metrics.SHARER_HOSTS, metrics.SHARES), asked)
        rows = {
            pk: (counts["sharer_hosts"], counts["shares"])
            for pk, counts in counted.items()
            if counts["shares"]
        }
        able = {pk: row for pk, row in rows.items() if row[0] >= MIN_HOSTS and row[1] >= MIN_SHARES}
        if len(able) >= MIN_RANKED or len(able) > len(found.ranked):
            ranked = _ranked(able, asked)
            found = Works(name, circle.count(), ranked, len(rows) - len(able))
        elif not found.ranked:
            found = Works(name, circle.count(), [], len(rows))
        if len(able) >= MIN_RANKED:
            break
    return found


def _circles(host: Host) -> list[tuple[str, HostQuerySet]]:
    others = Host.objects.active().exclude(pk=host.pk)
    peers = others.filter(level=host.level)
    here = host.organisation
    circles = [(f"{here.name}同级的大C", peers.below(here))]
    above = here.get_parent()
    if above is not None and above.depth > 1:
        circles.append((f"{above.name}同级的大C", peers.below(above)))
    return [*circles, ("全部同级的大C", peers), ("全部大C", others)]


def _ranked(able: dict[int, tuple[int, int]], asked: Question) -> list[Worked]:
    if not able:
        return []
    of_them = replace(asked, subjects=(Subject.MATERIAL, tuple(able)))
    came = metrics.by(Side.SUBJECT, (metrics.REACHED, metrics.ORDERS), of_them)
    rows = [
        Worked(pk, hosts, shares, came.get(pk, {}).get("reached", 0), came.get(pk, {}).get("orders", 0))
        for pk, (hosts, shares) in able.items()
    ]
    shares = sum(row.shares for row in rows)
    usual_orders = sum(row.orders for row in rows) / shares
    usual_visits = sum(row.visits for row in rows) / shares

    def weight(row: Worked) -> tuple[float, float, int]:
        return (
            (row.orders + PRIOR * usual_orders) / (row.shares + PRIOR),
            (row.visits + PRIOR * usual_visits) / (row.shares + PRIOR),
            row.material_id,
        )

    return sorted(rows, key=weight, reverse=True)
