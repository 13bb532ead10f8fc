"""App messages to members."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F
from django.db.models.functions import Lower

from apps.sandbox import fieldcheck, ids
from apps.sandbox.endpoints import cards
from apps.sandbox.endpoints.media import living_media
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint, hold
from apps.sandbox.models import AppMessage, ChatLine, Member

TEXT_BYTES = 2048
RECALL = timedelta(hours=24)
CARD_LIFE = timedelta(hours=72)
PER_ACCOUNT_PER_DAY = 200
SHANGHAI = ZoneInfo("Asia/Shanghai")


@endpoint("message/send")
def message_send(call: Call) -> Answer:
    if fieldcheck.number(call.body, "agentid", missing=41011) != call.agent_id:
        raise ApiError(301002)
    if call.app.is_closed:
        raise ApiError(50003)
    # One message at a time per app: the duplicate check and the members' counters must see each other.
    hold(f"message:{call.app.pk}")
    call.now = call.simulation.now()
    checks = fieldcheck.flag(call.body, "enable_duplicate_check")
    interval = fieldcheck.number(call.body, "duplicate_check_interval", default=1800, least=1, most=14_400)
    body_hash = hashlib.sha256(call.raw).hexdigest()
    if checks and (earlier := sent_before(call, body_hash, interval)):
        AppMessage.objects.filter(pk=earlier.pk).update(swallowed=F("swallowed") + 1)
        return dict(earlier.answer)

    msgtype, content = checked_message(call)
    members, invalid = receivers(call)
    refuse_over_quota(call, len(members))
    message = AppMessage.objects.create(
        msgid=ids.opaque("m", 44),
        app=call.app,
        msgtype=msgtype,
        content=content,
        body_hash=body_hash,
        content_hash=content_hash(msgtype, content),
        checks_duplicates=checks,
        duplicate_interval=interval,
        response_code=ids.opaque("RC_", 60) if cards.answers_back(msgtype, content) else "",
        created_at=call.now,
    )
    deliver(call, message, members)
    answer = {
        "invaliduser": "|".join(invalid["user"]),
        "invalidparty": "|".join(invalid["party"]),
        "invalidtag": "|".join(invalid["tag"]),
        "unlicenseduser": "",
        "msgid": message.msgid,
    }
    if message.response_code:
        answer["response_code"] = message.response_code
    message.answer = answer
    message.save(update_fields=["answer"])
    return answer


def content_hash(msgtype: str, content: dict[str, Any]) -> str:
    """What a reader would call the same message."""
    return hashlib.sha256(json.dumps([msgtype, content], sort_keys=True).encode()).hexdigest()


def sent_before(call: Call, body_hash: str, interval: int) -> AppMessage | None:
    """An accepted message of the very same bytes within the interval."""
    return (
        AppMessage.objects.filter(
            app=call.app,
            body_hash=body_hash,
            created_at__gt=call.now - timedelta(seconds=interval),
            created_at__lte=call.now,
        )
        .order_by("created_at")
        .first()
    )


def receivers(call: Call) -> tuple[list[Member], dict[str, list[str]]]:
    """Members of the app's range who are named, and the names that are none of them."""
    users = split(call.body, "touser")
    parties = split(call.body, "toparty")
    tags = split(call.body, "totag")
    if not users and not parties and not tags:
        raise ApiError(82001)
    if len(users) > 1000:
        raise ApiError(40032)
    if len(parties) > 100 or len(tags) > 100:
        raise ApiError(82002)
    visible = call.visible_members().in_corp().filter(status=Member.Status.ACTIVE)
    if users == ["@all"]:
        return list(visible.order_by("pk")), {"user": [], "party": [], "tag": []}

    wanted = list(dict.fromkeys(user.lower() for user in users))
    found = {
        member.userid.lower(): member
        for member in visible.annotate(key=Lower("userid")).filter(key__in=wanted).order_by("pk")
    }
    invalid_parties = []
    for party in parties:
        inside = list(visible.filter(departments__contains=[int(party)])) if party.isdecimal() else []
        if not inside:
            invalid_parties.append(party)
        found |= {member.userid.lower(): member for member in inside}
    if not found:
        raise ApiError(81013)
    invalid = {"user": [user for user in wanted if user not in found], "party": invalid_parties, "tag": tags}
    return list(found.values()), invalid


def split(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name) or ""
    if not isinstance(value, str):
        raise ApiError(40058, f"{name} should be a string")
    return [part.strip() for part in value.split("|") if part.strip()]


def refuse_over_quota(call: Call, persons: int) -> None:
    today = call.now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    sent = ChatLine.objects.filter(app=call.app, message__isnull=False, at__gte=today).count()
    if sent + persons > call.simulation.account_limit * PER_ACCOUNT_PER_DAY:
        raise ApiError(45009)


