"""Drawing a poster on HQ's own template."""

from dataclasses import dataclass
from typing import Any

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, ImageOps

from apps.library.drawing import Words, code_of, font, headline, lines_of, opened, paste_face, paste_rounded
from apps.library.models import PosterTemplate
from apps.media.models import Image

LINES = {"title": 2, "summary": 2}


@dataclass(frozen=True)
class Sheet:
    """A template as it is drawn: plain values, so that an unsaved one is previewed the same way."""

    width: int
    height: int
    colour: str
    note: str
    layers: dict[str, dict[str, Any]]
    background: Image | None = None

    @property
    def drawn_from(self) -> list[Any]:
        """All that shows, for a poster's digest."""
        ground = self.background.file_hash if self.background else ""
        return [self.width, self.height, self.colour, self.note, self.layers, ground]


def sheet_of(template: PosterTemplate) -> Sheet:
    return Sheet(
        template.width, template.height, template.colour, template.note, template.layers, template.background
    )


def draw(
    sheet: Sheet, words: Words, picture: Pillow.Image | None, her_face: Pillow.Image | None = None
) -> Pillow.Image:
    """The poster. Layers that have nothing to show are left out; the code is always there."""
    canvas = Pillow.new("RGB", (sheet.width, sheet.height), sheet.colour)
    ground = opened(sheet.background)
    if ground is not None:
        canvas.paste(ImageOps.fit(ground, canvas.size, Pillow.Resampling.BICUBIC))
    pen = ImageDraw.Draw(canvas)
    texts = {
        "title": words.title,
        "summary": words.summary,
        "price": words.gone or words.price,
        "host": f"{words.host}为你推荐",
        "note": sheet.note,
    }
    for name, layer in sheet.layers.items():
        if not layer.get("on"):
            continue
        place = (layer["x"], layer["y"])
        if name == "picture":
            if picture is not None:
                fitted = ImageOps.fit(picture, (layer["w"], layer["h"]), Pillow.Resampling.BICUBIC)
                paste_rounded(canvas, fitted, place)
        elif name == "face":
            paste_face(canvas, her_face, words.host, place, layer["w"])
        elif name == "qr":
            _paste_code(canvas, words.link, place, layer["w"])
        elif texts[name]:
            face = font("bold" if name in {"title", "price", "host"} else "regular", layer["size"])
            parted = headline if name == "title" else lines_of
            for row, line in enumerate(parted(texts[name], face, layer["w"], LINES.get(name, 1))):
                step = round(layer["size"] * 1.35)
                pen.text((place[0], place[1] + row * step), line, fill=layer["colour"], font=face)
            if name == "price" and words.price and not words.gone:
                _say_the_day(pen, words, layer, face)
    return canvas


def _say_the_day(
    pen: ImageDraw.ImageDraw, words: Words, layer: dict[str, Any], face: ImageFont.FreeTypeFont
) -> None:
    """On which day it costs that: behind the price, or below it where the layer is too narrow."""
    small = font("regular", max(20, round(layer["size"] * 0.4)))
    behind = layer["x"] + round(face.getlength(words.price)) + round(layer["size"] * 0.25)
    if behind + small.getlength(words.day) <= layer["x"] + layer["w"]:
        at = (behind, layer["y"] + face.getmetrics()[0])
        pen.text(at, words.day, fill=layer["colour"], font=small, anchor="ls")
    else:
        at = (layer["x"], layer["y"] + round(layer["size"] * 1.35))
        pen.text(at, words.day, fill=layer["colour"], font=small)


def _paste_code(canvas: Pillow.Image, link: str, place: tuple[int, int], width: int) -> None:
    """The code on a white square, its modules in whole pixels, in the middle of its place."""
    symbol = code_of(link, width)
    ground = Pillow.new("RGB", (width, width), "white")
    edge = (width - symbol.width) // 2
    ground.paste(symbol, (edge, edge))
    canvas.paste(ground, place)
