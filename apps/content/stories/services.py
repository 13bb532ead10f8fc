"""Asking, agreeing, reviewing, publishing, taking back. Nothing is shown before her yes, nothing after her no."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.html import escape
from wagtail.models import Revision
from wagtail.rich_text import RichText

from apps.accounts.models import User
from apps.catalog.models import Product
from apps.content.models import Material, MaterialPicture, Story, StoryPicture
from apps.content.models.stories import LEAST_WORDS, MOST_PICTURES, MOST_WORDS
from apps.customers.models import Relation
from apps.lib import crypto, walls
from apps.lib.ids import private_token
from apps.media import cleaning
from apps.media import services as media
from apps.media.models import Image, Poster
from apps.privacy import services as privacy
from apps.privacy.models import Consent
from apps.tracking import services as tracking
from apps.tracking.models import Subject

SUBJECT = "story"
PURPOSE = "story"
ASK_FOR = timedelta(days=14)
NOTICE = (
    "你同意后，上面这段话、这些图片和你选的称呼，会由上面写明的公司审核，用作商品的真实故事："
    "公司的群主和导购可以把它发给他们的客户看。不会写你的姓名、手机号和地址。只用于这个用途，不会卖给别人。"
    "你随时可以用这个链接撤回，撤回后马上从所有页面拿掉，文字和图片也会删除；已经被别人保存到手机里的，我们收不回来。"
)


class NotPossibleError(Exception):
    """It can't be done now; the sentence says why and the mend."""


# --- asking ------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    relation: Relation,
    *,
    called: str,
    text: str,
    pictures: Sequence["File[bytes] | bytes"] = (),
    product: Product | None = None,
    now: datetime,
) -> tuple[str, Story]:
    """Write down what a customer told, for her to agree to: the text of her private link, and the story.

    NotPossibleError, or media's UploadRefusedError, and nothing is kept.
    """
    called, text = " ".join(called.split())[:20], text.strip()
    if not called:
        raise NotPossibleError("请写怎么称呼她，例如「两个娃的妈妈」，不要写全名。")
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        raise NotPossibleError(f"她的话写 {LEAST_WORDS} 到 {MOST_WORDS} 个字，现在是 {len(text)} 个。")
    if len(pictures) > MOST_PICTURES:
        raise NotPossibleError(f"图片最多 {MOST_PICTURES} 张。")
    clean = [cleaning.clean_picture(upload) for upload in pictures]
    secret = private_token()
    story = Story.objects.create(
        host_id=relation.host_id,
        relation_id=relation.pk,
        product=product,
        called=called,
        text=text,
        digest=crypto.digest(secret),
        ask_until=now + ASK_FOR,
        asked_at=now,
    )
    for position, picture in enumerate(clean, start=1):
        row = StoryPicture(
            story=story,
            host_id=relation.host_id,
            position=position,
            sha256=hashlib.sha256(picture.content).digest(),
        )
        row.file.save(f"picture.{picture.extension}", ContentFile(picture.content), save=False)
        row.save()
    _record("story.asked", story, now)
    return secret, story


@transaction.atomic
def renew(story: Story, *, now: datetime) -> str:
    """Another private link for a story that still waits for her answer; the one before opens nothing any more."""
    row = _locked(story)
    if row.state != Story.State.ASKED:
        raise NotPossibleError("她已经回答过了，她手里的链接还能用。")
    secret = private_token()
    row.digest, row.ask_until = crypto.digest(secret), now + ASK_FOR
    row.save(update_fields=["digest", "ask_until"])
    return secret


# --- her answer --------------------------------------------------------------------------------------------


def recipient_of(story: Story) -> str:
    """Who may show it, as the notice names it."""
    return str(story.host.organisation.get_root().name)


@transaction.atomic
def agree(story: Story, *, seen: str, now: datetime, evidence: dict[str, str]) -> Story:
    """Her yes to exactly what she saw (`seen`: its SHA-256 in hex), once. NotPossibleError."""
    row = _locked(story)
    if row.state == Story.State.AGREED:
        return row
    if row.state != Story.State.ASKED:
        raise NotPossibleError("这个故事已经处理过了。")
    if now >= row.ask_until:
        raise NotPossibleError("这个链接过期了，请让她重新发给你。")
    if row.sha256().hex() != seen:
        raise NotPossibleError("内容刚刚改过，请再看一遍。")
    notice = privacy.notice_for(PURPOSE, NOTICE, now=now)
    row.consent = privacy.give_consent(
        notice=notice,
        recipient=recipient_of(row),
        channel="story-link",
        relation_id=row.relation_id,
        evidence={**evidence, "seen": seen},
        now=now,
    )
    row.seen_sha256, row.state, row.answered_at = row.sha256(), Story.State.AGREED, now
    row.save()
    _record("story.agreed", row, now)
    return row


@transaction.atomic
def decline(story: Story, *, now: datetime) -> Story:
    """Her no: the words and pictures are gone at once."""
    row = _locked(story)
    if row.state != Story.State.ASKED:
        raise NotPossibleError("这个故事已经处理过了。要撤回，请点「撤回」。")
    row.state, row.answered_at = Story.State.DECLINED, now
    _empty(row)
    _record("story.declined", row, now)
    return row


