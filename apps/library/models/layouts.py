"""Poster templates: where on a sheet the picture, the words, the price, the host and the code stand."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.lib.pii import Pii
from apps.media.models import Image

#: WeCom's moments take pictures up to this without scaling them down (reference: wecom.md §3).
MAX_WIDTH, MAX_HEIGHT, LEAST = 1080, 1440, 480
#: A code smaller than this is not read from a phone's screen.
LEAST_CODE = 160
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Kind:
    """One layer's name in Chinese and the numbers it has."""

    label: str
    numbers: tuple[str, ...]
    has_colour: bool = False


TEXT = ("x", "y", "w", "size")
#: In the order in which they are drawn.
KINDS: dict[str, Kind] = {
    "picture": Kind("商品图", ("x", "y", "w", "h")),
    "title": Kind("标题", TEXT, has_colour=True),
    "summary": Kind("一句话", TEXT, has_colour=True),
    "price": Kind("价格", TEXT, has_colour=True),
    "face": Kind("大C的头像", ("x", "y", "w")),
    "host": Kind("大C的名字", TEXT, has_colour=True),
    "note": Kind("提示语", TEXT, has_colour=True),
    "qr": Kind("二维码", ("x", "y", "w")),
}
NUMBERS = {"x": "左", "y": "上", "w": "宽", "h": "高", "size": "字号"}


def default_layers() -> dict[str, dict[str, Any]]:
    """A sheet of 1080 × 1440 with everything on it, to begin with."""
    return {
        "picture": {"on": True, "x": 60, "y": 150, "w": 960, "h": 800},
        "title": {"on": True, "x": 60, "y": 985, "w": 960, "size": 56, "colour": "#191919"},
        "summary": {"on": True, "x": 60, "y": 1146, "w": 680, "size": 34, "colour": "#666666"},
        "price": {"on": True, "x": 60, "y": 1240, "w": 700, "size": 72, "colour": "#d6322f"},
        "face": {"on": True, "x": 60, "y": 40, "w": 88},
        "host": {"on": True, "x": 168, "y": 56, "w": 850, "size": 42, "colour": "#191919"},
        "note": {"on": True, "x": 60, "y": 1355, "w": 600, "size": 30, "colour": "#666666"},
        "qr": {"on": True, "x": 780, "y": 1155, "w": 240},
    }


class PosterTemplate(PublicIdModel):
    """A sheet that HQ lays out once; each poster puts one material and one host's link on it."""

    name = PlainCharField("名称", max_length=20, unique=True)
    width = models.PositiveSmallIntegerField(
        "宽", default=MAX_WIDTH, validators=[MinValueValidator(LEAST), MaxValueValidator(MAX_WIDTH)]
    )
    height = models.PositiveSmallIntegerField(
        "高",
        default=MAX_HEIGHT,
        validators=[MinValueValidator(LEAST), MaxValueValidator(MAX_HEIGHT)],
        help_text="最大 1080 × 1440 像素：企业微信朋友圈不压缩的尺寸。",
    )
    colour = models.CharField(
        "底色",
        max_length=7,
        default="#ffffff",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "颜色写成 #ffffff 这样。")],
    )
    background = models.ForeignKey(
        Image,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="背景图",
        related_name="+",
        help_text="铺满整张；比例不同会裁掉边。",
    )
    note = models.CharField("提示语", max_length=30, default="长按识别二维码")
    layers = models.JSONField("版式", default=default_layers)
    #: Out of use it is offered no more; posters of materials that chose it are drawn by it as before.
    is_active = models.BooleanField("在用", default=True, db_default=True, editable=False)

    PII: ClassVar[dict[str, Pii]] = {
        "name": Pii.NONE,
        "colour": Pii.NONE,
        "note": Pii.NONE,
        "layers": Pii.NONE,
    }

    class Meta:
        verbose_name = "海报模板"
        verbose_name_plural = "海报模板"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.width is None or self.height is None:
            return
        reasons = faults_of(self.layers, width=self.width, height=self.height)
        if reasons:
            raise ValidationError({"layers": reasons})


def faults_of(layers: Any, *, width: int, height: int) -> list[str]:
    """What is wrong with a layout, as sentences that name the layer and the mend."""
    if not isinstance(layers, dict) or set(layers) != set(KINDS):
        return ["版式不完整。请刷新页面重新排一次。"]
    found = []
    for name, kind in KINDS.items():
        layer = layers[name]
        if not isinstance(layer, dict):
            return ["版式不完整。请刷新页面重新排一次。"]
        if not layer.get("on"):
            continue
        wrong = [NUMBERS[one] for one in kind.numbers if not _is_whole(layer.get(one))]
        if wrong:
            found.append(f"「{kind.label}」的{'、'.join(wrong)}要填 0 以上的整数。")
            continue
        right = layer["x"] + layer["w"]
        bottom = layer["y"] + layer.get("h", layer["w"] if name in {"qr", "face"} else layer.get("size", 0))
        if layer["w"] < 20 or right > width or bottom > height:
            found.append(f"「{kind.label}」超出了画布（{width} × {height}）。请往里挪，或改小一点。")
        if "size" in kind.numbers and not 16 <= layer["size"] <= 200:
            found.append(f"「{kind.label}」的字号要在 16 到 200 之间。")
        if kind.has_colour and not COLOUR.fullmatch(str(layer.get("colour", ""))):
            found.append(f"「{kind.label}」的颜色写成 #191919 这样。")
    code = layers["qr"]
    if not code.get("on"):
        found.append("海报要有二维码，不然扫不到大C的链接。")
    elif _is_whole(code.get("w")) and code["w"] < LEAST_CODE:
        found.append(f"二维码至少 {LEAST_CODE} 像素宽，再小手机扫不出来。")
    return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_HEIGHT
