"""A rebuild gives exactly the rows that following along gave, in all tables, whatever happened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.handover import acts as handing_over
from apps.customers.models import Relation
from apps.lib import clock
from apps.outbox.services import jobs
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests
from apps.profiles import expiry
from apps.profiles.models import Facts, RelationDay, VisitorRelation
from apps.tracking import reader
from apps.trade import services as trade
from apps.trade.models import Order
from tests import scale
from tests.factories import a_host, a_person_at_hq, a_sku
from tests.happenings import a_customer, a_link, a_material, a_visitor, buy, look, open_material, share
from tests.projecting import project_now, wait_until_readable

#: Erasures happen at this moment: what a browser did before and after them is told apart.
NOW = timezone.now()
DAY = timedelta(days=1)
PHONES = [f"1380000000{n}" for n in range(5)]

Rows = dict[str, list[str]]


def rows() -> Rows:
    """Every row of every projection, as text."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for projection in reader.projections():
            for table in projection.tables:
                cursor.execute(f"SELECT t::text FROM {table.name} t ORDER BY 1")
                found[table.name] = [row[0] for row in cursor.fetchall()]
    return found


def rebuilt(limit: int = 2_000) -> Rows:
    for projection in reader.projections():
        reader.rebuild(projection)
        reader.catch_up(projection, limit=limit)
    return rows()


def erase(relation: Relation, phone: str) -> None:
    """She asks by the link that her host gave her: what this host knows of her goes, nothing else."""
    now = timezone.now()
    words = {"host_id": relation.host_id, "relation_id": relation.pk, "phone": relation.phone}
    token = data_requests.vouch(**words, by=relation.host.user, now=now)
    asked = data_requests.behind(token, now=now)
    assert asked is not None
    data_requests.prove_by_host(asked, kind=RightsRequest.Kind.ERASE, last4=phone[-4:], now=now)
    jobs.drain(seconds=60)


def erase_whole(phone: str) -> None:
    """She proves her phone to HQ: all of her goes, at every host."""
    now = timezone.now()
    asked = data_requests.behind(
        data_requests.ask(phone=phone, kind=RightsRequest.Kind.ERASE, now=now), now=now
    )
    assert asked is not None
    code = data_requests.make_code(asked, by=a_person_at_hq(roles.SUPPORT, f"kefu{asked.pk}"), now=now)
    data_requests.prove_by_code(asked, code=code, now=now)
    jobs.drain(seconds=60)


def hand_over(relation: Relation, to: Host, *, at: datetime) -> None:
    relation.refresh_from_db()
    hers = Relation.objects.filter(pk=relation.pk)
    handing_over.hand_over(relation.host, to, relations=hers, scope="", reason="换人", by=None, now=at)
    relation.refresh_from_db()


# --- one browser, told in turn ------------------------------------------------------------------------------


def test_an_erasure_makes_her_browser_nobodys_and_the_next_order_says_whose_it_is(ledger: None) -> None:
    host, sku, before = a_host(), a_sku(), NOW - 3 * DAY
    visitor, link = a_visitor(before), a_link(host, a_material(), at=before)
    gone = buy(host, sku, at=before, phone=PHONES[0], visitor=visitor).relation
    gift = buy(host, sku, at=before, phone=PHONES[2], visitor=visitor).relation
    look(link, visitor, at=before + DAY, stays=True)
    project_now()
    assert Facts.objects.get(pk=gone.pk).visits == 1

    erase(gone, PHONES[0])
    assert not VisitorRelation.objects.exists()  # at once, before anybody reads the ledger
    look(link, visitor, at=NOW + DAY)
    project_now()
    assert not VisitorRelation.objects.exists()
    assert Facts.objects.get(pk=gone.pk).last_event == "order.placed"
    for relation in (gone, gift):
        assert Facts.objects.get(pk=relation.pk).visits == 0
        assert not RelationDay.objects.filter(relation=relation, fact="material.viewed").exists()

    next_one = buy(host, sku, at=NOW + DAY, phone=PHONES[1], visitor=visitor).relation
    look(link, visitor, at=NOW + 2 * DAY, stays=True)
    look(link, visitor, at=before + 2 * DAY)  # told late: it was before, and stays nobody's
    project_now()
    assert [row.relation_id for row in VisitorRelation.objects.all()] == [next_one.pk]
    facts = Facts.objects.get(pk=next_one.pk)
    assert (facts.visits, facts.last_event) == (2, "material.read")
    days = RelationDay.objects.filter(relation=next_one, fact="material.viewed").order_by("day")
    assert [row.day for row in days] == [clock.day_of(NOW + DAY), clock.day_of(NOW + 2 * DAY)]
    followed = rows()

    assert rebuilt() == followed
    assert rebuilt(limit=1) == followed


