"""The three looks of a poster that every host has: led by the picture, by the words, by the product.

Each is 1080 × 1440, which moments show as it is. At its foot stand her face, her name and the code of her
link.
"""

from PIL import Image as Pillow
from PIL import ImageDraw, ImageOps

from apps.library.drawing import Words, code_of, font, headline, lines_of, paste_face, paste_rounded

WIDTH, HEIGHT, MARGIN = 1080, 1440, 64
INNER = WIDTH - 2 * MARGIN
#: Where the foot begins, and how large its code is: a third of the width, read from an arm's length.
FOOT = 1092
CODE = 312
INK, GREY, LINE, GREEN, MONEY = "#191919", "#6b6b6b", "#e6e6e6", "#07803f", "#c8410b"
PAPER, WASH = "#faf6ee", "#f2f4f1"


def led_by_picture(words: Words, picture: Pillow.Image | None, face: Pillow.Image | None) -> Pillow.Image:
    """The picture as large as it goes, the title below it, the price small."""
    if picture is None:
        return led_by_words(words, picture, face)
    sheet = Pillow.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(sheet)
    high = 800
    sheet.paste(_dimmed(_cut(picture, (WIDTH, high)), words), (0, 0))
    if words.gone:
        _stamp(sheet, words.gone, (WIDTH // 2, high // 2))
    has_price = bool(words.price or words.gone)
    title = headline(words.title, font("bold", 54), INNER, 2)
    y = _lines(pen, title, high + 36, 54, INK, "bold") + 4
    room = 3 - len(title) - has_price
    if words.summary and room > 0:
        summary = lines_of(words.summary, font("regular", 36), INNER, room)
        y = _lines(pen, summary, y, 36, GREY, "regular") + 4
    _price(pen, words, (MARGIN, y + 4), 60)
    _foot(sheet, pen, words, face)
    return sheet


def led_by_words(words: Words, picture: Pillow.Image | None, face: Pillow.Image | None) -> Pillow.Image:
    """What she says, large, on paper; the picture is a small one beside the price."""
    sheet = Pillow.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, WIDTH, 16), fill=GREEN)
    _quotes(pen, (MARGIN, 76))
    small, bottom = 240, FOOT - 44
    title = headline(words.title, font("bold", 72), INNER, 3)
    y = _lines(pen, title, 172, 72, INK, "bold") + 24
    has_more = bool(picture is not None or words.price or words.gone)
    room = (bottom - small - 40 if has_more else bottom) - y
    said = words.said or words.summary
    if said and said.strip() != words.title.strip():
        size, lines = _filling(said, room)
        _lines(pen, lines, y, size, "#3c3c3c", "regular", step=1.5)
    at = MARGIN
    if picture is not None:
        fitted = _dimmed(_cut(picture, (small, small)), words)
        paste_rounded(sheet, fitted, (MARGIN, bottom - small))
        at += small + 40
    _price(pen, words, (at, bottom - small // 2 - 64), 72, below=True)
    _foot(sheet, pen, words, face)
    return sheet


def _filling(text: str, room: int) -> tuple[int, list[str]]:
    """The largest type in which it fits into so many pixels, and its lines; the smallest cuts it."""
    for size in (60, 54, 48, 42):
        lines = lines_of(text, font("regular", size), INNER, 99)
        if len(lines) * round(size * 1.5) <= room:
            return size, lines
    return 42, lines_of(text, font("regular", 42), INNER, max(1, room // round(42 * 1.5)))


def led_by_product(words: Words, picture: Pillow.Image | None, face: Pillow.Image | None) -> Pillow.Image:
    """The thing itself on a card, its price as large as the rest allows."""
    sheet = Pillow.new("RGB", (WIDTH, HEIGHT), WASH)
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((32, 32, WIDTH - 32, FOOT - 24), radius=36, fill="white")
    title = headline(words.title, font("bold", 50), INNER, 2)
    summary = lines_of(words.summary, font("regular", 34), INNER, 1)
    taken = 68 * len(title) + 46 * len(summary) + (140 if words.price or words.gone else 0)
    top, high = 64, FOOT - 24 - 36 - 64 - 32 - taken
    if picture is not None:
        fitted = _dimmed(_cut(picture, (INNER, high)), words)
        paste_rounded(sheet, fitted, (MARGIN, top))
        if words.gone:
            _stamp(sheet, words.gone, (WIDTH // 2, top + high // 2))
    else:
        pen.rounded_rectangle((MARGIN, top, WIDTH - MARGIN, top + high), radius=16, fill=PAPER)
        _quotes(pen, (WIDTH // 2 - 66, top + high // 2 - 52), 2)
    y = _price(pen, words, (MARGIN, top + high + 16), 100)
    y = _lines(pen, title, y + 4, 50, INK, "bold")
    _lines(pen, summary, y + 2, 34, GREY, "regular")
    _foot(sheet, pen, words, face)
    return sheet


def _quotes(pen: ImageDraw.ImageDraw, place: tuple[int, int], scale: float = 1.0) -> None:
    """Two commas in the air: somebody says this."""
    x, y = place
    side = 28 * scale
    for left in (x, x + side * 1.4):
        pen.ellipse((left, y + side * 0.7, left + side, y + side * 1.7), fill="#b9d8c2")
        foot, tip = (left, y + side * 1.2), (left + side * 0.5, y + side)
        pen.polygon([foot, (left + side * 0.75, y), (left + side, y), tip], fill="#b9d8c2")


def _lines(
    pen: ImageDraw.ImageDraw,
    lines: list[str],
    y: int,
    size: int,
    colour: str,
    weight: str,
    *,
    step: float = 1.35,
) -> int:
    """Written below each other; where the next would begin."""
    for row, line in enumerate(lines):
        pen.text((MARGIN, y + row * round(size * step)), line, fill=colour, font=font(weight, size))
    return y + len(lines) * round(size * step)


def _price(
    pen: ImageDraw.ImageDraw, words: Words, place: tuple[int, int], size: int, *, below: bool = False
) -> int:
    """What it costs and on which day that is, or that it is gone; where the next line would begin."""
    x, y = place
    if words.gone:
        pen.text((x, y), words.gone, fill=GREY, font=font("bold", round(size * 0.8)))
        return y + round(size * 1.3)
    if not words.price:
        return y
    face, small = font("bold", size), font("regular", 30)
    pen.text((x, y), words.price, fill=MONEY, font=face)
    if below:
        pen.text((x, y + round(size * 1.35)), words.day, fill=GREY, font=small)
        return y + round(size * 1.35) + 44
    ascent = face.getmetrics()[0]
    pen.text(
        (x + round(face.getlength(words.price)) + 22, y + ascent),
        words.day,
        fill=GREY,
        font=small,
        anchor="ls",
    )
    return y + round(size * 1.35)


def _foot(sheet: Pillow.Image, pen: ImageDraw.ImageDraw, words: Words, face: Pillow.Image | None) -> None:
    """Who recommends it, and the code that leads to her page."""
    pen.rectangle((0, FOOT, WIDTH, HEIGHT), fill="white")
    pen.line((MARGIN, FOOT, WIDTH - MARGIN, FOOT), fill=LINE, width=2)
    symbol = code_of(words.link, CODE + 24)
    top = FOOT + (HEIGHT - FOOT - symbol.height) // 2
    sheet.paste(symbol, (WIDTH - MARGIN - symbol.width + 12, top))
    room = WIDTH - 2 * MARGIN - symbol.width - 36
    size = 116
    paste_face(sheet, face, words.host, (MARGIN, FOOT + 46), size)
    x = MARGIN + size + 26
    name = lines_of(words.host, font("bold", 42), room - size - 26, 1)
    tag = headline(words.tagline or "为你推荐", font("regular", 30), room - size - 26, 2)
    y = FOOT + 46 + (size - 56 - 42 * len(tag)) // 2
    pen.text((x, y), name[0] if name else "", fill=INK, font=font("bold", 42))
    for row, line in enumerate(tag):
        pen.text((x, y + 60 + 42 * row), line, fill=GREY, font=font("regular", 30))
    pen.text((MARGIN, FOOT + 206), "长按识别二维码", fill=INK, font=font("bold", 36))
    next_step = "看看还有什么" if words.gone else "看详情，直接下单" if words.price else "看全文"
    pen.text((MARGIN, FOOT + 258), next_step, fill=GREY, font=font("regular", 30))


def _cut(picture: Pillow.Image, size: tuple[int, int]) -> Pillow.Image:
    """In this shape; of what is too high the upper part stays, where faces and headlines are."""
    return ImageOps.fit(picture, size, Pillow.Resampling.BICUBIC, centering=(0.5, 0.2))


def _dimmed(picture: Pillow.Image, words: Words) -> Pillow.Image:
    """What can't be bought is seen, and seen to be gone."""
    if not words.gone:
        return picture
    return Pillow.blend(picture.convert("RGB"), Pillow.new("RGB", picture.size, "#e9e9e9"), 0.55)


def _stamp(sheet: Pillow.Image, text: str, middle: tuple[int, int]) -> None:
    pen = ImageDraw.Draw(sheet)
    x, y = middle
    pen.ellipse((x - 130, y - 130, x + 130, y + 130), fill="#4a4a4a")
    pen.text(middle, text, fill="white", font=font("bold", 60), anchor="mm")
