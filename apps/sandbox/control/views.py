"""How a control view reads its request and refuses."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.sandbox import bell, world
from apps.sandbox.actors.errors import ActError
from apps.sandbox.errors import ApiError
from apps.sandbox.models import App, Customer, Follow, Member, Simulation


class ControlError(Exception):
    """The request cannot be done; the text goes to the caller."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Control:
    """A request to the control API, read."""

    method: str
    body: dict[str, Any]
    query: dict[str, str]
    simulation: Simulation
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.simulation.now()

    def text(self, name: str, default: str | None = None) -> str:
        value = self.body.get(name, self.query.get(name, default))
        if value is None:
            raise ControlError(f"缺少 {name}")
        return str(value)

    def number(self, name: str, default: float | None = None) -> float:
        value = self.body.get(name, self.query.get(name, default))
        if isinstance(value, bool) or value is None:
            raise ControlError(f"{name} 应为数字")
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise ControlError(f"{name} 应为数字") from error

    def rows(self, name: str) -> list[dict[str, Any]]:
        value = self.body.get(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ControlError(f"{name} 应为对象的列表")
        return value

    def member(self, name: str = "userid") -> Member:
        userid = self.text(name)
        member = Member.objects.filter(userid__iexact=userid).first()
        if member is None:
            raise ControlError(f"没有成员 {userid}", status=404)
        return member

    def customer(self, name: str = "external_userid") -> Customer:
        external = self.text(name)
        customer = Customer.objects.filter(external_userid=external).first()
        if customer is None:
            raise ControlError(f"没有客户 {external}", status=404)
        return customer

    def follow(self) -> Follow:
        follow = Follow.objects.filter(member=self.member(), customer=self.customer()).first()
        if follow is None:
            raise ControlError("他们从未互为好友", status=404)
        return follow

    def app(self) -> App:
        given = self.body.get("agent_id", self.query.get("agent_id"))
        if given is None:
            return world.main_app()
        app = App.objects.filter(agent_id=int(given)).first()
        if app is None:
            raise ControlError(f"没有应用 {given}", status=404)
        return app


ControlView = Callable[..., dict[str, Any]]


def control(*methods: str) -> Callable[[ControlView], Callable[..., HttpResponse]]:
    """A JSON view of the control API. All or nothing: it runs in one transaction."""

    def decorate(view: ControlView) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return JsonResponse({"error": f"请用 {' 或 '.join(methods)}"}, status=405)
            try:
                with transaction.atomic():
                    given = view(read(request), **kwargs)
                after = given.pop("_after_commit", None)
                if after is not None:
                    given |= after()
            except ControlError as error:
                return JsonResponse({"error": str(error)}, status=error.status)
            except (ActError, ApiError, IntegrityError) as error:
                return JsonResponse({"error": str(error)}, status=409)
            bell.ring()
            return JsonResponse(given, json_dumps_params={"ensure_ascii": False})

        return answer

    return decorate


def read(request: HttpRequest) -> Control:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as error:
        raise ControlError("请求体不是 JSON") from error
    if not isinstance(body, dict):
        raise ControlError("请求体应为 JSON 对象")
    return Control(
        method=request.method or "",
        body=body,
        query={key: str(value) for key, value in request.GET.items()},
        simulation=Simulation.load(),
    )
