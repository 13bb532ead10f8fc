"""Planned posts whose product can't be bought, or which end before the day on which they are posted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.catalog.availability import Availability, availabilities
from apps.catalog.models import Product
from apps.lib import clock
from apps.library.models import IssueEntry, Material
from apps.library.models.issues import DAYS, Planned, day_of_plan


@dataclass(frozen=True)
class Troubled:
    """A planned post that would lead people to nothing, its day, and why in words."""

    material: Material
    on: date
    why: str


def why_not(material: Material, on: date, availability: Availability | None) -> str:
    """Why posting this material on that day leads to nothing; "" when it does not."""
    if material.expire_at is not None and material.expire_at < clock.day_range(on)[1]:
        return "到那天已到期"
    if availability is not None and availability.is_gone:
        return f"商品{availability.label}"
    return ""


def troubled(plan: Iterable[Planned], *, starts_on: date, now: datetime) -> list[Troubled]:
    """Those of a plan's posts, from today on, that would lead to nothing: one query."""
    ahead = [
        (one.material, on) for one in plan if (on := day_of_plan(starts_on, one.day)) >= clock.day_of(now)
    ]
    known = availabilities(material.product_id for material, _on in ahead)
    found = [
        Troubled(material, on, why)
        for material, on in ahead
        if (why := why_not(material, on, known.get(material.product_id or 0)))
    ]
    return sorted(found, key=lambda one: (one.on, one.material.pk))


def posts_that_sell(products: Collection[Product]) -> list[str]:
    """How many posts of fortnights that run or come sell these products, in words."""
    today = clock.day_of(datetime.now(clock.SHANGHAI))
    entries = IssueEntry.objects.filter(
        material__product__in=products,
        issue__starts_on__gt=today - timedelta(days=DAYS),
        issue__expired=False,
    )
    ahead = [
        (entry, day_of_plan(entry.issue.starts_on, entry.day))
        for entry in entries.select_related("issue", "material")
    ]
    coming = sorted((on, entry.material.title) for entry, on in ahead if on >= today)
    if not coming:
        return []
    named = "、".join(f"{on:%-m月%-d日}「{title}」" for on, title in coming[:3])
    it = "它" if len(products) == 1 else "它们"
    return [
        f"排期里今天起还有 {len(coming)} 条在卖{it}：{named}{'等' if len(coming) > 3 else ''}。请换一个素材。"
    ]
