"""Posters on a template, beside bare Pillow composing the same layers from the same files."""

import io
import time
from pathlib import Path
from typing import Any

from benchmarks import ground
from benchmarks.report import Verdict, median

ROUNDS, BATCH = 12, 6


def run(folder: Path) -> list[Verdict]:
    ground.fresh()
    ours, bare, again = _set_up()
    made, plain, kept = [], [], []
    for turn in range(ROUNDS + 2):  # in turns, so that both meet the same moments of the machine
        one, other, third = _seconds(ours), _seconds(bare), _seconds(again)
        if turn >= 2:
            made.append(one)
            plain.append(other)
            kept.append(third)
    detail = f"每张 {median(made) / BATCH * 1e3:.0f} 对 {median(plain) / BATCH * 1e3:.0f} 毫秒"
    return [
        Verdict("海报，对裸 Pillow 合成同样的图层（吞吐）", median(plain) / median(made), 0.6, False, detail),
        Verdict(
            "同一张海报再要一次，对第一次",
            median(kept) / median(made),
            0.2,
            True,
            f"每次 {median(kept) / BATCH * 1e3:.1f} 毫秒，直接从存储里给",
        ),
    ]


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _picture(colour: str, size: tuple[int, int]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    noise = Image.effect_noise(size, 40).convert("RGB")
    Image.blend(noise, Image.new("RGB", size, colour), 0.6).save(out, "JPEG", quality=88)
    return out.getvalue()


def _set_up() -> tuple[Any, Any, Any]:
    import segno
    from django.utils import timezone
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    from apps.accounts import services as accounts
    from apps.accounts.models import Host, Organisation
    from apps.library import drawing, posters
    from apps.library.models import Material, PosterTemplate
    from apps.media import services as media

    now = timezone.now()
    root = Organisation.objects.filter(depth=1).first() or Organisation.add_root(name="总部", kind="company")
    host = accounts.create_host(
        username="bench-posters", name="林姐", kind=Host.Kind.OWNER, organisation=root, now=now
    )
    cover, ground_picture = media.add_generated_pictures(
        [
            media.GeneratedPicture("商品", _picture("#c9a27c", (1500, 1500))),
            media.GeneratedPicture("背景", _picture("#e8f0e8", (1080, 1440))),
        ],
        by=None,
    )
    template = PosterTemplate.objects.create(name="对比", background=ground_picture)
    material = Material(
        kind=Material.Kind.PICTURES,
        title="当季五常稻花香，一碗新米饭胜过一桌菜",
        summary="现磨现发，开锅满屋香",
        live=True,
        cover=cover,
        poster_template=template,
    )
    material.save()
    counted = iter(range(1, 1_000_000))

    def ours() -> None:
        for _ in range(BATCH):
            posters.poster_for(
                host,
                material,
                link_url=f"https://dac.example.com/s/{next(counted):010d}/",
                now=now,
            )

    def again() -> None:
        for _ in range(BATCH):
            posters.poster_for(host, material, link_url="https://dac.example.com/s/same/", now=now)

    faces: dict[tuple[str, int], ImageFont.FreeTypeFont] = {
        (weight, size): drawing.font(weight, size)
        for weight, size in (("bold", 56), ("regular", 34), ("bold", 72), ("bold", 42), ("regular", 30))
    }
    target = Path(cover.file.path).parent / "bare.jpg"

    def bare() -> None:
        for _ in range(BATCH):
            sheet = Image.open(ground_picture.file.path).convert("RGB")
            shown = ImageOps.fit(
                Image.open(cover.file.path).convert("RGB"), (960, 800), Image.Resampling.BICUBIC
            )
            mask = Image.new("L", shown.size, 0)
            ImageDraw.Draw(mask).rounded_rectangle((0, 0, *shown.size), radius=16, fill=255)
            sheet.paste(shown, (60, 150), mask)
            pen = ImageDraw.Draw(sheet)
            pen.text((60, 985), material.title[:17], fill="#191919", font=faces["bold", 56])
            pen.text((60, 1060), material.title[17:], fill="#191919", font=faces["bold", 56])
            pen.text((60, 1130), material.summary, fill="#666666", font=faces["regular", 34])
            pen.text((60, 1240), "¥59.00", fill="#d6322f", font=faces["bold", 72])
            disc = Image.new("L", (352, 352), 0)
            ImageDraw.Draw(disc).ellipse((0, 0, 351, 351), fill=255)
            sheet.paste("#07803f", (60, 40, 148, 128), disc.resize((88, 88), Image.Resampling.LANCZOS))
            pen.text((168, 56), "林姐为你推荐", fill="#191919", font=faces["bold", 42])
            pen.text((60, 1355), "长按识别二维码", fill="#666666", font=faces["regular", 30])
            out = io.BytesIO()
            link = f"https://dac.example.com/s/{next(counted):010d}/"
            segno.make_qr(link, error="m").save(out, kind="png", scale=7, border=2)
            sheet.paste(Image.open(out).convert("RGB"), (780, 1155))
            sheet.save(target, "JPEG", quality=90)

    return ours, bare, again
