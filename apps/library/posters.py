"""Posters: one picture with the subject, the host's face and name, and a QR code of her own link.

What stands on it is true on its day: the price is that of the moment, with the day beside it, and what is
gone says so. All of it is in the digest: what is out of date is drawn anew when it is asked for.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from django.db import models
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog.availability import availability_of
from apps.catalog.models import Product
from apps.catalog.prices import prices_of
from apps.lib import clock
from apps.library import layouts, poster_drawing
from apps.library.drawing import Words, as_jpeg, opened, with_her_code
from apps.library.models import Material, PosterTemplate
from apps.media import services as media
from apps.media.models import HostPicture, Image, Poster
from apps.media.selectors import shown_of
from apps.tracking.models import Subject

#: Part of every digest: a new drawing makes new posters.
LAYOUT = 3


class Look(models.TextChoices):
    """How a poster may be laid out; `HQ` is the template that HQ chose for the material."""

    HQ = "hq", "总部版式"
    PICTURE = "picture", "大图"
    WORDS = "words", "文字"
    PRODUCT = "product", "商品"


_DRAW: dict[str, Callable[..., Pillow.Image]] = {
    Look.PICTURE: poster_drawing.led_by_picture,
    Look.WORDS: poster_drawing.led_by_words,
    Look.PRODUCT: poster_drawing.led_by_product,
}


def looks_of(subject: Material | Product) -> list[Look]:
    """Those that have something to show of it, in their order on the page."""
    is_product = isinstance(subject, Product)
    found = [Look.HQ] if not is_product and subject.poster_template is not None else []
    if (subject.cover if is_product else subject.picture) is not None:
        found.append(Look.PICTURE)
    found.append(Look.WORDS)
    if is_product or subject.product is not None:
        found.append(Look.PRODUCT)
    return found


def look_for(host: Host, subject: Material | Product, wanted: str = "") -> Look:
    """The one she asks for now, else HQ's own, else the one she likes, else the first there is."""
    there = looks_of(subject)
    for one in (wanted, Look.HQ, host.poster_look):
        if one in there:
            return Look(one)
    return there[0]


def poster_for(host: Host, material: Material, *, link_url: str, now: datetime, look: str = "") -> Poster:
    """Her poster of a material, at her price of this moment; drawn once for what stands on it."""
    chosen = look_for(host, material, look)
    words = Words(
        host=host.name,
        tagline=host.tagline,
        title=material.title,
        summary=material.summary,
        said=material.share_text,
        link=link_url,
    )
    if material.product is not None:
        words = _priced(words, host, material.product, now)
    template = material.poster_template if chosen is Look.HQ else None
    sold = material.product.cover if material.product is not None and chosen is Look.PRODUCT else None
    picture = sold or material.picture
    return _poster(host, Subject.MATERIAL, material.pk, words, picture, now, chosen, template)


def product_poster_for(
    host: Host, product: Product, *, link_url: str, now: datetime, pitch: str = "", look: str = ""
) -> Poster:
    """Her poster of a product, at her price of this moment and in her words."""
    words = Words(
        host=host.name,
        tagline=host.tagline,
        title=product.title,
        summary=pitch or product.subtitle,
        said=pitch,
        link=link_url,
    )
    words = _priced(words, host, product, now)
    return _poster(
        host, Subject.PRODUCT, product.pk, words, product.cover, now, look_for(host, product, look)
    )


def _priced(words: Words, host: Host, product: Product, now: datetime) -> Words:
    """What it costs at her now, and on which day that was; what can't be bought has no price."""
    known = availability_of(product)
    if known is None or known.is_gone:
        return replace(words, gone="已售罄" if known is not None and known.is_on_sale else "已下架")
    tag = prices_of(host, [product.pk]).tag(product)
    if not tag.lowest_fen:
        return words
    day = clock.day_of(now)
    return replace(words, price=tag.words, day=f"{day.month}月{day.day}日的价")


def _poster(
    host: Host,
    kind: Subject,
    subject_id: int,
    words: Words,
    picture: Image | None,
    now: datetime,
    look: Look,
    template: PosterTemplate | None = None,
) -> Poster:
    sheet = layouts.sheet_of(template) if template is not None else None
    shown = shown_of(host)
    code = shown.code if shown.code is not None and shown.code.on_posters else None
    seen = picture.file_hash if picture else ""
    drawn_from = [LAYOUT, host.pk, kind, subject_id, look, asdict(words), seen]
    if sheet is not None:
        drawn_from.append(sheet.drawn_from)
    # A picture's name is given once: another picture, another poster.
    drawn_from += [one.file.name if one else "" for one in (shown.face, code)]
    digest = hashlib.sha256(json.dumps(drawn_from, ensure_ascii=False).encode()).hexdigest()
    return media.poster(
        host=host,
        subject_kind=kind,
        subject_id=subject_id,
        digest=digest,
        draw=lambda: _drawn(look, sheet, words, picture, shown.face, code),
        now=now,
    )


def _drawn(
    look: Look,
    sheet: layouts.Sheet | None,
    words: Words,
    picture: Image | None,
    face: HostPicture | None,
    code: HostPicture | None,
) -> bytes:
    subject, hers, her_face = opened(picture), opened(code), opened(face)
    canvas = layouts.draw(sheet, words, subject, her_face) if sheet else draw(look, words, subject, her_face)
    return as_jpeg(with_her_code(canvas, words.host, hers) if hers is not None else canvas)


def draw(
    look: str, words: Words, picture: Pillow.Image | None, face: Pillow.Image | None = None
) -> Pillow.Image:
    """The poster in one of our own looks."""
    return _DRAW[look](words, picture, face)
