"""What happened: messages, welcomes, calls, callbacks, and the counts a test goes by."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Count, Model, QuerySet, Sum

from apps.sandbox.control.records import (
    call_record,
    callback_record,
    consumer_line_record,
    follow_record,
    line_record,
)
from apps.sandbox.control.views import Control, ControlError, control
from apps.sandbox.models import (
    ApiCall,
    AppMessage,
    Callback,
    ChatLine,
    ConsumerLine,
    Follow,
    MassTask,
    MassTaskMember,
    MomentTask,
    WelcomeCode,
)

MOST = 1000
Row = TypeVar("Row", bound=Model)


def newest(asked: Control, rows: QuerySet[Row]) -> list[Row]:
    """The last `limit` rows, oldest first; `after` gives only those with a higher id."""
    if "after" in asked.query:
        rows = rows.filter(pk__gt=int(asked.number("after")))
    limit = min(int(asked.number("limit", 200)), MOST)
    return list(reversed(rows.order_by("-pk")[:limit]))


@control("GET")
def messages(asked: Control) -> dict[str, Any]:
    """App messages of message/send that reached members (`state=` for the dropped ones)."""
    lines = ChatLine.objects.select_related("message", "member", "app").filter(message__isnull=False)
    lines = lines.filter(state=asked.text("state", ChatLine.State.DELIVERED))
    if "userid" in asked.query:
        lines = lines.filter(member=asked.member())
    return {"messages": [line_record(line) for line in newest(asked, lines)]}


@control("GET")
def chat(asked: Control) -> dict[str, Any]:
    """A member's whole chat with the app: messages, what she typed, passive replies."""
    lines = ChatLine.objects.select_related("message", "member", "app").filter(member=asked.member())
    return {"lines": [line_record(line) for line in newest(asked, lines)]}


@control("GET")
def received(asked: Control) -> dict[str, Any]:
    """What customers received in their chats: `kind` welcome, mass, chat or system."""
    lines = ConsumerLine.objects.select_related("follow__member", "follow__customer")
    if "external_userid" in asked.query:
        lines = lines.filter(follow__customer=asked.customer())
    if "userid" in asked.query:
        lines = lines.filter(follow__member=asked.member())
    if "kind" in asked.query:
        lines = lines.filter(kind=asked.text("kind"))
    return {"lines": [consumer_line_record(line) for line in newest(asked, lines)]}


@control("GET")
def follows(asked: Control) -> dict[str, Any]:
    rows = Follow.objects.select_related("member", "customer")
    if "userid" in asked.query:
        rows = rows.filter(member=asked.member())
    if "external_userid" in asked.query:
        rows = rows.filter(customer=asked.customer())
    return {"follows": [follow_record(row) for row in newest(asked, rows)]}


@control("GET")
def mass_tasks(asked: Control) -> dict[str, Any]:
    return {
        "tasks": [
            {
                "msgid": task.msgid,
                "chat_type": task.chat_type,
                "text": task.text,
                "attachments": task.attachments,
                "is_cancelled": task.cancelled_at is not None,
                "members": [
                    {
                        "userid": part.member.userid,
                        "status": part.status,
                        "results": [
                            {
                                "external_userid": result.customer.external_userid if result.customer else "",
                                "chat_id": result.chat_id,
                                "status": result.status,
                            }
                            for result in part.results.select_related("customer").order_by("pk")
                        ],
                    }
                    for part in task.parts.select_related("member").order_by("pk")
                ],
            }
            for task in newest(asked, MassTask.objects.all())
        ]
    }


@control("GET")
def moments(asked: Control) -> dict[str, Any]:
    return {
        "moments": [
            {
                "jobid": task.jobid,
                "moment_id": task.moment_id,
                "text": task.text,
                "attachments": task.attachments,
                "is_cancelled": task.cancelled_at is not None,
                "members": [
                    {"userid": part.member.userid, "status": part.status, "visible": part.viewers.count()}
                    for part in task.parts.select_related("member").order_by("pk")
                ],
            }
            for task in newest(asked, MomentTask.objects.all())
        ]
    }


@control("GET", "DELETE")
def calls(asked: Control) -> dict[str, Any]:
    rows = ApiCall.objects.select_related("app")
    if asked.method == "DELETE":
        return {"deleted": ApiCall.objects.all().delete()[0]}
    if "path" in asked.query:
        rows = rows.filter(path=asked.text("path").removeprefix("/cgi-bin/"))
    if "errcode" in asked.query:
        rows = rows.filter(errcode=int(asked.number("errcode")))
    return {"calls": [call_record(call) for call in newest(asked, rows)]}


@control("GET")
def callbacks(asked: Control) -> dict[str, Any]:
    rows = Callback.objects.select_related("app")
    if "state" in asked.query:
        if asked.text("state") not in Callback.State.values:
            raise ControlError(f"state 只能是：{'、'.join(Callback.State.values)}")
        rows = rows.filter(state=asked.text("state"))
    if "kind" in asked.query:
        rows = rows.filter(kind=asked.text("kind"))
    return {"callbacks": [callback_record(row, with_attempts=True) for row in newest(asked, rows)]}


@control("GET")
def counts(asked: Control) -> dict[str, Any]:
    """Numbers that say whether something was lost or doubled."""
    sent = ChatLine.objects.filter(message__isnull=False)
    doubled = list(
        sent.filter(state=ChatLine.State.DELIVERED)
        .values("member__userid", "message__content_hash")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .order_by("member__userid")
    )
    live_parts = MassTaskMember.objects.filter(task__cancelled_at=None)
    greeted = ConsumerLine.objects.filter(kind=ConsumerLine.Kind.WELCOME)
    return {
        "messages_accepted": AppMessage.objects.count(),
        "messages_delivered": sent.filter(state=ChatLine.State.DELIVERED).count(),
        "messages_dropped": sent.filter(state=ChatLine.State.DROPPED).count(),
        "messages_recalled": sent.filter(state=ChatLine.State.RECALLED).count(),
        "duplicates_swallowed": AppMessage.objects.aggregate(total=Sum("swallowed"))["total"] or 0,
        "doubles": sum(row["times"] - 1 for row in doubled),
        "doubled": [
            {
                "userid": row["member__userid"],
                "content_hash": row["message__content_hash"],
                "times": row["times"],
            }
            for row in doubled
        ],
        "welcomes_sent": greeted.count(),
        "welcome_codes": WelcomeCode.objects.count(),
        "welcome_codes_used": WelcomeCode.objects.filter(used_at__isnull=False).count(),
        "mass_tasks": MassTask.objects.count(),
        "mass_doubles": live_parts.count()
        - live_parts.values("task__chat_type", "task__text", "task__attachments", "member")
        .distinct()
        .count(),
        "callbacks": dict(
            Callback.objects.values_list("state").annotate(number=Count("pk")).order_by("state")
        ),
        "callback_tries": Callback.objects.aggregate(total=Sum("tries"))["total"] or 0,
        "calls": ApiCall.objects.count(),
        "calls_by_errcode": {
            str(errcode): number
            for errcode, number in ApiCall.objects.values_list("errcode")
            .annotate(number=Count("pk"))
            .order_by("errcode")
        },
    }
