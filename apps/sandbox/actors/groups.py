"""Customer groups: made, joined, left, renamed, dismissed."""

from __future__ import annotations

from datetime import datetime

from apps.sandbox import groupview, ids
from apps.sandbox.actors import emit
from apps.sandbox.actors.errors import ActError
from apps.sandbox.models import Callback, Customer, Group, GroupMember, Member, Simulation

EVENT = "change_external_chat"


def creates(
    simulation: Simulation, now: datetime, *, owner: Member, name: str, chat_id: str = ""
) -> tuple[Group, list[Callback]]:
    group = Group.objects.create(
        chat_id=chat_id or ids.opaque("wr", 32),
        name=name,
        owner=owner,
        created_at=now,
        changed_at=now,
        member_version="",
    )
    GroupMember.objects.create(
        group=group, member=owner, joined_at=now, join_scene=1, invitor_userid=owner.userid
    )
    renew_version(group)
    return group, emit_change(simulation, now, group, "create")


def joins(
    simulation: Simulation,
    now: datetime,
    *,
    group: Group,
    customers: list[Customer],
    join_scene: int = 3,
    channel: str = "",
    invitor: str = "",
) -> list[Callback]:
    seated = set(group.seats.filter(customer__in=customers).values_list("customer_id", flat=True))
    new = [customer for customer in customers if customer.pk not in seated]
    if not new:
        raise ActError("他们已经在群里了。")
    groupview.keep_late_view(group, simulation, now)
    GroupMember.objects.bulk_create(
        [
            GroupMember(
                group=group,
                customer=customer,
                joined_at=now,
                join_scene=join_scene,
                channel=channel,
                invitor_userid=invitor,
            )
            for customer in new
        ]
    )
    return emit_members(simulation, now, group, "add_member", new, ("JoinScene", join_scene))


def leaves(
    simulation: Simulation,
    now: datetime,
    *,
    group: Group,
    customers: list[Customer],
    is_removed: bool = False,
) -> list[Callback]:
    seats = group.seats.filter(customer__in=customers)
    gone = [seat.customer for seat in seats.select_related("customer") if seat.customer]
    if not gone:
        raise ActError("他们不在群里。")
    groupview.keep_late_view(group, simulation, now)
    seats.delete()
    return emit_members(simulation, now, group, "del_member", gone, ("QuitScene", int(is_removed)))


def renamed(
    simulation: Simulation,
    now: datetime,
    *,
    group: Group,
    name: str | None = None,
    notice: str | None = None,
    owner: Member | None = None,
) -> list[Callback]:
    groupview.keep_late_view(group, simulation, now)
    details = []
    if name is not None:
        group.name = name
        details.append("change_name")
    if notice is not None:
        group.notice = notice
        details.append("change_notice")
    if owner is not None:
        group.owner = owner
        group.status = Group.Status.NORMAL
        GroupMember.objects.get_or_create(
            group=group, member=owner, defaults={"joined_at": now, "join_scene": 1}
        )
        details.append("change_owner")
    group.save()
    renew_version(group)
    callbacks: list[Callback] = []
    for detail in details:
        callbacks += emit_change(simulation, now, group, "update", [("UpdateDetail", detail)])
    return callbacks


def dismissed(simulation: Simulation, now: datetime, *, group: Group) -> list[Callback]:
    group.is_dismissed = True
    group.save(update_fields=["is_dismissed"])
    return emit_change(simulation, now, group, "dismiss")


def renew_version(group: Group) -> tuple[str, str]:
    """The member version before and after."""
    before = group.member_version
    group.member_version = groupview.member_version(group)
    group.save(update_fields=["member_version"])
    return before, group.member_version


def emit_members(
    simulation: Simulation,
    now: datetime,
    group: Group,
    detail: str,
    customers: list[Customer],
    scene: tuple[str, int],
) -> list[Callback]:
    before, after = renew_version(group)
    items: emit.Fields = [("Item", customer.external_userid) for customer in customers]
    return emit_change(
        simulation,
        now,
        group,
        "update",
        [
            ("UpdateDetail", detail),
            scene,
            ("MemChangeCnt", len(customers)),
            ("MemChangeList", items),
            ("LastMemVer", before),
            ("CurMemVer", after),
        ],
    )


def emit_change(
    simulation: Simulation,
    now: datetime,
    group: Group,
    change: str,
    fields: emit.Fields | None = None,
) -> list[Callback]:
    return emit.system_event(
        simulation, now, event=EVENT, change=change, fields=[("ChatId", group.chat_id), *(fields or [])]
    )
