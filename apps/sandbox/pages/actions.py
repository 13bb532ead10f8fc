"""What the buttons on the pages do: the same acts and knobs as the control API, as plain forms."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.sandbox import bell, envelope, world
from apps.sandbox.actors import contacts
from apps.sandbox.actors.errors import ActError
from apps.sandbox.control import acts
from apps.sandbox.control.views import Control, ControlError
from apps.sandbox.errors import ApiError
from apps.sandbox.models import Block, ChatLine, Fault, Member, Simulation, Token

REPLY_SECONDS = 3.0
CALLBACK_SECONDS = 1.5
SURNAMES = "林陈周吴苏何谢许沈叶"
GIVEN = ("小雨", "静", "晓彤", "佳宁", "思思", "雪", "安安", "梓涵", "悦", "一诺")


def back(request: HttpRequest) -> HttpResponse:
    """To the page that the form stood on; never to another site."""
    wanted = request.POST.get("next", "")
    parts = urlsplit(wanted)
    if not wanted.startswith("/") or wanted.startswith("//") or parts.netloc:
        wanted = reverse("home")
    return redirect(wanted)


@require_POST
def act(request: HttpRequest, name: str) -> HttpResponse:
    function = acts.ACTS.get(name)
    if function is None:
        messages.error(request, "没有这个动作。")
        return back(request)
    body = {key: value for key, value in request.POST.items() if key not in ("csrfmiddlewaretoken", "next")}
    if name == "customer_adds":
        body["skip_verify"] = "ask_first" not in body  # type: ignore[assignment]
    try:
        with transaction.atomic():
            asked = Control(method="POST", body=body, query={}, simulation=Simulation.load())
            answer = function(asked)
    except (ActError, ControlError, ApiError) as error:
        messages.error(request, str(error))
        return back(request)
    bell.ring()
    wait_a_little(answer)
    if name == "customer_adds":
        query = {"member": answer["userid"], "customer": answer["external_userid"]}
        return redirect(f"{reverse('stage')}?{urlencode(query)}#consumer")
    if name == "member_confirms":
        messages.success(
            request,
            f"已发送 {answer['sent']} 位，{answer['no_friend']} 位已不是好友，"
            f"{answer['over_limit']} 位已达接收上限。",
        )
    if name == "member_publishes":
        messages.success(request, f"已发表到朋友圈，{answer['visible']} 位客户看得到。")
    return back(request)


def wait_a_little(answer: dict[str, object]) -> None:
    """Give the product a moment, so that the page that comes next already shows what it did."""
    callbacks = answer.get("callbacks") or []
    keys = [callback.pk for callback in callbacks]  # type: ignore[attr-defined]
    bell.wait_for(lambda: acts.all_tried(keys), seconds=CALLBACK_SECONDS)
    line = answer.get("_typed")
    if isinstance(line, ChatLine):
        acts.reply_to(line, seconds=REPLY_SECONDS)


@require_POST
def make_member(request: HttpRequest) -> HttpResponse:
    userid, name = request.POST.get("userid", "").strip(), request.POST.get("name", "").strip()
    if not userid or not name:
        messages.error(request, "请填写姓名和 userid。")
        return back(request)
    try:
        with transaction.atomic():
            Member.objects.create(userid=userid[:64], name=name[:64], departments=[world.ROOT_DEPARTMENT])
    except IntegrityError:
        messages.error(request, f"已经有成员 {userid} 了。")
    else:
        messages.success(request, f"已添加成员 {name}。")
    return back(request)


@require_POST
def make_customer(request: HttpRequest) -> HttpResponse:
    """A new WeChat user; without a name, one is made up."""
    name = request.POST.get("name", "").strip()[:30]
    if not name:
        name = secrets.choice(SURNAMES) + secrets.choice(GIVEN)
    customer = contacts.make_customer(name=name)
    query = {"customer": customer.external_userid}
    if request.POST.get("member"):
        query["member"] = request.POST["member"]
    return redirect(f"{reverse('stage')}?{urlencode(query)}#consumer")


@require_POST
def knob(request: HttpRequest, name: str) -> HttpResponse:
    turn = KNOBS.get(name)
    if turn is None:
        messages.error(request, "没有这个开关。")
    else:
        try:
            messages.success(request, turn(request))
        except ValueError as error:
            messages.error(request, str(error) or "请填写数字。")
    bell.ring()
    return back(request)


def revoke_tokens(request: HttpRequest) -> str:
    count = Token.objects.filter(is_revoked=False).update(is_revoked=True)
    return f"已作废 {count} 个 access_token，下次调用会得到 40014。"


def expire_tokens(request: HttpRequest) -> str:
    now = Simulation.load().now()
    count = Token.objects.filter(is_revoked=False, expires_at__gt=now).update(expires_at=now)
    return f"已让 {count} 个 access_token 过期，下次调用会得到 42001。"


def add_fault(request: HttpRequest) -> str:
    kind = request.POST.get("kind", Fault.Kind.ERRCODE)
    if kind not in Fault.Kind.values:
        raise ValueError("请选择一种故障。")
    code = request.POST.get("code", "").strip()
    if kind in (Fault.Kind.ERRCODE, Fault.Kind.HTTP) and not code.lstrip("-").isdecimal():
        raise ValueError("请填写错误码，例如 45009。")
    fault = Fault.objects.create(
        path=request.POST.get("path", "*").strip().removeprefix("/cgi-bin/") or "*",
        kind=kind,
        code=int(code or 0),
        seconds=float(request.POST.get("seconds") or 0),
        remaining=max(1, int(request.POST.get("times") or 1)),
    )
    return f"已设置：{fault}。"


def clear_faults(request: HttpRequest) -> str:
    Fault.objects.update(remaining=0)
    Block.objects.all().delete()
    return "已清除所有故障和频率封禁。"


def set_callbacks(request: HttpRequest) -> str:
    simulation = Simulation.load()
    mode = request.POST.get("mode", "")
    if mode not in Simulation.CallbackMode.values:
        raise ValueError("请选择一种送达方式。")
    simulation.callback_mode = mode
    simulation.callback_n = max(2, int(request.POST.get("n") or 3))
    simulation.callback_window = float(request.POST.get("window") or 1)
    simulation.save(update_fields=["callback_mode", "callback_n", "callback_window"])
    return f"回调送达方式：{simulation.get_callback_mode_display()}。"


def set_latency(request: HttpRequest) -> str:
    simulation = Simulation.load()
    simulation.latency_ms = min(60_000, max(0, int(request.POST.get("latency_ms") or 0)))
    simulation.save(update_fields=["latency_ms"])
    return f"接口延迟：{simulation.latency_ms} 毫秒。"


def move_clock(request: HttpRequest) -> str:
    simulation = Simulation.load()
    if request.POST.get("reset"):
        simulation.clock_offset = 0
    else:
        simulation.clock_offset += float(request.POST.get("seconds") or 0)
    simulation.save(update_fields=["clock_offset"])
    return f"虚拟时钟现在比真实时间快 {describe_seconds(simulation.clock_offset)}。"


def describe_seconds(seconds: float) -> str:
    if abs(seconds) >= 86400:
        return f"{seconds / 86400:.1f} 天"
    if abs(seconds) >= 3600:
        return f"{seconds / 3600:.1f} 小时"
    return f"{seconds:.0f} 秒"


def verify_callback(request: HttpRequest) -> str:
    app = world.main_app()
    if not app.listens:
        raise ValueError("应用还没有设置回调地址。")
    result = envelope.verify_url(app, timestamp=int(Simulation.load().now().timestamp()))
    if not result["ok"]:
        raise ValueError(f"回调地址验证没有通过：{result['problem']}。")
    return f"回调地址验证通过，用时 {result['took_ms']} 毫秒。"


KNOBS = {
    "revoke-tokens": revoke_tokens,
    "expire-tokens": expire_tokens,
    "fault": add_fault,
    "clear-faults": clear_faults,
    "callbacks": set_callbacks,
    "latency": set_latency,
    "clock": move_clock,
    "verify": verify_callback,
}
