"""Our words in WeCom's terms, within its limits (which count bytes)."""

import json
from typing import Any

from apps.outbox.letters import Card, Text

TEXT_BYTES = 2048
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512
_WELCOME_BYTES = 4000


class LinkTooLongError(ValueError):
    """An address can't be shortened."""


def shorten(text: str, most_bytes: int) -> str:
    """`text` within `most_bytes` of UTF-8; what is cut off shows as an ellipsis."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: most_bytes - len("…".encode())].decode(errors="ignore") + "…"


def app_message(letter: Text | Card) -> dict[str, Any]:
    """The fields of `message/send` that say what is sent."""
    if isinstance(letter, Text):
        return {"msgtype": "text", "text": {"content": shorten(letter.text, TEXT_BYTES)}}
    if len(letter.url.encode()) > TEXT_BYTES:
        raise LinkTooLongError(letter.url[:40])
    card = {
        "title": shorten(letter.title, TITLE_BYTES),
        "description": shorten(letter.description, DESCRIPTION_BYTES),
        "url": letter.url,
        "btntxt": letter.button[:4],
    }
    return {"msgtype": "textcard", "textcard": card}


def welcome(code: str, text: str, *, host_id: int, contact: bytes) -> str:
    """The body of `send_welcome_msg`, and beside it for whom the gate is asked: host and blind index."""
    call = {"welcome_code": code, "text": {"content": shorten(text, _WELCOME_BYTES)}}
    whole = {"call": call, "host": host_id, "contact": contact.hex()}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True)
