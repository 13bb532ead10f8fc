"""What of content's tables concerns consumers: the stories they told, and what was made of them."""

from datetime import datetime
from typing import Any

from apps.records.declarations import Holder, Subject
from apps.stories import taking_back
from apps.stories.models import Story


def _of(subject: Subject) -> Any:
    return Story.objects.filter(relation_id__in=subject.relation_ids).order_by("pk")


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    rows = _of(subject).select_related("host", "product", "material").prefetch_related("pictures")
    if subject.by_host is not None:
        rows = rows.filter(host=subject.by_host)
    return {
        "你的故事": [
            {
                "谁记下的": row.host.name,
                "标题": row.title,
                "称呼": row.called,
                "你的话": row.text,
                "说的商品": row.product.title if row.product else "",
                "图片": f"{len(row.pictures.all())} 张，在发给你的故事链接里看得到",
                "状态": row.get_state_display(),
                "正在展示": row.is_shown,
                "请你看": row.asked_at,
                "你回答": row.answered_at,
                "总部审核": row.reviewed_at,
                "你撤回": row.withdrawn_at,
            }
            for row in rows
        ]
    }


def block(subject: Subject, now: datetime) -> None:
    """She wants to be erased: what was made of her stories goes offline before that is done."""
    taking_back.hide(_of(subject))


def erase(subject: Subject, now: datetime) -> None:
    """Her stories and their pictures are deleted, and everything made of them goes offline."""
    taking_back.forget(_of(subject))


_KEY = "我们给行的编号"
HOLDER = Holder(
    name="content",
    export=export,
    erase=erase,
    block=block,
    exported={
        "stories.Story": (
            "title", "called", "text", "state", "product", "asked_at", "answered_at", "reviewed_at",
            "withdrawn_at",
        ),
    },
    exempt={
        "learning.Practice": {"file": "大C交的练习截图，和哪位顾客没有关联，只有她和批改的人看得到"},
        "stories.Story": {
            "relation_id": _KEY,
            "consent": "在「你同意过的」里列出",
            "material": _KEY,
            "ask_until": "私人链接问到哪一天，在链接里写着",
        },
        "stories.StoryPicture": {"file": "图片本身只在发给她的故事链接里，副本里写有几张"},
    },
)  # fmt: skip
