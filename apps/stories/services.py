"""Asking, agreeing, taking. Nothing is shown before her yes; taking back has a file of its own."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Least, Now
from django.utils import timezone
from django.utils.html import escape
from wagtail.rich_text import RichText

from apps.accounts.models import User
from apps.accounts.services import two_people
from apps.catalog.models import Product
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import crypto
from apps.lib.ids import private_token
from apps.library.models import Material, MaterialPicture
from apps.media import cleaning
from apps.media import services as media
from apps.reach import gate, touches
from apps.reach.models import Purpose, Way
from apps.records.models import Consent, Notice
from apps.records.services import consents
from apps.stories.agreed import what_stands_against
from apps.stories.models import (
    LEAST_WORDS,
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_PICTURES,
    MOST_WORDS,
    Story,
    StoryPicture,
)
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

#: How the ledger names a story: the id beside it is the story's.
SUBJECT = "story"
ASK_FOR = timedelta(days=14)
NOTICE = (
    "你同意以后，上面的标题、称呼、文字和图片会原样交给上面写明的公司审核，通过后成为一条素材："
    "公司的群主和导购可以发给他们的客户、群和朋友圈看。一个字、一张图都不会改，也不写你的姓名、手机号和地址。"
    "只用于这个用途，不交给别的公司。你随时可以用这个链接撤回，撤回后马上从所有页面拿掉，"
    "文字和图片也会删除；已经被别人存到手机里的，我们收不回来。"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


class NotPossibleError(Exception):
    """It can't be done now; the sentence says why and the mend."""


# --- asking ------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    relation: Relation,
    *,
    title: str,
    called: str,
    text: str,
    pictures: Sequence["File[bytes] | bytes"] = (),
    product: Product | None = None,
    now: datetime,
) -> tuple[str, Story]:
    """Write down what a customer told, for her to agree to: the text of her private link, and the story.

    The same words a second time (a double tap) give the same story a new link. NotPossibleError, or media's
    UploadRefusedError, and nothing is kept.
    """
    title, called, text = (
        " ".join(title.split()),
        " ".join(called.split()),
        text.replace("\r\n", "\n").strip(),
    )
    _refuse_bad(relation, title=title, called=called, text=text, pictures=len(pictures))
    # Two taps at once wait here.
    relation = Relation.objects.select_for_update().get(pk=relation.pk)
    decision = gate.may_reach([relation.pk], Purpose.STORY, Way.LINK, now=now)
    if decision.reasons:
        raise NotPossibleError("她要求删除资料，不能再收集她的故事。")
    for earlier in Story.objects.filter(relation_id=relation.pk, state=Story.State.ASKED):
        same = (earlier.title, earlier.called, earlier.text, earlier.product) == (
            title,
            called,
            text,
            product,
        )
        if same and earlier.pictures.count() == len(pictures):
            return renew(earlier, now=now), earlier
    customers.take_on(relation, now=now)
    clean = [cleaning.clean_picture(upload) for upload in pictures]
    secret = private_token()
    story = Story.objects.create(
        host_id=relation.host_id,
        relation_id=relation.pk,
        product=product,
        title=title,
        called=called,
        text=text,
        digest=crypto.digest(secret),
        ask_until=now + ASK_FOR,
        asked_at=now,
    )
    touches.note(decision, cause="story", cause_id=story.pk)
    _keep_pictures(story, clean)
    record(Fact.STORY_ASKED, story, now)
    return secret, story


