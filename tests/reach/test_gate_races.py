"""The gate before 64 senders at once."""

from django.db import transaction
from django.utils import timezone

from apps.customers.models import Relation
from apps.database import db_role
from apps.reach import gate, touches
from apps.reach.models import Purpose, Touch, Way
from tests.at_once import at_once
from tests.committed import own_tables, transactional_db  # noqa: F401
from tests.factories import a_host
from tests.reach.people import a_friend, agrees, takes_back


def test_of_64_senders_at_once_none_has_her_once_she_has_taken_it_back(
    transactional_db: None,  # noqa: F811
) -> None:
    lin = a_host("lin")
    hers, stays = agrees(a_friend(lin, 1)), agrees(a_friend(lin, 2))

    def send(number: int) -> None:
        with db_role.as_worker(), transaction.atomic():
            # What is known at this moment, whoever else writes.
            decision = gate.may_reach(Relation.objects.of(lin), Purpose.OFFERS, Way.MASS, now=timezone.now())
            touches.note(decision, cause="mass-send", cause_id=number)

    def leave() -> None:
        takes_back(hers)

    results = at_once([leave, *((lambda number=number: send(number)) for number in range(63))])
    send(64)

    assert [one for one in results if isinstance(one, Exception)] == []
    assert Touch.objects.filter(relation=stays, state="allowed").count() == 64
    assert Touch.objects.get(relation=hers, cause_id=64).reason == "withdrawn"
    each = Touch.objects.filter(relation=hers).values_list("cause_id", flat=True)
    assert sorted(each) == [*range(63), 64]
