"""64 at once ask for the same erasure, each with a real connection and a real commit."""

from collections import Counter

from django.utils import timezone

from apps.customers.models import Relation
from apps.privacy import served
from apps.privacy.models import RightsRequest, Tombstone
from apps.privacy.services import data_requests
from tests.at_once import at_once
from tests.committed import own_tables, transactional_db
from tests.privacy import traces
from tests.privacy.asking import asked, called_back, proved
from tests.privacy.people import TRACES, her
from tests.privacy.test_rights import patience

__all__ = ["own_tables", "patience", "transactional_db"]


def test_sixty_four_at_once_leave_one_result(transactional_db: None) -> None:
    she = her()
    proved("erase")
    found = RightsRequest.objects.get()

    outcomes = at_once([lambda: data_requests.erase({"id": found.pk}, timezone.now())] * 64)

    found.refresh_from_db()
    assert [type(one) for one in outcomes] == [str] * 64
    assert sum(one.startswith("已删除，化名") for one in outcomes) == 1
    assert Tombstone.objects.count() == 3
    assert set(found.steps) == {one.name for one in served.HOLDERS.values()}
    assert len(found.steps) == len(served.HOLDERS)
    assert {row.pseudonym for row in Relation.objects.filter(pk__in=she.ids)} == {found.pseudonym}
    assert traces.found(TRACES, traces.opened_rows()) == []


def test_sixty_four_proofs_at_once_prove_once(transactional_db: None) -> None:
    her()
    _, address = asked("erase")
    code = called_back(address)
    found = RightsRequest.objects.get()

    results = at_once([lambda: data_requests.prove_by_code(found, code=code, now=timezone.now())] * 64)

    assert Counter(type(one) for one in results) == {RightsRequest: 1, data_requests.TooLateError: 63}
