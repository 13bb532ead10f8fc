"""How what a host shares stands, and what she can share instead of something that nobody can buy now."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.accounts.models import Host
from apps.catalog.availability import Availability, availabilities, availability_of, substitutes
from apps.catalog.models import Product
from apps.library import access as content

_MOST = 3
#: Of so many sold-out goods of one shelf a substitute is looked up.
_ASKED = 5


@dataclass(frozen=True, slots=True)
class Instead:
    """A material that sells something like it, or the thing itself."""

    title: str
    url: str
    left: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing of a shelf: how it stands, and what could stand there when it is gone."""

    product: Product
    availability: Availability
    instead: list[Instead]

    @property
    def is_sold_out(self) -> bool:
        """HQ offers it, and none is left."""
        return self.availability.is_on_sale and self.availability.is_gone


def instead_of(host: Host, product: Product, now: datetime) -> list[Instead]:
    """A few things like it that are in stock: their material where she may share one, else their page."""
    found = list(substitutes(product)[:_MOST])
    hers = content.materials_for(host, now).filter(product__in=found).order_by("-first_published_at", "-pk")
    materials = {material.product_id: material for material in reversed(hers[:50])}
    return [
        Instead(material.title, reverse("workbench:material", args=[material.public_id]), left)
        if (material := materials.get(one.pk)) is not None
        else Instead(one.title, reverse("workbench:product", args=[one.public_id]), left)
        for one in found
        for left in [one.left]
    ]


def goods_instead_of(product: Product, *, besides: Collection[int] = ()) -> list[Instead]:
    """A few things like it that are in stock, by their own pages, where she chooses goods: one query."""
    return [
        Instead(one.title, reverse("workbench:product", args=[one.public_id]), one.left)
        for one in substitutes(product).exclude(pk__in=besides)[:_MOST]
    ]


def said_of_material(host: Host, sold: Product | None, now: datetime) -> dict[str, Any]:
    """What `workbench/_gone.html` says of the product that a material sells."""
    availability = availability_of(sold)
    is_gone = availability is not None and availability.is_gone
    instead = instead_of(host, sold, now) if is_gone and sold is not None else []
    return {"availability": availability, "sold": sold, "instead": instead}


def said_of_product(product: Product) -> dict[str, Any]:
    """What `workbench/_gone.html` says of a product that she shares by itself."""
    availability = availability_of(product)
    is_gone = availability is not None and availability.is_gone
    return {
        "availability": availability,
        "sold": product,
        "instead": goods_instead_of(product) if is_gone else [],
    }


def standings(products: Iterable[Product]) -> dict[int, Standing]:
    """How the goods of a shelf stand, by id; what else could stand there for the first few that are gone."""
    rows = list(products)
    known = availabilities(row.pk for row in rows)
    gone = [row for row in rows if known[row.pk].is_on_sale and known[row.pk].is_gone]
    asked = {row.pk: goods_instead_of(row, besides=known) for row in gone[:_ASKED]}
    return {row.pk: Standing(row, known[row.pk], asked.get(row.pk, [])) for row in rows}
