"""What a member does in the app's chat, and how members come and go."""

from __future__ import annotations

import random
from datetime import datetime

from apps.sandbox.actors import emit
from apps.sandbox.actors.errors import ActError
from apps.sandbox.models import App, AppMessage, Callback, ChatLine, Group, Member, Simulation


def sends_text(
    simulation: Simulation, now: datetime, *, member: Member, app: App, text: str
) -> list[Callback]:
    """She writes to the app; its answer comes with the callback's answer, or later as an app message."""
    require_in_range(app, member)
    plaintext = emit.xml(
        [
            *emit.head(sender=member.userid, now=now, msgtype="text"),
            ("Content", text),
            ("MsgId", new_message_id()),
            ("AgentID", app.agent_id),
        ]
    )
    callbacks = emit.post(simulation, now, app=app, kind="text", plaintext=plaintext, member=member)
    ChatLine.objects.create(
        member=member,
        app=app,
        speaker=ChatLine.Speaker.MEMBER,
        callback=callbacks[0],
        msgtype="text",
        content={"content": text},
        at=now,
    )
    return callbacks


def new_message_id() -> int:
    """A 64-bit number, as WeCom numbers messages of members."""
    return random.randint(7 * 10**18, 9 * 10**18)  # noqa: S311


def opens_app(simulation: Simulation, now: datetime, *, member: Member, app: App) -> list[Callback]:
    require_in_range(app, member)
    return emit.member_event(
        simulation, now, app=app, member=member, event="enter_agent", fields=[("EventKey", "")]
    )


def clicks_menu(
    simulation: Simulation, now: datetime, *, member: Member, app: App, key: str, event: str = "click"
) -> list[Callback]:
    require_in_range(app, member)
    return emit.member_event(simulation, now, app=app, member=member, event=event, fields=[("EventKey", key)])


def presses_card(
    simulation: Simulation,
    now: datetime,
    *,
    member: Member,
    message: AppMessage,
    key: str,
    selected: dict[str, list[str]] | None = None,
) -> list[Callback]:
    """She presses a button of a template card, with what she had chosen on it."""
    if message.msgtype != "template_card" or not message.response_code:
        raise ActError("这条消息没有可以按的按钮。")
    items: emit.Fields = [
        (
            "SelectedItem",
            [("QuestionKey", question), ("OptionIds", [("OptionId", option) for option in options])],
        )
        for question, options in (selected or {}).items()
    ]
    return emit.member_event(
        simulation,
        now,
        app=message.app,
        member=member,
        event="template_card_event",
        fields=[
            ("EventKey", key),
            ("TaskId", str(message.content.get("task_id", ""))),
            ("CardType", str(message.content.get("card_type", ""))),
            ("ResponseCode", message.response_code),
            ("SelectedItems", items or None),
        ],
    )


def leaves(simulation: Simulation, now: datetime, *, member: Member) -> list[Callback]:
    """She leaves the corp: her customers wait for a successor, her groups have no owner."""
    if member.status == Member.Status.LEFT:
        raise ActError("这位成员已经离职。")
    member.status = Member.Status.LEFT
    member.save(update_fields=["status"])
    Group.objects.filter(owner=member, is_dismissed=False).update(status=Group.Status.OWNER_LEFT)
    return emit.system_event(
        simulation,
        now,
        event="change_contact",
        change="delete_user",
        fields=[("UserID", member.userid)],
    )


def changed(simulation: Simulation, now: datetime, *, member: Member, is_new: bool) -> list[Callback]:
    """The administrator made or changed her; who listens to the address book hears only the id."""
    return emit.system_event(
        simulation,
        now,
        event="change_contact",
        change="create_user" if is_new else "update_user",
        fields=[
            ("UserID", member.userid),
            ("Department", ",".join(str(department) for department in member.departments)),
        ],
    )


def require_in_range(app: App, member: Member) -> None:
    if member.status == Member.Status.LEFT or not app.sees(member):
        raise ActError("这位成员不在应用的可见范围内。")
