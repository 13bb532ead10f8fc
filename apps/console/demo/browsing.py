"""Who looked at a host's shelf: before ordering there, and many times without.

Visits exceed orders several times over, and most are by people who have been there before: those who buy
often look often.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.console.demo.cast import Cast
from apps.console.demo.rhythm import WEEK, moment_on
from apps.lib import clock
from apps.sharing import subjects
from apps.sharing.services import link_to
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Event, Subject
from apps.trade.imports.bulk import NewOrder

DAYS = 90
#: Of the visits to a shelf: how many stay to read, and go on to a product.
STAYING, GOING_ON = 0.6, 0.45
#: One in so many of a busy host's people comes by on an ordinary day.
ONE_IN = 13
#: On so many days a busy host puts her shelf into her groups, whatever the plan says.
SHARING = 0.9


def shelf_links(hosts: Iterable[Host], *, now: datetime) -> dict[int, int]:
    """Host id → the link to her shelf that she put into her groups."""
    links = {}
    for host in hosts:
        link = link_to(host, subjects.of_shelf(host), Channel.GROUP, now=now)
        assert link is not None
        links[host.pk] = link.pk
    return links


def looks_before(rows: list[NewOrder], shelves: dict[int, int], *, dice: Random) -> Iterator[Event]:
    """What people who ordered by a link had looked at just before: the shelf, if it led there, and the product.

    As everywhere a view names a browser alone: whose that is, its orders say.
    """
    for row in rows:
        if row.link_id is None or row.visitor_id is None:
            continue
        ago = timedelta(minutes=dice.randint(4, 40))
        visit = _Visit(row.host_id, row.link_id, row.visitor_id)
        if row.link_id == shelves[row.host_id]:
            yield from visit.of(Subject.SHELF, row.host_id, at=row.placed_at - ago, stays=True)
        yield from visit.of(Subject.PRODUCT, row.lines[0].product_id, at=row.placed_at - ago / 2, stays=True)


def look_around(
    cast: Cast, products: dict[int, list[Product]], links: dict[int, int], *, dice: Random, now: datetime
) -> None:
    """Ninety days of coming by without buying: her own people, and those they sent the link to."""
    today = clock.day_of(now)
    for host in cast.hosts:
        people = [person for person in cast.people[host.pk] if person.visitor_id]
        weights = [person.eagerness for person in people]
        usual = 2 + cast.energy[host.pk] * len(people) / ONE_IN
        events: list[Event] = []
        for day in (today - timedelta(days=back) for back in range(DAYS)):
            count = round(usual * WEEK[day.weekday()] * dice.uniform(0.6, 1.4))
            if dice.random() < SHARING * cast.energy[host.pk]:
                events.append(_shared_shelf(host, links[host.pk], at=moment_on(dice, day, now)))
            for person in dice.choices(people, weights, k=count):
                assert person.visitor_id is not None
                visit = _Visit(host.pk, links[host.pk], person.visitor_id)
                at = moment_on(dice, day, now)
                events += visit.of(Subject.SHELF, host.pk, at=at, stays=dice.random() < STAYING)
                if dice.random() < GOING_ON:
                    product = dice.choice(products[host.pk])
                    later = at + timedelta(seconds=dice.randint(15, 200))
                    events += visit.of(Subject.PRODUCT, product.pk, at=later, stays=dice.random() < STAYING)
        end = cast.end(host, now)
        tracking.record_many(event for event in events if event.occurred_at < end)


def _shared_shelf(host: Host, link_id: int, *, at: datetime) -> Event:
    """She put her shelf into a group once more."""
    return Event(
        name=Fact.shared(Subject.SHELF),
        occurred_at=at,
        host_id=host.pk,
        actor_id=host.user_id,
        link_id=link_id,
        subject_kind=Subject.SHELF,
        subject_id=host.pk,
        props={"channel": str(Channel.GROUP)},
    )


class _Visit:
    """One person's way through a link."""

    def __init__(self, host_id: int, link_id: int, visitor_id: int) -> None:
        self.who = {
            "host_id": host_id,
            "link_id": link_id,
            "visitor_id": visitor_id,
        }

    def of(self, kind: Subject, subject_id: int, *, at: datetime, stays: bool) -> Iterator[Event]:
        """The page opened, and read where she `stays`."""
        moments = [(Fact.viewed(kind), at)]
        if stays:
            moments.append((Fact.read(kind), at + timedelta(seconds=8)))
        for name, moment in moments:
            yield Event(name=name, occurred_at=moment, subject_kind=kind, subject_id=subject_id, **self.who)
