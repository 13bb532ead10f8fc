"""Which picture stands for a product, in a list of many."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from apps.catalog.models import ProductPicture


def with_product_picture_id(products: "QuerySet[Any]", *, prefix: str = "") -> "QuerySet[Any]":
    """Annotate `picture_id`: a product's first picture."""
    pictures = ProductPicture.objects.filter(product=OuterRef(f"{prefix}pk")).order_by("position", "pk")
    return products.annotate(picture_id=Subquery(pictures.values("image_id")[:1]))
