"""Posters: one picture with the subject, the host's name and a QR code of her own link."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from PIL import Image as Pillow
from PIL import ImageDraw, ImageOps

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.catalog.prices import prices_of
from apps.library import layouts
from apps.library.drawing import (
    QR_SIZE,
    Words,
    as_jpeg,
    code_of,
    font,
    lines_of,
    opened,
    paste_rounded,
    plain,
    with_her_code,
)
from apps.library.models import Material, PosterTemplate
from apps.media import services as media
from apps.media.models import HostPicture, Image, Poster
from apps.media.selectors import shown_of
from apps.tracking.models import Subject

#: Part of every digest: a new drawing makes new posters.
LAYOUT = 2
WIDTH, MARGIN = 750, 40
PICTURE = WIDTH - 2 * MARGIN
INK, GREY, LINE, GREEN, MONEY = "#191919", "#7a7a7a", "#ececec", "#07c160", "#fa5151"


def poster_for(host: Host, material: Material, *, link_url: str, now: datetime) -> Poster:
    """Her poster of a material, at her price; drawn once for the same words, picture and link."""
    words = Words(
        host=host.name,
        tagline=host.tagline,
        title=material.title,
        summary=material.summary,
        price=_price_of(host, material.product) if material.product is not None else "",
        link=link_url,
    )
    return _poster(
        host, Subject.MATERIAL, material.pk, words, material.picture, now, template=material.poster_template
    )


def product_poster_for(
    host: Host, product: Product, *, link_url: str, now: datetime, pitch: str = ""
) -> Poster:
    """Her poster of a product, at her price and in her words."""
    words = Words(
        host=host.name,
        tagline=host.tagline,
        title=product.title,
        summary=pitch or product.subtitle,
        price=_price_of(host, product),
        link=link_url,
    )
    return _poster(host, Subject.PRODUCT, product.pk, words, product.cover, now)


def _price_of(host: Host, product: Product) -> str:
    tag = prices_of(host, [product.pk]).tag(product)
    return tag.words if tag.lowest_fen else ""


def _poster(
    host: Host,
    kind: Subject,
    subject_id: int,
    words: Words,
    picture: Image | None,
    now: datetime,
    *,
    template: PosterTemplate | None = None,
) -> Poster:
    sheet = layouts.sheet_of(template) if template is not None else None
    drawn_from = [LAYOUT, host.pk, kind, subject_id, asdict(words), picture.file_hash if picture else ""]
    if sheet is not None:
        drawn_from.append(sheet.drawn_from)
    shown = shown_of(host)
    face = shown.face if sheet is None else None  # HQ's layouts have no place for it
    code = shown.code if shown.code is not None and shown.code.on_posters else None
    # A picture's name is given once: another picture, another poster.
    drawn_from += [one.file.name if one else "" for one in (face, code)]
    digest = hashlib.sha256(json.dumps(drawn_from, ensure_ascii=False).encode()).hexdigest()
    return media.poster(
        host=host,
        subject_kind=kind,
        subject_id=subject_id,
        digest=digest,
        draw=lambda: _drawn(sheet, words, picture, face, code),
        now=now,
    )


def _drawn(
    sheet: layouts.Sheet | None,
    words: Words,
    picture: Image | None,
    face: HostPicture | None,
    code: HostPicture | None,
) -> bytes:
    subject = opened(picture)
    canvas = layouts.draw(sheet, words, subject) if sheet else draw(words, subject, opened(face))
    hers = opened(code)
    return as_jpeg(with_her_code(canvas, words.host, hers) if hers is not None else canvas)


def draw(words: Words, picture: Pillow.Image | None, face: Pillow.Image | None = None) -> Pillow.Image:
    """The poster: who recommends, the picture, the words, the price, and the code to press."""
    title = lines_of(words.title, font("bold", 42), PICTURE, 2)
    summary = lines_of(words.summary, font("regular", 28), PICTURE, 2)
    y_picture = 148
    y_title = y_picture + (PICTURE + 28 if picture else 16)
    y_summary = y_title + 58 * len(title) + 10
    y_price = y_summary + 42 * len(summary) + 14
    y_foot = y_price + (76 if words.price else 0) + 18
    height = y_foot + QR_SIZE + 48
    sheet = Pillow.new("RGB", (WIDTH, height), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, WIDTH, 10), fill=GREEN)
    _draw_host(sheet, pen, words, face)
    if picture:
        paste_rounded(sheet, ImageOps.fit(picture, (PICTURE, PICTURE)), (MARGIN, y_picture))
    for row, line in enumerate(title):
        pen.text((MARGIN, y_title + 58 * row), line, fill=INK, font=font("bold", 42))
    for row, line in enumerate(summary):
        pen.text((MARGIN, y_summary + 42 * row), line, fill=GREY, font=font("regular", 28))
    if words.price:
        pen.text((MARGIN, y_price), words.price, fill=MONEY, font=font("bold", 54))
    pen.line((MARGIN, y_foot, WIDTH - MARGIN, y_foot), fill=LINE, width=2)
    middle = (y_foot + height) // 2
    pen.text((MARGIN, middle - 50), "长按识别二维码", fill=INK, font=font("bold", 34))
    pen.text(
        (MARGIN, middle + 6),
        "看详情，直接下单" if words.price else "看全文",
        fill=GREY,
        font=font("regular", 28),
    )
    symbol = code_of(words.link)
    sheet.paste(symbol, (WIDTH - MARGIN - symbol.width + 8, y_foot + (height - y_foot - symbol.height) // 2))
    return sheet


def _draw_host(
    sheet: Pillow.Image, pen: ImageDraw.ImageDraw, words: Words, face: Pillow.Image | None
) -> None:
    name = plain(words.host)
    disc = Pillow.new("L", (320, 320), 0)  # four times as large, for a smooth edge
    ImageDraw.Draw(disc).ellipse((0, 0, 319, 319), fill=255)
    mask = disc.resize((80, 80), Pillow.Resampling.LANCZOS)
    if face is not None:
        sheet.paste(ImageOps.fit(face, (80, 80), Pillow.Resampling.LANCZOS), (MARGIN, 40), mask)
    else:
        sheet.paste(GREEN, (MARGIN, 40, MARGIN + 80, 120), mask)
        pen.text((MARGIN + 40, 80), name[:1], fill="white", font=font("bold", 38), anchor="mm")
    room = WIDTH - MARGIN * 2 - 104
    recommends = lines_of(f"{name}为你推荐", font("bold", 34), room, 1)
    tagline = lines_of(words.tagline, font("regular", 26), room, 1)
    top = 46 if tagline else 62
    pen.text((MARGIN + 104, top), recommends[0], fill=INK, font=font("bold", 34))
    if tagline:
        pen.text((MARGIN + 104, 90), tagline[0], fill=GREY, font=font("regular", 26))
