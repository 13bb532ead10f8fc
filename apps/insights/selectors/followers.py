"""Hosts who did as a case did, beside those who did not: before and after, with how many of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from apps.accounts.models import Host
from apps.accounts.scope import Whose, within
from apps.insights import metrics, replica
from apps.insights.replica import alias
from apps.insights.selectors.presence import STAYED
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
    """One host who took the steps on, how far she is, and how she compares if it is time.

    `compared` is None as long as she `is_early`, and for who was not in use on all of the days.
    """

    host: Host
    adoption: Adoption
    done: int
    steps: int
    compared: Compared | None
    is_early: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """Both groups hold only who was in use on all of the days compared, `absent` counts the other adopters.

    `too_early` are adopters with less than a week behind them; who put it down is in neither group.
    """

    followers: list[Follower]
    adopters: Group
    others: Group
    too_early: int
    absent: int
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
            if self.absent:
                return f"照着做满 {SHORTEST} 天的 {self.absent} 位，前后这些天没有一直在用{early}，先不比。"
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
    """Adopters around the day they began, all other hosts around the day the case came out.

    Of either side those in use on all of these days, before and after, wherever they are now.
    """
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
        within(Host.objects.using(alias()), hosts, "pk").exclude(pk__in=touched).values_list("pk", flat=True)
    )
    compared = _compare([*began.items(), *((pk, out_on) for pk in rest)], today)
    early = {pk for pk, on in began.items() if _width(on, today) < SHORTEST}
    return Effect(
        followers=[
            Follower(
                row.host,
                row,
                row.done_steps,
                row.all_steps,
                compared.get(row.host_id),
                is_early=row.host_id in early,
            )
            for row in kept
        ],
        adopters=Group([compared[pk] for pk in began if pk in compared]),
        others=Group([row for pk, row in compared.items() if pk not in began]),
        too_early=len(early),
        absent=sum(pk not in compared and pk not in early for pk in began),
        dropped=len(adoptions) - len(kept),
    )


def _width(on: date, today: date) -> int:
    """How many whole days after `on`, and as many before it, are compared."""
    return min(LONGEST, (today - on).days)


def _compare(pivots: Sequence[tuple[int, date]], today: date) -> dict[int, Compared]:
    """Each host around her day, from the days that are whole.

    Left out are those with too few of them, and those who were not in use on all of them: who came in
    between grew because she came, who went fell because she went.
    """
    asked = {pk: (on, _width(on, today)) for pk, on in pivots if _width(on, today) >= SHORTEST}
    if not asked:
        return {}
    days, widths = zip(*asked.values(), strict=True)
    with replica.cursor() as cursor:
        cursor.execute(_AROUND, [list(asked), list(days), list(widths)])
        sums = {row[0]: row[1:] for row in cursor.fetchall()}
    return {
        pk: Compared(pk, on, width, _weekly(sums[pk][:3], width), _weekly(sums[pk][3:], width))
        for pk, (on, width) in asked.items()
        if pk in sums
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
  JOIN accounts_host h ON h.id = q.host_id AND {stayed}
  LEFT JOIN insights_hostday d
         ON d.host_id = q.host_id AND d.day >= q.day - q.width AND d.day < q.day + q.width
 GROUP BY q.host_id
""".replace("{sums}", _SUMS).replace(
    "{stayed}",
    STAYED.format(
        host="h",
        starts="((q.day - q.width)::timestamp AT TIME ZONE 'Asia/Shanghai')",
        ends="((q.day + q.width)::timestamp AT TIME ZONE 'Asia/Shanghai')",
    ),
)
