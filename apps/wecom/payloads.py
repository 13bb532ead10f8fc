"""What a decrypted callback says, parsed once. Unknown fields are welcome, unsound XML is not."""

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.parsers import expat

from apps.wecom.crypto import RefusedError

_DEEPEST = 8
#: A change of a big group lists its people; a text of 64 KB holds no more than this.
_MOST_ELEMENTS = 2000
_LONGEST_ID = 64


class _Reader:
    """The fields below the root; depth and number of elements are limited while they are read."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.root = ""
        self._depth = self._elements = 0
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        # Without a document type there are no entities to expand and nothing outside to fetch.
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, text: str) -> None:
        self._parser.Parse(text, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise RefusedError
        if self._depth == 1:
            self.root = tag
        elif self._depth == 2:
            self._text = []

    def _data(self, data: str) -> None:
        if self._depth == 2:
            self._text.append(data)

    def _end(self, tag: str) -> None:
        if self._depth == 2:
            self.fields.setdefault(tag, "".join(self._text).strip())
        self._depth -= 1

    def _refuse(self, *declared: object) -> None:
        raise RefusedError


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
    reader = _Reader()
    try:
        reader.read(text)
    except (expat.ExpatError, ValueError):
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
