"""How a transfer of customers ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.sandbox.actors import emit
from apps.sandbox.actors.errors import ActError
from apps.sandbox.models import Callback, ConsumerLine, Follow, Simulation, Transfer, WelcomeCode


def finish_due(simulation: Simulation, now: datetime) -> list[Callback]:
    """A customer who does nothing for 24 hours goes to the taker."""
    due = Transfer.objects.select_for_update().filter(
        status=Transfer.Status.WAITING, started_at__lte=now - timedelta(hours=simulation.transfer_hours)
    )
    callbacks: list[Callback] = []
    for transfer in due.order_by("pk"):
        callbacks += complete(simulation, now, transfer)
    return callbacks


def complete(simulation: Simulation, now: datetime, transfer: Transfer) -> list[Callback]:
    old = Follow.objects.get(member=transfer.handover, customer=transfer.customer)
    new, _ = Follow.objects.update_or_create(
        member=transfer.takeover,
        customer=transfer.customer,
        defaults={
            "state": Follow.State.BOTH,
            "add_way": 202,
            "oper_userid": "admin",
            "remark": old.remark,
            "description": old.description,
            "remark_mobiles": old.remark_mobiles,
            "created_at": now,
        },
    )
    for mark in old.tag_marks.filter(tag__isnull=False):
        new.tag_marks.get_or_create(tag=mark.tag, personal_name="")
    old.state = Follow.State.REMOVED
    old.save(update_fields=["state"])
    WelcomeCode.objects.filter(follow=old, used_at=None).update(expires_at=now)
    if transfer.message:
        ConsumerLine.objects.create(follow=new, kind=ConsumerLine.Kind.SYSTEM, text=transfer.message, at=now)
    transfer.status = Transfer.Status.DONE
    transfer.taken_at = now
    transfer.save(update_fields=["status", "taken_at"])
    external = transfer.customer.external_userid
    return emit.system_event(
        simulation,
        now,
        event="change_external_contact",
        change="del_external_contact",
        fields=[
            ("UserID", transfer.handover.userid),
            ("ExternalUserID", external),
            ("Source", "DELETE_BY_TRANSFER"),
        ],
    ) + emit.system_event(
        simulation,
        now,
        event="change_external_contact",
        change="add_external_contact",
        fields=[("UserID", transfer.takeover.userid), ("ExternalUserID", external)],
    )


def refuse(
    simulation: Simulation, now: datetime, transfer: Transfer, *, is_full: bool = False
) -> list[Callback]:
    if transfer.status != Transfer.Status.WAITING:
        raise ActError("这次转接已经结束了。")
    transfer.status = Transfer.Status.FULL if is_full else Transfer.Status.REFUSED
    transfer.save(update_fields=["status"])
    return emit.system_event(
        simulation,
        now,
        event="change_external_contact",
        change="transfer_fail",
        fields=[
            ("FailReason", "customer_limit_exceed" if is_full else "customer_refused"),
            ("UserID", transfer.takeover.userid),
            ("ExternalUserID", transfer.customer.external_userid),
        ],
    )
