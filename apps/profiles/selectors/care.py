"""Whom a host should care for today: a few people, the reason in words, and a sentence to begin with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Host
from apps.catalog.availability import availabilities, substitutes
from apps.catalog.models import Product
from apps.customers.calling import greeted
from apps.customers.models import Relation
from apps.lib import clock, humanize, money
from apps.library.models import Material
from apps.profiles import wording
from apps.profiles.lifecycle import ASLEEP_AFTER, LOST_AFTER, REGULAR_ORDERS
from apps.profiles.models import Facts
from apps.profiles.selectors.rows import birthdays_between
from apps.tracking.facts import VISITED
from apps.tracking.models import Subject

BIRTHDAY_AHEAD = 3
LOOKED_WITHIN = timedelta(days=2)
GREET_WITHIN = timedelta(days=3)
#: She talked to this customer only just now: leave them in peace.
REST_AFTER_CONTACT = timedelta(days=2)
#: So many of one reason, while there are others.
OF_ONE_REASON = 2


@dataclass(frozen=True, slots=True)
class Care:
    """One person to care for. `reason` is due, birthday, looked, greet, rebuy, sleeping, or none: ""."""

    relation: Relation
    facts: Facts
    reason: str
    why: str
    opener: str

    @property
    def name(self) -> str:
        return self.relation.shown_name


def who_to_care_for(host: Host, now: datetime, *, limit: int = 5) -> list[Care]:
    """At most `limit` people, the most pressing first, of mixed reasons."""
    return _cared(host, _choose(host, now, limit), now)


def why_now(relation: Relation, facts: Facts, now: datetime) -> Care:
    """Why her host should turn to this one customer now, whether or not they have just talked."""
    if found := _cared(relation.host, _choose(relation.host, now, 1, only=relation.pk), now):
        return found[0]
    talked = relation.last_contact_at
    why = f"没有特别的事，上次联系是{_say_day(talked, now)}" if talked else "没有特别的事，还没记过联系"
    return Care(relation, facts, "", why, greeted(relation, "最近怎么样？有想看的、想问的，随时找我。"))


def _cared(host: Host, chosen: list[tuple[Facts, str]], now: datetime) -> list[Care]:
    looked = [facts for facts, reason in chosen if reason == "looked"]
    subjects = wording.subjects_named((one.last_subject_kind, one.last_subject_id) for one in looked)
    known = _Known(subjects, _gone_among(looked) if looked else {})
    return [_told(host, facts, reason, known, now) for facts, reason in chosen]


@dataclass(frozen=True, slots=True)
class _Gone:
    """What she looked at and cannot buy: its name, why not, and something like it."""

    title: str
    words: str
    instead: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What the sentences need to know of the things that people looked at."""

    subjects: wording.Subjects
    gone: dict[tuple[str, int], _Gone]


def _gone_among(looked: list[Facts]) -> dict[tuple[str, int], _Gone]:
    """Those whose product, or whose material's product, nobody can buy now."""
    seen = {(one.last_subject_kind, one.last_subject_id) for one in looked}
    materials = Material.objects.filter(pk__in=[pk for kind, pk in seen if kind == Subject.MATERIAL])
    sold = {(str(Subject.PRODUCT), pk): pk for kind, pk in seen if kind == Subject.PRODUCT}
    for pk, product_id in materials.filter(product__isnull=False).values_list("pk", "product"):
        sold[str(Subject.MATERIAL), pk] = product_id
    known = availabilities(sold.values())
    gone = Product.objects.in_bulk([pk for pk, one in known.items() if one.is_gone])
    told = {}
    for pk, product in gone.items():
        other = substitutes(product).first()
        told[pk] = _Gone(product.title, known[pk].label, other.title if other is not None else "")
    return {at: told[pk] for at, pk in sold.items() if pk in told}


