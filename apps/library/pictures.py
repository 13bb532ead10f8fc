"""Which picture stands for a material, in a list of many."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.catalog.models import ProductPicture
from apps.library.models import Material, MaterialPicture
from apps.media.models import Video


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


def picture_ids(drafts: Iterable[Material]) -> dict[int, int]:
    """The image that stands for each of these versions, by the same rule: two queries at most."""
    found: dict[int, int] = {}
    bare = []
    for draft in drafts:
        first = next(iter(draft.pictures.all()), None)
        own = draft.cover_id or (first.image_id if first else None)
        if own:
            found[draft.pk] = own
        else:
            bare.append(draft)
    films = {draft.video_id for draft in bare if draft.video_id}
    covers: dict[int | None, int | None] = {}
    if films:
        covers = dict(Video.objects.filter(pk__in=films).values_list("pk", "cover_id"))
    goods = {draft.product_id for draft in bare if draft.product_id and not covers.get(draft.video_id)}
    shown: dict[int | None, int] = {}
    if goods:
        rows = ProductPicture.objects.filter(product__in=goods).order_by("-position", "-pk")
        shown = dict(rows.values_list("product_id", "image_id"))
    for draft in bare:
        if image := covers.get(draft.video_id) or shown.get(draft.product_id):
            found[draft.pk] = image
    return found
