"""What waits for somebody at HQ because of personal data, in one line each."""

from typing import Any, NamedTuple

from django.urls import reverse

from apps.privacy.models import Alert


class Todo(NamedTuple):
    words: str
    href: str


def todo(user: Any) -> list[Todo]:
    """What this person could do something about."""
    found = []
    if user.has_perm("privacy.view_alert") and (count := Alert.objects.filter(handled_at=None).count()):
        found.append(
            Todo(
                f"{count} 次不寻常的查看：有人一天里显示了很多客户电话",
                reverse("privacy_alert:index") + "?handled_at=true",
            )
        )
    return found
