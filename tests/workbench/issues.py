"""Issues and materials for the host's pages."""

import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image as Pillow

from apps.accounts.models import User
from apps.catalog.models import Product
from apps.lib import clock
from apps.library.models import Issue, IssueEntry, Material, MaterialPicture
from apps.media.models import Image
from apps.media.services import GeneratedPicture, add_generated_pictures


def a_picture(colour: str = "#88aa66", size: tuple[int, int] = (900, 1200)) -> Image:
    out = io.BytesIO()
    Pillow.new("RGB", size, colour).save(out, "JPEG")
    return add_generated_pictures([GeneratedPicture("春茶", out.getvalue())], by=None)[0]


def a_material(title: str = "春茶上新", **fields: Any) -> Material:
    """A live material with words to share."""
    fields.setdefault("kind", Material.Kind.PICTURES)
    fields.setdefault("share_text", "姐妹们，今年的春茶到了。\n我自己先泡了三天。")
    material = Material(
        title=title, live=True, first_published_at=clock.start_of(clock.day_of(_now())), **fields
    )
    material.save()
    return material


def with_pictures(material: Material, count: int) -> Material:
    for number in range(count):
        MaterialPicture.objects.create(material=material, image=a_picture(), sort_order=number)
    return material


def an_issue(*plan: tuple[int, Material], now: datetime, number: int = 7, theme: str = "春茶季") -> Issue:
    """A live issue that began on this week's Monday, with its plan as (day, material)."""
    owner, _ = User.objects.get_or_create(username="editor-of-tests")
    issue = Issue(
        number=number,
        theme=theme,
        intro="这两周一起喝春茶。",
        starts_on=clock.monday_of(clock.day_of(now)),
        owner=owner,
        live=True,
    )
    issue.save()
    for day, material in plan:
        IssueEntry.objects.create(issue=issue, material=material, day=day, tip="配上自己泡的照片更真")
    return issue


def today_of(now: datetime) -> int:
    """Which day of an issue from this week's Monday today is."""
    return clock.day_of(now).weekday() + 1


def sold(material: Material, product: Product) -> Material:
    material.product = product
    material.save()
    return material


def _now() -> datetime:
    from django.utils import timezone

    return timezone.now() - timedelta(days=1)
