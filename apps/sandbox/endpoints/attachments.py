"""Texts and attachments of welcome messages and mass sends: one check for both."""

from typing import Any

from apps.sandbox import fieldcheck
from apps.sandbox.endpoints import media
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Call

MOST = 9


def checked_content(call: Call) -> tuple[str, list[dict[str, Any]]]:
    """The text and the attachments of the body; at least one of them must be there."""
    text = fieldcheck.optional_text(
        fieldcheck.table(call.body, "text"), "content", max_bytes=4000, too_long=45002
    )
    attachments = fieldcheck.tables(call.body, "attachments")
    if len(attachments) > MOST:
        raise ApiError(41064)
    if not text and not attachments:
        raise ApiError(40063)
    return text, [checked_attachment(call, attachment) for attachment in attachments]


def checked_attachment(call: Call, attachment: dict[str, Any]) -> dict[str, Any]:
    kind = attachment.get("msgtype")
    if kind not in ("image", "link", "miniprogram", "video", "file"):
        raise ApiError(41065)
    content = fieldcheck.table(attachment, str(kind))
    if kind == "link":
        fieldcheck.text(content, "title", missing=41016, max_bytes=128, too_long=45002)
        fieldcheck.optional_text(content, "desc", max_bytes=512, too_long=45002)
        fieldcheck.text(content, "url", missing=41010, max_bytes=2048, too_long=40039)
        fieldcheck.optional_text(content, "picurl", max_bytes=2048, too_long=40039)
    elif kind == "miniprogram":
        fieldcheck.text(content, "title", missing=41016, max_bytes=64, too_long=45002)
        fieldcheck.text(content, "appid")
        fieldcheck.text(content, "page")
        media.living_media(call, fieldcheck.text(content, "pic_media_id", missing=41006))
    elif kind == "image" and content.get("media_id"):
        media.living_media(call, str(content["media_id"]))
    elif kind == "image":
        fieldcheck.text(content, "pic_url", missing=41006)
    else:
        media.living_media(call, fieldcheck.text(content, "media_id", missing=41006))
    return {"msgtype": kind, kind: content}
