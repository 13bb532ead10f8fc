"""Numbers are what happened, however the ledger is read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.insights.invariants import check_numbers
from apps.insights.models import ActDay, HostDay, LinkVisit, MoneyMove, NewCustomer
from apps.insights.projection import PROJECTION
from apps.lib.clock import SHANGHAI
from apps.tracking import reader
from apps.trade import services as trade
from tests.factories import a_host, a_sku
from tests.happenings import (
    MINUTE,
    a_link,
    a_material,
    a_visitor,
    buy,
    look,
    open_material,
    share,
    two_strangers,
)
from tests.projecting import follow_along, project_now, wait_until_readable
from tests.world import live_through

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
TODAY = date(2026, 3, 5)
DAY = timedelta(days=1)


def rows() -> dict[str, list[Any]]:
    return {
        model.__name__: sorted(model.objects.values_list(*(f.attname for f in model._meta.concrete_fields)))
        for model in (HostDay, LinkVisit, ActDay, MoneyMove, NewCustomer)
    }


@pytest.mark.parametrize("limit", [1, 3, 17, 1000])
def test_every_cut_and_every_rebuild_gives_the_same_rows(ledger: None, limit: int) -> None:
    live_through()
    wait_until_readable()
    reader.catch_up(PROJECTION)
    expected = {name: list(map(str, found)) for name, found in rows().items()}
    assert all(len(found) > 5 for found in expected.values())
    assert check_numbers() == []

    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION, limit=limit)

    assert {name: list(map(str, found)) for name, found in rows().items()} == expected


def test_following_along_gives_the_same_rows_as_reading_it_all_later(ledger: None) -> None:
    host, sku, material = a_host(), a_sku(), a_material()
    visitor, link = a_visitor(NOW), a_link(host, material, at=NOW)
    for n in range(3):
        share(link, at=NOW + n * DAY)
        look(link, visitor, at=NOW + n * DAY)
        follow_along()
        order = buy(host, sku, at=NOW + n * DAY + MINUTE, link=link, visitor=visitor)
        follow_along()
        trade.cancel_order(order, by=None, now=NOW + (n + 1) * DAY)
        follow_along()
    followed = str(rows())

    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION)

    assert str(rows()) == followed


def test_who_becomes_a_customer_late_gives_the_same_rows(ledger: None) -> None:
    two_strangers(at=NOW, after_each=follow_along)
    followed = str(rows())

    reader.rebuild(PROJECTION)
    reader.catch_up(PROJECTION)

    assert str(rows()) == followed


def test_a_batch_applied_twice_changes_nothing(db: None) -> None:
    live_through()
    project_now()
    expected = str(rows())

    PROJECTION.fold(reader.everything())

    assert str(rows()) == expected


def day_of(day: date = TODAY) -> HostDay:
    return HostDay.objects.get(day=day)


def test_one_person_by_one_link_on_one_day_is_one_visit(db: None) -> None:
    host = a_host()
    one, other = a_link(host, a_material("一"), at=NOW), a_link(host, a_material("二"), at=NOW)
    anna, bea = a_visitor(NOW), a_visitor(NOW)
    look(one, anna, at=NOW)
    look(one, anna, at=NOW + MINUTE)
    look(other, anna, at=NOW + MINUTE)
    look(one, bea, at=NOW + MINUTE)
    look(one, bea, at=NOW + DAY)
    project_now()

    assert (day_of().visits, day_of().visitors) == (3, 2)
    assert (day_of(TODAY + DAY).visits, day_of(TODAY + DAY).visitors) == (1, 1)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC), date(2026, 3, 5)),
        (datetime(2026, 3, 5, 16, 0, 0, tzinfo=UTC), date(2026, 3, 6)),
    ],
)
def test_the_day_is_shanghais(db: None, at: datetime, day: date) -> None:
    buy(a_host(), a_sku(), at=at)
    project_now()
    assert day_of(day).orders == 1


def test_a_cancelled_order_stays_in_its_day_and_is_taken_back_on_the_day_it_was_cancelled(db: None) -> None:
    host, sku = a_host(), a_sku(price_fen=10_000, commission_bp=1_000)
    order = buy(host, sku, at=NOW, quantity=2)
    buy(host, sku, at=NOW)
    trade.cancel_order(order, by=None, now=NOW + DAY)
    project_now()

    then, after = day_of(), day_of(TODAY + DAY)

    assert (then.orders, then.gmv_fen, then.commission_fen) == (2, 30_000, 3_000)
    assert (after.orders, after.gmv_fen, after.taken_back_fen, after.commission_fen) == (
        0,
        -20_000,
        20_000,
        -2_000,
    )


def test_a_new_customer_counts_on_the_day_she_joined(db: None) -> None:
    host, sku = a_host(), a_sku()
    buy(host, sku, at=NOW)
    buy(host, sku, at=NOW + DAY)  # the same phone: no new customer
    project_now()

    assert day_of().new_customers == 1
    assert day_of(TODAY + DAY).new_customers == 0


def test_the_funnel_keeps_the_first_time_of_each_step(db: None) -> None:
    host, sku = a_host(), a_sku()
    visitor, link = a_visitor(NOW), a_link(host, a_material(), at=NOW)
    look(link, visitor, at=NOW)
    look(link, visitor, at=NOW + DAY, stays=True)
    buy(host, sku, at=NOW + 2 * DAY, link=link, visitor=visitor)
    buy(host, sku, at=NOW + 3 * DAY, link=link, visitor=visitor)
    project_now()

    visit = LinkVisit.objects.get()

    assert (visit.reached_at, visit.read_at, visit.ordered_at) == (NOW, NOW + DAY + MINUTE, NOW + 2 * DAY)
    assert (visit.host_id, visit.subject_kind, visit.subject_id) == (host.pk, "material", link.subject_id)


def test_an_order_by_a_link_means_that_it_was_reached_and_read(db: None) -> None:
    host = a_host()
    visitor, link = a_visitor(NOW), a_link(host, a_material(), at=NOW)
    buy(host, a_sku(), at=NOW, link=link, visitor=visitor)
    project_now()

    visit = LinkVisit.objects.get()

    assert visit.reached_at == visit.read_at == visit.ordered_at == NOW


def test_the_database_refuses_a_funnel_that_widens(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkVisit.objects.create(
            link_id=1, visitor_id=1, host_id=1, subject_kind="material", subject_id=1, reached_at=NOW,
            ordered_at=NOW,
        )  # fmt: skip


def test_a_page_opened_without_a_link_is_a_visit_and_no_step_of_a_funnel(db: None) -> None:
    from apps.tracking import services as tracking

    host, visitor = a_host(), a_visitor(NOW)
    tracking.record("shelf.viewed", at=NOW, host_id=host.pk, visitor_id=visitor.pk, subject_kind="shelf")
    project_now()

    assert day_of().visits == 1
    assert not LinkVisit.objects.exists()


def test_what_a_host_does_with_a_material_is_counted_by_day(db: None) -> None:
    host, material = a_host(), a_material()
    link = a_link(host, material, at=NOW)
    open_material(host, material, at=NOW)
    share(link, at=NOW)
    share(link, at=NOW + MINUTE)
    share(link, at=NOW + DAY)
    project_now()

    acts = list(ActDay.objects.order_by("day").values_list("day", "opened", "shared"))

    assert acts == [(TODAY, 1, 2), (TODAY + DAY, 0, 1)]
    assert day_of().shares == 2


def test_the_check_finds_a_day_that_is_not_what_the_orders_say(db: None) -> None:
    buy(a_host(), a_sku(), at=NOW)
    project_now()
    reader_is_behind = reader.lag(PROJECTION.name).waiting
    assert reader_is_behind  # inside one transaction nothing counts as read yet, and nothing is claimed
    assert check_numbers() == []


def test_the_check_speaks_once_all_is_read(ledger: None) -> None:
    buy(a_host(), a_sku(), at=NOW)
    project_now()
    assert check_numbers() == []

    HostDay.objects.update(placed_fen=1)
    assert len(check_numbers()) == 1
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insights_hostday")
    assert len(check_numbers()) == 1
