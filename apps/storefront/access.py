"""From a share code, or a private token, to what its holder may see. Nothing else is public."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.http import Http404

from apps.accounts.models import Host
from apps.catalog.availability import SUBSTITUTES, availability_of, substitutes
from apps.catalog.models import Product, ShelfItem, Sku
from apps.database import db_role
from apps.lib import given
from apps.library.models import Material
from apps.sharing.services import link_to
from apps.sharing.subjects import PAGELESS, PAGES, State, of_shelf, state_of_material, state_of_product
from apps.storefront.basket import Chosen, Entry, Missing
from apps.stories import access as stories
from apps.stories.models import Story
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Event, Link, Subject
from apps.trade import access as trade
from apps.trade.models import Order

#: How long the buyer's private link shows an order.
ORDER_LINK_LIFE = timedelta(days=180)
_CODE_LENGTH = 10
#: So long a page or a form that this link led to may still lie open in a browser.
_OPEN_LATELY = timedelta(days=30)
_SHOWN = (State.OPEN, State.SOLD_OUT)


class Reason(StrEnum):
    """Why something that was once open is not open now."""

    EXPIRED = "expired"
    OFF_SHELF = "off_shelf"
    #: HQ sells it, this host no more: she took it off her shelf, or it stood in for what is there again.
    NOT_OFFERED = "not_offered"
    SOLD_OUT = "sold_out"
    HOST_LEFT = "host_left"


class OrderNotShownError(Http404):
    """No order is shown by this private link: it never was one, or its order is too old, or erased."""


class GoneError(Exception):
    """The link is real, but what it led to is not open any more."""

    def __init__(self, reason: Reason, link: Link, product: Product | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.link = link
        self.product = product


def link_behind(code: str) -> Link:
    """The link with this code, with its host; Http404, or GoneError once the host no longer serves."""
    if len(code) != _CODE_LENGTH or not code.isascii():
        raise Http404
    link = Link.objects.select_related("host__organisation").filter(code=code, subject_kind__in=PAGES).first()
    if link is None:
        raise Http404
    if not link.host.is_active:
        raise GoneError(Reason.HOST_LEFT, link)
    return link


def material_behind(link: Link, now: datetime) -> Material:
    """The material that the link is about. GoneError once it is past its date or taken down."""
    if link.subject_kind != Subject.MATERIAL:
        raise Http404
    found = (
        Material.objects.with_cards()
        .exclude(kind__in=PAGELESS)
        .filter(pk=link.subject_id)
        .prefetch_related("pictures__image__renditions")
        .first()
    )
    state = state_of_material(found, now) if found is not None else State.NOT_YET
    if found is None or state is State.NOT_YET:
        raise Http404
    if state is State.WITHDRAWN:
        raise GoneError(Reason.EXPIRED, link)
    return found


def product_behind(link: Link) -> Product:
    """The product that the link is about. GoneError once HQ takes it off sale."""
    if link.subject_kind != Subject.PRODUCT:
        raise Http404
    return _on_sale(link, _products().filter(pk=link.subject_id).first())


def product_through(link: Link, public_id: Any, now: datetime) -> Product:
    """A product this link reaches: its own, its material's, or one of the host's shelf; else Http404.

    GoneError when it can't be bought, or can't here any more.
    """
    product = _products().filter(public_id=given.uuid(str(public_id))).first()
    if product is None:
        raise Http404
    return _reached(link, product, now)


def sku_through(link: Link, public_id: Any, now: datetime) -> Sku:
    """A SKU of a product that this link reaches, with its product. GoneError as for the product."""
    wanted = given.uuid(str(public_id))
    sku = Sku.objects.filter(public_id=wanted).first() if wanted is not None else None
    if sku is None:
        raise Http404
    product = _reached(link, _products().get(pk=sku.product_id), now)
    # The product's own list, so that price, stock and siblings come from one reading.
    return next(one for one in product.skus.all() if one.pk == sku.pk)


def chosen_in(host: Host, entries: Sequence[Entry], now: datetime) -> list[Chosen]:
    """What is in a basket at this host, in its order; what is no SKU any more is left out.

    The basket's own links say what may be seen of it: the one by which she found a thing, and the shelf.
    """
    skus = Sku.objects.in_bulk([entry.sku_id for entry in entries])
    products = _products().in_bulk({sku.product_id for sku in skus.values()})
    shelf = ShelfItem.objects.filter(host=host, product__in=products)
    on_shelf = set(shelf.values_list("product", flat=True))
    links = Link.objects.filter(host=host, subject_kind__in=PAGES).in_bulk([one.link_id for one in entries])
    found = []
    for entry in entries:
        if entry.sku_id not in skus or entry.link_id not in links:
            continue
        product = products[skus[entry.sku_id].product_id]
        sku = next(one for one in product.skus.all() if one.pk == entry.sku_id)
        is_reached = product.pk in on_shelf or _still_reaches(links[entry.link_id], product, now)
        found.append(Chosen(entry, sku, _missing(sku, product, is_reached=is_reached)))
    return found


def _missing(sku: Sku, product: Product, *, is_reached: bool) -> Missing | None:
    if state_of_product(product) not in _SHOWN:
        return Missing.WITHDRAWN
    if not is_reached:
        return Missing.NOT_OFFERED
    return Missing.SOLD_OUT if sku.stock <= 0 else None


def _still_reaches(link: Link, product: Product, now: datetime) -> bool:
    try:
        return _reaches(link, product, now)
    except GoneError:
        return False


def orders_on_device(tokens: Sequence[str], now: datetime) -> list[tuple[str, Order]]:
    """The orders behind the private links that a browser keeps, in their order, with what a list tells.

    What the link alone would not show is not here either.
    """
    by_host: dict[int, list[str]] = {}
    for token, host_id in trade.hosts_behind_private_links(tokens).items():
        by_host.setdefault(host_id, []).append(token)
    found: dict[str, Order] = {}
    for host_id, hers in by_host.items():
        with db_role.acting_as(host_id):
            found |= trade.orders_by_private_links(hers)
    since = now - ORDER_LINK_LIFE
    return [(one, found[one]) for one in tokens if one in found and found[one].placed_at >= since]


@contextmanager
def order_behind(token: str, now: datetime) -> Iterator[Order]:
    """The order that a buyer's private link shows; OrderNotShownError for any other text, and after its time.

    Inside the block, and only there, the request acts as the order's host.
    """
    try:
        host_id = trade.host_behind_private_link(token)
    except Http404:
        raise OrderNotShownError from None
    with db_role.acting_as(host_id):
        order = trade.order_by_private_link(token)
        if order.placed_at < now - ORDER_LINK_LIFE:
            raise OrderNotShownError
        yield order


def way_back(order: Order, now: datetime) -> Link | None:
    """The link to the shelf of the host who serves this order now; None when nobody does, or there was none.

    The link that she ordered by is good for it unless it is a former host's.
    """
    if order.link is None or not order.host.is_active:
        return None
    if order.link.host_id == order.host_id:
        return order.link
    return link_to(order.host, of_shelf(order.host), Channel.SINGLE, now=now)


@contextmanager
def story_behind(token: str) -> Iterator[Story]:
    """The story that a consumer's private link asks about; Http404 for any other text.

    Inside the block, and only there, the request acts as the story's host.
    """
    with db_role.acting_as(stories.host_behind_link(token)):
        yield stories.story_by_link(token)


def _products() -> Any:
    return Product.objects.with_cards().prefetch_related("pictures__image__renditions")


def subject_to_buy(link: Link, now: datetime) -> Product | None:
    """The product that the link is about, itself or by its material, if it can be bought now."""
    wanted = _products()
    match link.subject_kind:
        case Subject.PRODUCT:
            found = wanted.filter(pk=link.subject_id).first()
        case Subject.MATERIAL:
            told = Material.objects.live_at(now).exclude(kind__in=PAGELESS).filter(pk=link.subject_id)
            found = wanted.filter(pk__in=told.values("product")).first()
        case _:
            return None
    return found if found is not None and state_of_product(found) is State.OPEN else None


def _reached(link: Link, product: Product, now: datetime) -> Product:
    if _reaches(link, product, now):
        return _on_sale(link, product)
    if state_of_product(product) is not State.NOT_YET and _reached_lately(link, product, now):
        _on_sale(link, product)
        raise GoneError(Reason.NOT_OFFERED, link, product)
    raise Http404


def _reached_lately(link: Link, product: Product, now: datetime) -> bool:
    """Whether this link led to it not long ago: somebody saw it by the link, or it was on her shelf."""
    seen = Q(name=Fact.PRODUCT_VIEWED, link_id=link.pk)
    told = Event.objects.filter(
        seen | Q(name=Fact.SHELF_REMOVED),
        host_id=link.host_id,
        occurred_at__gte=now - _OPEN_LATELY,
        subject_kind=Subject.PRODUCT,
        subject_id=product.pk,
    )
    with db_role.acting_as(link.host_id):
        return told.exists()


def _reaches(link: Link, product: Product, now: datetime) -> bool:
    if link.subject_kind == Subject.PRODUCT and link.subject_id == product.pk:
        return True
    if ShelfItem.objects.filter(host=link.host, product=product).exists():
        return True
    if _stands_in(link, product):
        return True
    if link.subject_kind != Subject.MATERIAL:
        return False
    material = (
        Material.objects.exclude(kind__in=PAGELESS)
        .filter(pk=link.subject_id, first_published_at__isnull=False)
        .first()
    )
    if material is not None and product.pk not in {material.product_id, *material.products_told_of()}:
        return False
    if material is not None and not material.is_open(now):
        raise GoneError(Reason.EXPIRED, link, product)  # it ended while she was looking
    return material is not None


def _stands_in(link: Link, product: Product) -> bool:
    """Whether `product` is offered in the place of what the link was about, which can't be bought now."""
    about = Product.objects.all()
    match link.subject_kind:
        case Subject.PRODUCT:
            about = about.filter(pk=link.subject_id)
        case Subject.MATERIAL:
            about = about.filter(
                pk__in=Material.objects.filter(pk=link.subject_id, first_published_at__isnull=False).values(
                    "product"
                )
            )
        case _:
            return False
    gone = about.exclude(status=Product.Status.DRAFT).first()
    availability = availability_of(gone)
    if gone is None or availability is None or not availability.is_gone:
        return False
    return product.pk in substitutes(gone).values_list("pk", flat=True)[:SUBSTITUTES]


def _on_sale(link: Link, product: Product | None) -> Product:
    """`product` if it can be bought now; one that never was on sale is as good as absent."""
    state = state_of_product(product) if product is not None else State.NOT_YET
    if product is None or state is State.NOT_YET:
        raise Http404
    if state is State.WITHDRAWN:
        raise GoneError(Reason.OFF_SHELF, link, product)
    return product
