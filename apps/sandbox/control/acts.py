"""POST /__sim/act/<name>/: somebody does something in their client."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from apps.sandbox import bell
from apps.sandbox.actors import admin, broadcasts, contacts, groups, handover, members, moments
from apps.sandbox.control.records import callback_record, line_record
from apps.sandbox.control.views import Control, ControlError, control
from apps.sandbox.models import (
    AppMessage,
    Callback,
    ChatLine,
    ContactWay,
    Customer,
    Group,
    MassTaskMember,
    MomentPart,
    Transfer,
)

LONGEST_WAIT = 30.0
Act = Callable[[Control], dict[str, Any]]
ACTS: dict[str, Act] = {}


def act(function: Act) -> Act:
    ACTS[function.__name__] = function
    return function


@control("POST")
def perform(asked: Control, name: str) -> dict[str, Any]:
    """Do the act. With `wait` (seconds), answer when its callbacks had their first try."""
    function = ACTS.get(name)
    if function is None:
        raise ControlError(f"没有 {name} 这个动作，可用的有：{'、'.join(ACTS)}", status=404)
    answer = function(asked)
    callbacks: list[Callback] = answer.pop("callbacks", [])
    wait = min(asked.number("wait", 0), LONGEST_WAIT)
    keys = [callback.pk for callback in callbacks]
    line: ChatLine | None = answer.pop("_typed", None)

    def after() -> dict[str, Any]:
        began = time.monotonic()
        bell.ring()
        if wait:
            bell.wait_for(lambda: all_tried(keys), seconds=wait)
        found = Callback.objects.filter(pk__in=keys).order_by("pk")
        more: dict[str, Any] = {"callbacks": [callback_record(callback) for callback in found]}
        if line is not None:
            more["reply"] = reply_to(line, seconds=max(0.0, wait - (time.monotonic() - began)))
        return more

    return {"ok": True, **answer, "_after_commit": after}


def all_tried(keys: list[int]) -> bool:
    """Whether none of these waits for its first try; later tries are not waited for."""
    return not Callback.objects.filter(pk__in=keys, state=Callback.State.PENDING, tries=0).exists()


def reply_to(line: ChatLine, *, seconds: float) -> dict[str, Any] | None:
    """What the app said after this line: in the callback's answer, or as a message of its own later."""
    answers = (
        ChatLine.objects.select_related("message")
        .filter(member=line.member, app=line.app, speaker=ChatLine.Speaker.APP, pk__gt=line.pk)
        .order_by("pk")
    )
    bell.wait_for(answers.exists, seconds=seconds)
    found = answers.first()
    return line_record(found) if found else None


@act
def customer_adds(asked: Control) -> dict[str, Any]:
    """A customer scans a member (`userid`) or a contact way (`config_id`)."""
    customer = (
        asked.customer()
        if Customer.objects.filter(external_userid=asked.text("external_userid", "")).exists()
        else contacts.make_customer(
            name=asked.text("name", "微信用户"),
            external_userid=asked.text("external_userid", ""),
            unionid=asked.text("unionid", ""),
        )
    )
    channel, skip_verify = asked.text("state", ""), bool(asked.body.get("skip_verify", True))
    if asked.body.get("config_id"):
        way = ContactWay.objects.filter(config_id=asked.text("config_id")).first()
        if way is None:
            raise ControlError("没有这个「联系我」二维码", status=404)
        member, channel, skip_verify = contacts.member_of_way(way, asked.now), way.channel, way.skip_verify
    else:
        member = asked.member()
    added = contacts.customer_adds(
        asked.simulation,
        asked.now,
        member=member,
        customer=customer,
        channel=channel,
        skip_verify=skip_verify,
        add_way=int(asked.number("add_way", 1)),
    )
    return added_record(added)