def _refuse_bad(relation: Relation, *, title: str, called: str, text: str, pictures: int) -> None:
    if not title or len(title) > LONGEST_TITLE:
        raise NotPossibleError(f"标题写 1 到 {LONGEST_TITLE} 个字，例如「孩子自己盛粥了」。")
    if not called or len(called) > LONGEST_NAME:
        raise NotPossibleError(f"怎么称呼她写 1 到 {LONGEST_NAME} 个字，例如「两个娃的妈妈」。")
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        raise NotPossibleError(f"她的话写 {LEAST_WORDS} 到 {MOST_WORDS} 个字，现在是 {len(text)} 个。")
    if pictures > MOST_PICTURES:
        raise NotPossibleError(f"图片最多 {MOST_PICTURES} 张，请去掉几张。")
    everything = f"{title} {called} {text}"
    if len(relation.name) >= 2 and relation.name in everything:
        raise NotPossibleError("里面写了她的姓名，大家都会看到，请改成不认得出是谁的称呼。")
    if _PHONE.search(everything):
        raise NotPossibleError("里面有手机号，大家都会看到，请去掉。")


def _keep_pictures(story: Story, clean: Sequence[cleaning.CleanPicture]) -> None:
    kept: list[str] = []
    try:
        for position, picture in enumerate(clean, start=1):
            row = StoryPicture(
                story=story,
                host_id=story.host_id,
                position=position,
                sha256=hashlib.sha256(picture.content).digest(),
            )
            row.file.save(f"picture.{picture.extension}", ContentFile(picture.content), save=False)
            kept.append(str(row.file.name))
            row.save()
    except Exception:
        for name in kept:
            default_storage.delete(name)
        raise


@transaction.atomic
def renew(story: Story, *, now: datetime) -> str:
    """Another private link for a story that waits for her answer; the one before opens nothing any more."""
    # Not while she is being handed over: whichever is first, the other one sees it.
    relation = Relation.objects.select_for_update(no_key=True).filter(pk=story.relation_id).first()
    row = locked(story)
    if row.state != Story.State.ASKED:
        raise NotPossibleError("她已经回答过了，她手里的链接还能用。")
    if relation is None or relation.host_id != row.host_id:
        raise NotPossibleError("她现在由别的同事服务，这段话要由那位同事重新问她。")
    decision = gate.may_reach([relation.pk], Purpose.STORY, Way.LINK, now=now)
    if decision.reasons:
        raise NotPossibleError("她要求删除资料，不能再收集她的故事。")
    touches.note(decision, cause="story", cause_id=row.pk)
    secret = private_token()
    row.digest, row.ask_until = crypto.digest(secret), now + ASK_FOR
    row.save(update_fields=["digest", "ask_until"])
    return secret


def links_end(relation_ids: list[int], host_id: int) -> None:
    """Asked by the host before, she has not answered: the new one asks anew. What she agreed to is hers."""
    waiting = Story.objects.filter(relation_id__in=relation_ids, state=Story.State.ASKED)
    waiting.exclude(host=host_id).update(ask_until=Least("ask_until", Now()))


# --- her answer --------------------------------------------------------------------------------------------


def recipient_of(story: Story) -> str:
    """Who may show it, as the notice names it."""
    return str(story.host.organisation.get_root().name)[:80]


def notice(*, now: datetime) -> Notice:
    """What she is told: HQ's newest version, or the product's own."""
    return consents.notice_for(Notice.Purpose.STORY, NOTICE, now=now)


def mark_of(story: Story, told: Notice) -> str:
    """What stands on the page she sees, as hex: her story, who asks, the notice."""
    found = hashlib.sha256(story.sha256() + bytes(told.sha256) + recipient_of(story).encode())
    return found.hexdigest()


@transaction.atomic
def agree(story: Story, *, seen: str, now: datetime, evidence: dict[str, str]) -> Story:
    """Her yes to exactly what she saw (`seen`: its mark), once. NotPossibleError."""
    row = locked(story)
    told = notice(now=now)
    if row.state in (Story.State.AGREED, Story.State.TAKEN):
        return row
    if row.state != Story.State.ASKED:
        raise NotPossibleError("这个故事已经处理过了。")
    if now >= row.ask_until:
        raise NotPossibleError("这个链接过期了，愿意分享的话，请对方重新发给你。")
    if not Relation.objects.filter(pk=row.relation_id, host=row.host_id).exists():
        raise NotPossibleError("发给你的人现在不服务你了，这段话不会再用。")
    if not row.host.is_active:
        raise NotPossibleError("发给你的人已经不在这里服务了，这段话不会再用。")
    if mark_of(row, told) != seen:
        raise NotPossibleError("内容刚刚改过，请再看一遍，没问题再点同意。")
    row.consent = consents.give_consent(
        notice=told,
        recipient=recipient_of(row),
        host_id=None,
        channel="story-link",
        proof=Consent.Proof.LINK,
        relation_id=row.relation_id,
        evidence={**evidence, "seen": row.sha256().hex()},
        now=now,
    )
    row.seen_sha256, row.state, row.answered_at = row.sha256(), Story.State.AGREED, now
    row.save()
    record(Fact.STORY_AGREED, row, now)
    return row


