"""What of content's tables concerns consumers: nothing by which one of them could be found."""

from datetime import datetime
from typing import Any

from apps.privacy.registry import Holder, Subject


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    return {}


def erase(subject: Subject, now: datetime) -> None:
    """Nothing here hangs on a person."""


HOLDER = Holder(
    name="content",
    export=export,
    erase=erase,
    exempt={
        "content.Practice": {"file": "大C交的练习截图，和哪位顾客没有关联，只有她和批改的人看得到"},
    },
)