def added_record(added: contacts.Added) -> dict[str, Any]:
    return {
        "userid": added.follow.member.userid,
        "external_userid": added.follow.customer.external_userid,
        "welcome_code": added.welcome_code,
        "callbacks": added.callbacks,
    }


@act
def member_accepts(asked: Control) -> dict[str, Any]:
    return added_record(contacts.member_accepts(asked.simulation, asked.now, follow=asked.follow()))


@act
def member_adds(asked: Control) -> dict[str, Any]:
    added = contacts.member_adds(
        asked.simulation,
        asked.now,
        member=asked.member(),
        customer=asked.customer(),
        add_way=int(asked.number("add_way", 2)),
    )
    return added_record(added)


@act
def customer_deletes_member(asked: Control) -> dict[str, Any]:
    follow = asked.follow()
    return {"callbacks": contacts.customer_deletes_member(asked.simulation, asked.now, follow=follow)}


@act
def member_deletes_customer(asked: Control) -> dict[str, Any]:
    follow = asked.follow()
    return {"callbacks": contacts.member_deletes_customer(asked.simulation, asked.now, follow=follow)}


@act
def member_edits(asked: Control) -> dict[str, Any]:
    """`remark`, `description`, `remark_mobiles`, `add_tags`, `remove_tags` (tag ids), `personal_tags`."""
    names = ("remark", "description", "remark_mobiles", "add_tags", "remove_tags", "personal_tags")
    given = {name: asked.body[name] for name in names if name in asked.body}
    follow = asked.follow()
    return {"callbacks": contacts.member_edits(asked.simulation, asked.now, follow=follow, **given)}


@act
def customer_says(asked: Control) -> dict[str, Any]:
    contacts.talk(asked.now, follow=asked.follow(), text=asked.text("text"), is_from_customer=True)
    return {}


@act
def member_says(asked: Control) -> dict[str, Any]:
    contacts.talk(asked.now, follow=asked.follow(), text=asked.text("text"), is_from_customer=False)
    return {}


@act
def member_sends_text(asked: Control) -> dict[str, Any]:
    """She writes to the app; with `wait`, `reply` is what the app answered, at once or by a message."""
    member, app = asked.member(), asked.app()
    callbacks = members.sends_text(
        asked.simulation, asked.now, member=member, app=app, text=asked.text("text")
    )
    line = ChatLine.objects.filter(member=member, app=app).order_by("-pk").first()
    return {"callbacks": callbacks, "_typed": line}


@act
def member_opens_app(asked: Control) -> dict[str, Any]:
    member, app = asked.member(), asked.app()
    return {"callbacks": members.opens_app(asked.simulation, asked.now, member=member, app=app)}


@act
def member_clicks_menu(asked: Control) -> dict[str, Any]:
    callbacks = members.clicks_menu(
        asked.simulation,
        asked.now,
        member=asked.member(),
        app=asked.app(),
        key=asked.text("key"),
        event=asked.text("event", "click"),
    )
    return {"callbacks": callbacks}


@act
def member_presses_card(asked: Control) -> dict[str, Any]:
    message = AppMessage.objects.filter(msgid=asked.text("msgid")).first()
    if message is None:
        raise ControlError("没有这条消息", status=404)
    callbacks = members.presses_card(
        asked.simulation,
        asked.now,
        member=asked.member(),
        message=message,
        key=asked.text("key"),
        selected=asked.body.get("selected"),
    )
    return {"callbacks": callbacks}


@act
def member_confirms(asked: Control) -> dict[str, Any]:
    """She presses send on a mass message."""
    part = MassTaskMember.objects.filter(task__msgid=asked.text("msgid"), member=asked.member()).first()
    if part is None:
        raise ControlError("她没有这条群发任务", status=404)
    return broadcasts.confirms(asked.simulation, asked.now, part=part)