def test_an_erasure_that_is_done_before_her_order_is_read_leaves_no_browser(ledger: None) -> None:
    host, visitor = a_host(), a_visitor(NOW)
    mark = bytes(visitor.digest)
    buy(host, a_sku(), at=NOW, phone=PHONES[0], visitor=visitor)
    erase_whole(PHONES[0])
    project_now()

    assert not VisitorRelation.objects.exists()
    visitor.refresh_from_db()
    assert bytes(visitor.digest) != mark
    followed = rows()
    assert rebuilt() == followed


def test_a_browser_that_has_not_come_for_long_is_not_known_again_by_a_rebuild(ledger: None) -> None:
    host, zhao, sku, visitor = a_host(), a_host("zhao"), a_sku(), a_visitor(NOW)
    link = a_link(host, a_material(), at=NOW)
    look(link, visitor, at=NOW)
    relation = buy(host, sku, at=NOW, phone=PHONES[0], visitor=visitor).relation
    buy(zhao, sku, at=NOW, phone=PHONES[0], visitor=visitor)
    project_now()

    assert expiry.clear(NOW + DAY) == 2
    assert (expiry.past(NOW + DAY).count(), VisitorRelation.objects.count()) == (0, 0)
    look(link, visitor, at=NOW + 2 * DAY)
    project_now()
    assert Facts.objects.get(pk=relation.pk).visits == 0
    followed = rows()

    assert rebuilt() == followed


def test_a_hand_over_ends_whose_browser_it_was_and_keeps_what_was_before(ledger: None) -> None:
    host, other, sku, begun = a_host(), a_host("zhao"), a_sku(), NOW - 9 * DAY
    visitor, link = a_visitor(begun), a_link(host, a_material(), at=begun)
    moved = buy(host, sku, at=begun, phone=PHONES[0], visitor=visitor).relation
    look(link, visitor, at=begun + DAY)
    project_now()

    hand_over(moved, other, at=begun + 2 * DAY)
    look(link, visitor, at=begun + 3 * DAY)
    project_now()
    facts = Facts.objects.get(pk=moved.pk)
    # What she looked at by the former host's link is no visit to the new one, and no act: that is her order.
    assert (facts.visits, facts.last_event_at) == (0, begun)

    anew = buy(host, sku, at=begun + 4 * DAY, phone=PHONES[0], visitor=visitor).relation
    look(link, visitor, at=begun + 5 * DAY)
    look(link, visitor, at=begun + DAY, stays=True)  # told late: still hers who was handed over
    project_now()
    facts = Facts.objects.get(pk=moved.pk)
    assert (facts.visits, facts.last_event_at) == (0, begun)
    facts = Facts.objects.get(pk=anew.pk)
    assert (facts.visits, facts.last_event_at) == (2, begun + 5 * DAY)

    hand_over(moved, host, at=begun + 6 * DAY)  # back again: whose the browser is, the later order says
    look(link, visitor, at=begun + 7 * DAY)
    project_now()
    assert [Facts.objects.get(pk=one.pk).visits for one in (moved, anew)] == [1, 3]
    followed = rows()
    assert rebuilt() == followed
    assert rebuilt(limit=1) == followed

    erase(moved, PHONES[0])  # what was hers before goes with her
    project_now()
    assert [row.relation_id for row in VisitorRelation.objects.all()] == [anew.pk]
    assert Facts.objects.get(pk=moved.pk).visits == 0
    followed = rows()
    assert rebuilt() == followed


# --- whatever happens ---------------------------------------------------------------------------------------