def deliver(call: Call, message: AppMessage, members: list[Member]) -> None:
    """Put the message into each member's chat; whoever had too many of late gets none, and nobody is told."""
    last_minute = recent_counts(call, members, call.now - timedelta(minutes=1))
    last_hour = recent_counts(call, members, call.now - timedelta(hours=1))
    lines = []
    for member in members:
        is_over = (
            last_minute[member.pk] >= call.simulation.member_per_minute
            or last_hour[member.pk] >= call.simulation.member_per_hour
        )
        lines.append(
            ChatLine(
                member=member,
                app=call.app,
                speaker=ChatLine.Speaker.APP,
                message=message,
                msgtype=message.msgtype,
                state=ChatLine.State.DROPPED if is_over else ChatLine.State.DELIVERED,
                at=call.now,
            )
        )
    ChatLine.objects.bulk_create(lines)


def recent_counts(call: Call, members: Iterable[Member], since: datetime) -> Counter[int]:
    rows = (
        ChatLine.objects.filter(
            app=call.app,
            member__in=[member.pk for member in members],
            message__isnull=False,
            state=ChatLine.State.DELIVERED,
            at__gt=since,
        )
        .values("member_id")
        .annotate(lines=Count("pk"))
    )
    return Counter({row["member_id"]: row["lines"] for row in rows})


def checked_message(call: Call) -> tuple[str, dict[str, Any]]:
    msgtype = call.body.get("msgtype")
    check = CHECKS.get(msgtype) if isinstance(msgtype, str) else None
    if check is None or not isinstance(msgtype, str):
        raise ApiError(40008)
    content = fieldcheck.table(call.body, msgtype)
    check(call, content)
    return msgtype, content


def check_text(call: Call, content: dict[str, Any]) -> None:
    """A text over 2048 bytes is cut, as the server does it."""
    text = fieldcheck.text(content, "content", missing=44004)
    content["content"] = text.encode()[:TEXT_BYTES].decode(errors="ignore")


def check_markdown(call: Call, content: dict[str, Any]) -> None:
    fieldcheck.text(content, "content", missing=44004, max_bytes=TEXT_BYTES, too_long=45002)


def check_textcard(call: Call, content: dict[str, Any]) -> None:
    fieldcheck.text(content, "title", missing=41016, max_bytes=128, too_long=45002)
    fieldcheck.text(content, "description", missing=41033, max_bytes=512, too_long=45002)
    url = fieldcheck.text(content, "url", missing=41010, max_bytes=2048, too_long=40039)
    if not url.startswith(("http://", "https://")):
        raise ApiError(40058, "url should start with http:// or https://")
    fieldcheck.optional_text(content, "btntxt", max_chars=4)


def check_news(call: Call, content: dict[str, Any]) -> None:
    articles = fieldcheck.tables(content, "articles")
    if not 1 <= len(articles) <= 8:
        raise ApiError(45008)
    for article in articles:
        fieldcheck.text(article, "title", missing=41016, max_bytes=128, too_long=45002)
        fieldcheck.optional_text(article, "description", max_bytes=512, too_long=45002)
        if not (article.get("appid") and article.get("pagepath")):
            fieldcheck.text(article, "url", missing=41010, max_bytes=2048, too_long=40039)


def check_media(call: Call, content: dict[str, Any]) -> None:
    living_media(call, fieldcheck.text(content, "media_id", missing=41006))


def check_template_card(call: Call, content: dict[str, Any]) -> None:
    cards.check(call.app, content)


CHECKS = {
    "text": check_text,
    "markdown": check_markdown,
    "textcard": check_textcard,
    "news": check_news,
    "image": check_media,
    "voice": check_media,
    "video": check_media,
    "file": check_media,
    "template_card": check_template_card,
}


@endpoint("message/recall")
def message_recall(call: Call) -> Answer:
    msgid = fieldcheck.text(call.body, "msgid", missing=41046)
    message = AppMessage.objects.filter(
        msgid=msgid, app=call.app, created_at__gt=call.now - RECALL, recalled_at=None
    ).first()
    if message is None:
        raise ApiError(40058, "invalid msgid")
    message.recalled_at = call.now
    message.save(update_fields=["recalled_at"])
    message.lines.filter(state=ChatLine.State.DELIVERED).update(state=ChatLine.State.RECALLED)
    return {}


@endpoint("message/update_template_card", empty={"invaliduser": []})
def message_update_template_card(call: Call) -> Answer:
    """Show a card's new face to the members; the response_code is used up by it."""
    if fieldcheck.number(call.body, "agentid", missing=41011) != call.agent_id:
        raise ApiError(301002)
    code = fieldcheck.text(call.body, "response_code", missing=60140)
    message = AppMessage.objects.filter(
        response_code=code,
        app=call.app,
        response_code_used_at=None,
        created_at__gt=call.now - CARD_LIFE,
    ).first()
    if message is None:
        raise ApiError(60140)
    wanted = [userid.lower() for userid in fieldcheck.texts(call.body, "userids", most=1000)]
    lines = {line.member.userid.lower(): line for line in message.lines.select_related("member")}
    everyone = fieldcheck.flag(call.body, "atall")
    for userid, line in lines.items():
        if everyone or userid in wanted:
            line.content = {key: call.body[key] for key in ("button", "template_card") if key in call.body}
            line.save(update_fields=["content"])
    message.response_code_used_at = call.now
    message.save(update_fields=["response_code_used_at"])
    return {"invaliduser": [userid for userid in wanted if userid not in lines]}
