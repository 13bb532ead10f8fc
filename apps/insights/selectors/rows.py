"""The rows behind a number: what was counted, one line each, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Host, Organisation
from apps.accounts.scope import Whose
from apps.customers.models import Relation
from apps.insights import metrics
from apps.insights.metrics import Metric, Question
from apps.insights.metrics.base import Listed
from apps.insights.metrics.engine import page as page_of
from apps.insights.periods import Span
from apps.insights.replica import alias
from apps.library.models import Issue
from apps.profiles import wording
from apps.profiles.models import VisitorRelation
from apps.tracking.models import Link
from apps.trade.models import Order

PAGE_SIZE = 50
#: Numbers whose rows are orders, and what took them back.
_COMES_AND_GOES = {"gmv", "commission"}
#: What a customer is called where who she is belongs to another host.
HANDED_OVER = "已交接的客户"


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

    metric: Metric
    span: Span
    rows: list[Row]
    count: int
    sum_fen: int | None
    page: int
    #: Of money that came and went: how many of the rows are orders; the others took some of it back.
    orders: int | None = None

    @property
    def name(self) -> str:
        return self.metric.name

    @property
    def title(self) -> str:
        return self.metric.title

    @property
    def taken_back(self) -> int:
        return self.count - self.orders if self.orders is not None else 0

    @property
    def has_next(self) -> bool:
        return self.page * PAGE_SIZE < self.count

    @property
    def has_previous(self) -> bool:
        return self.page > 1


def rows_behind(
    name: str,
    *,
    hosts: Whose,
    span: Span,
    now: datetime,
    issue: Issue | None = None,
    subject: tuple[str, int] | None = None,
    channel: str = "",
    hour: int | None = None,
    kind: str = "",
    organisation: Organisation | None = None,
    page: int = 1,
) -> Rows:
    """A page of the rows that the number `name` counts, in a fixed number of queries.

    UnknownNumberError; metrics.UnknownFilterError when it can't be narrowed so.
    """
    if name not in metrics.BY_NAME:
        raise UnknownNumberError(name)
    metric = metrics.BY_NAME[name]
    asked = Question(
        hosts=hosts,
        span=span,
        now=now,
        issue=issue,
        subjects=(subject[0], (subject[1],)) if subject else None,
        kind=kind,
        channel=channel,
        hour=hour,
        organisation=organisation,
    )
    page = max(1, page)
    found = page_of(metric, asked, start=(page - 1) * PAGE_SIZE, length=PAGE_SIZE)
    return Rows(
        metric=metric,
        span=span,
        rows=_told(found.rows, metric),
        count=found.count,
        sum_fen=found.fen,
        page=page,
        orders=page_of(metrics.BY_NAME["orders"], asked, start=0, length=1).count
        if metric.name in _COMES_AND_GOES
        else None,
    )


def _told(taken: list[Listed], metric: Metric) -> list[Row]:
    """What was counted, as it is shown. Whatever the database hides from who asks stays untold."""
    links = Link.objects.using(alias()).in_bulk({row["link_id"] for row in taken if row.get("link_id")})
    for row in taken:
        link = links.get(row.get("link_id") or 0)
        if link is not None:
            row.setdefault("subject_kind", link.subject_kind)
            row.setdefault("subject_id", link.subject_id)
            row["channel"] = link.channel
    subjects = wording.subjects_named(
        (row["subject_kind"], row["subject_id"] or 0) for row in taken if row.get("subject_kind")
    )
    hosts = (
        Host.objects.using(alias())
        .select_related("organisation")
        .in_bulk({row["host_id"] for row in taken if row.get("host_id")})
    )
    browsers = _browsers_of(taken)
    for row in taken:
        row["relation_id"] = row.get("relation_id") or _whose(row, browsers)
    relations = Relation.objects.using(alias()).in_bulk(
        {row["relation_id"] for row in taken if row["relation_id"]}
    )
    orders = _orders_of(taken)
    return [
        _row(row, metric, hosts, subjects, relations.get(row["relation_id"] or 0), orders) for row in taken
    ]


def _row(
    row: Listed,
    metric: Metric,
    hosts: dict[int, Host],
    subjects: wording.Subjects,
    relation: Relation | None,
    orders: dict[int, Order],
) -> Row:
    # What counts for a host stays hers when the customer was handed over; who she is now does not.
    is_hers = relation is not None and relation.host_id == row.get("host_id")
    visitor = f"访客 {row['visitor_id'] % 10_000:04d}" if row.get("visitor_id") else ""
    order = orders.get(row.get("order_id") or 0)
    return Row(
        at=row.get("at"),
        host=hosts.get(row.get("host_id") or 0),
        relation=relation if is_hers else None,
        visitor=HANDED_OVER if row["relation_id"] and not is_hers else visitor,
        what=metric.say(row, subjects),
        fen=None if row.get("fen") is None else int(row["fen"]),
        order_id=order.public_id if order is not None and order.host_id == row.get("host_id") else None,
    )


def _browsers_of(taken: list[Listed]) -> dict[Any, list[VisitorRelation]]:
    """Whose the browser of each of these rows was and is, by (host, visitor)."""
    visitors = {row["visitor_id"] for row in taken if row.get("visitor_id")}
    rows = VisitorRelation.objects.using(alias()).filter(visitor_id__in=visitors) if visitors else []
    found: dict[Any, list[VisitorRelation]] = {}
    for row in rows:
        found.setdefault((row.host_id, row.visitor_id), []).append(row)
    return found


def _whose(row: Listed, browsers: dict[Any, list[VisitorRelation]]) -> int | None:
    """The relation whose browser it was at that moment."""
    for one in browsers.get((row.get("host_id"), row.get("visitor_id")), ()):
        if row["at"] is not None and one.since < row["at"] < one.until:
            return one.relation_id
    return None


def _orders_of(taken: list[Listed]) -> dict[int, Order]:
    wanted = {row["order_id"] for row in taken if row.get("order_id")}
    rows = Order.objects.using(alias()).only("public_id", "host_id")
    return rows.in_bulk(wanted) if wanted else {}
