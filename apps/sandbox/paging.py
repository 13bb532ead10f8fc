"""Cursors: opaque, bound to the question that was asked, over a list fixed at its first page."""

import hashlib
import json
from typing import Any

from apps.sandbox import ids
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Call
from apps.sandbox.models import Cursor


def page(call: Call, keys: list[Any], *, limit: int) -> tuple[list[Any], str]:
    """The part of `keys` that this call asks for, and the cursor of the next part ("" at the end)."""
    given = str(call.body.get("cursor") or call.query.get("cursor") or "")
    question = question_hash(call)
    pages = 0
    if given:
        found = Cursor.objects.filter(cursor=given, path=call.path, question_hash=question).first()
        if found is None:
            raise ApiError(40058, "invalid cursor")
        keys, pages = found.keys, found.pages
    size = limit
    if call.simulation.has_short_pages:
        # Short pages, and now and then an empty one in the middle: only an empty cursor is the end.
        size = 0 if pages % 3 == 1 else max(1, limit // 2)
    shown, rest = keys[:size], keys[size:]
    if not rest:
        return shown, ""
    cursor = Cursor.objects.create(
        cursor=ids.opaque("", 44),
        path=call.path,
        question_hash=question,
        keys=rest,
        pages=pages + 1,
        created_at=call.now,
    )
    return shown, cursor.cursor


def question_hash(call: Call) -> str:
    asked = {**call.query, **call.body}
    for name in ("cursor", "limit"):
        asked.pop(name, None)
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
