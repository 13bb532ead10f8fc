"""Cards of products and materials: everything a list shows, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.accounts.models import Host
from apps.catalog.availability import Availability, availabilities
from apps.catalog.models import Product, ProductQuerySet, ShelfItem, Sku
from apps.catalog.prices import lowest_at
from apps.database import db_role
from apps.insights.selectors import EVERYBODY, MaterialResult, Worked, material_results
from apps.library.models import IssueEntry, Material
from apps.library.selectors import favourites_among
from apps.tracking.facts import TAKEN
from apps.tracking.models import Event, Subject
from apps.workbench import pictures
from apps.workbench.pictures import Picture


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as she weighs it: what it costs, what she earns, how many are left."""

    product: Product
    picture: Picture | None
    price_fen: int
    commission_fen: int
    stock: int
    is_on_shelf: bool

    @property
    def percent(self) -> str:
        return f"{self.product.commission_bp / 100:g}%"

    @property
    def stock_words(self) -> str:
        return Availability(self.stock).label

    @property
    def is_short(self) -> bool:
        return Availability(self.stock).is_short


def with_offer(products: ProductQuerySet, host: Host) -> "QuerySet[Product]":
    """Annotate what `offers_of` needs: her price, stock, picture, whether it is on her shelf."""
    skus = Sku.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return pictures.with_product_picture_id(products).annotate(
        lowest_fen=Coalesce(lowest_at(host), 0),
        in_stock=Coalesce(
            Subquery(skus.annotate(value=Sum("stock")).values("value"), output_field=IntegerField()), 0
        ),
        on_shelf=Exists(ShelfItem.objects.filter(host=host, product=OuterRef("pk"))),
    )


def offers_of(products: Iterable[Product]) -> list[Offer]:
    """Cards of products that went through `with_offer`: one query, for the pictures."""
    rows: list[Any] = list(products)
    shown = pictures.sized((row.picture_id for row in rows), pictures.CARD)
    return [
        Offer(
            product=row,
            picture=shown.get(row.picture_id),
            price_fen=row.lowest_fen,
            commission_fen=row.commission_fen(row.lowest_fen),
            stock=row.in_stock,
            is_on_shelf=row.on_shelf,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Post:
    """A material as she meets it in a list, and whether she has done something with it."""

    material: Material
    picture: Picture | None
    is_done: bool = False
    entry: IssueEntry | None = None
    #: What it brought everybody: a reason to trust it.
    result: MaterialResult | None = None
    #: What it brought hosts like her, where that is what the list is sorted by.
    worked: Worked | None = None
    is_favourite: bool = False
    #: How the product that it sells stands; None when it sells none.
    availability: Availability | None = None

    @property
    def first_line(self) -> str:
        """What tells her at a glance whether it suits her people."""
        return self.material.summary or self.material.share_text.strip().split("\n")[0]


def posts_of_plan(entries: "QuerySet[IssueEntry]", host: Host, *, since: datetime) -> list[Post]:
    """Cards of a plan, with done or not done: three queries."""
    rows: list[Any] = list(pictures.with_picture_id(entries, prefix="material__"))
    shown = pictures.sized((row.picture_id for row in rows), pictures.THUMB)
    done = done_since(host, (row.material_id for row in rows), since)
    known = availabilities(row.material.product_id for row in rows)
    return [
        Post(
            row.material,
            shown.get(row.picture_id),
            row.material_id in done,
            entry=row,
            availability=known.get(row.material.product_id),
        )
        for row in rows
    ]


def posts_of(materials: Iterable[Material], host: Host, *, since: datetime) -> list[Post]:
    """Cards of materials that went through `pictures.with_picture_id`: two queries."""
    rows: list[Any] = list(materials)
    shown = pictures.sized((row.picture_id for row in rows), pictures.THUMB)
    done = done_since(host, (row.pk for row in rows), since)
    known = availabilities(row.product_id for row in rows)
    return [
        Post(row, shown.get(row.picture_id), row.pk in done, availability=known.get(row.product_id))
        for row in rows
    ]


def with_results(posts: list[Post]) -> list[Post]:
    """The same cards with what each material brought all hosts: four queries and the role."""
    with db_role.as_worker():  # numbers of all hosts together: rows of nobody's leave this line
        found = material_results(EVERYBODY, [post.material.pk for post in posts])
    return [replace(post, result=found[post.material.pk]) for post in posts]


def with_favourites(posts: list[Post], host: Host) -> list[Post]:
    """The same cards with her marks: one query."""
    marked = favourites_among(host, [post.material.pk for post in posts])
    return [replace(post, is_favourite=post.material.pk in marked) for post in posts]


def done_since(host: Host, material_ids: Iterable[int], since: datetime) -> set[int]:
    """Which of these materials she has shared, copied or saved since then."""
    ids = list(material_ids)
    if not ids:
        return set()
    acts = Event.objects.filter(
        host_id=host.pk,
        occurred_at__gte=since,
        name__in=TAKEN,
        subject_kind=Subject.MATERIAL,
        subject_id__in=ids,
    )
    return {pk for pk in acts.values_list("subject_id", flat=True).distinct() if pk is not None}
