"""Rows that one worker at a time works on: taken by a lease, written back only by whoever still holds it.

Deliveries, inbox and jobs are three tables with one engine, which is this (docs/deliveries.md). A worker
takes a row in one short transaction, works without one, and settles the row only while its `fence` is the
worker's own. Whoever dies, hangs or wakes up too late can neither block a row nor overwrite its heir.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

logger = logging.getLogger(__name__)

#: Tries in which our own code broke before a row is given up.
MAX_FAILURES = 5
#: Workers that died over one row before it is taken for the cause.
MAX_CRASHES = 15
LEASED = "leased"
DEAD = "dead"


class Leased(models.Model):
    """What a row needs to be leased. The model adds `state`, with LEASED and DEAD among its values."""

    tries = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    crashes = models.PositiveIntegerField(default=0)
    #: Raised with each lease: only the holder of the newest one may settle the row.
    fence = models.PositiveIntegerField(default=0)
    #: By the database's clock, like all times here.
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    state: str

    class Meta:
        abstract = True

    @property
    def was_dropped(self) -> bool:
        """Taken while leased: its worker died, and nobody knows how far it came."""
        return self.state == LEASED


Row = TypeVar("Row", bound=Leased)


def _goes_on(row: Any) -> bool:
    return False


def _nothing(row: Any) -> None:
    pass


@dataclass(frozen=True)
class Leases(Generic[Row]):
    """How the rows of one table are taken, put off and ended."""

    model: type[Row]
    #: The state in which a row waits to be taken.
    waiting: str
    #: The column that says in words why a row waits or has ended.
    words: str
    #: What stands there when its workers died, and when our code broke, over and over.
    died: str
    broke: str
    #: How long a row rests after so many failures of our code.
    rest: Callable[[int], timedelta] = lambda failures: timedelta(seconds=2**failures)
    #: Tells whoever waits for a row that it was given up, in the transaction that says so.
    given_up: Callable[[Row], None] = _nothing

    def due(self) -> Q:
        """Rows that may be taken: waiting ones whose time has come, and those that a dead worker left."""
        waiting = Q(state=self.waiting, not_before__lte=Now())
        return waiting | Q(state=LEASED, lease_until__lt=Now())

    def take(
        self,
        rows: QuerySet[Row],
        *,
        lease: Callable[[Row], timedelta],
        ended: Callable[[Row], bool] = _goes_on,
        leased: Callable[[Row], None] = _nothing,
    ) -> Row | None:
        """Lease the oldest of `rows` that is due; as it was before, with its new fence.

        `ended` sees a row that would be taken, and says whether it has ended it instead; `leased` writes what
        belongs to the lease. Both run in its transaction.
        """
        while True:
            with transaction.atomic():
                row = (
                    rows.select_for_update(skip_locked=True)
                    .filter(self.due())
                    .order_by("not_before", "pk")
                    .first()
                )
                if row is None:
                    return None
                row.crashes += row.was_dropped
                if ended(row):
                    continue
                if row.crashes >= MAX_CRASHES:
                    self.end(row, DEAD, self.died)
                    continue
                self.lease(row, lease(row))
                leased(row)
                return row

    def lease(self, row: Row, duration: timedelta, **columns: Any) -> None:
        """Lease a row that this transaction holds; `row.fence` is the holder's from here on."""
        self._rows(row).update(
            state=LEASED,
            tries=F("tries") + 1,
            fence=F("fence") + 1,
            crashes=row.crashes,
            lease_until=Now() + duration,
            **columns,
        )
        row.fence += 1

    def held(self, pk: int, fence: int) -> Row | None:
        """Lock a row that is still the caller's; None when another worker has taken it over."""
        rows: QuerySet[Row] = self.model._default_manager.select_for_update()
        return rows.filter(pk=pk, fence=fence, state=LEASED).first()

    def settle(self, pk: int, fence: int, write: Callable[[Row], None]) -> bool:
        """Write the outcome; False, and nothing written, when the lease had passed to another worker."""
        with transaction.atomic():
            row = self.held(pk, fence)
            if row is not None:
                write(row)
            return row is not None

    def put_off(self, row: Row, wait: timedelta, words: str, **columns: Any) -> None:
        """Give a row back, to be taken again after a while."""
        self._rows(row).update(
            state=self.waiting,
            lease_until=None,
            not_before=Now() + wait,
            failures=row.failures,
            **{self.words: words[:200]},
            **columns,
        )

    def count_failure(self, row: Row) -> None:
        """Our own code broke over the row: it rests a little longer each time, and is given up at last."""
        row.failures += 1
        if row.failures >= MAX_FAILURES:
            self.end(row, DEAD, f"{self.broke}，多次都这样")
        else:
            self.put_off(row, self.rest(row.failures), self.broke)

    def end(self, row: Row, state: str, words: str, **columns: Any) -> None:
        """The row has come to its end, whichever."""
        if state == DEAD:
            logger.error("%s %s given up: %s", self.model._meta.label, row.pk, words)
            self.given_up(row)
        self._rows(row).update(
            state=state,
            lease_until=None,
            failures=row.failures,
            crashes=row.crashes,
            finished_at=Now(),
            **{self.words: words[:200]},
            **columns,
        )

    def _rows(self, row: Row) -> QuerySet[Row]:
        found: QuerySet[Row] = self.model._default_manager.filter(pk=row.pk)
        return found
