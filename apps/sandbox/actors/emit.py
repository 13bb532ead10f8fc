"""Callbacks as rows. What is written here is sent by the pump, whatever happens to this process."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from apps.sandbox import bell
from apps.sandbox.models import App, Callback, Member, Simulation

Fields = list[tuple[str, "str | int | Fields | None"]]


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def xml(fields: Fields, *, root: str = "xml") -> str:
    """Text goes into CDATA, numbers bare, lists of fields become nested elements, None is left out."""
    inner = []
    for name, value in fields:
        if value is None:
            continue
        if isinstance(value, list):
            inner.append(xml(value, root=name))
        elif isinstance(value, int):
            inner.append(f"<{name}>{value}</{name}>")
        else:
            inner.append(f"<{name}>{cdata(value)}</{name}>")
    return f"<{root}>{''.join(inner)}</{root}>"


def head(*, sender: str, now: datetime, msgtype: str) -> Fields:
    return [
        ("ToUserName", settings.WECOM_CORP_ID),
        ("FromUserName", sender),
        ("CreateTime", int(now.timestamp())),
        ("MsgType", msgtype),
    ]


def system_event(
    simulation: Simulation, now: datetime, *, event: str, change: str, fields: Fields
) -> list[Callback]:
    """An event of the corp: every app that asked for its kind hears it."""
    plaintext = xml(
        [*head(sender="sys", now=now, msgtype="event"), ("Event", event), ("ChangeType", change), *fields]
    )
    apps = App.objects.order_by("pk")
    if event == "change_contact":
        apps = apps.filter(has_contact_events=True)
    else:
        apps = apps.filter(Q(has_customer_api=True) | Q(role=App.Role.MAIN), has_customer_events=True)
    sent = []
    for app in apps:
        sent += post(simulation, now, app=app, kind=f"{event}.{change}", plaintext=plaintext)
    return sent


def member_event(
    simulation: Simulation, now: datetime, *, app: App, member: Member, event: str, fields: Fields
) -> list[Callback]:
    plaintext = xml(
        [
            *head(sender=member.userid, now=now, msgtype="event"),
            ("Event", event),
            *fields,
            ("AgentID", app.agent_id),
        ]
    )
    return post(simulation, now, app=app, kind=event, plaintext=plaintext, member=member)


def post(
    simulation: Simulation,
    now: datetime,
    *,
    app: App,
    kind: str,
    plaintext: str,
    member: Member | None = None,
) -> list[Callback]:
    """Write the callback, as the mode of the moment wants it: once, twice, late, or not at all."""
    mode = simulation.callback_mode
    Simulation.objects.filter(pk=simulation.pk).update(emitted=F("emitted") + 1)
    simulation.refresh_from_db(fields=["emitted"])
    state = Callback.State.PENDING if app.listens else Callback.State.UNHEARD
    due = now
    if mode == Simulation.CallbackMode.DROP and simulation.emitted % max(simulation.callback_n, 1) == 0:
        state = Callback.State.DROPPED
    if mode == Simulation.CallbackMode.REORDER:
        due = now + timedelta(seconds=random.uniform(0, simulation.callback_window))  # noqa: S311
    first = Callback.objects.create(
        app=app,
        member=member,
        kind=kind,
        plaintext=plaintext,
        state=state,
        is_answer_ignored=mode == Simulation.CallbackMode.ANSWER_LOST,
        created_at=now,
        due_at=due,
    )
    made = [first]
    if mode == Simulation.CallbackMode.DUPLICATE and state == Callback.State.PENDING:
        made.append(
            Callback.objects.create(
                app=app,
                member=member,
                kind=kind,
                plaintext=plaintext,
                copy_of=first,
                created_at=now,
                due_at=due,
            )
        )
    transaction.on_commit(bell.ring)
    return made
