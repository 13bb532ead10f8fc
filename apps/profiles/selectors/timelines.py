"""One customer's timeline: what she did, ordered and was noted for, newest first, in one line of time.

An order is one line that grows: it stands where its last step stands, and tells them all.
"""

import base64
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from apps.customers.models import Note, Relation, Tag
from apps.profiles import browsers
from apps.profiles import wording as words
from apps.tracking.facts import DEALINGS, ORDERED, VISITED, Fact
from apps.tracking.models import Event
from apps.trade.models import Order, OrderLine, OrderReversal, OrderTransition

#: Opening a page and staying on it is one step of the timeline.
_SAME_VISIT = timedelta(hours=1)
ABOUT_TAGS = {Fact.CUSTOMER_TAGGED: "你打了标签", Fact.CUSTOMER_UNTAGGED: "你去掉了标签"}
#: Notes stand in the timeline by themselves.
TOLD = tuple(fact for fact in DEALINGS if fact is not Fact.CUSTOMER_NOTED)
_ORDERLESS = tuple(fact for fact in TOLD if fact not in ORDERED)


@dataclass(frozen=True, slots=True)
class Grown:
    """A step of an order; `at` is None where only its outcome is known."""

    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `kind` is visit, order, note, tag or contact; `order_id` is the order's public id.

    `at` is when it last grew: of an order, the moment of its last step.
    """

    at: datetime
    id: UUID
    kind: str
    words: str
    text: str = ""
    fen: int | None = None
    order_id: UUID | None = None
    #: Of an order: what was bought, and what became of it.
    goods: str = ""
    steps: tuple[Grown, ...] = ()

    @property
    def cursor(self) -> str:
        """Where the next page begins when this is the last step of one."""
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.id}".encode()).decode().rstrip("=")


class Timeline(list[Entry]):
    """A page of steps; `next` is the cursor of the page after it, empty at the end."""

    next: str = ""


def timeline(relation: Relation, *, before: str = "", limit: int = 30) -> Timeline:
    """A page of her timeline, newest first. An unreadable cursor gives the first page."""
    at, last_id = _read_cursor(before)
    hers = Event.objects.filter(relation_id=relation.pk, name__in=_ORDERLESS)
    visits = browsers.visits([relation.pk], relation.host_id).filter(name__in=VISITED)
    events = [*_page(hers, at, last_id, limit), *_page(visits, at, last_id, limit)]
    notes = Note.objects.filter(relation=relation).select_related("written_by__host")
    if at is not None:
        notes = notes.filter(Q(written_at__lt=at) | Q(written_at=at, public_id__lt=last_id))
    entries = [
        *_told(events, relation),
        *_orders(relation, at, last_id, limit),
        *(
            Entry(
                note.written_at,
                note.public_id,
                "note",
                # What came with her when she was handed over was written by somebody else.
                "你记了一笔" if _is_hers(note, relation) else f"{note.written_by.name}记了一笔",
                text=note.text,
            )
            for note in notes.order_by("-written_at", "-public_id")[: limit + 1]
        ),
    ]
    entries.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    page = Timeline(_without_echoes(entries[:limit]))
    page.next = entries[limit - 1].cursor if len(entries) > limit else ""
    return page


def _is_hers(note: Note, relation: Relation) -> bool:
    author = getattr(note.written_by, "host", None)
    return author is not None and author.pk == relation.host_id


def _page(events: "QuerySet[Event]", at: datetime | None, last_id: UUID | None, limit: int) -> list[Event]:
    if at is not None:
        events = events.filter(occurred_at__lte=at).exclude(occurred_at=at, id__gte=last_id)
    return list(events.order_by("-occurred_at", "-id")[: limit + 1])


def _told(events: list[Event], relation: Relation) -> list[Entry]:
    subjects = words.subjects_named((event.subject_kind, event.subject_id or 0) for event in events)
    tags = _tag_names(event.props.get("tag_id") for event in events if event.name in ABOUT_TAGS)
    return [_entry(event, subjects, tags, with_another=event.host_id != relation.host_id) for event in events]


def _orders(relation: Relation, at: datetime | None, last_id: UUID | None, limit: int) -> list[Entry]:
    """Each order as one line: what was placed, then what became of it, step by step.

    The orders themselves say which there are and what became of them: the ledger of the host before, who
    took a return while she served her, is not her present host's to read.
    """
    found = Order.objects.filter(relation=relation, host=relation.host_id).annotate(grown_at=_GROWN_AT)
    if at is not None:
        found = found.filter(Q(grown_at__lt=at) | Q(grown_at=at, public_id__lt=last_id))
    page = list(found.order_by("-grown_at", "-public_id")[: limit + 1])
    if not page:
        return []
    told = _became_of(page)
    goods = _goods(page)
    return [
        Entry(
            at=order.grown_at,
            id=order.public_id,
            kind="order",
            words=words.say_order(Fact.ORDER_PLACED, order.total_fen),
            fen=order.total_fen,
            order_id=order.public_id,
            goods="、".join(goods[order.pk]),
            steps=(
                Grown(order.placed_at, words.say_grown(Fact.ORDER_PLACED)),
                *_steps(order, told[order.pk]),
            ),
        )
        for order in page
    ]


def _last(rows: "QuerySet[Any]", order: str, moment: str) -> Coalesce:
    """When the last of these was, of an order; its placing, where there is none."""
    last = rows.filter(**{order: OuterRef("pk")}).order_by(f"-{moment}").values(moment)[:1]
    return Coalesce(Subquery(last), "placed_at")


#: What an import corrected has no row beside the ledger's, and no host's name: it is told to whose it was.
_CORRECTED = Event.objects.filter(name=Fact.ORDER_CHANGED, relation_id=OuterRef("relation_id"))
_GROWN_AT = Greatest(
    "placed_at",
    Coalesce("paid_at", "placed_at"),
    _last(OrderTransition.objects.all(), "order", "at"),
    _last(OrderReversal.objects.filter(kind=OrderReversal.Kind.RETURN), "order", "at"),
    _last(_CORRECTED, "subject_id", "occurred_at"),
)
#: A step of an order: when, which of two at one moment comes first, what, and the money it says.
_Step = tuple[datetime, tuple[int, int], str, int | None]
_BECAME = """
SELECT order_id, at, 0, id, 'order.' || to_status, NULL::bigint
  FROM trade_ordertransition WHERE order_id = ANY(%(orders)s) AND to_status <> 'placed'
 UNION ALL
