"""Customer moments (客户朋友圈): a job makes the task, a member publishes it in her client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.sandbox import fieldcheck, ids
from apps.sandbox.endpoints import media
from apps.sandbox.endpoints.members import find_member
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import ApiCall, Member, MomentPart, MomentTask, Tag
from apps.sandbox.paging import page

PATH = "externalcontact/add_moment_task"
PER_MINUTE = 10
MOST_PICTURES = 9
MOST_CHARS = 2000
SCENE = "moments"


@endpoint(PATH, is_customer_api=True, empty={"jobid": ""})
def add_moment_task(call: Call) -> Answer:
    if ApiCall.objects.filter(path=PATH, at__gt=call.now - timedelta(minutes=1)).count() >= PER_MINUTE:
        raise ApiError(45009)
    text = fieldcheck.optional_text(
        fieldcheck.table(call.body, "text"), "content", max_chars=MOST_CHARS, too_long=45002
    )
    attachments = fieldcheck.tables(call.body, "attachments")
    if not text and not attachments:
        raise ApiError(41089)
    wanted = fieldcheck.table(call.body, "visible_range")
    senders = fieldcheck.texts(fieldcheck.table(wanted, "sender_list"), "user_list", most=100_000)
    tags = fieldcheck.texts(fieldcheck.table(wanted, "external_contact_list"), "tag_list")
    known_tags = set(Tag.objects.filter(tag_id__in=tags, is_deleted=False).values_list("tag_id", flat=True))
    task = MomentTask(
        jobid=ids.opaque("job", 32),
        moment_id=ids.opaque("mom", 32),
        app=call.app,
        text=text,
        attachments=checked_attachments(call, attachments),
        tags=sorted(known_tags),
        invalid_tags=[tag for tag in tags if tag not in known_tags],
        created_at=call.now,
        dispatched_at=call.now + timedelta(seconds=call.simulation.dispatch_seconds),
    )
    able = call.visible_members().in_corp().filter(has_customer_contact=True).order_by("pk")
    by_userid: dict[str, Member] = {member.userid.casefold(): member for member in able}
    task.invalid_users = [userid for userid in senders if userid.casefold() not in by_userid]
    task.save()
    chosen = dict.fromkeys(userid.casefold() for userid in senders) if senders else by_userid
    MomentPart.objects.bulk_create(
        [MomentPart(task=task, member=by_userid[userid]) for userid in chosen if userid in by_userid]
    )
    return {"jobid": task.jobid}


def checked_attachments(call: Call, attachments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Up to nine pictures, or one film, or one link; their files uploaded for moments."""
    kinds = {attachment.get("msgtype") for attachment in attachments}
    if kinds - {"image", "video", "link"} or len(kinds) > 1:
        raise ApiError(41065)
    if len(attachments) > (MOST_PICTURES if kinds == {"image"} else 1):
        raise ApiError(41064)
    return [checked_attachment(call, attachment, str(attachment["msgtype"])) for attachment in attachments]


def checked_attachment(call: Call, attachment: dict[str, Any], kind: str) -> dict[str, Any]:
    content = fieldcheck.table(attachment, kind)
    if kind == "link":
        fieldcheck.optional_text(content, "title", max_bytes=64, too_long=45002)
        fieldcheck.text(content, "url", missing=41010, max_bytes=2048, too_long=40039)
    file = media.living_media(call, fieldcheck.text(content, "media_id", missing=41006))
    if file.scene != SCENE:
        raise ApiError(41072)
    return {"msgtype": kind, kind: content}


@endpoint("externalcontact/get_moment_task_result", "GET", is_customer_api=True)
def get_moment_task_result(call: Call) -> Answer:
    jobid = fieldcheck.text(call.query, "jobid")
    task = MomentTask.objects.filter(jobid=jobid, app=call.app).first()
    if task is None or task.is_forgotten(call.now):
        raise ApiError(40058, "invalid jobid")
    answer: dict[str, Any] = {"status": task.stage(call.now), "type": "add_moment_task"}
    if answer["status"] == 3:
        answer["result"] = {
            "errcode": 0,
            "errmsg": "ok",
            "moment_id": task.moment_id,
            "invalid_sender_list": {"user_list": task.invalid_users, "department_list": []},
            "invalid_external_contact_list": {"tag_list": task.invalid_tags},
        }
    return answer


def find_moment(call: Call) -> MomentTask:
    moment_id = fieldcheck.text(call.body, "moment_id", missing=41059)
    task = MomentTask.objects.filter(moment_id=moment_id, app=call.app).first()
    if task is None:
        raise ApiError(41060)
    if task.stage(call.now) < 3:
        raise ApiError(41079)
    return task


@endpoint("externalcontact/cancel_moment_task", is_customer_api=True)
def cancel_moment_task(call: Call) -> Answer:
    task = find_moment(call)
    if task.cancelled_at is None:
        task.cancelled_at = call.now
        task.save(update_fields=["cancelled_at"])
    return {}


@endpoint("externalcontact/get_moment_task", is_customer_api=True, empty={"task_list": [], "next_cursor": ""})
def get_moment_task(call: Call) -> Answer:
    task = find_moment(call)
    limit = fieldcheck.number(call.body, "limit", default=500, least=1, most=1000)
    keys, cursor = page(call, list(task.parts.order_by("pk").values_list("pk", flat=True)), limit=limit)
    parts = MomentPart.objects.select_related("member").filter(pk__in=keys).order_by("pk")
    return {
        "task_list": [{"userid": part.member.userid, "publish_status": part.status} for part in parts],
        "next_cursor": cursor,
    }


@endpoint(
    "externalcontact/get_moment_send_result",
    is_customer_api=True,
    empty={"customer_list": [], "next_cursor": ""},
)
def get_moment_send_result(call: Call) -> Answer:
    task = find_moment(call)
    member = find_member(call, fieldcheck.text(call.body, "userid", missing=41009))
    part = task.parts.filter(member=member).first()
    if part is None:
        raise ApiError(41061)
    if not part.status:
        raise ApiError(41062)
    limit = fieldcheck.number(call.body, "limit", default=3000, least=1, most=5000)
    viewers = list(part.viewers.order_by("pk").values_list("external_userid", flat=True))
    keys, cursor = page(call, viewers, limit=limit)
    return {"customer_list": [{"external_userid": one} for one in keys], "next_cursor": cursor}
