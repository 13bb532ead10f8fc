"""The whole demo, in one transaction of several seconds each step; deterministic for a given day."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction

from apps.accounts.models import Host
from apps.console.demo import (
    activity,
    consents,
    desk,
    helping,
    learning,
    people,
    privacy,
    shown,
    waiting,
    world,
)
from apps.console.demo.cast import Cast
from apps.console.demo.rhythm import day_between, moment_on
from apps.console.demo.world import Progress
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.lib import clock
from apps.tracking import reader
from apps.tracking import services as tracking

SEED = 20_260_401
#: The notes and tags of hosts are so many days old at most.
NOTED_DAYS = 70
#: So long the numbers are waited for; then the pages open, and they follow.
PATIENCE_S = 240.0


class AlreadyInhabitedError(Exception):
    """The database holds hosts; demo data would mix with them."""


@dataclass(frozen=True, slots=True)
class Built:
    hosts: int
    customers: int
    products: int
    issues: int
    orders: int


def build(*, now: datetime, progress: Progress) -> Built:
    """Fill an empty database. AlreadyInhabitedError leaves it as it is."""
    if Host.objects.exists():
        raise AlreadyInhabitedError
    dice = Random(SEED)
    with transaction.atomic():
        _make_months(now)
        places = world.organisations()
        staff = world.staff(places, now=now)
        hosts = world.hosts(places, dice=dice, now=now, actor=staff["hq"])
        shown.faces_and_codes(hosts, now=now)
        progress("组织与账号", len(hosts), len(hosts))
        products = world.products(by=staff["editor"], dice=dice, progress=progress)
        shelves = world.shelves(hosts, products, dice=dice, now=now)
        issues = desk.publish_everything(products, editor=staff["editor"], now=now, progress=progress)
        out = people.out_since(hosts, now=now)
        cast = activity.customers(hosts, out, dice=dice, now=now, progress=progress)
        activity.visitors(cast, dice=dice, now=now)
        seen = activity.shares_and_visits(cast, issues, dice=dice, now=now, progress=progress)
        orders = activity.orders(cast, shelves, seen, dice=dice, now=now, progress=progress)
        _notes(cast, dice=Random(SEED + 2), now=now)
        waiting.strangers(hosts[0], shelves[hosts[0].pk], now=now)
        consents.answers(hosts, out, dice=Random(SEED + 1), now=now, progress=progress)
        privacy.access_log(hosts, by=staff["hq"], now=now)
        privacy.requests(hosts, top=places["禾里好物"], now=now)
        people.coming_and_going(hosts, places, by=staff["hq"], dice=dice, now=now)
        helping.calls(hosts, by=staff["hq"], now=now)
        helping.newcomers(places, by=staff["hq"], now=now)
        desk.tell_of_current(issues, editor=staff["editor"])
        learning.teach(
            cast,
            editor=staff["editor"],
            reviewer=staff["reviewer"],
            dice=dice,
            now=now,
            progress=progress,
        )
    return Built(len(hosts), Relation.objects.current().count(), len(products), len(issues), orders)


def project(*, progress: Progress, seconds: float = PATIENCE_S) -> bool:
    """Count what the demo tells, so that nobody opens a page of zeros; False when time is up.

    What is left then, the workers count. Inside a transaction nothing can be counted: nobody sees it yet.
    """
    behind = reader.projections()
    number, until = len(behind), time.monotonic() + seconds
    while not connection.in_atomic_block and time.monotonic() < until:
        taken = sum(reader.catch_up(one, seconds=2) for one in behind)
        behind = [one for one in behind if reader.lag(one.name).waiting]
        progress("统计", number - len(behind), number)
        if not behind:
            return True
        if not taken:  # somebody's transaction is still open
            time.sleep(0.2)
    return False


def _make_months(now: datetime) -> None:
    """The ledger's months that the demo tells of: a new database has those around today alone."""
    today = clock.day_of(now)
    tracking.make_partitions(
        {clock.first_of_month(today - timedelta(days=back)) for back in range(activity.DAYS + 1)}
    )


def _notes(cast: Cast, *, dice: Random, now: datetime) -> None:
    relations = {
        relation.pk: relation
        for relation in Relation.objects.filter(host__in=cast.hosts[:3]).select_related("host__user")
    }
    for relation_id, text, tag in activity.notes(cast, dice=dice, now=now):
        relation = relations[relation_id]
        # Written one by one over the weeks, by day, since she became a customer.
        first = max(clock.day_of(relation.joined_at), clock.day_of(now) - timedelta(days=NOTED_DAYS))
        at = max(moment_on(dice, day_between(dice, first, clock.day_of(now)), now), relation.joined_at)
        customers.add_note(relation, text=text, by=relation.host.user, now=at)
        customers.tag_relation(relation, name=tag, by=relation.host.user, now=at)
