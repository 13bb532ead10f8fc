"""Small pictures for lists: all of a page in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.media.models import Image, Rendition

#: A console list's row.
ROW = "fill-96x96|format-jpeg|jpegquality-78"
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


def _picture(rendition: Any) -> Picture:
    return Picture(rendition.url, rendition.width, rendition.height)


def dress(rows: Iterable[Any], spec: str = ROW) -> None:
    """Put `list_picture` on a list's rows that know its `picture_id`: one query, however many there are."""
    kept = list(rows)
    shown = sized((row.picture_id for row in kept), spec)
    for row in kept:
        row.list_picture = shown.get(row.picture_id)
