"""What the demo's hosts show of themselves: a drawn face, and a code to press."""

import io
from datetime import datetime

import segno
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from apps.accounts.models import Host
from apps.media import services as media
from apps.media.models import HostPicture

SIZE = 400
_LOOKS = (
    ("#f6e3d3", "#4a2f27", "#d9694f"),
    ("#dfe9f5", "#2b2b33", "#4f7fb8"),
    ("#e6f1e2", "#5a3a22", "#5f9a63"),
)


def faces_and_codes(hosts: list[Host], *, now: datetime) -> None:
    """For those with a demo sign-in; the second has put up no code yet, and is told so."""
    for number, (host, look) in enumerate(zip(hosts[: len(_LOOKS)], _LOOKS, strict=False)):
        pictures = {HostPicture.Kind.FACE: ("face.jpg", _face(*look))}
        if number != 1:
            pictures[HostPicture.Kind.CODE] = ("code.png", _code(host))
        for kind, (name, content) in pictures.items():
            media.show_of_host(host, kind, ContentFile(content, name=name), by=host.user, now=now)


def _face(ground: str, hair: str, dress: str) -> bytes:
    sheet = Image.new("RGB", (2 * SIZE, 2 * SIZE), ground)
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((190, 120, 610, 620), fill=hair)
    pen.ellipse((120, 590, 680, 1100), fill=dress)
    pen.rounded_rectangle((340, 520, 460, 660), 50, fill="#eebf9f")
    pen.ellipse((255, 200, 545, 575), fill="#f7d0b3")
    pen.pieslice((235, 150, 565, 470), 180, 360, fill=hair)
    for x in (335, 441):
        pen.ellipse((x, 380, x + 24, 404), fill="#33241f")
    pen.arc((350, 420, 450, 500), 20, 160, fill="#b5483a", width=10)
    out = io.BytesIO()
    sheet.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def _code(host: Host) -> bytes:
    out = io.BytesIO()
    segno.make_qr(f"https://work.weixin.qq.com/ca/{host.wecom_userid}").save(out, kind="png", scale=14)
    return out.getvalue()
