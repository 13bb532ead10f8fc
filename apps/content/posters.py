"""Posters: one picture with the subject, the host's name and a QR code of her own link."""

import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import segno
from django.conf import settings
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, ImageOps

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.content.models import Material
from apps.lib import money
from apps.media import services as media
from apps.media.models import Image, Poster
from apps.tracking.models import Subject

#: Part of every digest: a new drawing makes new posters.
LAYOUT = 1
WIDTH, MARGIN = 750, 40
PICTURE = WIDTH - 2 * MARGIN
QR_SIZE = 210
INK, GREY, LINE, GREEN, MONEY = "#191919", "#7a7a7a", "#ececec", "#07c160", "#fa5151"

_EMOJI = re.compile("[\u200d\u2600-\u27bf\ufe00-\ufe0f\U0001f000-\U0001ffff]")
_NEVER_FIRST = set("，。、：；！？）》」』”’…%,.!?)")
_FONTS = {
    "regular": (
        ("NotoSansSC-Regular.ttf", 0),
        ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
        ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ),
    "bold": (
        ("NotoSansSC-Bold.ttf", 0),
        ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 2),
        ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ),
}


class NoFontError(Exception):
    """No Chinese font on this machine."""


@dataclass(frozen=True)
class Words:
    """Everything written on a poster."""

    host: str
    tagline: str
    title: str
    summary: str
    price: str
    link: str


def poster_for(
    host: Host, material: Material, *, link_url: str, now: datetime, price_fen: int | None = None
) -> Poster:
    """Her poster of a material; drawn once for the same words, picture and link."""
    if price_fen is None and material.product is not None:
        price_fen = material.product.price_fen
    words = Words(
        host=host.name,
        tagline=host.tagline,
        title=material.title,
        summary=material.summary,
        price=money.show_yuan(price_fen) if price_fen else "",
        link=link_url,
    )
    return _poster(host, Subject.MATERIAL, material.pk, words, material.picture, now)


def product_poster_for(
    host: Host, product: Product, *, link_url: str, price_fen: int, now: datetime, pitch: str = ""
) -> Poster:
    """Her poster of a product, at her price and in her words."""
    words = Words(
        host=host.name,
        tagline=host.tagline,
        title=product.title,
        summary=pitch or product.subtitle,
        price=money.show_yuan(price_fen),
        link=link_url,
    )
    return _poster(host, Subject.PRODUCT, product.pk, words, product.cover, now)


def _poster(
    host: Host, kind: Subject, subject_id: int, words: Words, picture: Image | None, now: datetime
) -> Poster:
    drawn_from = [LAYOUT, host.pk, kind, subject_id, asdict(words), picture.file_hash if picture else ""]
    digest = hashlib.sha256(json.dumps(drawn_from, ensure_ascii=False).encode()).hexdigest()
    return media.poster(
        host=host,
        subject_kind=kind,
        subject_id=subject_id,
        digest=digest,
        draw=lambda: draw(words, _opened(picture)),
        now=now,
    )


def draw(words: Words, picture: Pillow.Image | None) -> bytes:
    """The poster as JPEG: who recommends, the picture, the words, the price, and the code to press."""
    title = _lines(words.title, font("bold", 42), PICTURE, 2)
    summary = _lines(words.summary, font("regular", 28), PICTURE, 2)
    y_picture = 148
    y_title = y_picture + (PICTURE + 28 if picture else 16)
    y_summary = y_title + 58 * len(title) + 10
    y_price = y_summary + 42 * len(summary) + 14
    y_foot = y_price + (76 if words.price else 0) + 18
    height = y_foot + QR_SIZE + 48
    sheet = Pillow.new("RGB", (WIDTH, height), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, WIDTH, 10), fill=GREEN)
    _draw_host(sheet, pen, words)
    if picture:
        _paste_rounded(sheet, ImageOps.fit(picture, (PICTURE, PICTURE)), (MARGIN, y_picture))
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
    symbol = _qr(words.link)
    sheet.paste(symbol, (WIDTH - MARGIN - symbol.width + 8, y_foot + (height - y_foot - symbol.height) // 2))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=90, optimize=True)
    return out.getvalue()


def _draw_host(sheet: Pillow.Image, pen: ImageDraw.ImageDraw, words: Words) -> None:
    name = _plain(words.host)
    disc = Pillow.new("L", (320, 320), 0)  # four times as large, for a smooth edge
    ImageDraw.Draw(disc).ellipse((0, 0, 319, 319), fill=255)
    sheet.paste(GREEN, (MARGIN, 40, MARGIN + 80, 120), disc.resize((80, 80), Pillow.Resampling.LANCZOS))
    pen.text((MARGIN + 40, 80), name[:1], fill="white", font=font("bold", 38), anchor="mm")
    room = WIDTH - MARGIN * 2 - 104
    recommends = _lines(f"{name}为你推荐", font("bold", 34), room, 1)
    tagline = _lines(words.tagline, font("regular", 26), room, 1)
    top = 46 if tagline else 62
    pen.text((MARGIN + 104, top), recommends[0], fill=INK, font=font("bold", 34))
    if tagline:
        pen.text((MARGIN + 104, 90), tagline[0], fill=GREY, font=font("regular", 26))


def _qr(link: str) -> Pillow.Image:
    """The link as a code with its quiet zone, in whole pixels so that any phone reads it."""
    code = segno.make_qr(link, error="m")
    scale = max(1, QR_SIZE // code.symbol_size(border=2)[0])
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=2)
    return Pillow.open(out).convert("RGB")


def _paste_rounded(sheet: Pillow.Image, picture: Pillow.Image, place: tuple[int, int]) -> None:
    mask = Pillow.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *picture.size), radius=16, fill=255)
    sheet.paste(picture.convert("RGB"), place, mask)


def _opened(picture: Image | None) -> Pillow.Image | None:
    """The stored picture; it was written by our own decoder, so it is opened here without fear."""
    if picture is None:
        return None
    try:
        with picture.open_file() as file:
            opened = Pillow.open(file)
            opened.load()
    except OSError:
        return None  # a lost file makes a plainer poster, not an error in a host's hand
    if opened.mode != "RGBA":
        return opened.convert("RGB")
    ground = Pillow.new("RGB", opened.size, "white")
    ground.paste(opened, mask=opened.getchannel("A"))
    return ground


def _lines(text: str, face: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """`text` broken to fit, at most `most` lines, the last one shortened with …"""
    lines = [""]
    for character in _plain(text):
        if face.getlength(lines[-1] + character) <= width:
            lines[-1] += character
        elif character in _NEVER_FIRST and len(lines[-1]) > 1:
            lines[-1], taken = lines[-1][:-1], lines[-1][-1]
            lines.append(taken + character)
        else:
            lines.append(character)
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) > most:
        last = lines[most - 1]
        while last and face.getlength(last + "…") > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last + "…"]
    return lines


def _plain(text: str) -> str:
    """Without line breaks, and without emoji, which the font would show as boxes."""
    return "".join(character for character in " ".join(text.split()) if not _EMOJI.match(character))


@lru_cache(maxsize=32)
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """A Chinese font: the one that set-up fetched, else the system's; NoFontError names the mend."""
    for name, index in _FONTS[weight]:
        path = Path(name) if name.startswith("/") else Path(settings.ROOT) / "build" / "fonts" / name
        if path.exists():
            return ImageFont.truetype(str(path), size, index=index)
    raise NoFontError("没有中文字体，画不了海报。请运行 make run 取字体，或安装 fonts-noto-cjk。")
