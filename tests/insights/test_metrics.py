"""Every number, however it is narrowed and whoever asks: as many as its rows, and as counted apart.

Behind both walls: each role asks as the database knows it. Customers were handed over, orders cancelled and
returned before and after, a host has left.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation
from apps.accounts.scope import EVERYBODY, Whose
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.database import db_role
from apps.database.db_role import HQ, WORKER, Identity
from apps.insights import metrics
from apps.insights.metrics import Metric, Question, Side, UnknownFilterError
from apps.insights.metrics.engine import page
from apps.insights.metrics.page import text
from apps.insights.periods import Span, one_day
from apps.learning import figures
from apps.lib import clock
from apps.library.models import Issue, IssueEntry, Material
from apps.trade import services as trade
from apps.trade.models import Order
from tests.by_force import unguarded
from tests.factories import a_branch, a_host, a_sku
from tests.happenings import a_link, a_visitor, buy, look, share
from tests.projecting import project_now
from tests.world import START, live_through

DAY = timedelta(days=1)
HANDED_OVER_AT = START + 12 * DAY
NOW = START + 13 * DAY + timedelta(hours=12)


def a_busy_fortnight() -> None:
    """Half of 林姐's customers go to 梅姐, who sells to them; then some goes back."""
    live_through()
    lin, zhao = (Host.objects.get(user__username=name) for name in ("lin", "zhao"))
    mei = a_host("mei", "梅姐", organisation=a_branch("华东"))
    with unguarded("accounts_hosttransition"):
        for host in (lin, zhao):
            host.transitions.update(at=START - 30 * DAY)
    issue = Issue(number=1, theme="新年", starts_on=date(2025, 12, 22), owner=lin.user, live=True)
    issue.entries = [IssueEntry(material=Material.objects.order_by("pk")[0], day=1)]
    issue.save()
    sku = a_sku("红枣", price_fen=3_300, commission_bp=500)
    link = a_link(lin, Material.objects.order_by("pk")[1], at=START, channel="single")
    for n in range(4):
        visitor = a_visitor(START)
        look(link, visitor, at=START + n * DAY, stays=n % 2 == 0)
        buy(lin, sku, at=START + n * DAY, phone=f"1370000000{n % 3}", link=link, visitor=visitor)
    share(link, at=START + DAY)
    going = Relation.objects.filter(host=lin).order_by("pk")[::2]
    acts.hand_over(
        lin,
        mei,
        relations=Relation.objects.filter(pk__in=[one.pk for one in going]),
        scope="一半",
        reason="换人",
        by=None,
        now=HANDED_OVER_AT,
    )
    came = Order.objects.filter(host=mei, status="placed").order_by("pk")
    trade.cancel_order(came[0], by=mei.user, now=HANDED_OVER_AT + DAY)
    order = Order.objects.filter(host=mei, status="shipped").order_by("pk").first() or came.last()
    assert order is not None
    if order.status == "placed":
        trade.confirm_order(order, by=None, now=HANDED_OVER_AT)
        order = trade.ship_order(order, by=None, now=HANDED_OVER_AT)
    trade.return_goods(order, amount_fen=500, by=mei.user, now=HANDED_OVER_AT + DAY)
    theirs = a_link(mei, Material.objects.order_by("pk")[0], at=HANDED_OVER_AT)
    share(theirs, at=HANDED_OVER_AT + DAY)
    look(theirs, a_visitor(START), at=HANDED_OVER_AT + DAY)
    buy(mei, sku, at=HANDED_OVER_AT + DAY, phone="13700000000", link=theirs)
    buy(mei, sku, at=NOW - timedelta(hours=25), phone="13600000000")
    accounts.move_host(zhao, to="left", actor=None, now=NOW - timedelta(hours=1))


#: What is asked of the world once.
KEPT: dict[str, Any] = {}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Lived through once for all of this file, and never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        a_busy_fortnight()
        project_now()
        KEPT.clear()
        KEPT["kinds"] = dict(Material.objects.values_list("pk", "kind"))
        KEPT["of_issue"] = set(IssueEntry.objects.values_list("material_id", flat=True))
        yield
        transaction.set_rollback(True)


