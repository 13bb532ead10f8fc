"""Template cards: what a card must carry to be accepted."""

import re
from typing import Any

from apps.sandbox import fieldcheck
from apps.sandbox.errors import ApiError
from apps.sandbox.models import App

CARD_TYPES = (
    "text_notice",
    "news_notice",
    "button_interaction",
    "vote_interaction",
    "multiple_interaction",
)
INTERACTIVE = CARD_TYPES[2:]
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


def answers_back(msgtype: str, content: dict[str, Any]) -> bool:
    return msgtype == "template_card" and (
        content.get("card_type") in INTERACTIVE or bool(content.get("action_menu"))
    )


def check(app: App, card: dict[str, Any]) -> None:
    kind = card.get("card_type")
    if kind not in CARD_TYPES:
        raise ApiError(40058, "invalid card_type")
    title = fieldcheck.table(card, "main_title")
    if not title.get("title") and not card.get("sub_title_text"):
        raise ApiError(41016)
    if answers_back("template_card", card):
        if not TASK_ID.fullmatch(str(card.get("task_id", ""))):
            raise ApiError(40058, "invalid task_id")
        if not app.listens:
            raise ApiError(40058, "callback url is not set")
    if kind in ("text_notice", "news_notice"):
        action = fieldcheck.table(card, "card_action")
        if fieldcheck.number(action, "type", least=1, most=2) == 1:
            fieldcheck.text(action, "url", missing=41010, max_bytes=2048, too_long=40039)
    if kind == "button_interaction" and not 1 <= len(fieldcheck.tables(card, "button_list")) <= 6:
        raise ApiError(40058, "button_list should have 1 to 6 items")
    if len(fieldcheck.tables(card, "horizontal_content_list")) > 6:
        raise ApiError(40058, "horizontal_content_list exceeds 6")
    if len(fieldcheck.tables(card, "jump_list")) > 3:
        raise ApiError(40058, "jump_list exceeds 3")
