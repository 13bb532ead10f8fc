"""The errcodes that the sandbox gives, with the server's kind of text."""

import secrets
from typing import Any

TEXTS = {
    -1: "system error",
    0: "ok",
    6000: "data version conflict",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40032: "invalid userid list size",
    40035: "invalid parameter",
    40039: "invalid url size",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40068: "invalid tagid",
    40070: "all list invalid",
    40071: "invalid tag name",
    40072: "invalid tag name size",
    40096: "invalid external userid",
    40097: "handover user is not dismissed",
    40098: "user is not real-name verified",
    40099: "takeover user reached the customer limit",
    40123: "invalid image format",
    40126: "too many corp tags",
    40128: "customer transferred too often",
    40129: "customer is being transferred",
    40130: "handover user equals takeover user",
    40131: "handover user does not follow the customer",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41006: "media_id missing",
    41009: "userid missing",
    41010: "url missing",
    41011: "agentid missing",
    41016: "title missing",
    41033: "description missing",
    41035: "external_userid missing",
    41037: "contact way type missing",
    41038: "contact way scene missing",
    41039: "invalid contact way type",
    41040: "invalid contact way scene",
    41041: "too many users in contact way",
    41042: "invalid contact way style",
    41043: "config_id missing",
    41044: "invalid config_id",
    41046: "msgid missing",
    41047: "invalid msgid",
    41048: "no customer to send",
    41049: "welcome_code missing",
    41050: "invalid welcome code",
    41051: "customer has already chatted",
    41054: "user is not activated",
    41059: "moment_id missing",
    41060: "invalid moment_id",
    41061: "moment is not published by the user",
    41062: "user has not published the moment",
    41063: "message is being dispatched",
    41064: "too many attachments",
    41065: "invalid attachment type",
    41072: "media was uploaded for another scene",
    41079: "moment is being dispatched",
    41089: "moment without text and attachment",
    41093: "mass message was cancelled",
    41094: "remind over frequency",
    41096: "welcome message is being sent",
    42001: "access_token expired",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45035: "concurrent operation conflict",
    48002: "api forbidden for no authority",
    50001: "redirect_uri is not trusted",
    50003: "app is disabled",
    60003: "department not found",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60021: "userid is not in app range",
    60111: "userid not found",
    60123: "invalid party id",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    81017: "request too large, use owner_filter",
    82001: "receivers all empty",
    82002: "invalid party list size",
    84014: "user_ticket expired",
    84015: "invalid user_ticket",
    84061: "not external contact",
    84074: "user has no external contact permission",
    86003: "chatid not exist",
    86004: "invalid group name",
    90501: "not an external chat",
    91040: "invalid ticket type",
    301002: "no permission for this agentid",
    301021: "invalid userid parameter",
}


class ApiError(Exception):
    """An API call that fails with an errcode. `fields` go into the answer beside it."""

    def __init__(self, errcode: int, text: str = "", **fields: Any) -> None:
        super().__init__(f"{errcode} {text}")
        self.errcode = errcode
        self.text = text
        self.fields = fields


def errmsg(errcode: int, *, ip: str, text: str = "", prefix: str = "") -> str:
    """The long text of a refusal: what, a hint for support, the caller's address, and where to read on."""
    what = text or TEXTS.get(errcode, "unknown error")
    hint = secrets.randbelow(9 * 10**18) + 10**18
    return (
        f"{prefix}{what}, hint: [{hint}], from ip: {ip}, "
        f"more info at https://open.work.weixin.qq.com/devtool/query?e={errcode}"
    )
