"""Which products a host, and a consumer, may see."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host
from apps.catalog.models import Product, ProductQuerySet, ShelfItem


def products_offered() -> ProductQuerySet:
    """What HQ offers to hosts now."""
    return Product.objects.on_sale()


def product_offered(public_id: Any) -> Product:
    """One product on offer; Http404 otherwise."""
    return get_object_or_404(products_offered().with_cards(), public_id=public_id)


def shelf_of(host: Host) -> "QuerySet[ShelfItem]":
    """Her shelf in her order, off-sale products too, so that she sees what to take down."""
    return ShelfItem.objects.filter(host=host).select_related("product__category", "product__brand")


def shelf_on_sale(host: Host) -> "QuerySet[ShelfItem]":
    """Her shelf as consumers see it: what HQ offers now, in her order."""
    return shelf_of(host).filter(product__status=Product.Status.ACTIVE)


def shelf_item_for(host: Host, public_id: Any) -> ShelfItem:
    """One item of her own shelf; Http404 otherwise."""
    return get_object_or_404(shelf_of(host), public_id=public_id)