def _choose(host: Host, now: datetime, limit: int, *, only: int | None = None) -> list[tuple[Facts, str]]:
    """Who, with all that the sentences need to know, in one query."""
    today = clock.day_of(now)
    codes = birthdays_between(today, BIRTHDAY_AHEAD)
    chosen: Iterable[Any] = Relation.objects.raw(
        _CANDIDATES,
        {
            "regular": REGULAR_ORDERS,
            "host": host.pk,
            "now": now,
            "today": today,
            "birthdays": codes,
            "days": [_days_ahead(codes, code) for code in codes],
            "only": only,
            "looks": [fact for fact in VISITED if fact.subject != Subject.SHELF],
            "looked_since": now - LOOKED_WITHIN,
            "joined_since": now - GREET_WITHIN,
            "asleep_since": now - ASLEEP_AFTER,
            "lost_since": now - LOST_AFTER,
            "rested": now - REST_AFTER_CONTACT,
            "each": OF_ONE_REASON,
            "limit": limit,
        },
    )
    return [
        (
            Facts(relation=one, **{name: getattr(one, f"its_{name}") for name in _FACTS}),
            _REASONS[one.urgency - 1],
        )
        for one in chosen
    ]


def _days_ahead(codes: list[int], code: int) -> int:
    """How far off a birthday is; who was born on 29 February has it on the 28th of other years."""
    place = codes.index(code)
    return place if place < BIRTHDAY_AHEAD else codes.index(228)


#: Columns of `Facts` beside its key.
_FACTS = [field.attname for field in Facts._meta.concrete_fields if not field.primary_key]

#: The reasons by their urgency, from 1; in the query as numbers, since it compares them for everybody.
_REASONS = ("due", "birthday", "looked", "greet", "rebuy", "sleeping")
_DUE, _BIRTHDAY, _LOOKED, _GREET, _REBUY, _SLEEPING = range(1, len(_REASONS) + 1)

#: A customer has one reason, the first that fits. Buying again is due when the usual pause is over by a
#: third, and no longer a question once three pauses have passed.
_CANDIDATES = f"""
WITH hers AS (
    SELECT f.relation_id, f.gmv_fen, f.last_event_at, f.joined_at, f.next_action_on, f.birthday,
           CASE
           WHEN f.next_action_on <= %(today)s THEN {_DUE}
           WHEN f.birthday = ANY(%(birthdays)s) THEN {_BIRTHDAY}
           WHEN f.last_event_at > %(looked_since)s AND f.last_order_at < f.last_event_at
                AND f.last_event = ANY(%(looks)s) THEN {_LOOKED}
           WHEN f.joined_at > %(joined_since)s AND f.orders_count = 0 THEN {_GREET}
           WHEN f.orders_count >= %(regular)s AND f.last_order_at < %(now)s - interval '7 days'
                AND %(now)s - f.last_order_at
                    BETWEEN (f.last_order_at - f.first_order_at) / (f.orders_count - 1) * 4 / 3
                        AND (f.last_order_at - f.first_order_at) / (f.orders_count - 1) * 3 THEN {_REBUY}
           WHEN f.orders_count >= 1 AND f.last_event_at <= %(asleep_since)s
                AND f.last_event_at > %(lost_since)s THEN {_SLEEPING}
           END AS urgency
      FROM profiles_facts f
     WHERE f.host_id = %(host)s AND f.is_current
       AND (%(only)s::bigint IS NULL OR f.relation_id = %(only)s)
    OFFSET 0)  -- so that the reason is found once for each, not for every clause that asks for it
SELECT r.*, ranked.urgency, {", ".join(f"f.{name} AS its_{name}" for name in _FACTS)}
  FROM (SELECT * FROM (
        SELECT relation_id, urgency,
               -- What has a day stands by that day: tomorrow's birthday before the one after.
               row_number() OVER (PARTITION BY urgency ORDER BY
                   CASE urgency WHEN {_DUE} THEN known.next_action_on - %(today)s
                                WHEN {_BIRTHDAY} THEN (%(days)s)[array_position(%(birthdays)s, birthday)]
                                ELSE 0 END,
                   gmv_fen DESC, last_event_at DESC, relation_id) AS place
          FROM hers AS known
          -- When she was last talked to is looked up for the few who have a reason.
          JOIN customers_relation r ON r.id = relation_id
         WHERE urgency IS NOT NULL AND r.is_customer
           AND (%(only)s::bigint IS NOT NULL OR urgency = {_DUE} OR r.last_contact_at IS NULL
            OR r.last_contact_at <= CASE urgency WHEN {_GREET} THEN known.joined_at ELSE %(rested)s END)
             ) AS placed
         ORDER BY (place > %(each)s), urgency, place
         LIMIT %(limit)s) AS ranked
  JOIN customers_relation r ON r.id = ranked.relation_id
  JOIN profiles_facts f ON f.relation_id = ranked.relation_id
 ORDER BY (place > %(each)s), urgency, place
"""  # noqa: S608 - names of our own columns


