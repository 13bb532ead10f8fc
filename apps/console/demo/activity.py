"""Ninety days of life: who shared what, who looked, who ordered, with the rhythm of weeks and evenings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from apps.accounts.models import Host
from apps.catalog.models import Product, Sku
from apps.console.demo import browsing, names
from apps.console.demo.cast import Cast, Person
from apps.console.demo.rhythm import awake, day_between, moment_on
from apps.console.demo.world import Progress
from apps.customers.imports.bulk import NewRelation, add_relations
from apps.customers.models import Relation
from apps.database import crypto
from apps.lib import clock
from apps.lib.ids import private_token
from apps.library.models import Issue, IssueEntry
from apps.library.models.issues import day_of_plan
from apps.sharing import subjects
from apps.sharing.services import link_to
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Event, Link, Subject, Visitor
from apps.trade.imports.bulk import NewLine, NewOrder, Return, Step, add_orders
from apps.trade.models import Order

Source = Relation.Source
DAYS = 90
RELATIONS = 4_000
MAX_ORDERS = 7_800


def customers(
    hosts: list[Host], out: dict[int, datetime], *, dice: Random, now: datetime, progress: Progress
) -> Cast:
    """4,000 relations: the demo's first hosts have many, newcomers join all along.

    Who is not in WeCom came by an order, or was brought along in a file when the host began here.
    """
    cast = Cast(
        hosts,
        {
            host.pk: (1.0 if n < 3 else dice.choice((0.15, 0.35, 0.6, 0.8, 1.0)))
            for n, host in enumerate(hosts)
        },
        out,
    )
    sizes = {hosts[0].pk: 420, hosts[1].pk: 260, hosts[2].pk: 180}
    rest = [host for host in hosts if host.pk not in sizes]
    weights = {host.pk: dice.uniform(0.4, 1.6) for host in rest}
    left = RELATIONS - sum(sizes.values())
    for host in rest:
        sizes[host.pk] = round(left * weights[host.pk] / sum(weights.values()))
    number = 0
    for done, host in enumerate(hosts, start=1):
        rows, people, taken = [], [], set[str]()
        end = cast.end(host, now)
        for _ in range(sizes[host.pk]):
            number += 1
            who = names.person(number, dice, taken)
            is_new = dice.random() < 0.3
            age = dice.randint(0, DAYS - 1) if is_new else dice.randint(DAYS, 300)
            joined_at = moment_on(dice, clock.day_of(end) - timedelta(days=age), end)
            in_wecom = dice.random() < 0.55
            source = Source.WECOM if in_wecom else Source.ORDER if is_new else Source.IMPORT
            rows.append(
                NewRelation(
                    host_id=host.pk,
                    joined_at=joined_at,
                    source=source,
                    name=who.name,
                    remark=who.nick,
                    phone=who.phone,
                    external_userid=f"wmDemo{number:026d}" if in_wecom else "",
                    birthday_month=dice.randint(1, 12),
                    birthday_day=dice.randint(1, 28),
                    last_contact_at=joined_at,
                )
            )
            people.append(
                Person(
                    0,
                    host.pk,
                    joined_at,
                    who.phone,
                    who.name,
                    who.address,
                    dice.paretovariate(1.6),
                    came_by_order=source is Source.ORDER,
                )
            )
        for person, relation_id in zip(people, add_relations(rows, now=now), strict=True):
            person.relation_id = relation_id
        cast.people[host.pk] = people
        progress("客户", done, len(hosts))
    return cast


def visitors(cast: Cast, *, dice: Random, now: datetime) -> None:
    """A browser for nearly all; some only ever talk to their host."""
    known = [person for people in cast.people.values() for person in people if dice.random() < 0.92]
    for person, visitor_id in zip(known, _new_visitors(len(known), now), strict=True):
        person.visitor_id = visitor_id


def shares_and_visits(
    cast: Cast, issues: list[Issue], *, dice: Random, now: datetime, progress: Progress
) -> dict[int, list[tuple[datetime, int, int]]]:
    """Hosts open, copy and share the plan; people look. Visitor id → (when, link, product) of material views."""
    entries = [
        (issue, entry)
        for issue in issues
        for entry in IssueEntry.objects.filter(issue=issue)
        .select_related("material__product")
        .order_by("day", "pk")
    ]
    strangers = _new_visitors(1_500, now)
    seen: dict[int, list[tuple[datetime, int, int]]] = {}
    for done, (issue, entry) in enumerate(entries, start=1):
        day = day_of_plan(issue.starts_on, entry.day)
        if day > clock.day_of(now):
            progress("分享与访问", done, len(entries))
            continue
        events: list[Event] = []
        for host in cast.hosts:
            if dice.random() < 0.25 + 0.55 * cast.energy[host.pk]:
                end = cast.end(host, now)
                told = _one_share(
                    host, entry, day, cast=cast, strangers=strangers, seen=seen, dice=dice, now=end
                )
                events += (event for event in told if event.occurred_at < end)
        tracking.record_many(events)
        progress("分享与访问", done, len(entries))
    return seen


def _one_share(
    host: Host,
    entry: IssueEntry,
    day: date,
    *,
    cast: Cast,
    strangers: list[int],
    seen: dict[int, list[tuple[datetime, int, int]]],
    dice: Random,
    now: datetime,
) -> list[Event]:
    material = entry.material
    at = clock.start_of(day) + timedelta(hours=entry.best_time.hour, minutes=dice.randint(-40, 90))
    if at >= now:
        return []

    def by_host(name: Fact, moment: datetime, link: Link | None = None, **props: str) -> Event:
        return Event(
            name=name,
            occurred_at=moment,
            host_id=host.pk,
            actor_id=host.user_id,
            link_id=link.pk if link else None,
            subject_kind=Subject.MATERIAL,
            subject_id=material.pk,
            props=props,
        )

    events = [by_host(Fact.MATERIAL_OPENED, at)]
    if dice.random() > 0.45 + 0.5 * cast.energy[host.pk]:
        return events
    channel = dice.choices(
        (Channel.GROUP, Channel.SINGLE, Channel.MOMENTS, Channel.POSTER), (50, 18, 22, 10)
    )[0]
    subject = subjects.of_material(material, now)
    page, link = subject.opens, link_to(host, subject, channel, now=at)
    events.append(by_host(Fact.MATERIAL_COPIED, at + timedelta(seconds=30)))
    events.append(by_host(Fact.MATERIAL_SHARED, at + timedelta(seconds=50), link, channel=str(channel)))
    if page is None or link is None:
        return events
    crowd = [person for person in cast.people[host.pk] if person.visitor_id and person.joined_at < at]
    looking = dice.sample(crowd, min(len(crowd), dice.randint(2, 6 + len(crowd) // 12)))
    chosen = [person.visitor_id for person in looking]
    chosen += [dice.choice(strangers) for _ in range(dice.randint(0, 3))]
    for visitor_id in chosen:
        moment = awake(dice, at + timedelta(minutes=min(2_000, 3 + int(dice.expovariate(1 / 180)))))
        if moment >= now or visitor_id is None:
            continue
        for name, later in ((Fact.viewed(page[0]), 0), (Fact.read(page[0]), 9)):
            if later and dice.random() > 0.62:
                continue
            events.append(
                Event(
                    name=name,
                    occurred_at=moment + timedelta(seconds=later),
                    host_id=host.pk,
                    visitor_id=visitor_id,
                    link_id=link.pk,
                    subject_kind=page[0],
                    subject_id=page[1],
                )
            )
        if material.product_id is not None:
            seen.setdefault(visitor_id, []).append((moment, link.pk, material.product_id))
    return events


def orders(
    cast: Cast,
    shelves: dict[int, list[Product]],
    seen: dict[int, list[tuple[datetime, int, int]]],
    *,
    dice: Random,
    now: datetime,
    progress: Progress,
) -> int:
    """Orders of ninety days: most by a link, of what was shared or of the shelf, some in the chat. How many."""
    shelf_links = browsing.shelf_links(cast.hosts, now=now - timedelta(days=DAYS))
    skus: dict[int, list[Sku]] = {}
    for sku in Sku.objects.select_related("product").order_by("pk"):
        skus.setdefault(sku.product_id, []).append(sku)
    wanted = [
        (person, host)
        for host in cast.hosts
        for person in cast.people[host.pk]
        for _ in range(_how_often(person, cast.energy[host.pk], dice))
    ]
    dice.shuffle(wanted)
    firsts = [
        (person, host) for host in cast.hosts for person in cast.people[host.pk] if person.came_by_order
    ]
    wishes = [
        *(
            (
                _off_the_shelf(person, person.joined_at, shelves[host.pk], shelf_links[host.pk], dice=dice),
                host,
            )
            for person, host in firsts
        ),
        *(
            (_wish(person, shelves[host.pk], shelf_links[host.pk], seen, dice=dice, now=now), host)
            for person, host in wanted[:MAX_ORDERS]
        ),
    ]
    rows = [
        _order(wish, host, skus, dice=dice, now=cast.end(host, now))
        for wish, host in wishes
        if wish.placed_at < cast.end(host, now)
    ]
    rows.sort(key=lambda row: row.placed_at)
    tracking.record_many(browsing.looks_before(rows, shelf_links, dice=dice))
    for start in range(0, len(rows), 500):
        add_orders(rows[start : start + 500])
        progress("订单", min(start + 500, len(rows)), len(rows))
    browsing.look_around(cast, shelves, shelf_links, dice=dice, now=now)
    return len(rows)


def _how_often(person: Person, energy: float, dice: Random) -> int:
    often = person.eagerness * (0.14 + 0.36 * energy) - 0.5
    return min(14, int(often) + (dice.random() < often % 1)) if often > 0 else 0


@dataclass(frozen=True, slots=True)
class _Wish:
    """When somebody orders which products, and by which link, if by one."""

    person: Person
    placed_at: datetime
    product_ids: list[int]
    link_id: int | None = None

    @property
    def visitor_id(self) -> int | None:
        return self.person.visitor_id if self.link_id is not None else None


def _wish(
    person: Person,
    shelf: list[Product],
    shelf_link: int,
    seen: dict[int, list[tuple[datetime, int, int]]],
    *,
    dice: Random,
    now: datetime,
) -> _Wish:
    """An order of somebody who is a customer already: of what she looked at, or of the shelf."""
    looks = [look for look in seen.get(person.visitor_id or 0, ()) if look[0] > person.joined_at]
    if looks and dice.random() < 0.55:
        looked_at, link_id, product_id = dice.choice(looks)
        placed_at = awake(dice, looked_at + timedelta(minutes=dice.randint(2, 600)))
        return _Wish(person, placed_at, [product_id], link_id)
    today = clock.day_of(now)
    first = max(clock.day_of(person.joined_at), today - timedelta(days=DAYS - 1))
    placed_at = max(
        moment_on(dice, day_between(dice, first, today), now), person.joined_at + timedelta(minutes=9)
    )
    return _off_the_shelf(person, placed_at, shelf, shelf_link, dice=dice)


def _off_the_shelf(
    person: Person, placed_at: datetime, shelf: list[Product], shelf_link: int, *, dice: Random
) -> _Wish:
    picks = [product.pk for product in dice.sample(shelf, dice.choices((1, 2, 3), (70, 22, 8))[0])]
    by_link = person.visitor_id is not None and dice.random() < 0.85
    return _Wish(person, placed_at, picks, shelf_link if by_link else None)


def _order(wish: _Wish, host: Host, skus: dict[int, list[Sku]], *, dice: Random, now: datetime) -> NewOrder:
    person = wish.person
    lines = []
    for product_id in wish.product_ids:
        sku = dice.choices(skus[product_id], [3, 1][: len(skus[product_id])])[0]
        quantity = dice.choices((1, 2, 3, 5), (70, 20, 7, 3))[0]
        total = sku.retail_price_fen * quantity
        lines.append(
            NewLine(
                product_id=product_id,
                sku_id=sku.pk,
                quantity=quantity,
                total_fen=total,
                commission_bp=sku.product.commission_bp,
            )
        )
    steps, returns, paid_at = _history(wish.placed_at, lines, host, dice=dice, now=now)
    return NewOrder(
        host_id=host.pk,
        relation_id=person.relation_id,
        placed_at=wish.placed_at,
        lines=lines,
        link_id=wish.link_id,
        visitor_id=wish.visitor_id,
        receiver_name=person.name,
        receiver_phone=person.phone,
        receiver_address=person.address,
        paid_at=paid_at,
        steps=steps,
        returns=returns,
    )


def _history(
    placed_at: datetime, lines: list[NewLine], host: Host, *, dice: Random, now: datetime
) -> tuple[list[Step], list[Return], datetime | None]:
    """What became of an order until now: most are done, few cancelled, fewer returned."""
    if dice.random() < 0.05:
        at = awake(dice, placed_at + timedelta(hours=dice.randint(1, 20)))
        return (
            (
                [Step(to_status=Order.Status.CANCELLED, at=at, actor_id=host.user_id, reason="买家改主意了")]
                if at < now
                else []
            ),
            [],
            None,
        )
    plan = (
        (Order.Status.CONFIRMED, timedelta(minutes=dice.randint(5, 500))),
        (Order.Status.SHIPPED, timedelta(hours=dice.randint(20, 50))),
        (Order.Status.DONE, timedelta(days=dice.randint(3, 6))),
    )
    steps = [
        Step(to_status=status, at=at, actor_id=host.user_id)
        for status, later in plan
        if (at := awake(dice, placed_at + later)) < now
    ]
    returns = []
    back_at = placed_at + timedelta(days=8)
    if len(steps) == len(plan) and dice.random() < 0.015 and back_at < now:
        line = lines[0]
        returns = [
            Return(
                amount_fen=line.total_fen,
                at=back_at,
                actor_id=host.user_id,
                reason="收到有破损",
            )
        ]
    return steps, returns, steps[0].at if steps else None


def notes(cast: Cast, *, dice: Random, now: datetime) -> Iterator[tuple[int, str, str]]:
    """(relation id, note, tag) of what the first three hosts wrote down."""
    lines = (
        ("孩子上小学二年级，常问零食", "宝妈"),
        ("血糖高，别推甜的", "少糖"),
        ("每月 15 号发工资后下单", "月中下单"),
        ("喜欢自提，下班七点后来拿", "自提"),
        ("皮肤敏感，先给小样", "敏感肌"),
        ("替公司采购过节礼，量大", "团购"),
    )
    for host in cast.hosts[:3]:
        for person in dice.sample(cast.people[host.pk], 40):
            text, tag = dice.choice(lines)
            yield person.relation_id, text, tag


def _new_visitors(count: int, now: datetime) -> list[int]:
    rows = [
        Visitor(digest=crypto.digest(private_token()), first_seen_at=now - timedelta(days=DAYS))
        for _ in range(count)
    ]
    return [row.pk for row in Visitor.objects.bulk_create(rows, batch_size=1_000)]