@act
def member_publishes(asked: Control) -> dict[str, Any]:
    """She publishes a moment that was prepared for her."""
    part = MomentPart.objects.filter(task__moment_id=asked.text("moment_id"), member=asked.member()).first()
    if part is None:
        raise ControlError("她没有这条朋友圈任务", status=404)
    return {"visible": moments.publishes(asked.now, part=part)}


@act
def member_leaves(asked: Control) -> dict[str, Any]:
    return {"callbacks": members.leaves(asked.simulation, asked.now, member=asked.member())}


def waiting_transfer(asked: Control) -> Transfer:
    transfer = Transfer.objects.filter(customer=asked.customer(), status=Transfer.Status.WAITING).first()
    if transfer is None:
        raise ControlError("这位客户没有等待中的转接", status=404)
    return transfer


@act
def customer_refuses_transfer(asked: Control) -> dict[str, Any]:
    transfer = waiting_transfer(asked)
    return {"callbacks": handover.refuse(asked.simulation, asked.now, transfer)}


@act
def customer_accepts_transfer(asked: Control) -> dict[str, Any]:
    return {"callbacks": handover.complete(asked.simulation, asked.now, waiting_transfer(asked))}


def group_of(asked: Control) -> Group:
    group = Group.objects.filter(chat_id=asked.text("chat_id"), is_dismissed=False).first()
    if group is None:
        raise ControlError("没有这个客户群", status=404)
    return group


def group_customers(asked: Control) -> list[Customer]:
    given = asked.body.get("external_userids") or [asked.text("external_userid")]
    return list(Customer.objects.filter(external_userid__in=given))


@act
def group_created(asked: Control) -> dict[str, Any]:
    group, callbacks = groups.creates(
        asked.simulation,
        asked.now,
        owner=asked.member("owner"),
        name=asked.text("name", ""),
        chat_id=asked.text("chat_id", ""),
    )
    return {"chat_id": group.chat_id, "callbacks": callbacks}


@act
def group_joined(asked: Control) -> dict[str, Any]:
    callbacks = groups.joins(
        asked.simulation,
        asked.now,
        group=group_of(asked),
        customers=group_customers(asked),
        join_scene=int(asked.number("join_scene", 3)),
        channel=asked.text("state", ""),
        invitor=asked.text("invitor", ""),
    )
    return {"callbacks": callbacks}


@act
def group_left(asked: Control) -> dict[str, Any]:
    callbacks = groups.leaves(
        asked.simulation,
        asked.now,
        group=group_of(asked),
        customers=group_customers(asked),
        is_removed=bool(asked.body.get("is_removed")),
    )
    return {"callbacks": callbacks}


@act
def group_changed(asked: Control) -> dict[str, Any]:
    callbacks = groups.renamed(
        asked.simulation,
        asked.now,
        group=group_of(asked),
        name=asked.body.get("name"),
        notice=asked.body.get("notice"),
        owner=asked.member("owner") if "owner" in asked.body else None,
    )
    return {"callbacks": callbacks}


@act
def group_dismissed(asked: Control) -> dict[str, Any]:
    return {"callbacks": groups.dismissed(asked.simulation, asked.now, group=group_of(asked))}


@act
def admin_makes_tags(asked: Control) -> dict[str, Any]:
    group, made, callbacks = admin.makes_tags(
        asked.simulation,
        asked.now,
        group_name=asked.text("group_name"),
        names=[str(name) for name in asked.body.get("names", [])],
    )
    return {
        "group_id": group.group_id,
        "tags": {tag.name: tag.tag_id for tag in made},
        "callbacks": callbacks,
    }


@act
def admin_renames_tag(asked: Control) -> dict[str, Any]:
    callbacks = admin.renames_tag(
        asked.simulation, asked.now, found_id=asked.text("id"), name=asked.text("name")
    )
    return {"callbacks": callbacks}


@act
def admin_deletes_tag(asked: Control) -> dict[str, Any]:
    return {"callbacks": admin.deletes_tag(asked.simulation, asked.now, found_id=asked.text("id"))}