def _told(host: Host, facts: Facts, reason: str, known: _Known, now: datetime) -> Care:
    why, opener = _SAY[reason](host, facts, known, now)
    return Care(facts.relation, facts, reason, why, greeted(facts.relation, opener))


Said = tuple[str, str]


def _say_due(host: Host, facts: Facts, known: _Known, now: datetime) -> Said:
    day = humanize.say_day(facts.next_action_on, today=clock.day_of(now))
    what = facts.relation.next_action or "跟进一下"
    said = wording.address("你定了", with_another=_came_to(facts))
    return f"{said}{day}：{what}", "上次说的事我一直记着，现在方便聊两句吗？"


def _say_birthday(host: Host, facts: Facts, known: _Known, now: datetime) -> Said:
    ahead = _days_ahead(birthdays_between(clock.day_of(now), BIRTHDAY_AHEAD), facts.birthday)
    day = f"{facts.birthday // 100}月{facts.birthday % 100}日"
    when = "今天生日" if ahead == 0 else f"{ {1: '明天', 2: '后天'}[ahead] }生日（{day}）"
    wish = "生日快乐！" if ahead == 0 else "提前祝你生日快乐！"
    return when, f"{wish}愿你这一年都顺心。想给自己挑点什么，跟我说。"


def _say_looked(host: Host, facts: Facts, known: _Known, now: datetime) -> Said:
    at = (facts.last_subject_kind, facts.last_subject_id)
    subject = wording.say_subject(*at, known.subjects)
    when = _say_day(facts.last_event_at, now)
    if (gone := known.gone.get(at)) is not None:
        why = f"{when}看了{subject}，{gone.words}"
        if gone.instead:
            return why, f"上次你看的「{gone.title}」没货了，「{gone.instead}」也不错，要不要我帮你看看？"
        return why, f"上次你看的「{gone.title}」暂时没货。想找类似的，跟我说说你的要求，我帮你留意。"
    return f"{when}看了{subject}，还没下单", f"给你推荐{subject}，适不适合你，我帮你参谋参谋？"


def _say_greet(host: Host, facts: Facts, known: _Known, now: datetime) -> Said:
    when = _say_day(facts.joined_at, now)
    joined = wording.address("成为你的客户", with_another=_came_to(facts))
    return f"{when}{joined}，还没打过招呼", f"你好，我是{host.name}。想看什么、想问什么，随时找我。"


def _came_to(facts: Facts) -> bool:
    """Whether she was handed over to this host: what was before may have been with another."""
    return facts.relation.began_with_id is not None


def _say_day(moment: datetime, now: datetime) -> str:
    return humanize.say_day(clock.day_of(moment), today=clock.day_of(now))


def _say_rebuy(host: Host, facts: Facts, known: _Known, now: datetime) -> Said:
    usual = clock.days_between(facts.first_order_at, facts.last_order_at) // (facts.orders_count - 1)
    passed = clock.days_between(facts.last_order_at, now)
    why = f"平均 {max(1, usual)} 天买一次，这次隔了 {passed} 天"
    return why, "上次的用得怎么样？快用完的话我给你留一份。"


def _say_sleeping(host: Host, facts: Facts, known: _Known, now: datetime) -> Said:
    quiet = clock.days_between(facts.last_event_at, now)
    return f"{quiet} 天没动静，一共买过 {money.show_yuan(facts.gmv_fen)}", "好久没聊了，最近还好吗？"


_SAY: dict[str, Callable[[Host, Facts, _Known, datetime], Said]] = {
    "due": _say_due,
    "birthday": _say_birthday,
    "looked": _say_looked,
    "greet": _say_greet,
    "rebuy": _say_rebuy,
    "sleeping": _say_sleeping,
}
