"""What suits one customer: a few things that she may be sent today, each with the reason in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects

from apps.accounts.models import Host
from apps.catalog import access as catalog
from apps.catalog.availability import availabilities, substitutes
from apps.catalog.models import Product
from apps.customers.models import Relation
from apps.library import access as library
from apps.library.models import Material
from apps.profiles.models import Facts
from apps.tracking.models import Subject
from apps.trade.models import OrderLine

#: Of so many materials those are looked at first that HQ published last.
_LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Fit:
    """A material or product of which something can be bought, and why it suits her."""

    row: Material | Product
    why: str

    @property
    def kind(self) -> str:
        return str(Subject.MATERIAL if isinstance(self.row, Material) else Subject.PRODUCT)


def fitting(host: Host, relation: Relation, facts: Facts, now: datetime, *, limit: int = 2) -> list[Fit]:
    """What she looked at last, then what goes with what she buys, then what is new; nothing that is gone."""
    newest = library.materials_for(host, now).order_by("-first_published_at", "-pk")
    materials = list(newest.select_related("cover", "video__cover", "product")[:_LOOKED_AT])
    bought = list(
        OrderLine.objects.filter(order__relation=relation)
        .order_by("-order__placed_at", "-pk")
        .values_list("product", "product__category")[:20]
    )
    products = {pk for pk, _ in bought}
    categories = {category for _, category in bought if category is not None}
    goods = availabilities([one.product_id for one in materials])
    usable = [one for one in materials if one.product_id is None or not goods[one.product_id].is_gone]
    found = [
        *_looked_at(facts, usable),
        *(
            Fit(one, "和她买过的是一类")
            for one in usable
            if one.product is not None
            and one.product.category_id in categories
            and one.product_id not in products
        ),
        *(Fit(one, "她买过这一件") for one in usable if one.product_id in products),
        *(Fit(one, "最近的新内容") for one in usable),
        *_of_shelf(host),
    ]
    told: dict[tuple[str, int], Fit] = {}
    for one in found:
        told.setdefault((one.kind, one.row.pk), one)
    chosen = list(told.values())[:limit]
    shown = [one.row for one in chosen if isinstance(one.row, Material)]
    prefetch_related_objects(shown, "pictures__image", "product__pictures__image")
    return chosen


def _looked_at(facts: Facts, usable: list[Material]) -> list[Fit]:
    """The very thing, or what can be bought instead of it."""
    pk = facts.last_subject_id
    if facts.last_subject_kind == Subject.MATERIAL:
        return [Fit(one, "她最近看过") for one in usable if one.pk == pk]
    if facts.last_subject_kind != Subject.PRODUCT:
        return []
    offered = catalog.products_offered().with_cards()
    product = offered.filter(pk=pk).first()
    if product is not None and not availabilities([pk])[pk].is_gone:
        return [Fit(product, "她最近看过")]
    gone = Product.objects.filter(pk=pk).first()
    instead = substitutes(gone).first() if gone is not None else None
    if instead is None:
        return []
    return [Fit(one, "她看过的没货了，这件差不多") for one in offered.filter(pk=instead.pk)]


def _of_shelf(host: Host) -> list[Fit]:
    ids = list(catalog.shelf_on_sale(host).order_by("position").values_list("product", flat=True)[:10])
    known = availabilities(ids)
    rows = catalog.products_offered().with_cards().in_bulk([pk for pk in ids if not known[pk].is_gone])
    return [Fit(rows[pk], "在你的货架上") for pk in ids if pk in rows]
