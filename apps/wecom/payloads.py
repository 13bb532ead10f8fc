"""What a decrypted callback says, parsed once. Unknown fields are welcome, unsound XML is not."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from apps.wecom.crypto import RefusedError

_DEEPEST = 8
#: A change of a big group lists its people; a text of 64 KB holds no more than this.
_MOST_NODES = 2000
_LONGEST_ID = 64


class _Counted:
    """A flat reader of the tree: depth and number of nodes are limited while it is read."""

    def __init__(self) -> None:
        self.depth = 0
        self.nodes = 0
        self.fields: dict[str, str] = {}
        self._name = ""
        self._text: list[str] = []
        self.root = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.nodes += 1
        if self.depth > _DEEPEST or self.nodes > _MOST_NODES:
            raise RefusedError
        if self.depth == 1:
            self.root = tag
        elif self.depth == 2:
            self._name, self._text = tag, []

    def data(self, data: str) -> None:
        if self.depth == 2:
            self._text.append(data)

    def end(self, tag: str) -> None:
        if self.depth == 2:
            self.fields.setdefault(self._name, "".join(self._text).strip())
        self.depth -= 1

    def close(self) -> Any:
        return self.fields


@dataclass(frozen=True)
class Callback:
    """One event or message. Names are WeCom's; empty text where it said nothing."""

    kind: str
    event: str
    change: str
    sender: str
    created_at: datetime
    fields: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def is_contact_change(self) -> bool:
        return self.event == "change_external_contact"

    @property
    def command(self) -> str | None:
        """What a member typed, or the key of the menu entry that she tapped."""
        if self.kind == "text":
            return self["Content"]
        if self.event == "click":
            return self["EventKey"]
        return None


def parse(text: str) -> Callback:
    """The callback in `text`. RefusedError when it is not one."""
    reader = _Counted()
    parser = DefusedXMLParser(target=reader, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(text)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError):
        raise RefusedError from None
    fields = reader.fields
    kind = fields.get("MsgType", "").lower()
    if reader.root != "xml" or not kind or len(fields.get("FromUserName", "")) > _LONGEST_ID:
        raise RefusedError
    return Callback(
        kind=kind,
        event=fields.get("Event", "").lower() if kind == "event" else "",
        change=fields.get("ChangeType", "").lower(),
        sender=fields.get("FromUserName", ""),
        created_at=_moment(fields.get("CreateTime", "")),
        fields=fields,
    )


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusedError from None
