"""What a copy of one's data holds: everything that any app keeps of her, in words and plain values."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.lib.clock import SHANGHAI
from apps.privacy import served
from apps.records import declarations


def all_of(subject: declarations.Subject, *, of_one_host: bool, now: datetime) -> dict[str, Any]:
    """By heading, the rows of every app; with a preface that says how much it is."""
    found: dict[str, Any] = {
        "说明": "这是平台里和你有关的全部个人信息。里面只有你自己的，不含别人的。",
        "生成时间": _plain(now),
        "范围": "只含把链接发给你的这位服务的人知道的部分" if of_one_host else "全部",
    }
    for holder in served.HOLDERS.values():
        for heading, rows in holder.export(subject).items():
            found.setdefault(heading, []).extend(_plain(rows))
    return found


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case datetime():
            return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case None | bool() | int() | str():
            return value
    return str(value)
