"""Mass messages (企业群发): tasks that members must confirm in their client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.sandbox import fieldcheck, ids
from apps.sandbox.endpoints.attachments import checked_content
from apps.sandbox.endpoints.contacts import find_contact_member
from apps.sandbox.endpoints.members import find_member
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import Follow, Group, MassResult, MassTask, MassTaskMember, Member
from apps.sandbox.paging import page

LONGEST_SPAN = timedelta(days=31)
REMINDERS_PER_DAY = 3


@endpoint("externalcontact/add_msg_template", is_customer_api=True, empty={"fail_list": [], "msgid": ""})
def add_msg_template(call: Call) -> Answer:
    chat_type = str(call.body.get("chat_type") or "single")
    if chat_type not in ("single", "group"):
        raise ApiError(40058, "invalid chat_type")
    text, attachments = checked_content(call)
    task = MassTask(
        msgid=ids.opaque("msg", 32),
        app=call.app,
        chat_type=chat_type,
        text=text,
        attachments=attachments,
        created_at=call.now,
        dispatched_at=call.now + timedelta(seconds=call.simulation.dispatch_seconds),
    )
    add = add_for_groups if chat_type == "group" else add_for_customers
    return {"fail_list": add(call, task), "msgid": task.msgid}


def add_for_customers(call: Call, task: MassTask) -> list[str]:
    wanted = fieldcheck.texts(call.body, "external_userid", most=10_000)
    sender = fieldcheck.optional_text(call.body, "sender")
    tag_groups = fieldcheck.tables(fieldcheck.table(call.body, "tag_filter"), "group_list")
    if not wanted and not sender and not tag_groups:
        raise ApiError(40063)
    follows = Follow.objects.all().readable().visible_to(call.app)
    if sender:
        follows = follows.filter(member=find_contact_member(call, sender))
    if wanted:
        follows = follows.filter(customer__external_userid__in=wanted)
    else:
        for group in tag_groups:
            tags = fieldcheck.texts(group, "tag_list", most=100)
            follows = follows.filter(tag_marks__tag__tag_id__in=tags)
    owners = last_to_chat(list(follows.select_related("member", "customer").distinct()))
    known = {follow.customer.external_userid for follow in owners}
    failed = [external for external in dict.fromkeys(wanted) if external not in known]
    if not owners:
        raise ApiError(41048, fail_list=failed)
    task.save()
    by_member: dict[int, list[Follow]] = {}
    for follow in owners:
        by_member.setdefault(follow.member_id, []).append(follow)
    for member_id, theirs in by_member.items():
        part = MassTaskMember.objects.create(task=task, member_id=member_id)
        MassResult.objects.bulk_create([MassResult(part=part, customer=follow.customer) for follow in theirs])
    return failed


def last_to_chat(follows: list[Follow]) -> list[Follow]:
    """For each customer the one relation whose member spoke with him last."""
    chosen: dict[int, Follow] = {}
    for follow in sorted(follows, key=lambda each: (each.chatted_at or each.created_at, each.pk)):
        chosen[follow.customer_id] = follow
    return sorted(chosen.values(), key=lambda each: each.pk)


def add_for_groups(call: Call, task: MassTask) -> list[str]:
    sender = find_contact_member(call, fieldcheck.text(call.body, "sender", missing=41009))
    wanted = fieldcheck.texts(call.body, "chat_id_list", most=2000)
    groups = Group.objects.filter(owner=sender, is_dismissed=False)
    if wanted:
        groups = groups.filter(chat_id__in=wanted)
    found = list(groups.order_by("pk"))
    failed = [chat for chat in dict.fromkeys(wanted) if chat not in {group.chat_id for group in found}]
    if not found:
        raise ApiError(41048, fail_list=failed)
    task.save()
    part = MassTaskMember.objects.create(task=task, member=sender)
    MassResult.objects.bulk_create([MassResult(part=part, chat_id=group.chat_id) for group in found])
    return failed


@endpoint(
    "externalcontact/get_groupmsg_list_v2",
    is_customer_api=True,
    empty={"group_msg_list": [], "next_cursor": ""},
)
def get_groupmsg_list_v2(call: Call) -> Answer:
    chat_type = fieldcheck.text(call.body, "chat_type")
    since = datetime.fromtimestamp(fieldcheck.number(call.body, "start_time"), tz=UTC)
    until = datetime.fromtimestamp(fieldcheck.number(call.body, "end_time"), tz=UTC)
    if until < since or until - since > LONGEST_SPAN:
        raise ApiError(40058, "invalid time range")
    kind = fieldcheck.number(call.body, "filter_type", default=2, least=0, most=2)
    limit = fieldcheck.number(call.body, "limit", default=50, least=1, most=100)
    tasks = MassTask.objects.filter(
        app=call.app, chat_type=chat_type, created_at__gte=since, created_at__lt=until + timedelta(seconds=1)
    )
    if kind == 1 or call.body.get("creator"):
        tasks = tasks.none()
    keys, cursor = page(call, list(tasks.order_by("pk").values_list("pk", flat=True)), limit=limit)
    return {
        "group_msg_list": [
            {
                "msgid": task.msgid,
                "create_time": str(int(task.created_at.timestamp())),
                "create_type": 0,
                **task.content,
            }
            for task in MassTask.objects.filter(pk__in=keys).order_by("pk")
        ],
        "next_cursor": cursor,
    }


def find_task(call: Call) -> MassTask:
    msgid = fieldcheck.text(call.body, "msgid", missing=41046)
    task = MassTask.objects.filter(msgid=msgid, app=call.app).first()
    if task is None:
        raise ApiError(41047)
    if task.cancelled_at:
        raise ApiError(41093)
    if call.now < task.dispatched_at:
        raise ApiError(41063)
    return task


@endpoint(
    "externalcontact/get_groupmsg_task", is_customer_api=True, empty={"task_list": [], "next_cursor": ""}
)
def get_groupmsg_task(call: Call) -> Answer:
    task = find_task(call)
    limit = fieldcheck.number(call.body, "limit", default=500, least=1, most=1000)
    keys, cursor = page(call, list(task.parts.order_by("pk").values_list("pk", flat=True)), limit=limit)
    parts = MassTaskMember.objects.select_related("member").filter(pk__in=keys).order_by("pk")
    return {
        "task_list": [
            with_send_time({"userid": part.member.userid, "status": part.status}, part.sent_at)
            for part in parts
        ],
        "next_cursor": cursor,
    }


@endpoint(
    "externalcontact/get_groupmsg_send_result",
    is_customer_api=True,
    empty={"send_list": [], "next_cursor": ""},
)
def get_groupmsg_send_result(call: Call) -> Answer:
    task = find_task(call)
    member: Member = find_member(call, fieldcheck.text(call.body, "userid", missing=41009))
    limit = fieldcheck.number(call.body, "limit", default=500, least=1, most=1000)
    results = MassResult.objects.filter(part__task=task, part__member=member)
    if task.chat_type == "group":
        results = results.exclude(status=0)
    keys, cursor = page(call, list(results.order_by("pk").values_list("pk", flat=True)), limit=limit)
    rows = MassResult.objects.select_related("customer").filter(pk__in=keys).order_by("pk")
    return {"send_list": [result_record(row, member) for row in rows], "next_cursor": cursor}


def result_record(row: MassResult, member: Member) -> dict[str, Any]:
    record: dict[str, Any] = {"userid": member.userid, "status": row.status}
    if row.chat_id:
        record["chat_id"] = row.chat_id
    if row.customer:
        record["external_userid"] = row.customer.external_userid
    return with_send_time(record, row.sent_at)


def with_send_time(record: dict[str, Any], sent_at: datetime | None) -> dict[str, Any]:
    return record | {"send_time": int(sent_at.timestamp())} if sent_at else record


@endpoint("externalcontact/remind_groupmsg_send", is_customer_api=True)
def remind_groupmsg_send(call: Call) -> Answer:
    task = find_task(call)
    day_ago = (call.now - timedelta(hours=24)).timestamp()
    recent = [moment for moment in task.reminded_at if moment > day_ago]
    if len(recent) >= REMINDERS_PER_DAY:
        raise ApiError(41094)
    task.reminded_at = [*recent, call.now.timestamp()]
    task.save(update_fields=["reminded_at"])
    return {}


@endpoint("externalcontact/cancel_groupmsg_send", is_customer_api=True)
def cancel_groupmsg_send(call: Call) -> Answer:
    task = find_task(call)
    task.cancelled_at = call.now
    task.save(update_fields=["cancelled_at"])
    return {}
