"""Hosts who did as a case did, beside those who did not: before and after, with how many of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from apps.accounts.models import Host
from apps.accounts.scope import Whose, within
from apps.insights import metrics, replica
from apps.insights.replica import alias
from apps.learning.models import Adoption, Case
from apps.lib import clock

#: Two weeks before against two weeks after; fewer than seven full days after say nothing yet.
LONGEST, SHORTEST = 14, 7
#: A group smaller than this is told person by person, without a conclusion.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Weekly:
    """What one host brought in an average week."""

    orders: float = 0
    gmv_fen: float = 0
    visits: float = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """One host before and after her own day, over `days` full days on either side."""

    host_id: int
    on: date
    days: int
    before: Weekly
    after: Weekly

    @property
    def before_ends(self) -> date:
        return self.on - timedelta(days=1)

    @property
    def before_starts(self) -> date:
        return self.on - timedelta(days=self.days)

    @property
    def after_ends(self) -> date:
        return self.on + timedelta(days=self.days - 1)


@dataclass(frozen=True, slots=True)
class Group:
    """Hosts of one side, each weighing the same."""

    rows: list[Compared]

    @property
    def size(self) -> int:
        return len(self.rows)

    @property
    def before(self) -> Weekly:
        return _mean([row.before for row in self.rows])

    @property
    def after(self) -> Weekly:
        return _mean([row.after for row in self.rows])


@dataclass(frozen=True, slots=True)
class Follower:
    """One host who took the steps on, how far she is, and how she compares if it is time."""

    host: Host
    adoption: Adoption
    done: int
    steps: int
    compared: Compared | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`too_early` are adopters with less than a week behind them; who put it down is in neither group."""

    followers: list[Follower]
    adopters: Group
    others: Group
    too_early: int
    dropped: int

    @property
    def is_small(self) -> bool:
        return min(self.adopters.size, self.others.size) < ENOUGH

    @property
    def words(self) -> str:
        """What may honestly be said of it."""
        a, b = self.adopters.size, self.others.size
        if not a:
            early = f"，{self.too_early} 位刚开始不满 {SHORTEST} 天" if self.too_early else ""
            return f"还没有照着做满 {SHORTEST} 天的大C{early}，先不比。"
        if self.is_small:
            return (
                f"样本太少（照着做 {a} 位，没照着做 {b} 位，各要 {ENOUGH} 位以上），"
                "下面的数字只供一位一位地看，不下结论。"
            )
        return (
            f"照着做的 {a} 位，平均每周订单从 {self.adopters.before.orders:.1f} 到 "
            f"{self.adopters.after.orders:.1f}；没照着做的 {b} 位从 {self.others.before.orders:.1f} 到 "
            f"{self.others.after.orders:.1f}。愿意照着做的人可能本来就更勤快，所以看各自的变化，别只比高低。"
        )


def case_effect(case: Case, now: datetime, *, hosts: Whose) -> Effect:
    """Adopters around the day they began, all other active hosts around the day the case came out."""
    today = clock.day_of(now)
    adoptions = list(
        within(Adoption.objects.using(alias()).filter(case=case), hosts)
        .select_related("host__organisation")
        .annotate(all_steps=Count("steps"), done_steps=Count("steps", filter=Q(steps__done_at__isnull=False)))
        .order_by("-done_steps", "started_at")
    )
    kept = [adoption for adoption in adoptions if adoption.dropped_at is None]
    began = {adoption.host_id: clock.day_of(adoption.started_at) for adoption in kept}
    touched = {adoption.host_id for adoption in adoptions}
    out_on = clock.day_of(case.first_published_at) if case.first_published_at else today
    rest = (
        within(Host.objects.using(alias()).active(), hosts, "pk")
        .exclude(pk__in=touched)
        .values_list("pk", flat=True)
    )
    compared = _compare([*began.items(), *((pk, out_on) for pk in rest)], today)
    return Effect(
        followers=[
            Follower(row.host, row, row.done_steps, row.all_steps, compared.get(row.host_id)) for row in kept
        ],
        adopters=Group([compared[pk] for pk in began if pk in compared]),
        others=Group([row for pk, row in compared.items() if pk not in began]),
        too_early=sum(pk not in compared for pk in began),
        dropped=len(adoptions) - len(kept),
    )


def _compare(pivots: Sequence[tuple[int, date]], today: date) -> dict[int, Compared]:
    """Each host around her day, from the days that are whole; those with too few of them are left out."""
    wide = {pk: min(LONGEST, (today - on).days) for pk, on in pivots if (today - on).days >= SHORTEST}
    asked = [(pk, on, wide[pk]) for pk, on in pivots if pk in wide]
    if not asked:
        return {}
    with replica.cursor() as cursor:
        cursor.execute(_AROUND, [list(column) for column in zip(*asked, strict=True)])
        sums = {row[0]: row[1:] for row in cursor.fetchall()}
    return {
        pk: Compared(pk, on, days, _weekly(sums[pk][:3], days), _weekly(sums[pk][3:], days))
        for pk, on, days in asked
    }


def _weekly(sums: Sequence[int], days: int) -> Weekly:
    return Weekly(*(7 * int(value) / days for value in sums))


def _mean(rows: Sequence[Weekly]) -> Weekly:
    if not rows:
        return Weekly()
    count = len(rows)
    return Weekly(
        sum(row.orders for row in rows) / count,
        sum(row.gmv_fen for row in rows) / count,
        sum(row.visits for row in rows) / count,
    )


#: In the order of `Weekly`. Every host has days of her own, so they are added up here, of what is kept.
_TOLD = [metrics.column_of(metric) for metric in (metrics.ORDERS, metrics.GMV, metrics.VISITS)]
_SUMS = ", ".join(
    f"coalesce(sum(d.{column}) FILTER (WHERE d.day {side} q.day), 0)"
    for side in ("<", ">=")
    for column in _TOLD
)
_AROUND = """
SELECT q.host_id, {sums}
  FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS q (host_id, day, width)
  LEFT JOIN insights_hostday d
         ON d.host_id = q.host_id AND d.day >= q.day - q.width AND d.day < q.day + q.width
 GROUP BY q.host_id
""".replace("{sums}", _SUMS)
