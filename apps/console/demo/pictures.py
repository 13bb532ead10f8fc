"""Generated product pictures: a packaging shape with a label, on a soft ground. 900×900 JPEG bytes."""

import io
import math
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from apps.library import drawing

SIZE = 900
_BIG = SIZE * 2  # drawn twice as large, then reduced: smooth edges

Colour = tuple[int, int, int]

#: tone → (ground, object, accent)
TONES: dict[str, tuple[Colour, Colour, Colour]] = {
    "wheat": ((250, 241, 220), (222, 184, 110), (140, 96, 34)),
    "ink": ((232, 234, 236), (62, 66, 74), (214, 178, 108)),
    "amber": ((253, 238, 214), (214, 132, 46), (126, 66, 16)),
    "rose": ((253, 232, 234), (226, 122, 138), (150, 42, 66)),
    "plum": ((242, 232, 244), (136, 84, 142), (84, 38, 92)),
    "olive": ((240, 240, 222), (142, 142, 74), (82, 84, 36)),
    "leaf": ((229, 243, 231), (74, 150, 96), (26, 88, 50)),
    "chili": ((253, 230, 224), (208, 62, 48), (128, 24, 20)),
    "sky": ((226, 240, 250), (92, 154, 206), (28, 82, 134)),
    "coffee": ((240, 231, 222), (120, 82, 58), (72, 44, 26)),
    "citrus": ((255, 241, 216), (242, 148, 40), (172, 84, 10)),
    "cream": ((247, 243, 234), (226, 212, 184), (122, 102, 70)),
    "mint": ((226, 245, 240), (94, 184, 164), (24, 108, 92)),
}


def _font(size: int, bold: bool = True) -> ImageFont.FreeTypeFont:
    return drawing.font("bold" if bold else "regular", size)


def _mix(one: Colour, two: Colour, part: float) -> Colour:
    return tuple(round(a + (b - a) * part) for a, b in zip(one, two, strict=True))  # type: ignore[return-value]


@lru_cache(maxsize=16)
def _empty_ground(tone: str) -> Image.Image:
    ground, thing, _ = TONES[tone]
    column = Image.new("RGB", (1, _BIG))
    for y in range(_BIG):
        column.putpixel((0, y), _mix((255, 255, 255), ground, min(1.0, 0.25 + y / _BIG)))
    picture = column.resize((_BIG, _BIG))
    halo = Image.new("L", (_BIG, _BIG), 0)
    ImageDraw.Draw(halo).ellipse((300, 240, _BIG - 300, _BIG - 360), fill=90)
    picture.paste(_mix(ground, thing, 0.28), (0, 0), halo)
    shadow = Image.new("L", (_BIG, 400), 0)
    ImageDraw.Draw(shadow).ellipse((480, 130, 1320, 260), fill=110)
    picture.paste(_mix(thing, (40, 40, 40), 0.5), (0, 1300), shadow.filter(ImageFilter.GaussianBlur(36)))
    return picture


def _ground(tone: str) -> Image.Image:
    return _empty_ground(tone).copy()


