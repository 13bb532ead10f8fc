"""The rows behind a number: what was counted, one line each, newest first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, Min, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, ExtractHour, TruncDate

from apps.accounts.models import Host
from apps.content.models import Issue, Material
from apps.customers.models import Relation
from apps.insights.models import ActDay, LinkVisit
from apps.insights.periods import Span
from apps.insights.replica import alias
from apps.insights.scope import Whose, earned_by, within
from apps.insights.selectors.adoption import first_acts
from apps.insights.selectors.calls import WAITING_AFTER
from apps.insights.selectors.funnels import materials_of, visits_in
from apps.insights.selectors.helping import adopting_acts
from apps.lib import clock, spoken
from apps.profiles import words
from apps.profiles.models import Facts, VisitorRelation
from apps.tracking.facts import SHARED, VIEWED
from apps.tracking.models import Channel, Event, Link, Subject
from apps.trade.models import Order, OrderReversal

PAGE_SIZE = 50


class UnknownNumberError(KeyError):
    """No number has this name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One counted thing. Who shows it decides whether the customer's name is masked."""

    at: datetime | None
    host: Host | None
    relation: Relation | None
    #: A stranger's short name when there is no relation: the same browser has the same one.
    visitor: str
    what: str
    fen: int | None = None
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the rows behind one number. `count` is all rows, `sum_fen` their money if they hold any."""

    name: str
    title: str
    span: Span
    rows: list[Row]
    count: int
    sum_fen: int | None
    page: int

    @property
    def has_next(self) -> bool:
        return self.page * PAGE_SIZE < self.count

    @property
    def has_previous(self) -> bool:
        return self.page > 1


@dataclass(frozen=True, slots=True)
class _Question:
    span: Span
    hosts: Whose
    issue: Issue | None
    #: Kind and id of one material, product or shelf, for what came of it alone.
    subject: tuple[str, int] | None
    now: datetime
    #: Of links by one channel, of one hour of the day.
    channel: str = ""
    hour: int | None = None
    #: Of materials of one kind.
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows come from: dicts with some of the keys below, in order."""

    rows: Any
    #: Queries whose `fen` together are the money of all rows.
    money: tuple[Any, ...] = ()
    say: Callable[[dict[str, Any], words.Subjects], str] = field(default=lambda row, subjects: "")


def rows_behind(
    name: str,
    *,
    span: Span,
    now: datetime,
    hosts: Whose = None,
    issue: Issue | None = None,
    subject: tuple[str, int] | None = None,
    channel: str = "",
    hour: int | None = None,
    kind: str = "",
    page: int = 1,
) -> Rows:
    """A page of the rows that the number `name` counts, in a fixed number of queries; UnknownNumberError."""
    if name not in NUMBERS:
        raise UnknownNumberError(name)
    title, ask = NUMBERS[name]
    source = ask(_Question(span, hosts, issue, subject, now, channel, hour, kind))
    page = max(1, page)
    start = (page - 1) * PAGE_SIZE
    taken = list(source.rows[start : start + PAGE_SIZE])
    count = source.rows.count() if isinstance(source.rows, QuerySet) else len(source.rows)
    return Rows(
        name=name,
        title=title,
        span=span,
        rows=_told(taken, source),
        count=count,
        sum_fen=_sum_of(source.money) if source.money else None,
        page=page,
    )


def _sum_of(money: tuple[Any, ...]) -> int:
    return sum(int(rows.aggregate(n=Sum("fen"))["n"] or 0) for rows in money)


# --- what each number counts ------------------------------------------------------------------------------


def _visits(asked: _Question) -> _Source:
    rows = (
        _served(asked)
        .annotate(on=TruncDate("occurred_at", tzinfo=clock.SHANGHAI))
        .values("host_id", "link_id", "visitor_id", "on")
        .annotate(at=Min("occurred_at"), pages=Count("*"))
        .order_by("-at", "link_id", "visitor_id")
    )
    return _Source(rows, say=_say_visit)


def _visitors(asked: _Question) -> _Source:
    rows = (
        _served(asked)
        .values("visitor_id")
        .annotate(at=Min("occurred_at"), pages=Count("*"), host_id=Min("host_id"))
        .order_by("-at", "visitor_id")
    )
    return _Source(rows, say=lambda row, subjects: f"看了 {row['pages']} 次")


