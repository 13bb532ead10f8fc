"""Her yes comes in while what she was asked ends: read before, locked after."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.reach import asking
from apps.reach.models import Asking
from apps.records.models import Consent
from tests.at_once import during
from tests.committed import own_tables, transactional_db
from tests.factories import a_host
from tests.projecting import empty_ledger
from tests.reach.people import a_friend
from tests.storefront.pages import hidden_fields

__all__ = ["own_tables", "transactional_db"]


def asked_anew(relation: Relation) -> None:
    asking.ask(relation, by=relation.host.user, now=timezone.now())


def handed_over(relation: Relation) -> None:
    acts.hand_over(
        relation.host,
        Host.objects.get(name="小美"),
        relations=Relation.objects.filter(pk=relation.pk),
        scope="一位",
        reason="换区",
        by=None,
        now=timezone.now(),
    )


@pytest.mark.parametrize("end", [asked_anew, handed_over])
def test_a_yes_to_what_ends_meanwhile_is_none(
    transactional_db: None,
    end: Callable[[Relation], None],
) -> None:
    empty_ledger()
    relation = a_friend(a_host("lin", "林姐"))
    a_host("mei", "小美")
    hers = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)"})
    address = f"/agree/{asking.ask(relation, by=relation.host.user, now=timezone.now())}/"
    loaded = hidden_fields(hers.get(address).content.decode())

    answer = during(lambda: end(relation), lambda: hers.post(address, {**loaded, "do": "yes"}))

    assert answer.status_code == 409
    assert not Consent.objects.exists()
    assert set(Asking.objects.values_list("answer", flat=True)) == {""}
    # A no is taken whenever it comes.
    assert hers.post(address, {"do": "no"}).status_code == 302
