"""Her customer list: views, search, order, twenty a page, in at most four queries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, ExpressionWrapper, F, IntegerField, Q, QuerySet, TextChoices, Window
from django.db.models.functions import RowNumber

from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.customers.services import last4_index
from apps.database.paging import Page, page_after, page_of_keys
from apps.lib import clock, pinyin
from apps.lib.phone import NotAPhoneError, main, normalise
from apps.lib.words import squeezed
from apps.profiles import wording
from apps.profiles.lifecycle import Stage, is_in, stage_of, stage_sql
from apps.profiles.models import NO_DAY, Facts

#: What a phone shows twice over: each line costs her first look, and the rest comes with one tap.
PAGE_SIZE = 20
#: So many days, today included, count as "new" and as "this week".
NEW_DAYS = 7
BIRTHDAY_DAYS = 7
#: One in so many of her buyers, those with most money, is valued.
VALUED_SHARE = 5


class View(TextChoices):
    ALL = "all", "全部"
    DUE = "due", "待跟进"
    NEW = "new", "新加入"
    BIRTHDAY = "birthday", "生日"
    SLEEPING = "sleeping", "沉睡"
    LOST = "lost", "流失"
    VALUED = "valued", "高价值"


VIEWS = View
SORTS = {
    "act": "最近动态",
    "order": "最近下单",
    "money": "成交金额",
    "contact": "最久没联系",
    "next": "下一步日期",
    "name": "姓名",
}
_ORDERINGS: dict[str, tuple[object, ...]] = {
    "act": ("-last_event_at", "-relation"),
    "order": ("-last_order_at", "-relation"),
    "money": ("-gmv_fen", "-relation"),
    "contact": (F("relation__last_contact_at").asc(nulls_first=True), "-relation"),
    "next": ("next_action_on", "-relation"),
}
#: The columns of those that no line shows, though the next page begins after one.
_PLACES = {"order": ("last_order_at",), "contact": ("relation__last_contact_at",)}
#: What a line says: a column more is read in every line.
_SHOWN = (
    "host_id",
    "orders_count",
    "gmv_fen",
    "gmv_year_fen",
    "gmv_year",
    "last_event_at",
    "next_action_on",
    "birthday",
    "is_current",
    "last_subject_id",
    "last_subject_kind",
    "last_event",
    *(
        f"relation__{name}"
        for name in (
            *("public_id", "name", "remark", "source", "began_with"),
            *("blocked_at", "pseudonym"),
        )
    ),
)
_FIRST = {View.DUE: "next", View.VALUED: "money"}


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer as a line of the list. `relation` opens name and phone only when they are read."""

    relation: Relation
    facts: Facts
    stage: Relation.Stage
    last_act: str
    last_act_at: datetime
    #: Her money this Shanghai year.
    year_fen: int
    is_birthday_near: bool
    is_due: bool

    @property
    def name(self) -> str:
        return self.relation.shown_name

    @property
    def stage_label(self) -> str:
        return str(self.stage.label)


def customer_rows(
    host: Host, *, view: str = View.ALL, query: str = "", after: str = "", sort: str = "", now: datetime
) -> Page[CustomerRow]:
    """A page of her customers, after the place that the page before it named. BadPlaceError.

    Unknown views and sorts are the default ones. A search decrypts her own customers' names in this process;
    four digits are the end of a phone number.
    """
    view = view if view in View.values else View.ALL
    sort = sort if sort in SORTS else _FIRST.get(View(view), "act")
    found = in_view(host, view, now=now).select_related("relation").only(*_SHOWN, *_PLACES.get(sort, ()))
    query = query.strip()
    if query or sort == "name":
        named = _matching(host, query)
        found = found.filter(pk__in=[relation.pk for relation in named])
        if sort == "name":
            return _described(_page_by_name(found, named, after), now)
    rows = found.order_by(*_ORDERINGS[sort])  # type: ignore[arg-type]
    # Whom she has written to since she opened the list stands at its end now, and is not shown again.
    dealt_with = _contacted_since if sort == "contact" else None
    return _described(page_after(rows, after, size=PAGE_SIZE, now=now, dealt_with=dealt_with), now)


def row_of(facts: Facts, now: datetime) -> CustomerRow:
    """One customer as her line of the list, for her own page."""
    return _described(Page([facts], ""), now).rows[0]


def _contacted_since(begun: datetime) -> Q:
    return Q(relation__last_contact_at__gte=begun)


