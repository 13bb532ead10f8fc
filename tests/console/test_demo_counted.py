"""The demo says that it is there when its numbers are."""

from django.utils import timezone

from apps.console.demo import build
from apps.insights.models import HostDay
from apps.tracking import reader
from apps.tracking import services as tracking
from tests.committed import own_tables, transactional_db
from tests.factories import a_host
from tests.happenings import a_link, a_material, a_visitor, look
from tests.projecting import empty_ledger, wait_until_readable

__all__ = ["own_tables", "transactional_db"]


def test_its_numbers_are_counted_before_it_is_announced(transactional_db: None) -> None:
    empty_ledger()
    now = timezone.now()
    tracking.make_partitions({now.date().replace(day=1)})
    host = a_host()
    look(a_link(host, a_material(), at=now), a_visitor(now), at=now)
    wait_until_readable()
    steps: list[tuple[int, int]] = []

    # No time is no reason to wait; what is left is said.
    assert build.project(progress=lambda *step: None, seconds=0) is False
    assert not HostDay.objects.exists()
    assert build.project(progress=lambda what, done, total: steps.append((done, total))) is True

    assert HostDay.objects.get(host_id=host.pk).visits == 1
    assert steps[-1] == (len(reader.projections()), len(reader.projections()))
