"""Rows as the control API shows them."""

from __future__ import annotations

import json
from typing import Any

from apps.sandbox.models import ApiCall, Callback, CallbackTry, ChatLine, ConsumerLine, Follow


def callback_record(callback: Callback, *, with_attempts: bool = False) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": callback.pk,
        "agent_id": callback.app.agent_id,
        "kind": callback.kind,
        "state": callback.state,
        "tries": callback.tries,
        "copy_of": callback.copy_of_id,
        "plaintext": callback.plaintext,
        "reply": callback.reply,
        "reply_problem": callback.reply_problem,
        "created_at": callback.created_at.isoformat(),
        "due_at": callback.due_at.isoformat(),
        "status": None,
        "error": "",
    }
    attempts = list(callback.attempts.order_by("number"))
    if attempts:
        record["status"] = attempts[-1].status
        record["error"] = attempts[-1].error
    if with_attempts:
        record["attempts"] = [attempt_record(attempt) for attempt in attempts]
    return record


def attempt_record(attempt: CallbackTry) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "status": attempt.status,
        "error": attempt.error,
        "answer": attempt.answer,
        "took_ms": attempt.took_ms,
        "at": attempt.at.isoformat(),
    }


def line_record(line: ChatLine) -> dict[str, Any]:
    message = line.message
    return {
        "id": line.pk,
        "userid": line.member.userid,
        "agent_id": line.app.agent_id,
        "speaker": line.speaker,
        "source": "send" if message else ("typed" if line.speaker == ChatLine.Speaker.MEMBER else "reply"),
        "msgid": message.msgid if message else "",
        "msgtype": line.msgtype,
        "content": message.content if message else line.content,
        "updated_card": line.content if message else {},
        "state": line.state,
        "at": line.at.isoformat(),
    }


def consumer_line_record(line: ConsumerLine) -> dict[str, Any]:
    return {
        "id": line.pk,
        "userid": line.follow.member.userid,
        "external_userid": line.follow.customer.external_userid,
        "kind": line.kind,
        "is_from_customer": line.is_from_customer,
        "text": line.text,
        "attachments": line.attachments,
        "at": line.at.isoformat(),
    }


def follow_record(follow: Follow) -> dict[str, Any]:
    return {
        "userid": follow.member.userid,
        "external_userid": follow.customer.external_userid,
        "name": follow.customer.name,
        "unionid": follow.customer.unionid,
        "status": follow.state,
        "state": follow.channel,
        "add_way": follow.add_way,
        "remark": follow.remark,
        "description": follow.description,
        "remark_mobiles": follow.remark_mobiles,
        "tags": [str(mark) for mark in follow.tag_marks.select_related("tag").order_by("pk")],
        "createtime": int(follow.created_at.timestamp()),
        "welcomed": follow.welcomed_at is not None,
    }


def call_record(call: ApiCall) -> dict[str, Any]:
    return {
        "id": call.pk,
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "body": parsed(call.body),
        "body_hash": call.body_hash,
        "body_size": call.body_size,
        "agent_id": call.app.agent_id if call.app else None,
        "http_status": call.http_status,
        "errcode": call.errcode,
        "answer": parsed(call.answer),
        "fault": call.fault,
        "took_ms": call.took_ms,
        "at": call.at.isoformat(),
    }


def parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
