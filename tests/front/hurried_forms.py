"""Ten forms of each side for `hurries.py`: where each stands, what is typed, how often that took effect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import timezone

from apps.accounts.models import Application, Host, Invitation, Organisation
from apps.catalog import services as catalog
from apps.catalog.models import Brand, Category, Product, Supplier
from apps.customers.models import Note, Relation, RelationTag
from apps.library.models import Festival, ForbiddenWord, HostVariant
from apps.privacy.models import RightsRequest
from apps.reach import asking
from apps.records.models import Consent
from apps.stories import services as stories
from apps.stories.models import Story
from apps.tracking.services import link_for
from apps.trade import services as trade
from apps.trade.models import Order, OrderReversal
from tests.accounts import walking
from tests.factories import a_sku
from tests.front.hurries import Sheet
from tests.happenings import a_customer, buy

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


# --- HQ's desk ------------------------------------------------------------------------------------


def _desk(address: str, fields: dict[str, str], effects: Callable[[], int], known: str = "") -> Sheet:
    first = next(iter(fields))
    form = f'form[method="post" i]:has([name="{first}"])'
    return Sheet(address, form, fields, effects, elsewhere="/hq/", known=known)


def _with_name(address: str, rows: type[Model], name: str) -> Sheet:
    """A row of the desk gets this name."""
    return _desk(address, {"name": name}, lambda: rows._default_manager.filter(name=name).count())


@of("desk")
def brand(world: walking.World, n: int) -> Sheet:
    return _with_name("/hq/brands/new/", Brand, f"山野{n}")


@of("desk")
def supplier(world: walking.World, n: int) -> Sheet:
    return _with_name("/hq/suppliers/new/", Supplier, f"果园{n}")


@of("desk")
def category(world: walking.World, n: int) -> Sheet:
    return _with_name("/hq/categories/new/", Category, f"果品{n}")


@of("desk")
def goods(world: walking.World, n: int) -> Sheet:
    return _desk(
        world.address("hq/products/edit/<int:pk>/"),
        {"title": f"高山苹果{n}"},
        lambda: Product.objects.filter(title=f"高山苹果{n}").count(),
    )


@of("desk")
def member(world: walking.World, n: int) -> Sheet:
    return _desk(
        "/hq/hosts/add/",
        {
            "name": f"小芳{n}",
            "username": f"xiaofang{n}",
            "kind": "owner",
            "organisation": str(world.host.organisation_id),
        },
        lambda: Host.objects.filter(user__username=f"xiaofang{n}").count(),
        known="这个账号已经有人用了",
    )


@of("desk")
def organisation(world: walking.World, n: int) -> Sheet:
    return _with_name(world.address("hq/organisations/edit/<int:pk>/"), Organisation, f"华东{n}")


@of("desk")
def word(world: walking.World, n: int) -> Sheet:
    return _desk(
        "/hq/words/new/",
        {"word": f"包治{n}"},
        lambda: ForbiddenWord.objects.filter(word=f"包治{n}").count(),
    )


@of("desk")
def festival(world: walking.World, n: int) -> Sheet:
    pk = Festival.objects.exclude(calendar="term").earliest("pk").pk
    return _with_name(f"/hq/festivals/edit/{pk}/", Festival, f"丰收{n}")


@of("desk")
def maker(world: walking.World, n: int) -> Sheet:
    return _with_name(f"/hq/suppliers/edit/{Supplier.objects.earliest('pk').pk}/", Supplier, f"老果园{n}")


@of("desk")
def mark(world: walking.World, n: int) -> Sheet:
    return _with_name(f"/hq/brands/edit/{Brand.objects.earliest('pk').pk}/", Brand, f"老山野{n}")


# --- the consumer ---------------------------------------------------------------------------------

_HERS = {"name": "张小雨", "address": "杭州市西湖区文三路 1 号 301"}


def _ordering(world: walking.World, n: int, subject: str, **more: str) -> Sheet:
    sku = a_sku(f"茶 {n}", stock=10)
    about = {"shelf": ("shelf", world.host.pk), "product": ("product", sku.product.pk)}[subject]
    link = link_for(
        world.host, subject_kind=about[0], subject_id=about[1], channel="group", now=timezone.now()
    )
    catalog.add_to_shelf(world.host, sku.product, now=timezone.now())
    return Sheet(
        f"/s/{link.code}/order/?sku={sku.public_id}",
        "form[data-order]",
        {**_HERS, "phone": phone_of(n), **more},
        lambda: Order.objects.filter(lines__sku=sku).count(),
        ticks=("consent",),
        elsewhere=f"/s/{link.code}/",
    )


@of("consumer")
def order_of_one(world: walking.World, n: int) -> Sheet:
    return _ordering(world, n, "product")


@of("consumer")
def order_of_two(world: walking.World, n: int) -> Sheet:
    return _ordering(world, n, "product", quantity="2")


@of("consumer")
def order_from_a_shelf(world: walking.World, n: int) -> Sheet:
    return _ordering(world, n, "shelf")


@of("consumer")
def order_with_a_word(world: walking.World, n: int) -> Sheet:
    return _ordering(world, n, "shelf", note=f"第 {n} 单放门口")


def _rights(kind: str, n: int) -> Sheet:
    before = RightsRequest.objects.count()
    return Sheet(
        "/my-data/",
        'form:has([name="phone"])',
        {"phone": phone_of(n), "kind": kind},
        lambda: RightsRequest.objects.count() - before,
        elsewhere="/my-data/",
    )


@of("consumer")
def asks_for_her_data(world: walking.World, n: int) -> Sheet:
    return _rights("export", n)


@of("consumer")
def asks_to_be_erased(world: walking.World, n: int) -> Sheet:
    return _rights("erase", n)


@of("consumer")
def applies(world: walking.World, n: int) -> Sheet:
    address = world.address("join/<str:token>/")
    before = Application.objects.count()
    Invitation.objects.update(uses_allowed=500)
    return Sheet(
        address,
        'form:has([name="why"])',
        {"name": f"小满{n}", "phone": phone_of(n), "why": "我想卖茶"},
        lambda: Application.objects.count() - before,
        ticks=("consent",),
        known="已经有一份申请在等审核",
        elsewhere=address,
    )


def _asked(world: walking.World, n: int) -> tuple[Relation, str]:
    relation = a_customer(world.host, f"+86{phone_of(n)}", at=timezone.now())
    return relation, asking.ask(relation, by=world.host.user, now=timezone.now())


@of("consumer")
def agrees_to_offers(world: walking.World, n: int) -> Sheet:
    relation, secret = _asked(world, n)
    return Sheet(
        f"/agree/{secret}/",
        'form:has(button[value="yes"])',
        {},
        lambda: Consent.objects.filter(relation_id=relation.pk, notice__purpose="marketing").count(),
        button="yes",
        elsewhere=f"/agree/{secret}/",
    )


@of("consumer")
def agrees_to_her_story(world: walking.World, n: int) -> Sheet:
    relation = a_customer(world.host, f"+86{phone_of(n)}", at=timezone.now())
    secret, story = stories.ask(
        relation,
        title="自己盛粥",
        called="妈妈",
        text=f"孩子第 {n} 天自己盛粥。",
        pictures=[],
        now=timezone.now(),
    )
    return Sheet(
        f"/u/{secret}/",
        'form:has(button[value="agree"])',
        {},
        lambda: Story.objects.filter(pk=story.pk).exclude(state=Story.State.ASKED).count(),
        ticks=("consent",),
        button="agree",
        elsewhere=f"/u/{secret}/",
    )


@of("consumer")
def cancels(world: walking.World, n: int) -> Sheet:
    """What she agreed to on her order, taken back on its own page."""
    address = world.address("o/<str:token>/")
    relation = world.values["o/"]["public_id"]
    Consent.objects.filter(public_id=relation).update(withdrawn_at=None)
    return Sheet(
        address,
        'main form[method="post"]',
        {},
        lambda: Consent.objects.filter(public_id=relation).exclude(withdrawn_at=None).count(),
        elsewhere=address,
    )


def people(world: walking.World) -> dict[str, tuple[Any, str]]:
    """Who fills in the forms of each side, and on what."""
    return {
        "phone": (world.host.user, "phone"),
        "desk": (world.people["A"], "desk"),
        "consumer": (None, "phone"),
    }
