"""What a host can share instead of something that nobody can buy now."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from apps.accounts.models import Host
from apps.catalog.availability import substitutes
from apps.catalog.models import Product
from apps.library import access as content

_MOST = 3


@dataclass(frozen=True, slots=True)
class Instead:
    """A material that sells something like it, or the thing itself."""

    title: str
    url: str
    left: int


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
