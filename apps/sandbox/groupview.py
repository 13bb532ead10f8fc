"""A customer group as groupchat/get shows it: some seconds behind what happened."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from apps.sandbox.models import Group, Simulation


def live_view(group: Group) -> dict[str, Any]:
    seats = group.seats.select_related("member", "customer").order_by("joined_at", "pk")
    members = []
    for seat in seats:
        record: dict[str, Any] = {
            "join_time": int(seat.joined_at.timestamp()),
            "join_scene": seat.join_scene,
            "group_nickname": "",
        }
        if seat.member:
            record |= {"userid": seat.member.userid, "type": 1, "name": seat.member.name}
        elif seat.customer:
            record |= {
                "userid": seat.customer.external_userid,
                "type": 2,
                "name": seat.customer.name,
                "unionid": seat.customer.unionid,
                "state": seat.channel,
            }
        if seat.invitor_userid and seat.join_scene in (1, 2):
            record["invitor"] = {"userid": seat.invitor_userid}
        members.append(record)
    return {
        "chat_id": group.chat_id,
        "name": group.name,
        "owner": group.owner.userid,
        "create_time": int(group.created_at.timestamp()),
        "notice": group.notice,
        "member_list": members,
        "admin_list": [{"userid": userid} for userid in group.admins],
        "member_version": group.member_version,
    }


def served_view(group: Group, simulation: Simulation, now: datetime) -> dict[str, Any] | None:
    """What a reader gets now; None while the group is too young to be seen at all."""
    if now - group.changed_at < timedelta(seconds=simulation.group_lag_seconds):
        return group.late_view
    return live_view(group)


def keep_late_view(group: Group, simulation: Simulation, now: datetime) -> None:
    """To be called before a change: readers see the group of now for some seconds more."""
    if now - group.changed_at >= timedelta(seconds=simulation.group_lag_seconds):
        group.late_view = live_view(group)
    group.changed_at = now
    group.save(update_fields=["late_view", "changed_at"])


def member_version(group: Group) -> str:
    seats = group.seats.values_list("member_id", "customer_id", "joined_at").order_by("pk")
    return hashlib.md5(repr([group.chat_id, *seats]).encode(), usedforsecurity=False).hexdigest()