def ask_as(role: str) -> tuple[Whose, AbstractContextManager[None]]:
    """Whose numbers somebody asks for, and as whom the database knows her."""
    match role:
        case "lin" | "mei" | "zhao":
            host = Host.objects.get(user__username=role)
            return host, db_role.as_identity(Identity(db_role.Role.HOST, host.pk))
        case "region":
            east = Host.objects.get(user__username="mei").organisation
            return Host.objects.all().below(east), db_role.as_identity(HQ)
        case _:
            return EVERYBODY, db_role.as_identity(HQ)


def narrowings() -> list[dict[str, Any]]:
    first, second = Material.objects.order_by("pk")[:2]
    issue = Issue.objects.get()
    return [
        {},
        {"issue": issue},
        {"subjects": ("material", (second.pk,))},
        {"kind": Material.Kind.ARTICLE},
        {"kind": Material.Kind.SCRIPT},
        {"channel": "single"},
        {"hour": 9},
        {"issue": issue, "subjects": ("material", (first.pk,)), "channel": "group", "hour": 9},
    ]


SPANS = [
    Span(START.date(), START.date() + 20 * DAY, "全部"),
    Span(date(2025, 12, 22), date(2026, 1, 5), "一期"),
    one_day(date(2026, 1, 8)),
]


@pytest.mark.parametrize("role", ["lin", "mei", "zhao", "region", "hq"])
@pytest.mark.parametrize("metric", metrics.ALL, ids=lambda metric: metric.name)
def test_a_number_is_its_rows_and_what_is_counted_apart(world: None, metric: Metric, role: str) -> None:
    hosts, standing = ask_as(role)
    told = []
    with standing:
        for span in SPANS:
            for narrowed in narrowings():
                asked = Question(hosts=hosts, span=span, now=NOW, **narrowed)
                if asked.filters - metric.known:
                    with pytest.raises(UnknownFilterError):
                        metrics.totals([metric], asked)
                    with pytest.raises(UnknownFilterError):
                        page(metric, asked, start=0, length=1)
                    continue
                number = metrics.totals([metric], asked)[metric.name]
                behind = page(metric, asked, start=0, length=1_000)
                rows = behind.fen if metric.is_money else behind.count
                listed = sum(row["fen"] for row in behind.rows) if metric.is_money else len(behind.rows)
                told.append((asked, number, rows, listed))
    for asked, number, rows, listed in told:
        apart = counted_apart(metric, asked)
        assert (number, rows, listed) == (apart, apart, apart), (asked.span.label, asked.filters)
    assert role != "hq" or metric.name in NONE_OF_IT or any(number for _, number, _, _ in told)


#: What a number's subjects are, where they are no materials.
SUBJECTS = {"goods_buyers": "product"}
#: What nobody did in this fortnight.
NONE_OF_IT = {"copier_hosts", "saver_hosts"}


@pytest.mark.parametrize("side", [*Side], ids=str)
def test_the_parts_of_a_side_are_the_numbers_narrowed_by_it(world: None, side: Side) -> None:
    """Broken down, a number says of each part what it says when asked for that part alone."""
    span = SPANS[0]
    for metric in metrics.ALL:
        asked = Question(hosts=EVERYBODY, span=span, now=NOW)
        if metric.source.side(side) is None:
            with pytest.raises(UnknownFilterError):
                metrics.by(side, [metric], asked)
            continue
        for key, counts in metrics.by(side, [metric], asked).items():
            hosts: Whose = Host.objects.get(pk=key) if side is Side.HOST else EVERYBODY
            part = Question(
                hosts=hosts,
                span=one_day(key) if side is Side.DAY else span,
                now=NOW,
                subjects=(SUBJECTS.get(metric.name, "material"), (key,)) if side is Side.SUBJECT else None,
                kind=key if side is Side.KIND else "",
                channel=key if side is Side.CHANNEL else "",
                hour=key if side is Side.HOUR else None,
                organisation=Organisation.objects.get(pk=key) if side is Side.ORGANISATION else None,
            )
            assert counts == metrics.totals([metric], part), (metric.name, key)