#: shape → rounded boxes (x0, y0, x1, y1, radius, role); roles: body, cap, dark, label
_SHAPES: dict[str, list[tuple[int, int, int, int, int, str]]] = {
    "bag": [(520, 420, 1280, 1500, 70, "body"), (520, 420, 1280, 540, 40, "cap"), (640, 760, 1160, 1260, 24, "label")],
    "pouch": [(560, 400, 1240, 1500, 130, "body"), (560, 400, 1240, 470, 30, "dark"), (650, 720, 1150, 1240, 250, "label")],
    "bottle": [(800, 330, 1000, 470, 24, "cap"), (830, 440, 970, 700, 30, "body"), (640, 620, 1160, 1500, 120, "body"), (640, 900, 1160, 1300, 0, "label")],
    "jar": [(600, 520, 1200, 680, 40, "cap"), (560, 650, 1240, 1500, 120, "body"), (560, 860, 1240, 1300, 0, "label")],
    "tin": [(590, 500, 1210, 640, 60, "cap"), (570, 610, 1230, 1500, 50, "body"), (680, 780, 1120, 1340, 20, "label")],
    "box": [(470, 620, 1330, 1500, 30, "body"), (470, 620, 1330, 740, 30, "cap"), (600, 840, 1200, 1380, 16, "label")],
    "carton": [(600, 400, 1200, 560, 20, "cap"), (600, 520, 1200, 1500, 30, "body"), (680, 720, 1120, 1300, 20, "label")],
    "pump": [(860, 330, 1110, 400, 30, "dark"), (860, 380, 940, 560, 10, "dark"), (780, 540, 1020, 680, 30, "cap"), (610, 660, 1190, 1500, 140, "body"), (690, 860, 1110, 1340, 30, "label")],
    "tube": [(640, 360, 1160, 1300, 90, "body"), (640, 360, 1160, 420, 10, "dark"), (740, 1280, 1060, 1500, 30, "cap"), (720, 560, 1080, 1140, 30, "label")],
    "dropper": [(850, 300, 950, 480, 50, "dark"), (790, 460, 1010, 640, 20, "cap"), (650, 620, 1150, 1500, 90, "body"), (650, 840, 1150, 1320, 0, "label")],
    "lipstick": [(620, 420, 820, 900, 90, "dark"), (590, 820, 850, 1500, 30, "body"), (960, 620, 1220, 1500, 30, "cap"), (980, 900, 1200, 1340, 10, "label")],
    "fabric": [(450, 1180, 1350, 1500, 90, "body"), (480, 920, 1320, 1220, 90, "cap"), (510, 680, 1290, 960, 90, "body"), (700, 980, 1100, 1160, 20, "label")],
    "backpack": [(760, 360, 1040, 520, 120, "dark"), (540, 460, 1260, 1500, 210, "body"), (640, 960, 1160, 1400, 80, "cap"), (740, 660, 1060, 860, 30, "label")],
    "cup": [(640, 420, 1160, 560, 50, "cap"), (660, 540, 1140, 1500, 70, "body"), (660, 860, 1140, 1240, 0, "label")],
    "glass": [(480, 1080, 1320, 1500, 70, "body"), (470, 1030, 1330, 1110, 30, "cap"), (560, 720, 1240, 1030, 60, "body"), (550, 670, 1250, 740, 30, "cap"), (720, 1180, 1080, 1400, 20, "label")],
    "pan": [(1180, 880, 1640, 960, 40, "dark"), (400, 820, 1260, 1180, 160, "body"), (440, 850, 1220, 960, 60, "cap"), (640, 990, 1020, 1140, 20, "label")],
    "blocks": [(500, 1120, 860, 1500, 30, "body"), (900, 1120, 1260, 1500, 30, "cap"), (700, 740, 1060, 1100, 30, "dark"), (940, 1200, 1220, 1430, 20, "label")],
}  # fmt: skip


Box = tuple[int, int, int, int]


def _rounded(box: Box, radius: int) -> Image.Image:
    """A mask as large as the box."""
    x0, y0, x1, y1 = box
    mask = Image.new("L", (x1 - x0, y1 - y0), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, x1 - x0 - 1, y1 - y0 - 1), radius, fill=255)
    return mask


def _shaded(colour: Colour, box: Box) -> Image.Image:
    """Light from the left, as round things take it; as large as the box."""
    x0, y0, x1, y1 = box
    row = Image.new("RGB", (x1 - x0, 1), colour)
    for x in range(x1 - x0):
        place = x / (x1 - x0)
        light = math.sin(place * math.pi) ** 0.7 - 0.55 * place
        part = max(-0.35, min(0.4, light * 0.5 - 0.1))
        row.putpixel((x, 0), _mix(colour, (255, 255, 255) if part > 0 else (0, 0, 0), abs(part)))
    return row.resize((x1 - x0, y1 - y0))


_BALLS = (
    (640, 1290, 220),
    (1160, 1290, 220),
    (900, 1280, 240),
    (770, 960, 210),
    (1040, 960, 210),
    (905, 680, 190),
)


