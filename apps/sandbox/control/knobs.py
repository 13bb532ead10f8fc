"""Clock, limits, faults, tokens, apps, and starting over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.db import models

from apps.sandbox import delivery, ids, world
from apps.sandbox.control.views import Control, ControlError, control
from apps.sandbox.models import App, Block, Fault, LoginCode, Simulation, Ticket, Token
from apps.sandbox.urlsafe import host_of

CODE_LIFE = timedelta(minutes=5)


def state_of(simulation: Simulation) -> dict[str, Any]:
    return {
        "now": simulation.now().isoformat(),
        "clock_offset": simulation.clock_offset,
        "settings": {name: getattr(simulation, name) for name in Simulation.KNOBS},
        "faults": [fault_record(fault) for fault in Fault.objects.filter(remaining__gt=0).order_by("pk")],
        "apps": [app_record(app) for app in App.objects.order_by("pk")],
    }


@control("GET")
def state(asked: Control) -> dict[str, Any]:
    return state_of(asked.simulation)


@control("POST")
def reset(asked: Control) -> dict[str, Any]:
    """An empty corp again. Callbacks in the air are waited for, so that none lands in the next world."""
    delivery.pump.quiesce()
    try:
        world.empty()
    finally:
        delivery.pump.resume()
    return {"ok": True}


@control("POST", "PATCH")
def settings(asked: Control) -> dict[str, Any]:
    simulation = asked.simulation
    for name, value in asked.body.items():
        if name not in Simulation.KNOBS:
            raise ControlError(f"没有 {name} 这个设置，可用的有：{'、'.join(Simulation.KNOBS)}")
        set_knob(simulation, name, value)
    simulation.save(update_fields=list(asked.body) or None)
    return state_of(simulation)


def set_knob(simulation: Simulation, name: str, value: Any) -> None:
    found = cast("models.Field[Any, Any]", Simulation._meta.get_field(name))
    if isinstance(found, models.JSONField):
        if not isinstance(value, list) or not all(isinstance(item, (int, float)) for item in value):
            raise ControlError(f"{name} 应为秒数的列表")
    elif isinstance(found, models.BooleanField):
        value = value in (True, 1, "true", "1", "on")
    elif isinstance(found, models.FloatField | models.IntegerField):
        try:
            value = float(value) if isinstance(found, models.FloatField) else int(value)
        except (TypeError, ValueError) as error:
            raise ControlError(f"{name} 应为数字") from error
        if value < 0:
            raise ControlError(f"{name} 不能是负数")
    elif found.choices and value not in dict(found.flatchoices):
        raise ControlError(f"{name} 只能是：{'、'.join(dict(found.flatchoices))}")
    setattr(simulation, name, value)


@control("POST")
def clock(asked: Control) -> dict[str, Any]:
    """Move the virtual clock: by `advance` seconds, or back to real time."""
    if asked.body.get("reset"):
        asked.simulation.clock_offset = 0
    else:
        asked.simulation.clock_offset += asked.number("advance")
    asked.simulation.save(update_fields=["clock_offset"])
    return {"now": asked.simulation.now().isoformat(), "clock_offset": asked.simulation.clock_offset}


@control("POST")
def expire_tokens(asked: Control) -> dict[str, Any]:
    """Invalidate tokens: `revoked` answers 40014 from now on, `expired` answers 42001."""
    mode = asked.text("mode", "revoked")
    tokens = Token.objects.filter(is_revoked=False, expires_at__gt=asked.now)
    if mode == "revoked":
        count = tokens.update(is_revoked=True)
    elif mode == "expired":
        count = tokens.update(expires_at=asked.now)
    else:
        raise ControlError("mode 只能是 revoked 或 expired")
    if asked.body.get("tickets"):
        Ticket.objects.filter(expires_at__gt=asked.now).update(expires_at=asked.now)
    return {"tokens": count}


def fault_record(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.pk,
        "path": fault.path,
        "kind": fault.kind,
        "code": fault.code,
        "seconds": fault.seconds,
        "remaining": fault.remaining,
        "used": fault.used,
    }


@control("GET", "POST", "DELETE")
def faults(asked: Control) -> dict[str, Any]:
    """The next `times` calls of `path` (or of any, by `*`) go wrong."""
    if asked.method == "DELETE":
        Fault.objects.update(remaining=0)
        Block.objects.all().delete()
    elif asked.method == "POST":
        kind = asked.text("kind", Fault.Kind.ERRCODE)
        if kind not in Fault.Kind.values:
            raise ControlError(f"kind 只能是：{'、'.join(Fault.Kind.values)}")
        if kind == Fault.Kind.ERRCODE and not asked.body.get("code"):
            raise ControlError("请给出 code（errcode）")
        Fault.objects.create(
            path=asked.text("path").removeprefix("/cgi-bin/"),
            kind=kind,
            code=int(asked.number("code", 0)),
            seconds=asked.number("seconds", 0),
            remaining=int(asked.number("times", 1)),
        )
    return {"faults": [fault_record(fault) for fault in Fault.objects.filter(remaining__gt=0).order_by("pk")]}


APP_FIELDS = (
    "name",
    "secret",
    "callback_url",
    "callback_token",
    "callback_aes_key",
    "redirect_host",
    "has_customer_api",
    "has_customer_events",
    "has_contact_events",
    "reads_private_fields",
    "is_closed",
    "visible_userids",
    "trusted_ips",
)


def app_record(app: App) -> dict[str, Any]:
    record = {name: getattr(app, name) for name in APP_FIELDS if name != "secret"}
    return {"agent_id": app.agent_id, "role": app.role, **record}


@control("GET", "POST", "PATCH")
def app(asked: Control) -> dict[str, Any]:
    """Read or change an app (without `agent_id` the main one); a new agent_id with a secret makes one."""
    given = asked.body.get("agent_id")
    if given is not None and asked.body.get("secret") and asked.method == "POST":
        found, _ = App.objects.get_or_create(
            agent_id=int(given),
            defaults={"name": f"应用 {given}", "secret": asked.text("secret")},
        )
    else:
        found = asked.app()
    for name in APP_FIELDS:
        if name in asked.body:
            setattr(found, name, asked.body[name])
    if "redirect_host" in asked.body:
        found.redirect_host = host_of(asked.text("redirect_host"))
    if asked.method != "GET":
        found.save()
    return app_record(found)


@control("POST")
def login_code(asked: Control) -> dict[str, Any]:
    """What a login page would put into the address: a code for a member, a customer or a stranger."""
    body = asked.body
    login = LoginCode(
        code=ids.opaque("", 43),
        app=asked.app(),
        scope=asked.text("scope", "snsapi_base"),
        created_at=asked.now,
        expires_at=asked.now + CODE_LIFE,
    )
    if body.get("userid"):
        login.member = asked.member()
    elif body.get("external_userid"):
        login.customer = asked.customer()
        login.openid = login.customer.openid
    else:
        login.openid = asked.text("openid", ids.opaque("o", 28))
    login.save()
    return {"code": login.code, "expires_in": int(CODE_LIFE.total_seconds())}