def test_whose_numbers_is_never_left_out() -> None:
    with pytest.raises(TypeError):
        Question(span=SPANS[0], now=NOW)  # type: ignore[call-arg]


# --- counted apart: from orders, relations and the ledger, by the words of docs/metrics.md -----------------


def counted_apart(metric: Metric, asked: Question) -> int:
    with db_role.as_identity(WORKER):
        whose = hosts_asked_for(asked.hosts)
        apart = APART[metric.name]
        found = apart(asked) if apart in OF_HOSTS else KEPT.get(metric.name)
        if found is None:
            found = KEPT[metric.name] = apart(asked)
        rows = [row for row in found if row["host"] in whose and fits(row, asked)]
    if metric.is_money:
        return sum(row["fen"] for row in rows)
    return len({row["key"] for row in rows})


def hosts_asked_for(hosts: Whose) -> set[int]:
    if hosts is EVERYBODY:
        return set(Host.objects.values_list("pk", flat=True))
    return {hosts.pk} if isinstance(hosts, Host) else {host.pk for host in hosts}


def fits(row: dict[str, Any], asked: Question) -> bool:
    is_material, subject = row.get("subject_kind") == "material", row.get("subject_id")
    at = row.get("at")
    return (
        (at is None or asked.span.first <= at.astimezone(clock.SHANGHAI).date() < asked.span.end)
        and (asked.issue is None or row.get("any_issue") or (is_material and subject in KEPT["of_issue"]))
        and (asked.subjects is None or (is_material and subject in (asked.subjects[1] or ())))
        and (not asked.kind or (is_material and KEPT["kinds"][subject] == asked.kind))
        and (not asked.channel or row.get("channel") == asked.channel)
        and (asked.hour is None or (at is not None and at.astimezone(clock.SHANGHAI).hour == asked.hour))
    )