def _served(asked: _Question) -> "QuerySet[Event]":
    events = Event.objects.using(alias()).filter(
        name__in=VIEWED, occurred_at__gte=asked.span.starts_at, occurred_at__lt=asked.span.ends_at
    )
    return within(_about(events, asked), asked.hosts, "host_id").order_by()


def _about(rows: "QuerySet[Any]", asked: _Question, path: str = "") -> "QuerySet[Any]":
    """`rows` about the one subject, or the one kind of material, that the question names, if it names one."""
    if asked.kind:
        ids = Material.objects.using(alias()).filter(kind=asked.kind).order_by().values("pk")
        rows = rows.filter(**{f"{path}subject_kind": Subject.MATERIAL, f"{path}subject_id__in": ids})
    if asked.subject is None:
        return rows
    kind, pk = asked.subject
    return rows.filter(**{f"{path}subject_kind": kind, f"{path}subject_id": pk})


def _say_visit(row: dict[str, Any], subjects: words.Subjects) -> str:
    pages = f"，看了 {row['pages']} 页" if row["pages"] > 1 else ""
    return f"{_say_link(row, subjects)}{pages}"


def _say_link(row: dict[str, Any], subjects: words.Subjects) -> str:
    if not row.get("subject_kind"):
        return "没有经过分享链接"
    channel = f"（{Channel(row['channel']).label}）" if row.get("channel") else ""
    return f"{words.say_subject(row['subject_kind'], row['subject_id'], subjects)}{channel}"


def _reached(asked: _Question) -> _Source:
    return _funnel_step(_came(asked), "reached_at")


def _read(asked: _Question) -> _Source:
    return _funnel_step(_came(asked).filter(read_at__isnull=False), "read_at")


def _ordered(asked: _Question) -> _Source:
    return _funnel_step(_came(asked).filter(ordered_at__isnull=False), "ordered_at")


def _came(asked: _Question) -> "QuerySet[LinkVisit]":
    visits = _about(visits_in(asked.span, issue=asked.issue, hosts=asked.hosts), asked)
    if asked.channel:
        visits = visits.filter(link_id__in=_links_by(asked.channel))
    return _at_hour(visits, asked, "reached_at")


def _links_by(channel: str) -> "QuerySet[Link, int]":
    return Link.objects.using(alias()).filter(channel=channel).order_by().values_list("pk", flat=True)


def _at_hour(rows: "QuerySet[Any]", asked: _Question, moment: str) -> "QuerySet[Any]":
    """`rows` whose `moment` lies in the hour of the Shanghai day that the question names, if it names one."""
    if asked.hour is None:
        return rows
    return rows.alias(hour=ExtractHour(moment, tzinfo=clock.SHANGHAI)).filter(hour=asked.hour)


def _funnel_step(visits: "QuerySet[LinkVisit]", moment: str) -> _Source:
    rows = visits.order_by(f"-{moment}", "link_id", "visitor_id").values(
        "host_id", "link_id", "visitor_id", at=F(moment)
    )
    return _Source(rows, say=_say_link)


def _shares(asked: _Question) -> _Source:
    events = Event.objects.using(alias()).filter(
        name__in=SHARED, occurred_at__gte=asked.span.starts_at, occurred_at__lt=asked.span.ends_at
    )
    if asked.issue is not None:
        events = events.filter(subject_kind=Subject.MATERIAL, subject_id__in=materials_of(asked.issue))
    if asked.channel:
        events = events.filter(props__channel=asked.channel)
    rows = (
        within(_at_hour(_about(events, asked), asked, "occurred_at"), asked.hosts, "host_id")
        .order_by("-occurred_at", "-id")
        .values("host_id", "link_id", "subject_kind", "subject_id", at=F("occurred_at"))
    )
    return _Source(rows, say=lambda row, subjects: f"转发{_say_link(row, subjects)}")


def _orders(asked: _Question) -> _Source:
    placed = _placed(asked, "total_fen")
    return _Source(placed.order_by("-at", "-order_id"), money=(placed,), say=_say_money)