SELECT order_id, at, 2, id, %(returned)s, amount_fen
  FROM trade_orderreversal WHERE order_id = ANY(%(orders)s) AND kind = 'return'
 UNION ALL
SELECT subject_id, occurred_at, 3, 0, name, (props->>'total_fen')::bigint
  FROM tracking_event
 WHERE relation_id = %(relation)s AND name = %(changed)s AND subject_id = ANY(%(orders)s)
"""


def _became_of(orders: list[Any]) -> dict[int, list[_Step]]:
    """The steps of these orders of one customer, each order's from the first to the last: one query."""
    told: dict[int, list[_Step]] = {
        order.pk: [(order.paid_at, (1, 0), str(Fact.ORDER_PAID), None)] if order.paid_at else []
        for order in orders
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _BECAME,
            {
                "orders": list(told),
                "relation": orders[0].relation_id,
                "returned": Fact.ORDER_RETURNED,
                "changed": Fact.ORDER_CHANGED,
            },
        )
        for order_id, at, kind, row_id, name, fen in cursor.fetchall():
            told[order_id].append((at, (kind, row_id), name, fen))
    for steps in told.values():
        steps.sort(key=lambda step: step[:2])
    return told


def _steps(order: Order, told: list[_Step]) -> list[Grown]:
    steps = [Grown(at, words.say_grown(name, fen)) for at, _, name, fen in told]
    if order.status != Order.Status.PLACED and not any(
        name == f"order.{order.status}" for _, _, name, _ in told
    ):
        steps.append(Grown(None, str(order.get_status_display())))
    return steps


def _entry(event: Event, subjects: words.Subjects, tags: dict[int, str], *, with_another: bool) -> Entry:
    if event.name in ABOUT_TAGS:
        name = tags.get(event.props.get("tag_id", 0), "")
        words_ = words.address(ABOUT_TAGS[Fact(event.name)], with_another=with_another)
        return Entry(event.occurred_at, event.id, "tag", f"{words_}「{name}」" if name else words_)
    is_visit = event.name in VISITED
    return Entry(
        at=event.occurred_at,
        id=event.id,
        kind="visit" if is_visit else "contact",
        words=words.say_act(
            event.name,
            event.subject_kind,
            event.subject_id,
            subjects,
            source=event.props.get("source", ""),
            with_another=with_another,
        ),
    )


def _goods(orders: Iterable[Order]) -> dict[int, list[str]]:
    """What was bought by these orders, each product once."""
    found: dict[int, list[str]] = defaultdict(list)
    lines = OrderLine.objects.filter(order__in=list(orders)).order_by("pk")
    for order_id, title in lines.values_list("order", "product__title"):
        if title not in found[order_id]:
            found[order_id].append(title)
    return found


def _tag_names(tag_ids: Iterable[Any]) -> dict[int, str]:
    wanted = {pk for pk in tag_ids if pk}
    return dict(Tag.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _without_echoes(entries: list[Entry]) -> list[Entry]:
    """Steps that say the same within an hour are one, told at its beginning."""
    kept: list[Entry] = []
    for entry in entries:  # newest first
        newer = kept[-1] if kept else None
        if (
            newer is not None
            and entry.kind == newer.kind == "visit"
            and entry.words == newer.words
            and newer.at - entry.at < _SAME_VISIT
        ):
            kept[-1] = replace(newer, at=entry.at, id=entry.id)
        else:
            kept.append(entry)
    return kept


def _read_cursor(text: str) -> tuple[datetime | None, UUID | None]:
    try:
        at, last_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
        moment = datetime.fromisoformat(at)
        return (moment.astimezone(UTC), UUID(last_id)) if moment.tzinfo else (None, None)
    except (ValueError, OverflowError):
        return None, None
