"""HQ's page of figures against orders that nobody means."""

import pytest

from apps.accounts import roles
from apps.tracking.models import Event
from apps.trade import rules
from apps.trade.models import OrderRules
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