def _waiting_orders(asked: _Question) -> _Source:
    """Orders that nobody has confirmed for a day, whenever they were placed."""
    waiting = _money_of(
        within(
            Order.objects.using(alias()).filter(
                status=Order.Status.PLACED, placed_at__lt=asked.now - WAITING_AFTER
            ),
            asked.hosts,
        ),
        "total_fen",
        serving=True,
    )
    return _Source(waiting.order_by("-at", "-order_id"), money=(waiting,), say=_say_money)


def _gmv(asked: _Question) -> _Source:
    return _money(asked, "total_fen", "amount_fen")


def _commission(asked: _Question) -> _Source:
    return _money(asked, "commission_fen", "commission_fen")


def _money(asked: _Question, came_in: str, went_back: str) -> _Source:
    """What came in on the day of placing, and what was taken back on the day it was."""
    placed, reversed_ = _placed(asked, came_in), _reversed(asked, went_back)
    rows = placed.union(reversed_, all=True).order_by("-at", "-order_id")
    return _Source(rows, money=(placed, reversed_), say=_say_money)


#: The columns of money rows, in the order in which a union lines them up.
_MONEY = ("whose", "relation_id", "link_id", "order_id", "fen", "what", "at")


def _placed(asked: _Question, fen: str) -> Any:
    orders = Order.objects.using(alias()).filter(
        placed_at__gte=asked.span.starts_at, placed_at__lt=asked.span.ends_at
    )
    return _money_of(earned_by(_at_hour(_through(orders, asked, ""), asked, "placed_at"), asked.hosts), fen)


def _through(rows: "QuerySet[Any]", asked: _Question, path: str) -> "QuerySet[Any]":
    """Orders (at `path`) by the links that the question names: of a subject, an issue, a channel."""
    rows = _about(rows, asked, f"{path}link__")
    if asked.issue is not None:
        rows = rows.filter(
            **{
                f"{path}link__subject_kind": Subject.MATERIAL,
                f"{path}link__subject_id__in": materials_of(asked.issue),
            }
        )
    return rows.filter(**{f"{path}link__channel": asked.channel}) if asked.channel else rows


def _money_of(orders: Any, fen: str, *, serving: bool = False) -> Any:
    """Orders as money rows, each with the host for whom it counts, or who serves it now."""
    return (
        orders.order_by()
        .annotate(
            order_id=F("public_id"),
            fen=F(fen),
            what=Value("placed", CharField()),
            at=F("placed_at"),
            whose=F("host_id") if serving else Coalesce("earned_by_id", "host_id"),
        )
        .values(*_MONEY)
    )


def _reversed(asked: _Question, fen: str) -> Any:
    reversals = OrderReversal.objects.using(alias()).filter(
        at__gte=asked.span.starts_at, at__lt=asked.span.ends_at
    )
    reversals = _at_hour(_through(reversals, asked, "order__"), asked, "at")
    found: Any = earned_by(reversals, asked.hosts, "order__").order_by()
    return found.annotate(
        fen=-F(fen), what=F("kind"), whose=Coalesce("order__earned_by_id", "order__host_id")
    ).values_list("whose", "order__relation_id", "order__link_id", "order__public_id", "fen", "what", "at")


def _say_money(row: dict[str, Any], subjects: words.Subjects) -> str:
    what = {"placed": "下单", "cancel": "取消", "return": "退货"}[row["what"]]
    return f"{what}，来自{_say_link(row, subjects)}" if row.get("subject_kind") else what


def _new_customers(asked: _Question) -> _Source:
    joined: QuerySet[Relation] = Relation.objects.using(alias()).filter(
        joined_at__gte=asked.span.starts_at, joined_at__lt=asked.span.ends_at
    )
    if asked.hosts is not None:
        hers = joined.filter(began_with=None)
        began: Any = joined.exclude(began_with=None)
        joined = within(hers, asked.hosts) | within(began, asked.hosts, "began_with")
    return _relations(joined)


def _customers(asked: _Question) -> _Source:
    return _relations(within(Relation.objects.using(alias()).current(), asked.hosts))


def _relations(relations: "QuerySet[Relation]") -> _Source:
    rows = relations.order_by("-joined_at", "-pk").values(
        "source", whose=Coalesce("began_with_id", "host_id"), relation_id=F("pk"), at=F("joined_at")
    )
    return _Source(rows, say=lambda row, subjects: f"来自{Relation.Source(row['source']).label}")


