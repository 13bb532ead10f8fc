"""A member publishes a moment that the corp prepared for her."""

from __future__ import annotations

from datetime import datetime

from apps.sandbox.actors.errors import ActError
from apps.sandbox.models import ConsumerLine, Follow, MomentPart


def publishes(now: datetime, *, part: MomentPart) -> int:
    """Only this shows anything to anybody. How many of her customers can see it."""
    task = part.task
    if task.cancelled_at:
        raise ActError("这条朋友圈已被停止。")
    if task.stage(now) < 3:
        raise ActError("朋友圈任务还在下发，请稍等几秒。")
    if part.status:
        raise ActError("已经发表过了。")
    follows = Follow.objects.filter(member=part.member, state=Follow.State.BOTH)
    if task.tags:
        follows = follows.filter(tag_marks__tag__tag_id__in=task.tags).distinct()
    seen_by = list(follows.select_related("customer").order_by("pk"))
    part.viewers.set([follow.customer for follow in seen_by])
    ConsumerLine.objects.bulk_create(
        [
            ConsumerLine(
                follow=follow,
                kind=ConsumerLine.Kind.MOMENT,
                text=task.text,
                attachments=task.attachments,
                at=now,
            )
            for follow in seen_by
        ]
    )
    part.status = 1
    part.published_at = now
    part.save(update_fields=["status", "published_at"])
    return len(seen_by)
