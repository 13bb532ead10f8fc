"""The editorial desk's output: materials and issues, published by the content services as history."""

import io
from datetime import date, datetime, timedelta

import av
from PIL import Image as Pillow

from apps.accounts.models import User
from apps.catalog.models import Product
from apps.console.demo import catalogue, pictures, pieces
from apps.console.demo.past_issues import PAST
from apps.console.demo.this_issue import CURRENT
from apps.console.demo.world import Progress
from apps.lib import clock
from apps.library import services as content
from apps.library.models import Issue, IssueEntry, Material, MaterialPicture
from apps.media import services as media
from apps.media.models import Video

FIRST_NUMBER = 23


def current_start(today: date) -> date:
    """The Monday on which the demo's current fortnight begins, so that it has some days behind and before it."""
    monday = clock.monday_of(today)
    return monday if today.weekday() >= 2 else monday - timedelta(days=7)


def publish_everything(
    products: list[Product], *, editor: User, now: datetime, progress: Progress
) -> list[Issue]:
    """Three past issues, live; the current one, not yet told; the next one as a draft."""
    by_title = {product.title: product for product in products}
    tones = {good.title: good.tone for good in catalogue.GOODS}
    start = current_start(clock.day_of(now))
    plans = [*PAST, CURRENT]
    total, done = sum(len(plan.pieces) for plan in plans), 0
    issues = []
    for place, plan in enumerate(plans):
        starts_on = start - timedelta(days=14 * (len(plans) - 1 - place))
        told = clock.start_of(starts_on) - timedelta(days=2) + timedelta(hours=15)
        entries = []
        for piece in plan.pieces:
            product = by_title[piece.product]
            material = _material(piece, product, tone=tones[piece.product], plan=plan, by=editor)
            content.publish(material, by=editor, as_of=told)
            entries.append(
                IssueEntry(material=material, day=piece.day, best_time=f"{piece.hour:02d}:00", tip=piece.tip)
            )
            done += 1
            progress("素材与期", done, total)
        issue = content.add_issue(
            number=FIRST_NUMBER + place,
            theme=plan.theme,
            intro=plan.intro,
            starts_on=starts_on,
            owner=editor,
            entries=entries,
            quotas=dict(pieces.QUOTAS),
        )
        if plan is not CURRENT:
            _go_live(issue, by=editor)
        issues.append(issue)
    content.ensure_next_issue(now=now)
    return issues


def tell_of_current(issues: list[Issue], *, editor: User) -> None:
    """The current issue goes live: told to those who are still there, so that nobody's message is cancelled."""
    _go_live(issues[-1], by=editor)


def _go_live(issue: Issue, *, by: User) -> None:
    content.publish(issue, by=by, as_of=clock.start_of(issue.starts_on) + timedelta(hours=7))


def _material(piece: pieces.Piece, product: Product, *, tone: str, plan: pieces.Plan, by: User) -> Material:
    shots = [row.image for row in product.pictures.select_related("image")]
    material = Material(
        kind=piece.kind,
        title=piece.title,
        summary=piece.summary,
        share_text=piece.text,
        occasion=piece.occasion,
        product=product,
        live=False,
    )
    if piece.kind in {pieces.ARTICLE, pieces.LAUNCH}:
        material.body = pieces.body_of(piece, subtitle=product.subtitle, picture=shots[1])
    if piece.kind == pieces.ARTICLE:
        [material.cover] = media.add_generated_pictures(
            [
                media.GeneratedPicture(
                    title=piece.title,
                    content=pictures.scene_picture(piece.title, tone=tone, under=f"{plan.theme}"),
                    description=piece.summary,
                )
            ],
            by=by,
        )
    if piece.kind == pieces.PICTURES:
        material.pictures = [  # type: ignore[misc]  # modelcluster's manager takes a list
            MaterialPicture(image=shot, caption=caption, sort_order=place)
            for place, (shot, caption) in enumerate(
                zip(shots, (piece.summary, product.subtitle, ""), strict=False)
            )
        ]
    if piece.kind == pieces.VIDEO:
        material.video = _film(piece.title, tone=tone, by=by)
    material.save()
    return material


def _film(words: str, *, tone: str, by: User) -> Video:
    """A silent four-second film: the cover, slowly nearer."""
    still = Pillow.open(io.BytesIO(pictures.scene_picture(words, tone=tone))).convert("RGB")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 540, 720, "yuv420p"
        for number in range(48):
            inset = number * 2
            frame = still.crop((inset, inset * 4 // 3, 900 - inset, 1200 - inset * 4 // 3)).resize((540, 720))
            for packet in stream.encode(av.VideoFrame.from_image(frame)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return media.add_film(title=words, upload=out.getvalue(), by=by)