#: Orders that came with a customer count for the host who made them.
_HER_OWN: dict[str, Any] = {"relation__orders__earned_by": None}


def _buyers(asked: _Question) -> _Source:
    bought = within(Facts.objects.using(alias()), asked.hosts, "host_id").filter(
        relation__orders__placed_at__gte=asked.span.starts_at,
        relation__orders__placed_at__lt=asked.span.ends_at,
        **_HER_OWN if asked.hosts is not None else {},
    )
    rows = (
        bought.values("host_id", "relation_id", "orders_count", fen=F("gmv_fen"), at=F("last_order_at"))
        .distinct()
        .order_by("-at", "-relation_id")
    )
    return _Source(rows, say=lambda row, subjects: f"一共成交 {row['orders_count']} 单")


def _returning(asked: _Question) -> _Source:
    source = _buyers(asked)
    return _Source(source.rows.filter(orders_count__gte=2), say=source.say)


def _adopted(asked: _Question) -> _Source:
    """The issue's materials that were used: one row for each host and material."""
    if asked.issue is None:
        return _Source([])
    acts = adopting_acts(asked.issue, asked.now).using(alias())
    rows = (
        within(acts, asked.hosts)
        .order_by()
        .values("host_id", "subject_kind", "subject_id")
        .annotate(opens=Sum("opened"), copies=Sum("copied"), saves=Sum("saved"), times=Sum("shared"))
        .order_by("host_id", "subject_id")
    )
    return _Source(rows, say=_say_adoption)


def _say_adoption(row: dict[str, Any], subjects: words.Subjects) -> str:
    done = (("打开", "opens"), ("复制", "copies"), ("保存", "saves"), ("转发", "times"))
    told = "，".join(f"{word} {row[name]} 次" for word, name in done if row[name])
    return f"{words.say_subject(row['subject_kind'], row['subject_id'], subjects)}：{told}"


def _active_hosts(asked: _Question) -> _Source:
    return _hosts(asked, lambda first: True)


def _opened_hosts(asked: _Question) -> _Source:
    return _hosts(asked, lambda first: first is not None)


def _sharing_hosts(asked: _Question) -> _Source:
    return _hosts(asked, lambda first: first is not None and first[1] is not None)


def _idle_hosts(asked: _Question) -> _Source:
    return _hosts(asked, lambda first: first is None)


def _hosts(asked: _Question, is_wanted: Callable[[Any], bool]) -> _Source:
    first = first_acts(asked.issue, asked.now, hosts=asked.hosts) if asked.issue else {}
    hosts = within(Host.objects.using(alias()).active(), asked.hosts, "pk").order_by(
        "organisation__path", "pk"
    )
    today = clock.day_of(asked.now)

    def say(row: dict[str, Any], subjects: words.Subjects) -> str:
        opened, shared = first.get(row["host_id"], (None, None))
        if opened is None:
            return "还没打开本期素材" if asked.issue else ""
        told = f"{spoken.say_day(opened, today=today)}打开"
        return f"{told}，{spoken.say_day(shared, today=today)}第一次转发" if shared else f"{told}，还没转发"

    rows = [{"host_id": pk} for pk in hosts.values_list("pk", flat=True) if is_wanted(first.get(pk))]
    return _Source(rows, say=say)


def _takers(column: str, word: str) -> Callable[[_Question], _Source]:
    """The hosts who did one thing with the materials in question, one row each, and how often."""

    def ask(asked: _Question) -> _Source:
        acts = ActDay.objects.using(alias()).filter(
            day__gte=asked.span.first, day__lt=asked.span.end, subject_kind=Subject.MATERIAL
        )
        if asked.issue is not None:
            acts = acts.filter(subject_id__in=materials_of(asked.issue))
        if column != "opened":  # who copies, saves or shares has it open
            acts = acts.filter(**{f"{column}__gt": 0})
        rows = (
            within(_about(acts, asked), asked.hosts)
            .order_by()
            .values("host_id")
            .annotate(times=Sum(column), first=Min("day"))
            .order_by("-times", "host_id")
        )
        today = clock.day_of(asked.now)

        def say(row: dict[str, Any], subjects: words.Subjects) -> str:
            return f"{word} {row['times']} 次，{spoken.say_day(row['first'], today=today)}第一次"

        return _Source(rows, say=say)

    return ask


