"""Facts are what happened, however the ledger is read."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import Host
from apps.customers import erasure as customers_erasure
from apps.customers import services as customers
from apps.customers.handover import acts as acts_moving
from apps.customers.models import Relation
from apps.database import db_role
from apps.lib.clock import SHANGHAI
from apps.profiles import selectors
from apps.profiles.erasure import erase
from apps.profiles.invariants import check_facts
from apps.profiles.models import NEVER, NO_DAY, Facts, RelationDay, VisitorRelation
from apps.profiles.projection import PROJECTION
from apps.tracking import reader
from apps.tracking.facts import DEALINGS, VISITED
from apps.tracking.models import Event
from apps.trade import services as trade
from apps.trade.models import Order
from tests.factories import a_host, a_sku
from tests.happenings import MINUTE, a_customer, a_link, a_material, a_visitor, buy, look, two_strangers
from tests.projecting import follow_along, project_now, wait_until_readable
from tests.world import live_through

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def rows() -> dict[str, Any]:
    return {
        "facts": list(Facts.objects.order_by("relation").values_list()),
        "browsers": sorted(
            VisitorRelation.objects.values_list("host_id", "visitor_id", "since", "until", "relation_id")
        ),
        "days": sorted(RelationDay.objects.values_list("relation_id", "day", "fact", "n")),
    }


@pytest.mark.parametrize("limit", [1, 3, 17, 1000])
def test_every_cut_and_every_rebuild_gives_the_same_rows(ledger: None, limit: int) -> None:
    live_through()
    wait_until_readable()
    reader.catch_up(PROJECTION)
    expected = rows()
    assert len(expected["facts"]) > 5
    assert {fact for _, _, fact, _ in expected["days"]} >= {"order.placed", "material.viewed"}
    assert check_facts() == []

    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION, limit=limit)

    assert rows() == expected


def test_following_along_gives_the_same_rows_as_reading_it_all_later(ledger: None) -> None:
    host, sku = a_host(), a_sku()
    visitor, link = a_visitor(NOW), a_link(host, a_material(), at=NOW)
    for n in range(4):
        look(link, visitor, at=NOW + n * DAY)
        follow_along()
        order = buy(host, sku, at=NOW + n * DAY + MINUTE, link=link, visitor=visitor)
        follow_along()
        if n % 2:
            trade.cancel_order(order, by=None, now=NOW + n * DAY + 2 * MINUTE)
            follow_along()
    followed = rows()

    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION)

    assert rows() == followed


def test_a_look_at_another_hosts_page_is_no_act_with_this_one(ledger: None) -> None:
    """Facts, care and timeline have one population, through a hand-over and back, however it is read."""
    lin, zhen, sku = a_host(), a_host("zhen", "阿珍"), a_sku()
    visitor, link = a_visitor(NOW), a_link(lin, a_material(), at=NOW)
    order = buy(lin, sku, at=NOW, link=link, visitor=visitor)
    hers = Relation.objects.filter(pk=order.relation_id)

    def facts() -> Facts:
        return Facts.objects.get(relation=order.relation_id)

    def visits() -> tuple[int, int]:
        days = RelationDay.objects.filter(relation=order.relation_id, fact="material.viewed")
        return facts().visits, sum(day.n for day in days)

    def told(at: datetime) -> str:
        now_hers = Relation.objects.get(pk=order.relation_id)
        lines = "；".join(entry.words for entry in selectors.timeline(now_hers))
        return f"{lines}；{selectors.why_now(now_hers, facts(), at).why}"

    look(link, visitor, at=NOW + MINUTE)
    follow_along()
    assert facts().last_event == "material.viewed"
    assert told(NOW + 2 * MINUTE).count("看了") == 2
    assert visits() == (1, 1)
    acts_moving.hand_over(lin, zhen, relations=hers, scope="", reason="换人", by=None, now=NOW + 2 * MINUTE)
    look(link, visitor, at=NOW + 3 * MINUTE)
    follow_along()
    assert (facts().host_id, facts().last_event) == (zhen.pk, "order.placed")
    assert "看了" not in told(NOW + 4 * MINUTE)
    assert visits() == (0, 0)
    _reads_the_same()
    # Back with the first host, what she looked at there counts again.
    acts_moving.hand_over(zhen, lin, relations=hers, scope="", reason="换回", by=None, now=NOW + 5 * MINUTE)
    follow_along()
    assert facts().last_event == "material.viewed"
    assert told(NOW + 6 * MINUTE).count("看了") == 2
    assert visits() == (1, 1)
    _reads_the_same()


def _reads_the_same() -> None:
    followed = rows()
    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION, limit=1)
    assert rows() == followed
    PROJECTION.clear()
    PROJECTION.fold(reader.everything())
    assert rows() == followed


def test_who_becomes_a_customer_late_gives_the_same_rows(ledger: None) -> None:
    two_strangers(at=NOW, after_each=follow_along)
    followed = rows()

    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION)

    assert rows() == followed


def test_a_batch_applied_twice_changes_nothing(db: None) -> None:
    live_through()
    project_now()
    expected = rows()

    PROJECTION.fold(reader.everything())

    assert rows() == expected


def facts_of(host: Host) -> Facts:
    return Facts.objects.get(host_id=host.pk)


def test_a_new_customer_is_there_at_once(db: None) -> None:
    host = a_host()
    relation = a_customer(host, "13800008000", at=NOW)

    facts = facts_of(host)

    assert (facts.relation_id, facts.joined_at, facts.last_event_at) == (relation.pk, NOW, NOW)
    assert (facts.first_order_at, facts.next_action_on) == (NEVER, NO_DAY)


def test_facts_follow_the_relation_and_go_with_it(db: None) -> None:
    host = a_host()
    relation = a_customer(host, "13800008000", at=NOW)
    relation.birthday_month, relation.birthday_day, relation.ended_at = 3, 8, NOW
    relation.next_action_on = NOW.date()
    relation.save()
    facts = facts_of(host)
    assert (facts.birthday, facts.is_current, facts.next_action_on) == (308, False, NOW.date())

    Relation.objects.filter(pk=relation.pk).delete()
    assert not Facts.objects.exists()


def test_orders_count_while_they_stand_and_money_moves_on_its_day(last_december: None) -> None:
    host, sku = a_host(), a_sku(price_fen=10_000)
    last_year = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    this_year = datetime(2025, 12, 31, 16, 1, tzinfo=UTC)  # 00:01 in Shanghai
    first = buy(host, sku, at=last_year, quantity=3)
    buy(host, sku, at=this_year)
    project_now()
    facts = facts_of(host)
    assert (facts.orders_count, facts.gmv_fen) == (2, 40_000)
    assert (facts.gmv_year, facts.gmv_year_fen) == (2026, 10_000)
    assert (facts.first_order_at, facts.last_order_at) == (last_year, this_year)

    trade.cancel_order(first, by=None, now=NOW)
    project_now()

    facts = facts_of(host)
    assert (facts.orders_count, facts.gmv_fen, facts.gmv_year_fen) == (1, 10_000, -20_000)
    assert facts.first_order_at == this_year


def test_goods_returned_take_their_money_back(db: None) -> None:
    host, sku = a_host(), a_sku(price_fen=10_000)
    order = buy(host, sku, at=NOW)
    trade.confirm_order(order, by=None, now=NOW)
    trade.ship_order(order, by=None, now=NOW)
    trade.return_goods(order, amount_fen=2_500, by=None, now=NOW + DAY)
    project_now()

    facts = facts_of(host)

    assert (facts.orders_count, facts.gmv_fen) == (1, 7_500)


def test_the_browser_that_ordered_is_hers_before_and_after(db: None) -> None:
    host, sku = a_host(), a_sku()
    visitor, link = a_visitor(NOW), a_link(host, a_material(), at=NOW)
    look(link, visitor, at=NOW)
    look(link, visitor, at=NOW + MINUTE)  # the same link on the same day is the same visit
    buy(host, sku, at=NOW + 2 * MINUTE, link=link, visitor=visitor)
    look(link, visitor, at=NOW + DAY, stays=True)
    project_now()

    facts = facts_of(host)

    assert facts.visits == 2
    assert (facts.last_event, facts.last_event_at) == ("material.read", NOW + DAY + MINUTE)


def test_a_gift_to_another_phone_does_not_move_the_browser(db: None) -> None:
    host, sku = a_host(), a_sku()
    visitor, link = a_visitor(NOW), a_link(host, a_material(), at=NOW)
    mine = buy(host, sku, at=NOW, visitor=visitor, phone="13800008000")
    gift = buy(host, sku, at=NOW + MINUTE, visitor=visitor, phone="13900009000")
    look(link, visitor, at=NOW + DAY)
    project_now()

    assert Facts.objects.get(pk=mine.relation_id).visits == 1
    assert Facts.objects.get(pk=gift.relation_id).visits == 0


def test_what_a_browser_does_with_one_host_says_nothing_to_another(db: None) -> None:
    lin, zhao, sku = a_host("lin"), a_host("zhao"), a_sku()
    visitor = a_visitor(NOW)
    buy(lin, sku, at=NOW, visitor=visitor)
    look(a_link(zhao, a_material(), at=NOW), visitor, at=NOW + DAY)
    hers = a_customer(zhao, "13800008000", at=NOW)
    project_now()

    assert Facts.objects.get(pk=hers.pk).visits == 0
    assert facts_of(lin).visits == 0
    assert facts_of(lin).last_event == "order.placed"


def test_what_the_host_does_is_not_the_customers_last_act(db: None) -> None:
    host = a_host()
    relation = a_customer(host, "13800008000", at=NOW)
    customers.add_note(relation, text="喜欢淡口味", by=host.user, now=NOW + DAY)
    customers.tag_relation(relation, name="老客", by=host.user, now=NOW + DAY)
    project_now()

    assert facts_of(host).last_event == "customer.joined"


def test_history_brought_in_late_does_not_become_the_last_act(db: None) -> None:
    host, sku = a_host(), a_sku()
    buy(host, sku, at=NOW)
    buy(host, sku, at=NOW - 40 * DAY)
    project_now()

    facts = facts_of(host)

    assert facts.last_event_at == NOW
    assert (facts.first_order_at, facts.last_order_at) == (NOW - 40 * DAY, NOW)


def test_an_event_about_nobody_known_stops_nothing(db: None) -> None:
    host = a_host()
    order = buy(host, a_sku(), at=NOW)
    reader_facts = reader.everything()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE profiles_facts")

    PROJECTION.fold(reader_facts)  # rows that are not there are not made up

    assert not Facts.objects.filter(pk=order.relation_id).exists()


def test_the_check_finds_a_number_that_is_not_what_the_orders_say(ledger: None) -> None:
    buy(a_host(), a_sku(), at=NOW)
    project_now()
    assert check_facts() == []

    Facts.objects.update(gmv_fen=1)
    assert len(check_facts()) == 1
    Facts.objects.all().delete()
    assert len(check_facts()) == 1
    assert Order.objects.count() == 1


@pytest.mark.parametrize("seed", range(6))
def test_the_days_are_the_same_in_whatever_order_and_cuts_events_come(db: None, seed: int) -> None:
    """Visits before and after the order that says whose browser it is, hand-over and erasure among them."""
    dice = Random(seed)
    host, other, sku = a_host(), a_host("zhao"), a_sku()
    phones = [f"1380000000{n}" for n in range(3)]
    people = [a_customer(host, phone, at=NOW - 9 * DAY) for phone in phones]
    visitors = [a_visitor(NOW) for _ in range(2)]
    link = a_link(host, a_material(), at=NOW)
    acts: list[Callable[[datetime], object]] = [
        lambda at: look(link, dice.choice(visitors), at=at, stays=dice.random() < 0.5),
        lambda at: buy(host, sku, at=at, phone=dice.choice(phones), visitor=dice.choice(visitors)),
        lambda at: customers.mark_contacted(dice.choice(people), by=host.user, now=at),
        lambda at: customers.tag_relation(dice.choice(people), name=f"{at:%H%M}", by=host.user, now=at),
    ]
    for _ in range(25):
        dice.choice(acts)(NOW + timedelta(hours=dice.randint(-90, 90)))
    hers = Relation.objects.filter(pk=people[0].pk)
    acts_moving.hand_over(host, other, relations=hers, scope="", reason="换人", by=None, now=NOW)
    entries = reader.everything()
    PROJECTION.clear()
    at = 0
    while at < len(entries):
        step = dice.randint(1, 7)
        PROJECTION.fold(entries[at : at + step])
        at += step
    followed = rows()["days"]

    PROJECTION.clear()
    PROJECTION.fold(entries)

    assert rows()["days"] == followed == counted_by_hand()
    with db_role.acting_as(other.pk):
        assert set(RelationDay.objects.values_list("relation_id", flat=True)) == {people[0].pk}
    erased = people[1]
    erase(customers_erasure.subject([erased.pk], False, "x"), NOW)
    assert rows()["days"] == counted_by_hand()


def counted_by_hand() -> list[tuple[int, date, str, int]]:
    """The days of each relation, counted event by event."""
    host_of = dict(Relation.objects.values_list("pk", "host"))
    held = [one for one in VisitorRelation.objects.all() if one.host_id == host_of[one.relation_id]]
    found: Counter[tuple[int, date, str]] = Counter()
    for event in Event.objects.filter(name__in=DEALINGS):
        whose = (
            one.relation_id
            for one in held
            if (one.host_id, one.visitor_id) == (event.host_id, event.visitor_id)
            and one.since < event.occurred_at < one.until
        )
        relation_id = event.relation_id or next(whose, None)
        if relation_id is not None:
            found[relation_id, event.occurred_at.astimezone(SHANGHAI).date(), event.name] += 1
    return sorted((*key, n) for key, n in found.items())


def test_a_visit_that_was_written_as_hers_is_nobodys(db: None) -> None:
    """A visit goes with its browser: neither a hand-over nor an erasure leaves it hers."""
    host, sku = a_host(), a_sku()
    relation = buy(host, sku, at=NOW).relation
    for name in VISITED:
        Event.objects.create(
            name=name,
            occurred_at=NOW + DAY,
            host_id=host.pk,
            visitor_id=a_visitor(NOW).pk,
            relation_id=relation.pk,
            subject_kind=name.subject,
            subject_id=1,
        )

    def told() -> tuple[Any, ...]:
        facts = Facts.objects.get(pk=relation.pk)
        days = RelationDay.objects.filter(relation=relation, fact__in=VISITED)
        return facts.visits, facts.last_event, days.count()

    project_now()
    assert told() == (0, "order.placed", 0)
    hers = Relation.objects.filter(pk=relation.pk)
    acts_moving.hand_over(
        host, a_host("zhao"), relations=hers, scope="", reason="换人", by=None, now=NOW + DAY
    )
    project_now()
    assert told() == (0, "order.placed", 0)
