"""HQ's page of figures against orders that nobody means."""

from datetime import timedelta

import pytest

from apps.accounts import roles
from apps.tracking.models import Event
from apps.trade import releasing, rules
from apps.trade.models import Order, OrderRules
from tests.factories import MORNING, a_host, a_sku
from tests.happenings import buy
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db


def test_hq_sets_the_rules_and_is_told_what_can_not_be() -> None:
    hq = browser(a_person(roles.ADMIN))
    ours = OrderRules()
    numbers = {name: getattr(ours, name) for name in OrderRules.figures()} | {"many_pieces": 9}
    opened = hq.get("/hq/orders/rules/").content.decode()

    refused = hq.post("/hq/orders/rules/", {**numbers, "release_hours": 721})
    assert not OrderRules.objects.exists()
    saved = hq.post("/hq/orders/rules/", {**numbers, "release_hours": 24})

    assert "多少小时没确认，自动取消" in opened
    assert (refused.status_code, saved.status_code) == (200, 302)
    assert "720" in refused.content.decode()
    assert (rules.rules().many_pieces, rules.rules().release_hours) == (9, 24)
    changed = Event.objects.get(name="order_rules.changed")
    assert changed.actor_id is not None
    assert changed.props == {"many_pieces": [20, 9], "release_hours": [72, 24]}
    hq.post("/hq/orders/rules/", {**numbers, "release_hours": 24})
    assert Event.objects.filter(name="order_rules.changed").count() == 1
    assert browser(a_person(roles.OPERATOR)).get("/hq/orders/rules/").status_code in {302, 403}


def test_an_order_keeps_the_hours_under_which_it_was_placed() -> None:
    hq, host, sku = browser(a_person(roles.ADMIN)), a_host(), a_sku()
    numbers = {name: getattr(OrderRules(), name) for name in OrderRules.figures()}
    before = buy(host, sku, at=MORNING)
    saved = hq.post("/hq/orders/rules/", {**numbers, "release_hours": 1}, follow=True)
    after = buy(host, sku, at=MORNING)

    assert "从下一单起照新的来；已经在等的单照它下单时的规则。" in saved.content.decode()
    assert releasing.released_at(before) == MORNING + timedelta(hours=72)
    assert releasing.release(now=MORNING + timedelta(hours=2)) == 1
    assert [row.status for row in Order.objects.order_by("pk")] == ["placed", "cancelled"]
    assert "1 小时没有确认" in Order.objects.get(pk=after.pk).reversals.get().reason
    hq.post("/hq/orders/rules/", {**numbers, "release_hours": 720})
    assert releasing.release(now=MORNING + timedelta(hours=72)) == 1
    assert "72 小时没有确认" in Order.objects.get(pk=before.pk).reversals.get().reason