class Life:
    """Two hosts, their customers and their browsers; each act at random, and committed by itself."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.hosts: list[Host] = [a_host(), a_host("zhao", "赵店长")]
        self.sku = a_sku(stock=10_000)
        self.materials = [a_material("春日焕新"), a_material("冬日暖锅")]
        self.links = [a_link(host, one, at=NOW) for host in self.hosts for one in self.materials]
        self.visitors = [a_visitor(NOW) for _ in range(4)]
        for host in self.hosts:
            for phone in PHONES[:3]:
                a_customer(host, phone, at=NOW - 9 * DAY)

    def act(self) -> None:
        """Once in a while in the past: what an import or a phone without a net brings late."""
        at = NOW + timedelta(hours=self.dice.randint(-90, 90))
        acts: list[tuple[int, Callable[[datetime], object]]] = [
            (8, self.look),
            (6, self.buy),
            (2, self.change_order),
            (2, self.care),
            (2, self.share),
            (2, self.follow),
            (1, self.hand_over),
            (1, self.erase),
            (1, self.erase_whole),
            (1, self.forget),
        ]
        self.dice.choices([one for _, one in acts], [weight for weight, _ in acts])[0](at)

    def look(self, at: datetime) -> None:
        look(
            self.dice.choice(self.links),
            self.dice.choice(self.visitors),
            at=at,
            stays=self.dice.random() < 0.5,
        )

    def buy(self, at: datetime) -> None:
        link = self.dice.choice(self.links)
        buy(
            link.host,
            self.sku,
            at=at,
            phone=self.dice.choice(PHONES),
            quantity=self.dice.randint(1, 3),
            link=link if self.dice.random() < 0.7 else None,
            visitor=self.dice.choice(self.visitors) if self.dice.random() < 0.8 else None,
        )

    def change_order(self, at: datetime) -> None:
        order = self.dice.choice([None, *Order.objects.order_by("pk")])
        if order is None or order.status != Order.Status.PLACED:
            return
        if self.dice.random() < 0.5 or order.relation.blocked_at is not None:
            trade.cancel_order(order, by=None, now=max(at, order.placed_at))
            return
        trade.confirm_order(order, by=None, now=order.placed_at)
        trade.ship_order(order, by=None, now=order.placed_at)
        trade.return_goods(order, amount_fen=100, by=None, now=max(at, order.placed_at))

    def care(self, at: datetime) -> None:
        relation = self.someone(at)
        customers.mark_contacted(relation, by=relation.host.user, now=at)
        customers.tag_relation(relation, name=f"{at:%d%H}", by=relation.host.user, now=at)

    def share(self, at: datetime) -> None:
        link = self.dice.choice(self.links)
        share(link, at=at)
        open_material(link.host, self.materials[0], at=at)

    def follow(self, at: datetime) -> None:
        wait_until_readable()
        for projection in reader.projections():
            reader.catch_up(projection, limit=self.dice.choice([1, 5, 100]))

    def hand_over(self, at: datetime) -> None:
        relation = self.someone(at)
        other = next(host for host in self.hosts if host.pk != relation.host_id)
        hand_over(relation, other, at=at)

    def erase(self, at: datetime) -> None:
        relation = self.someone(at)
        erase(relation, relation.phone)

    def erase_whole(self, at: datetime) -> None:
        erase_whole(self.dice.choice(PHONES))

    def forget(self, at: datetime) -> None:
        expiry.clear(at)

    def someone(self, at: datetime) -> Relation:
        known = list(Relation.objects.filter(blocked_at=None).order_by("pk"))
        return self.dice.choice(known) if known else a_customer(self.hosts[0], PHONES[0], at=at)


@pytest.mark.parametrize("seed", range(scale.SEED, scale.SEED + scale.of(3, 60)))
def test_whatever_happens_a_rebuild_gives_the_rows_that_following_along_gave(ledger: None, seed: int) -> None:
    dice = Random(seed)
    life = Life(dice)
    for _ in range(60):
        life.act()
    project_now()
    followed = rows()
    assert all(followed.values())

    assert rebuilt(limit=dice.choice([1, 7, 2_000])) == followed
