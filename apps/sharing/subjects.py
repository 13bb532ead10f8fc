"""What leads where: each thing that can be shared, the page it opens, and whether it is to be had now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.accounts.models import Host
from apps.catalog import access as catalog
from apps.catalog.models import Product
from apps.library.models import Material
from apps.media.models import Image
from apps.tracking.models import Channel, Subject

#: What has a page for consumers. Links to anything else (an order, a customer) open nothing.
PAGES = (Subject.MATERIAL, Subject.PRODUCT, Subject.SHELF)
#: Words for the host to say: they are copied, and consumers have no page of them.
PAGELESS = (Material.Kind.SCRIPT,)

_WORDS_ONLY = (Channel.GROUP, Channel.SINGLE, Channel.MOMENTS)
#: A shelf has no poster, and without one there is nothing to tap in moments.
_NO_POSTER = (Channel.GROUP, Channel.SINGLE, Channel.COPY)


class State(StrEnum):
    """Whether a thing is to be had now."""

    OPEN = "open"
    #: Its page opens and says so, with what can be bought instead.
    SOLD_OUT = "sold_out"
    #: It was open once; its page says that it is over.
    WITHDRAWN = "withdrawn"
    #: It never was open: as good as absent.
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Shareable:
    """One thing that a host may pass on, by `kind` and `id`; `opens` is the page that its link leads to."""

    kind: Subject
    id: int
    title: str
    #: What is pasted with the link unless she chooses other words.
    text: str
    state: State
    opens: tuple[Subject, int] | None
    channels: Sequence[Channel] = tuple(Channel)
    #: The row itself; None for a shelf.
    row: Material | Product | None = None

    def name_at(self, host: Host) -> str:
        """As her customers read it."""
        return f"{host.name}的货架" if self.row is None else self.title

    def summary_at(self, host: Host) -> str:
        """The line under its name."""
        match self.row:
            case Material():
                return self.row.summary or f"{host.name}为你推荐"
            case Product():
                return self.row.subtitle or f"{host.name}为你推荐"
        return host.tagline or "都是我自己挑过的，看看有没有喜欢的"

    @property
    def picture(self) -> Image | None:
        """What stands for it; free of queries for rows read with their cards."""
        match self.row:
            case Material():
                return self.row.picture
            case Product():
                return self.row.cover
        return None


def of_material(material: Material, now: datetime) -> Shareable:
    """A material; words to say open the page of what they sell, if it is on sale."""
    has_page = material.kind not in PAGELESS
    opens = (Subject.MATERIAL, material.pk) if has_page else _page_of(material.product)
    return Shareable(
        Subject.MATERIAL,
        material.pk,
        material.title,
        material.share_text or material.title,
        state_of_material(material, now),
        opens,
        tuple(Channel) if opens else _WORDS_ONLY,
        material,
    )


def of_product(product: Product) -> Shareable:
    """A product that was read with its cards."""
    return Shareable(
        Subject.PRODUCT,
        product.pk,
        product.title,
        "\n".join(filter(None, [product.subtitle, product.title])),
        state_of_product(product),
        (Subject.PRODUCT, product.pk),
        row=product,
    )


def of_shelf(host: Host) -> Shareable:
    """A host's whole shelf: one query, whether anything on it is on sale."""
    return Shareable(
        Subject.SHELF,
        host.pk,
        "我的货架",
        f"{host.name}的精选好物，我自己挑过的都在这里",
        State.OPEN if catalog.shelf_on_sale(host).exists() else State.NOT_YET,
        (Subject.SHELF, host.pk),
        _NO_POSTER,
    )


def of_row(host: Host, kind: str, pk: int, now: datetime) -> Shareable | None:
    """What a link or a poster of hers was made for, whatever became of it; None for what has no page."""
    match kind:
        case Subject.MATERIAL:
            material = Material.objects.with_cards().filter(pk=pk).first()
            return of_material(material, now) if material is not None else None
        case Subject.PRODUCT:
            product = Product.objects.with_cards().filter(pk=pk).first()
            return of_product(product) if product is not None else None
        case Subject.SHELF:
            return of_shelf(host)
    return None


def state_of_material(material: Material, now: datetime) -> State:
    if material.is_open(now):
        return State.OPEN
    return State.NOT_YET if material.first_published_at is None else State.WITHDRAWN


def state_of_product(product: Product) -> State:
    if product.status == Product.Status.DRAFT or product.is_placeholder:
        return State.NOT_YET
    if not product.is_on_sale:
        return State.WITHDRAWN
    return State.OPEN if product.stock > 0 else State.SOLD_OUT


def _page_of(product: Product | None) -> tuple[Subject, int] | None:
    return (Subject.PRODUCT, product.pk) if product is not None and product.is_on_sale else None