# --- HQ's side ---------------------------------------------------------------------------------------------


@transaction.atomic
def take(story: Story, *, by: User, now: datetime) -> Material:
    """HQ takes it: the draft of a material in her own words, which goes the way of every draft from here.

    NotPossibleError, also when somebody took it a moment ago.
    """
    row = _reviewable(story, by)
    pictures = list(row.pictures.all())
    for picture in pictures:
        with picture.file.open() as file:
            picture.image = media.add_picture(title=f"{row} {picture.position}", upload=file.read(), by=by)
        picture.save(update_fields=["image"])
    material = Material(
        kind=Material.Kind.PICTURES if pictures else Material.Kind.ARTICLE,
        title=row.title,
        summary=row.summary,
        share_text=row.text,
        product=row.product,
        is_story=True,
        live=False,
    )
    if not pictures:
        words = "".join(f"<p>{escape(line)}</p>" for line in row.text.splitlines() if line.strip())
        material.body = [("paragraph", RichText(words))]
    material.pictures = [  # type: ignore[misc]
        MaterialPicture(image=picture.image, sort_order=place) for place, picture in enumerate(pictures)
    ]
    material.save()
    material.save_revision(user=by, clean=False)
    row.material, row.state = material, Story.State.TAKEN
    row.reviewed_by, row.reviewed_at = by, now
    row.save()
    record(Fact.STORY_TAKEN, row, now, by=by)
    return material


@transaction.atomic
def refuse(story: Story, *, reason: str, by: User, now: datetime) -> Story:
    """HQ does not take it, and says why to the host. NotPossibleError."""
    row = _reviewable(story, by)
    if not reason.strip():
        raise NotPossibleError("请写一句为什么不用，大C会看到。")
    row.state, row.reason = Story.State.RETURNED, reason.strip()[:100]
    row.reviewed_by, row.reviewed_at = by, now
    row.save()
    record(Fact.STORY_REFUSED, row, now, by=by)
    return row


def _reviewable(story: Story, by: User) -> Story:
    row = locked(story)
    if why := what_stops_review(row, by=by, now=timezone.now()):
        raise NotPossibleError(why)
    return row


def what_stops_review(story: Story, *, by: User, now: datetime) -> str:
    """Why this person can neither take nor refuse it now, in sentences; empty when she can."""
    if story.state != Story.State.AGREED:
        return f"这个故事现在是「{story.get_state_display()}」，不用再审核。"
    if two_people.are_one(story.host.user, by, now=now):
        return "自己收集的故事，或者最近由你开过登录的大C收集的，要由别人来审。"
    return "".join(what_stands_against(story))


# --- for both files ----------------------------------------------------------------------------------------


def locked(story: Story) -> Story:
    """The row as it is now, for this transaction alone to change."""
    rows = Story.objects.select_for_update(of=("self",)).select_related("host__organisation", "consent")
    return rows.get(pk=story.pk)


def record(fact: Fact, story: Story, now: datetime, *, by: User | None = None) -> None:
    tracking.record(
        fact,
        at=now,
        host_id=story.host_id,
        relation_id=story.relation_id,
        actor_id=by.pk if by else None,
        subject_kind=SUBJECT,
        subject_id=story.pk,
    )
