"""Ten forms of the phone for `hurries.py`: where each stands, what is typed, how often that took effect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.models import Note, Relation, RelationTag
from apps.library.models import HostVariant
from apps.stories.models import Story
from apps.trade import services as trade
from apps.trade.models import Order, OrderReversal
from tests.accounts import walking
from tests.factories import a_sku
from tests.front.hurries import Sheet
from tests.happenings import buy

Make = Callable[[walking.World, int], Sheet]


@dataclass(frozen=True)
class Form:
    name: str
    side: str
    make: Make


FORMS: list[Form] = []


def of(side: str) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        FORMS.append(Form(make.__name__, side, make))
        return make

    return add


def has(rows: Any, name: str, word: str) -> int:
    """How many rows say it: what is sealed is compared here."""
    return sum(str(getattr(row, name)) == word for row in rows.all())


def phone_of(n: int) -> str:
    return f"1380000{n:04}"


# --- the phone ------------------------------------------------------------------------------------


def _person(world: walking.World) -> str:
    return world.address("customers/<uuid:public_id>/")


@of("phone")
def note(world: walking.World, n: int) -> Sheet:
    word = f"她爱喝明前茶，第 {n} 回说了"
    return Sheet(
        _person(world), 'form[action$="/notes/"]', {"text": word}, lambda: has(Note.objects, "text", word)
    )


@of("phone")
def tag(world: walking.World, n: int) -> Sheet:
    word = f"茶友{n}"
    return Sheet(
        _person(world),
        'form[action$="/tags/"]',
        {"name": word},
        lambda: RelationTag.objects.filter(tag__name=word).count(),
    )


@of("phone")
def person(world: walking.World, n: int) -> Sheet:
    word = f"隔壁小雨{n}"
    return Sheet(
        f"{_person(world)}edit/",
        'main form[method="post"]',
        {"remark": word, "next_action": f"问问茶{n}"},
        lambda: has(Relation.objects, "remark", word),
    )


@of("phone")
def tagline(world: walking.World, n: int) -> Sheet:
    word = f"每天第 {n} 个到店"
    return Sheet(
        "/me/settings/",
        'form:has([name="tagline"])',
        {"tagline": word},
        lambda: Host.objects.filter(tagline=word).count(),
        elsewhere="/me/",
    )


@of("phone")
def words(world: walking.World, n: int) -> Sheet:
    word = f"姐妹们，第 {n} 批到了，今天先给你留"
    material = world.address("materials/<uuid:public_id>/")
    return Sheet(
        f"{material}words/",
        'form:has([name="text"])',
        {"text": word},
        lambda: has(HostVariant.objects, "text", word),
    )


@of("phone")
def pitch(world: walking.World, n: int) -> Sheet:
    word = f"自己家吃了 {n} 箱"
    return Sheet(
        world.address("shelf/<uuid:public_id>/"),
        'form:has([name="pitch"])',
        {"pitch": word},
        lambda: world.host.shelf.filter(pitch=word).count(),
    )


@of("phone")
def story(world: walking.World, n: int) -> Sheet:
    word = f"孩子第 {n} 天自己盛粥。"
    return Sheet(
        f"{_person(world)}story/",
        'form:has([name="called"])',
        {"text": word, "title": "自己盛粥", "called": "妈妈"},
        lambda: has(Story.objects, "text", word),
    )


def _order(world: walking.World, n: int) -> Order:
    sku = a_sku(f"第 {n} 样", stock=10)
    return buy(world.host, sku, at=timezone.now(), quantity=2)


@of("phone")
def cancelled(world: walking.World, n: int) -> Sheet:
    order = _order(world, n)
    return Sheet(
        f"/me/orders/{order.public_id}/",
        'form[action$="/cancel/"]',
        {"reason": f"客户不要了 {n}"},
        lambda: Order.objects.filter(pk=order.pk, status=Order.Status.CANCELLED).count(),
    )


@of("phone")
def returned(world: walking.World, n: int) -> Sheet:
    order = _order(world, n)
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=None, now=timezone.now())
    return Sheet(
        f"/me/orders/{order.public_id}/",
        'form[action$="/return/"]',
        {"amount_fen": "1.00", "reason": f"坏了 {n} 个"},
        lambda: OrderReversal.objects.filter(order=order).count(),
    )


@of("phone")
def confirmed(world: walking.World, n: int) -> Sheet:
    """Nothing is typed: one tap."""
    order = _order(world, n)
    return Sheet(
        f"/me/orders/{order.public_id}/",
        'form[action$="/confirm/"]',
        {},
        lambda: Order.objects.filter(pk=order.pk, status=Order.Status.CONFIRMED).count(),
    )


def people(world: walking.World) -> dict[str, tuple[Any, str]]:
    """Who fills in the forms of each side, and on what."""
    return {
        "phone": (world.host.user, "phone"),
        "desk": (world.people["A"], "desk"),
        "consumer": (None, "phone"),
    }