def query(sql: str, *params: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def served(asked: Question) -> list[dict[str, Any]]:
    return query(
        """SELECT e.host_id AS host, e.occurred_at AS at, e.subject_kind, e.subject_id, l.channel,
                  e.visitor_id,
                  (e.link_id, e.visitor_id, (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date)::text AS key
             FROM tracking_event e LEFT JOIN tracking_link l ON l.id = e.link_id
            WHERE e.name LIKE '%%.viewed'"""
    )


def people(asked: Question) -> list[dict[str, Any]]:
    return [{**row, "key": row["visitor_id"]} for row in served(asked)]


def steps(*names: str) -> Any:
    """(link, visitor) who came so far; the time is that of the first of anything."""

    def ask(asked: Question) -> list[dict[str, Any]]:
        return query(
            """SELECT l.host_id AS host, min(e.occurred_at) AS at, l.subject_kind, l.subject_id, l.channel,
                      (e.link_id, e.visitor_id)::text AS key
                 FROM tracking_event e JOIN tracking_link l ON l.id = e.link_id
                WHERE e.visitor_id IS NOT NULL AND e.name ~ '(viewed|read|order.placed)$'
                GROUP BY l.id, e.link_id, e.visitor_id
               HAVING bool_or(e.name ~ %s)""",
            f"({'|'.join(names)})$",
        )

    return ask


def shared(asked: Question) -> list[dict[str, Any]]:
    return query(
        """SELECT e.host_id AS host, e.occurred_at AS at, e.subject_kind, e.subject_id, l.channel, e.id AS key
             FROM tracking_event e LEFT JOIN tracking_link l ON l.id = e.link_id
            WHERE e.name LIKE '%%.shared'"""
    )


def placed(asked: Question) -> list[dict[str, Any]]:
    return query(
        """SELECT coalesce(o.earned_by_id, o.host_id) AS host, o.placed_at AS at, l.subject_kind,
                  l.subject_id, l.channel, o.id AS key, o.id, o.relation_id, o.total_fen AS fen,
                  (SELECT coalesce(sum(amount_fen), 0) FROM commission_entry
                    WHERE order_id = o.id AND reversal_id = 0) AS commission_fen, c.at AS gone
             FROM trade_order o
             LEFT JOIN trade_orderreversal c ON c.order_id = o.id AND c.kind = 'cancel'
             LEFT JOIN tracking_link l ON l.id = o.link_id"""
    )


def taken_back(asked: Question) -> list[dict[str, Any]]:
    return query(
        """SELECT coalesce(o.earned_by_id, o.host_id) AS host, r.at, l.subject_kind, l.subject_id, l.channel,
                  r.amount_fen AS fen,
                  (SELECT coalesce(-sum(amount_fen), 0) FROM commission_entry
                    WHERE reversal_id = r.id) AS commission_fen
             FROM trade_orderreversal r JOIN trade_order o ON o.id = r.order_id
             LEFT JOIN tracking_link l ON l.id = o.link_id"""
    )


def net(column: str) -> Any:
    def ask(asked: Question) -> list[dict[str, Any]]:
        came = [{**row, "fen": row[column]} for row in placed(asked)]
        return came + [{**row, "fen": -row[column]} for row in taken_back(asked)]

    return ask


def buyers(asked: Question) -> list[dict[str, Any]]:
    return [{**row, "key": row["relation_id"]} for row in placed(asked)]


def returning(asked: Question) -> list[dict[str, Any]]:
    rows = buyers(asked)
    return [
        row
        for row in rows
        if any(
            (old["relation_id"], old["host"]) == (row["relation_id"], row["host"])
            and (old["at"], old["id"]) < (row["at"], row["id"])
            and (old["gone"] is None or old["gone"] > row["at"])
            for old in rows
        )
    ]


def bought(asked: Question) -> list[dict[str, Any]]:
    return [
        {
            "host": order.host_id,
            "key": order.relation_id,
            "subject_kind": "product",
            "subject_id": line.product_id,
        }
        for order in Order.objects.exclude(status="cancelled").prefetch_related("lines")
        for line in order.lines.all()
        if not order.doubt or order.agreed_at
    ]


def waiting(asked: Question) -> list[dict[str, Any]]:
    return query(
        "SELECT host_id AS host, id AS key FROM trade_order WHERE status = 'placed' AND placed_at < %s",
        NOW - timedelta(hours=24),
    )


def newcomers(asked: Question) -> list[dict[str, Any]]:
    return query(
        "SELECT coalesce(began_with_id, host_id) AS host, joined_at AS at, id AS key FROM customers_relation"
    )


def current(asked: Question) -> list[dict[str, Any]]:
    return query("SELECT host_id AS host, id AS key FROM customers_relation WHERE ended_at IS NULL")


def did(*names: str, each: str = "host_id") -> Any:
    def ask(asked: Question) -> list[dict[str, Any]]:
        return query(
            f"""SELECT host_id AS host, occurred_at AS at, subject_kind, subject_id,
                       props->>'channel' AS channel, ({each})::text AS key
                  FROM tracking_event
                 WHERE subject_kind = 'material' AND name = ANY(%s)""",
            [f"material.{name}" for name in names],
        )

    return ask


def in_use(asked: Question) -> list[dict[str, Any]]:
    """Hosts with a step into use before the span ends and none out of it before the span begins."""
    found = []
    for host in Host.objects.all():
        steps = host.transitions.order_by("at").values_list("at", "to_status")
        until = [(at, status) for at, status in steps if at < asked.span.ends_at]
        before = [status for at, status in until if at < asked.span.starts_at]
        within = [status for at, status in until if at >= asked.span.starts_at]
        if (before and before[-1] == "active") or "active" in within:
            found.append({"host": host.pk, "key": host.pk, "any_issue": True})
    acted = [row for row in openers(asked) if fits(row, asked)]
    return found + [{"host": row["host"], "key": row["host"], "any_issue": True} for row in acted]


openers = did("opened", "copied", "saved", "shared")


def idle(asked: Question) -> list[dict[str, Any]]:
    active = {row["host"] for row in openers(asked) if fits(row, asked)}
    return [row for row in in_use(asked) if row["host"] not in active]


#: What depends on the days as a whole.
OF_HOSTS = {in_use, idle}
APART: dict[str, Any] = {
    "visits": served,
    "visitors": people,
    "reached": steps("viewed", "read", "order.placed"),
    "read": steps("read", "order.placed"),
    "ordered": steps("order.placed"),
    "shares": shared,
    "customers": current,
    "new_customers": newcomers,
    "buyers": buyers,
    "returning_buyers": returning,
    "orders": placed,
    "goods_buyers": bought,
    "waiting_orders": waiting,
    "gmv": net("fen"),
    "placed": placed,
    "taken_back": taken_back,
    "commission": net("commission_fen"),
    "active_hosts": in_use,
    "opener_hosts": openers,
    "copier_hosts": did("copied"),
    "saver_hosts": did("saved"),
    "sharer_hosts": did("shared"),
    "idle_hosts": idle,
    "adopted": did("opened", "copied", "saved", "shared", each="host_id, subject_id"),
}


# --- days that have passed ---------------------------------------------------------------------------------


def test_a_past_day_never_changes(db: None) -> None:
    """Not by a hand-over, nor by what is ordered, cancelled, returned, opened or left afterwards."""
    live_through()
    project_now()
    lin = Host.objects.get(user__username="lin")
    cut = START.date() + 13 * DAY
    later = START + 20 * DAY
    before = as_told(cut)

    mei = a_host("mei", "梅姐")
    moved = Relation.objects.filter(host=lin, orders__isnull=False).distinct()
    gone = list(moved.values_list("pk", flat=True))
    acts.hand_over(
        lin, mei, relations=Relation.objects.filter(pk__in=gone), scope="x", reason="x", by=None, now=later
    )
    project_now()
    assert as_told(cut) == before

    order = Order.objects.filter(relation__in=gone, status="placed").order_by("pk")[0]
    trade.cancel_order(order, by=mei.user, now=later)
    buy(mei, a_sku("红枣"), at=later, phone="13800008000")
    link = Order.objects.filter(link__isnull=False).order_by("pk")[0].link
    assert link is not None
    look(link, a_visitor(later), at=later)
    accounts.move_host(lin, to="suspended", actor=None, now=later)
    project_now()
    assert as_told(cut) == before


def as_told(cut: date) -> dict[str, Any]:
    """Each number of the days before `cut`: by day and of them all, for each host and for everybody."""
    span = Span(START.date(), cut, "到那天为止")
    ends = {metrics.READ, metrics.ORDERED}  # how far they have come by now
    told = [one for one in metrics.ALL if not one.is_of_now and one not in ends]
    of_days = [one for one in told if one.source.side(Side.DAY)]
    found: dict[str, Any] = {}
    for whose in (EVERYBODY, *Host.objects.filter(user__username__in=("lin", "zhao"))):
        asked = Question(hosts=whose, span=span, now=NOW)
        found[str(whose)] = (metrics.totals(told, asked), metrics.by(Side.DAY, of_days, asked))
    return found


# --- words --------------------------------------------------------------------------------------------------


def test_the_page_of_formulas_is_written_from_the_numbers() -> None:
    written = (settings.ROOT / "docs/metrics.md").read_text()
    assert written == text(), "manage.py document_metrics writes it anew"


def test_texts_of_hq_name_and_count_the_numbers_as_all_do() -> None:
    for figure in figures.Metric:
        metric = metrics.BY_NAME[figure.value]
        assert (figure.label, figures.UNITS.get(figure, "元")) == (metric.title, metric.unit)
