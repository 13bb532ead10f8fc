"""Whether what is to be shown is exactly what she agreed to."""

from apps.customers.models import Relation
from apps.database import db_role
from apps.library.models import Material
from apps.library.models.materials import texts_of
from apps.stories.models import Story

GONE = "这条素材是一位顾客的故事，她已经撤回了同意，不能再发布。"

CLOSED = "这条素材是一位顾客的故事，她已经撤回了同意，内容删掉了，不能再写。请另建一条素材。"


def what_stands_against(story: Story) -> list[str]:
    """Why this story may not be shown, as sentences; empty when she agreed to exactly this."""
    consent = story.consent
    if consent is None or consent.withdrawn_at is not None:
        return ["她没有同意，或者已经撤回了同意。"]
    if Relation.objects.filter(pk=story.relation_id, blocked_at__isnull=False).exists():
        return ["她要求删除自己的资料，不能再展示。"]
    if story.seen_sha256 is None or bytes(story.seen_sha256) != story.sha256():
        return ["内容和她同意的那一版不一样。"]
    return []


def problems(material: Material) -> list[str]:
    """Why a material may not go live that shows a consumer's story; empty for every other material."""
    if not material.is_story:
        return []
    with db_role.as_worker():
        story = (
            Story.objects.filter(material=material.pk, state=Story.State.TAKEN)
            .select_related("consent")
            .prefetch_related("pictures")
            .first()
        )
        if story is None:
            return [GONE]
        return what_stands_against(story) or _changed(material, story)


def closed(material: Material) -> list[str]:
    """Why nothing may be written into it any more: it told a story that she took back, or had erased."""
    if not material.is_story:
        return []
    with db_role.as_worker():
        stories = Story.objects.filter(material=material.pk)
        return [] if stories.exclude(state__in=Story.EMPTY).exists() else [CLOSED]


def _changed(material: Material, story: Story) -> list[str]:
    """What an editor changed of it: she agreed to these words and pictures, and no others."""
    images = [picture.image_id for picture in story.pictures.all()]
    shown = list(material.pictures.all())
    parts = {
        "标题": material.title == story.title,
        "一句话简介": material.summary == story.summary,
        "分享文案": _plain(material.share_text) == _plain(story.text),
        "正文": _plain("".join(texts_of(material.body))) == ("" if images else _plain(story.text))
        and all(part.block_type == "paragraph" for part in material.body),
        "另一种说法": not material.texts.all(),
        "图片": [row.image_id for row in shown] == images and not any(row.caption for row in shown),
        "封面": material.cover_id is None or material.cover_id in images,
        "商品": material.product_id == story.product_id,
        "视频": material.video_id is None and not material.channels_url,
    }
    changed = [name for name, same in parts.items() if not same]
    if not changed:
        return []
    return [
        f"用户故事要和她本人同意的一样，请把{'、'.join(changed)}改回原样。不合适就撤下来，请大C重新问她。"
    ]


def _plain(text: str) -> str:
    return "".join(text.split())