def view_counts(host: Host, now: datetime) -> dict[str, int]:
    """How many customers each view holds, in one query.

    Written as SQL: every host opens this list every day, and through the ORM the question takes longer to put
    together than to answer. A test holds each count beside its view.
    """
    today = clock.day_of(now)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS,
            {
                "host": host.pk,
                "now": now,
                "today": today,
                "new_since": _new_since(now),
                "birthdays": birthdays_between(today, BIRTHDAY_DAYS),
                "sleeping": Stage.SLEEPING.value,
                "lost": Stage.LOST.value,
            },
        )
        *counts, buyers = cursor.fetchone()
    views = (View.ALL, View.DUE, View.NEW, View.BIRTHDAY, View.SLEEPING, View.LOST)
    return {**dict(zip(views, counts, strict=True)), View.VALUED: -(-buyers // VALUED_SHARE)}


_COUNTS = """
SELECT count(*),
       count(*) FILTER (WHERE is_current AND next_action_on <= %(today)s),
       count(*) FILTER (WHERE is_current AND joined_at >= %(new_since)s),
       count(*) FILTER (WHERE is_current AND birthday = ANY(%(birthdays)s)),
       count(*) FILTER (WHERE stage = %(sleeping)s),
       count(*) FILTER (WHERE stage = %(lost)s),
       count(*) FILTER (WHERE is_current AND gmv_fen > 0)
  FROM (SELECT f.*, {stage} AS stage
          FROM profiles_facts f
         WHERE f.host_id = %(host)s
           AND f.relation_id NOT IN (SELECT r.id FROM customers_relation r
                                      WHERE r.host_id = %(host)s
                                        AND (r.blocked_at IS NOT NULL OR NOT r.is_customer))) AS hers
""".format(stage=stage_sql("f"))  # noqa: S608


def in_view(host: Host, view: str, *, now: datetime) -> QuerySet[Facts]:
    """The facts of her customers in one view; those who left are in 全部 and 流失 alone."""
    found = _hers(host)
    if view == View.ALL:
        return found
    if view == View.LOST:
        return found.filter(is_in(Stage.LOST, now))
    found = found.filter(is_current=True)
    match view:
        case View.DUE:
            return found.filter(_due(now))
        case View.NEW:
            return found.filter(_new(now))
        case View.BIRTHDAY:
            return found.filter(_birthday_near(now))
        case View.SLEEPING:
            return found.filter(is_in(Stage.SLEEPING, now))
        case _:
            ranked = found.filter(gmv_fen__gt=0).annotate(
                place=Window(RowNumber(), order_by=["-gmv_fen", "-relation"]),
                last_place=ExpressionWrapper(
                    (Window(Count("pk")) + VALUED_SHARE - 1) / VALUED_SHARE, output_field=IntegerField()
                ),
            )
            return found.filter(pk__in=ranked.filter(place__lte=F("last_place")).values("pk"))


def _hers(host: Host) -> QuerySet[Facts]:
    """Her customers' facts, without whom no list shows (`UNLISTED`): each line reads its relation anyway."""
    return Facts.objects.filter(
        host_id=host.pk, relation__blocked_at__isnull=True, relation__is_customer=True
    )


def birthdays_between(first: date, days: int) -> list[int]:
    """The days' codes (month × 100 + day). Who was born on 29 February has it on the 28th of other years."""
    codes = [day.month * 100 + day.day for day in (first + timedelta(days=passed) for passed in range(days))]
    if 228 in codes and 229 not in codes and not _is_leap(first.year):
        codes.append(229)
    return codes


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _due(now: datetime) -> Q:
    return Q(next_action_on__lte=clock.day_of(now))


def _new(now: datetime) -> Q:
    return Q(joined_at__gte=_new_since(now))


def _new_since(now: datetime) -> datetime:
    return clock.start_of(clock.day_of(now) - timedelta(days=NEW_DAYS - 1))


def _birthday_near(now: datetime) -> Q:
    return Q(birthday__in=birthdays_between(clock.day_of(now), BIRTHDAY_DAYS))


def _matching(host: Host, query: str) -> list[Relation]:
    """Her customers whose name, remark, pinyin or phone answer to `query`; all when it is empty."""
    if found := _by_phone(host, query):
        return found
    relations = Relation.objects.of(host).only("public_id", "name", "remark")
    if not squeezed(query):
        return list(relations)
    return [
        relation
        for relation in relations
        if any(name and pinyin.is_called(query, name) for name in (relation.remark, relation.name))
    ]


def _by_phone(host: Host, query: str) -> list[Relation]:
    """Four digits are the end of a phone; a whole number is a phone however it is written.

    The number of a switchboard finds everybody behind it. By the last digits, since no index knows a main
    number, nor a phone that came with a hand-over and was known already.
    """
    relations = Relation.objects.of(host).only("public_id", "name", "remark", "phone")
    digits = squeezed(query)
    if len(digits) == 4 and digits.isascii() and digits.isdigit():
        return list(relations.filter(phone_last4_index=last4_index(host.pk, digits)))
    try:
        phone = normalise(query)
    except NotAPhoneError:
        return []
    alike = relations.filter(phone_last4_index=last4_index(host.pk, phone))
    return [one for one in alike if phone in (one.phone, main(one.phone))]


def _page_by_name(found: QuerySet[Facts], named: list[Relation], after: str) -> Page[Facts]:
    ranks = {one.pk: (pinyin.sort_key(one.shown_name), one.shown_name, one.pk) for one in named}
    order = sorted(found.values_list("pk", flat=True), key=ranks.__getitem__)
    page = page_of_keys(order, after, of="names", rank=ranks.__getitem__, size=PAGE_SIZE)
    facts = found.in_bulk(page.rows)
    return Page([facts[pk] for pk in page.rows], page.next)


def _described(taken: Page[Facts], now: datetime) -> Page[CustomerRow]:
    found = taken.rows
    subjects = wording.subjects_named((facts.last_subject_kind, facts.last_subject_id) for facts in found)
    today = clock.day_of(now)
    birthdays = set(birthdays_between(today, BIRTHDAY_DAYS))
    rows = [
        CustomerRow(
            relation=facts.relation,
            facts=facts,
            stage=stage_of(facts, now),
            last_act=wording.say_act(
                facts.last_event,
                facts.last_subject_kind,
                facts.last_subject_id,
                subjects,
                source=facts.relation.source,
                with_another=facts.relation.began_with_id is not None,
            ),
            last_act_at=facts.last_event_at,
            year_fen=facts.gmv_in(today.year),
            is_birthday_near=facts.birthday in birthdays,
            is_due=facts.next_action_on != NO_DAY and facts.next_action_on <= today,
        )
        for facts in found
    ]
    return Page(rows, taken.next)