#: Name → title and where its rows are. The names are those of the fields that show the number.
NUMBERS: dict[str, tuple[str, Callable[[_Question], _Source]]] = {
    "visits": ("来访", _visits),
    "visitors": ("访客", _visitors),
    "customers": ("客户", _customers),
    "new_customers": ("新客户", _new_customers),
    "orders": ("订单", _orders),
    "waiting_orders": ("等确认的订单", _waiting_orders),
    "gmv": ("成交金额", _gmv),
    "commission": ("佣金", _commission),
    "buyers": ("下单客户", _buyers),
    "returning_buyers": ("复购客户", _returning),
    "shares": ("转发", _shares),
    "adopted": ("用过的本期素材", _adopted),
    "reached": ("打开", _reached),
    "read": ("阅读", _read),
    "ordered": ("下单", _ordered),
    "active_hosts": ("在用的大C", _active_hosts),
    "opened_hosts": ("打开过本期的大C", _opened_hosts),
    "sharing_hosts": ("转发过本期的大C", _sharing_hosts),
    "idle_hosts": ("还没打开本期的大C", _idle_hosts),
    "opener_hosts": ("打开过的大C", _takers("opened", "打开")),
    "copier_hosts": ("复制过的大C", _takers("copied", "复制")),
    "saver_hosts": ("保存过的大C", _takers("saved", "保存")),
    "sharer_hosts": ("转发过的大C", _takers("shared", "转发")),
}


# --- from what was counted to what is shown ----------------------------------------------------------------


def _told(taken: list[dict[str, Any]], source: _Source) -> list[Row]:
    links = Link.objects.using(alias()).in_bulk({row["link_id"] for row in taken if row.get("link_id")})
    for row in taken:
        if "whose" in row:
            row["host_id"] = row["whose"]
        link = links.get(row.get("link_id") or 0)
        if link is not None:
            row.setdefault("subject_kind", link.subject_kind)
            row.setdefault("subject_id", link.subject_id)
            row["channel"] = link.channel
    subjects = words.subjects_named(
        (row["subject_kind"], row["subject_id"] or 0) for row in taken if row.get("subject_kind")
    )
    hosts = (
        Host.objects.using(alias())
        .select_related("organisation")
        .in_bulk({row["host_id"] for row in taken if row.get("host_id")})
    )
    known = _relations_of(taken)
    rows = []
    for row in taken:
        relation = known.get(row.get("relation_id") or 0) or known.get(
            (row.get("host_id"), row.get("visitor_id"))
        )
        # What counts for a host stays hers when the customer was handed over; who she is now does not.
        is_hers = relation is not None and relation.host_id == row.get("host_id")
        rows.append(_row(row, source, hosts, subjects, relation if is_hers else None, relation is not None))
    return rows


def _row(
    row: dict[str, Any],
    source: _Source,
    hosts: dict[int, Host],
    subjects: words.Subjects,
    relation: Relation | None,
    is_known: bool,
) -> Row:
    stranger = f"访客 {row['visitor_id'] % 10_000:04d}" if row.get("visitor_id") else ""
    return Row(
        at=row.get("at"),
        host=hosts.get(row.get("host_id") or 0),
        relation=relation,
        visitor="已交接的客户" if is_known and relation is None else stranger,
        what=source.say(row, subjects),
        fen=row.get("fen"),
        order_id=row.get("order_id") if relation is not None or not is_known else None,
    )


def _relations_of(taken: list[dict[str, Any]]) -> dict[Any, Relation]:
    """The relations of these rows, by their id and by (host, visitor)."""
    visitors = {row["visitor_id"] for row in taken if row.get("visitor_id")}
    browsers = VisitorRelation.objects.using(alias()).filter(visitor_id__in=visitors) if visitors else []
    whose = {(row.host_id, row.visitor_id): row.relation_id for row in browsers}
    wanted = {row["relation_id"] for row in taken if row.get("relation_id")} | set(whose.values())
    relations = Relation.objects.using(alias()).in_bulk(wanted) if wanted else {}
    return {**relations, **{key: relations[pk] for key, pk in whose.items() if pk in relations}}