def _fruit(picture: Image.Image, tone: str) -> None:
    _, thing, accent = TONES[tone]
    draw = ImageDraw.Draw(picture)
    for x, y, radius in _BALLS:
        box = (x - radius, y - radius, x + radius, y + radius)
        ball = _rounded(box, radius)
        picture.paste(_shaded(thing, box), box[:2], ball)
        glow = Image.new("L", ball.size, 0)
        ImageDraw.Draw(glow).ellipse((radius * 0.45, radius * 0.35, radius * 0.95, radius * 0.85), fill=120)
        glow = ImageChops.multiply(glow.filter(ImageFilter.GaussianBlur(24)), ball)
        picture.paste((255, 255, 255), box, glow)
        draw.line(
            (x, y - radius + 20, x + 20, y - radius - 40), fill=_mix(accent, (60, 40, 20), 0.5), width=14
        )
        draw.ellipse((x + 14, y - radius - 60, x + 120, y - radius - 6), fill=(86, 150, 70))


def product_pictures(title: str, *, shape: str, tone: str) -> list[bytes]:
    """Three JPEGs of one product: whole, close, and with its name."""
    picture = _ground(tone)
    accent = TONES[tone][2]
    if shape == "fruit":
        _fruit(picture, tone)
    else:
        _packaging(picture, title, shape, tone)
    whole = picture.resize((SIZE, SIZE), Image.Resampling.BOX)
    close = picture.crop((340, 500, 1460, 1620)).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    named = whole.copy()
    draw = ImageDraw.Draw(named)
    draw.rounded_rectangle((40, 40, SIZE - 40, 150), 24, fill=_mix(accent, (255, 255, 255), 0.08))
    draw.text((SIZE / 2, 95), f"禾里 · {title}", font=_font(52), fill=(255, 255, 255), anchor="mm")
    return [_jpeg(shot) for shot in (whole, close, named)]


def _packaging(picture: Image.Image, title: str, shape: str, tone: str) -> None:
    _, thing, accent = TONES[tone]
    colours = {"body": thing, "cap": _mix(thing, (255, 255, 255), 0.35), "dark": accent}
    for x0, y0, x1, y1, radius, role in _SHAPES[shape]:
        box = (x0, y0, x1, y1)
        if role == "label":
            picture.paste((253, 251, 246), box, _rounded(box, radius))
            _write_label(picture, title, box, accent)
        else:
            picture.paste(_shaded(colours[role], box), (x0, y0), _rounded(box, radius))


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=84)
    return out.getvalue()


def _write_label(picture: Image.Image, title: str, box: Box, accent: Colour) -> None:
    draw = ImageDraw.Draw(picture)
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    rows = [title[index : index + 4] for index in range(0, min(len(title), 8), 4)]
    size = min(width // 5, height // (len(rows) + 2))
    middle = (x0 + x1) / 2
    top = (y0 + y1) / 2 - size * 1.15 * len(rows) / 2 + size * 0.2
    draw.text(
        (middle, top - size * 0.35), "HELI 禾里", font=_font(max(22, size // 3)), fill=accent, anchor="mm"
    )
    for number, row in enumerate(rows):
        draw.text(
            (middle, top + size * (0.5 + 1.15 * number)), row, font=_font(size), fill=accent, anchor="mm"
        )


def scene_picture(words: str, *, tone: str, under: str = "") -> bytes:
    """A 900×1200 cover with a line of words: for articles and films."""
    ground, thing, accent = TONES[tone]
    picture = Image.new("RGB", (900, 1200), ground)
    draw = ImageDraw.Draw(picture)
    for index in range(7):
        shade = _mix(ground, thing, 0.12 + 0.08 * (index % 4))
        draw.ellipse(
            (-300 + index * 170, 560 + (index % 3) * 110, 300 + index * 170, 1260 + (index % 3) * 110),
            fill=shade,
        )
    draw.ellipse((560, 120, 820, 380), fill=_mix(thing, (255, 255, 255), 0.45))
    rows = [words[index : index + 8] for index in range(0, min(len(words), 24), 8)]
    for number, row in enumerate(rows):
        draw.text((80, 150 + number * 120), row, font=_font(92), fill=accent)
    draw.rectangle((84, 170 + len(rows) * 120, 204, 180 + len(rows) * 120), fill=accent)
    if under:
        draw.text((80, 210 + len(rows) * 120), under[:20], font=_font(42, bold=False), fill=accent)
    return _jpeg(picture)
