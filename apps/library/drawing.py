"""What every poster is drawn with: a Chinese font, lines that fit, the code, pictures of our own store."""

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno
from django.conf import settings
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, ImageOps

from apps.media.models import HostPicture, Image

QR_SIZE = 210
#: How high the strip with her own code is.
STRIP = 320

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
    link: str
    #: What she says with it, for a poster that is led by words.
    said: str = ""
    #: What it costs, and on which day that was so; without a price, neither.
    price: str = ""
    day: str = ""
    #: Why it can't be bought: then it has no price.
    gone: str = ""


def code_of(link: str, room: int = QR_SIZE) -> Pillow.Image:
    """The link as a code with its quiet zone, in whole pixels so that any phone reads it."""
    code = segno.make_qr(link, error="m")
    scale = max(1, room // code.symbol_size(border=2)[0])
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=2)
    return Pillow.open(out).convert("RGB")


def paste_rounded(sheet: Pillow.Image, picture: Pillow.Image, place: tuple[int, int]) -> None:
    mask = Pillow.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *picture.size), radius=16, fill=255)
    sheet.paste(picture.convert("RGB"), place, mask)


def paste_face(
    sheet: Pillow.Image, face: Pillow.Image | None, host: str, place: tuple[int, int], size: int
) -> None:
    """Her face, round; without one the first letter of her name."""
    disc = Pillow.new("L", (size * 4, size * 4), 0)  # four times as large, for a smooth edge
    ImageDraw.Draw(disc).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    mask = disc.resize((size, size), Pillow.Resampling.LANCZOS)
    if face is not None:
        sheet.paste(ImageOps.fit(face, (size, size), Pillow.Resampling.LANCZOS), place, mask)
        return
    x, y = place
    sheet.paste("#07803f", (x, y, x + size, y + size), mask)
    middle = (x + size // 2, y + size // 2)
    pen = ImageDraw.Draw(sheet)
    pen.text(middle, plain(host)[:1], fill="white", font=font("bold", round(size * 0.46)), anchor="mm")


def opened(picture: Image | HostPicture | None) -> Pillow.Image | None:
    """The stored picture; it was written by our own decoder, so it is opened here without fear."""
    if picture is None:
        return None
    try:
        with picture.file.storage.open(str(picture.file.name)) as file:
            opened = Pillow.open(file)
            opened.load()
    except OSError:
        return None  # a lost file makes a plainer poster, not an error in a host's hand
    if opened.mode != "RGBA":
        return opened.convert("RGB")
    ground = Pillow.new("RGB", opened.size, "white")
    ground.paste(opened, mask=opened.getchannel("A"))
    return ground


def as_jpeg(sheet: Pillow.Image) -> bytes:
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=90, optimize=True)
    return out.getvalue()


def with_her_code(sheet: Pillow.Image, host: str, code: Pillow.Image) -> Pillow.Image:
    """The same with a strip below it: her own code, and what comes of it."""
    room, edge = STRIP - 48, 40
    whole = Pillow.new("RGB", (sheet.width, sheet.height + STRIP), "white")
    whole.paste(sheet)
    pen = ImageDraw.Draw(whole)
    pen.line((edge, sheet.height, sheet.width - edge, sheet.height), fill="#ececec", width=2)
    scale = room / max(code.size)
    small = code.resize((round(code.width * scale), round(code.height * scale)), Pillow.Resampling.LANCZOS)
    top = sheet.height + (STRIP - small.height) // 2
    whole.paste(small, (sheet.width - edge - room + (room - small.width) // 2, top))
    middle, width = sheet.height + STRIP // 2, sheet.width - 2 * edge - room - 24
    name = lines_of(f"加{host}微信", font("bold", 34), width, 1)[0]
    pen.text((edge, middle - 50), name, fill="#191919", font=font("bold", 34))
    said = lines_of("想问什么，随时说一声", font("regular", 28), width, 1)[0]
    pen.text((edge, middle + 6), said, fill="#7a7a7a", font=font("regular", 28))
    return whole


def lines_of(text: str, face: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """`text` broken to fit, at most `most` lines, the last one shortened with …"""
    lines = [""]
    for character in plain(text):
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


def headline(text: str, face: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """The same for a headline: in two lines it is parted after a comma if it can be, else in the middle."""
    lines = lines_of(text, face, width, most)
    if len(lines) != 2 or lines[-1].endswith("…"):
        return lines
    words = plain(text).strip()
    pauses = [at + 1 for at, one in enumerate(words[:-1]) if one in "，。！？；、："]
    for at in sorted(pauses, key=lambda at: abs(at - len(words) / 2)):
        parts = [words[:at].strip(), words[at:].strip()]
        if all(face.getlength(part) <= width for part in parts) and min(map(len, parts)) > 3:
            return parts
    while width > 0:
        width -= 12
        closer = lines_of(text, face, width, most)
        if len(closer) != 2 or closer[-1].endswith("…"):
            break
        lines = closer
    return lines


def plain(text: str) -> str:
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