@transaction.atomic
def withdraw(story: Story, *, now: datetime) -> Story:
    """Take it back: unpublished everywhere in this transaction, words, pictures and posters deleted."""
    row = _locked(story)
    if row.state in Story.EMPTY:
        return row
    with walls.as_worker():
        if row.consent_id is not None:
            Consent.objects.filter(pk=row.consent_id, withdrawn_at=None).update(withdrawn_at=now)
        if row.material_id is not None:
            _take_down(Material.objects.select_for_update().get(pk=row.material_id))
    row.state, row.withdrawn_at = Story.State.WITHDRAWN, now
    _empty(row)
    _record("story.withdrawn", row, now)
    return row


def _locked(story: Story) -> Story:
    return Story.objects.select_for_update(of=("self",)).select_related("host__organisation").get(pk=story.pk)


def _empty(story: Story) -> None:
    story.called = story.text = ""
    story.save()
    for picture in story.pictures.all():
        _delete_file(str(picture.file.name))
    story.pictures.all().delete()


def _take_down(material: Material) -> None:
    """The material stays as a row that links lead to, with nothing of hers in it, nor in its earlier versions."""
    if material.live:
        material.unpublish(set_expired=True)
    Revision.objects.for_instance(material).delete()
    images = list(Image.objects.filter(pk__in=material.pictures.values("image_id")))
    MaterialPicture.objects.filter(material=material).delete()
    fresh = Material.objects.get(pk=material.pk)
    fresh.title, fresh.summary, fresh.share_text, fresh.body = "已撤回的用户故事", "", "", []
    fresh.cover = None
    fresh.latest_revision = fresh.live_revision = None
    fresh.save()
    for image in images:
        for rendition in image.renditions.all():
            _delete_file(str(rendition.file.name))
        name = str(image.file.name)
        image.delete()
        _delete_file(name)
    for poster in Poster.objects.filter(subject_kind=Subject.MATERIAL, subject_id=material.pk):
        _delete_file(str(poster.file.name))
        poster.delete()


def _delete_file(name: str) -> None:
    """Once the transaction holds: a file can't come back."""
    transaction.on_commit(lambda: default_storage.delete(name))


# --- HQ's side ---------------------------------------------------------------------------------------------


@transaction.atomic
def publish(story: Story, *, title: str, by: User, now: datetime) -> Material:
    """HQ takes it: a material in her own words, which hosts may share while she agrees. NotPossibleError."""
    row = _reviewable(story, by)
    title = title.strip()[:60]
    if not title:
        raise NotPossibleError("请写一个标题。")
    pictures = list(row.pictures.all())
    images = [
        media.add_picture(title=title, upload=picture.file.open().read(), by=by, description="")
        for picture in pictures
    ]
    material = Material(
        kind=Material.Kind.PICTURES if images else Material.Kind.ARTICLE,
        title=title,
        summary=f"{row.called}的真实故事",
        share_text=row.text,
        product=row.product,
        live=False,
    )
    if not images:
        words = "".join(f"<p>{escape(line)}</p>" for line in row.text.splitlines() if line.strip())
        material.body = [("paragraph", RichText(words))]
    material.pictures = [  # type: ignore[misc]
        MaterialPicture(image=image, sort_order=place) for place, image in enumerate(images)
    ]
    material.save()
    row.material, row.state = material, Story.State.PUBLISHED
    row.reviewed_by, row.reviewed_at = by, now
    row.save()
    revision = material.save_revision(user=by, clean=False)
    material.publish(revision, user=by, skip_permission_checks=True)
    _record("story.published", row, now)
    return material


@transaction.atomic
def refuse(story: Story, *, reason: str, by: User, now: datetime) -> Story:
    """HQ does not take it, and says why to the host."""
    row = _reviewable(story, by)
    if not reason.strip():
        raise NotPossibleError("请写一句为什么不用，大C会看到。")
    row.state, row.reason = Story.State.RETURNED, reason.strip()[:100]
    row.reviewed_by, row.reviewed_at = by, now
    row.save()
    _record("story.refused", row, now)
    return row


def _reviewable(story: Story, by: User) -> Story:
    row = _locked(story)
    if row.state != Story.State.AGREED:
        raise NotPossibleError(f"这个故事现在是「{row.get_state_display()}」，不能审核。")
    if row.host.user_id == by.pk:
        raise NotPossibleError("自己收集的故事要由别人来审。")
    if reasons := what_stands_against(row):
        raise NotPossibleError("".join(reasons))
    return row


def what_stands_against(story: Story) -> list[str]:
    """Why this story may not be shown, as sentences; empty when she agreed to exactly this."""
    consent = story.consent
    if consent is None or consent.withdrawn_at is not None:
        return ["她没有同意，或者已经撤回了同意。"]
    if story.seen_sha256 is None or bytes(story.seen_sha256) != story.sha256():
        return ["内容和她同意的那一版不一样。"]
    return []


def _record(name: str, story: Story, now: datetime) -> None:
    tracking.record(
        name,
        at=now,
        host_id=story.host_id,
        relation_id=story.relation_id,
        subject_kind=SUBJECT,
        subject_id=story.pk,
    )


def check(material: Material) -> list[str]:
    """Why a material that shows a story may not go live: asked by `Material.problems`."""
    story = Story.objects.filter(material=material).select_related("consent").first()
    if story is None:
        return []
    found = what_stands_against(story)
    if not found and material.share_text.strip() != story.text:
        found.append("用户故事的文字是她本人同意的那一版，不能改。")
    return found
