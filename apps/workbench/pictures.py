"""Small pictures for lists: all of a page in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.catalog.models import ProductPicture
from apps.library.models import MaterialPicture
from apps.media.models import Image, Rendition

THUMB = "fill-240x240|format-jpeg|jpegquality-78"
CARD = "fill-480x480|format-jpeg|jpegquality-78"
#: What she sees large, saves and posts; the size of the consumer's page. JPEG: WeChat's album takes no WebP.
LARGE = "max-1080x8000|bgcolor-ffffff|format-jpeg|jpegquality-82"


@dataclass(frozen=True, slots=True)
class Picture:
    url: str
    width: int
    height: int


def sized(image_ids: Iterable[int | None], spec: str) -> dict[int, Picture]:
    """The pictures of these images at one size. A size that nobody asked for yet is made now."""
    wanted = {pk for pk in image_ids if pk is not None}
    if not wanted:
        return {}
    found = {
        rendition.image_id: _picture(rendition)
        for rendition in Rendition.objects.filter(image_id__in=wanted, filter_spec=spec).order_by("pk")
    }
    missing = wanted - found.keys()
    if missing:
        for image in Image.objects.filter(pk__in=missing):
            found[image.pk] = _picture(image.get_rendition(spec))
    return found


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


def with_product_picture_id(products: "QuerySet[Any]", *, prefix: str = "") -> "QuerySet[Any]":
    """Annotate `picture_id`: a product's first picture."""
    pictures = ProductPicture.objects.filter(product=OuterRef(f"{prefix}pk")).order_by("position", "pk")
    return products.annotate(picture_id=Subquery(pictures.values("image_id")[:1]))


def _picture(rendition: Any) -> Picture:
    return Picture(rendition.url, rendition.width, rendition.height)
