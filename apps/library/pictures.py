"""Which picture stands for a material, in a list of many."""

from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.catalog.models import ProductPicture
from apps.library.models import MaterialPicture


def with_picture_id(materials: "QuerySet[Any]", *, prefix: str = "") -> "QuerySet[Any]":
    """Annotate `picture_id`: the image that stands for a material, by the rule of `Material.picture`."""
    first_picture = MaterialPicture.objects.filter(material=OuterRef(f"{prefix}pk")).order_by("sort_order")
    first_of_product = ProductPicture.objects.filter(product=OuterRef(f"{prefix}product_id"))
    return materials.annotate(
        picture_id=Coalesce(
            F(f"{prefix}cover_id"),
            Subquery(first_picture.values("image_id")[:1]),
            F(f"{prefix}video__cover_id"),
            Subquery(first_of_product.order_by("position", "pk").values("image_id")[:1]),
            output_field=BigIntegerField(),
        )
    )
