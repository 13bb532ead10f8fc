"""The stage: the phones of a member and of a customer, side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from apps.sandbox import world
from apps.sandbox.models import (
    ApiCall,
    Callback,
    ChatLine,
    ConsumerLine,
    ContactWay,
    Customer,
    Follow,
    MassTaskMember,
    Member,
    MomentPart,
    Simulation,
)
from apps.sandbox.pages.people import found_customers, found_members

SHOWN_LINES = 60
SHOWN_CUSTOMERS = 60


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "").strip()
    asked_customer = request.GET.get("c", "").strip()
    members = found_members(asked).exclude(status=Member.Status.LEFT)
    customers = found_customers(asked_customer)
    shown = members.annotate(
        customer_count=Count(
            "follows", filter=Q(follows__state__in=(Follow.State.BOTH, Follow.State.ONE_WAY)), distinct=True
        )
    )
    return render(
        request,
        "sandbox/home.html",
        {
            "members": shown[:24],
            "member_count": members.count(),
            "customers": customers[:12],
            "customer_count": customers.count(),
            "q": asked,
            "c": asked_customer,
            "app": world.main_app(),
            "message_count": ChatLine.objects.filter(message__isnull=False).count(),
            "callback_count": Callback.objects.count(),
            "call_count": ApiCall.objects.count(),
        },
    )


def cast(request: HttpRequest) -> dict[str, Any]:
    """Who is on the stage: the member, the customer, and what is between them."""
    member = None
    if request.GET.get("member"):
        member = get_object_or_404(Member, userid__iexact=request.GET["member"])
    customer = None
    if request.GET.get("customer"):
        customer = get_object_or_404(Customer, external_userid=request.GET["customer"])
    follow = None
    if member and customer:
        follow = (
            Follow.objects.select_related("member", "customer")
            .filter(member=member, customer=customer)
            .first()
        )
    return {"member": member, "customer": customer, "follow": follow, "app": world.main_app()}


@require_GET
def stage(request: HttpRequest) -> HttpResponse:
    people = cast(request)
    context = people | app_chat_context(people) | contacts_context(request, people) | consumer_context(people)
    context["other_members"] = Member.objects.exclude(status=Member.Status.LEFT).order_by("pk")[:200]
    return render(request, "sandbox/stage.html", context | queries(context) | wire_context())


def queries(context: dict[str, Any]) -> dict[str, str]:
    """How this page's parts are asked for anew, and what a link to another member keeps."""
    member, customer = context["member"], context["customer"]
    asked = {
        "member": member and member.userid,
        "customer": customer and customer.external_userid,
        "find": context.get("find"),
    }
    return {
        "live_query": "?" + urlencode({name: value for name, value in asked.items() if value}),
        "with_customer": f"&customer={customer.external_userid}#consumer" if customer else "",
    }


@require_GET
def wire(request: HttpRequest) -> HttpResponse:
    return render(request, "sandbox/_wire.html", wire_context())


def wire_context() -> dict[str, Any]:
    return {
        "callbacks": Callback.objects.select_related("member").order_by("-pk")[:6],
        "calls": ApiCall.objects.order_by("-pk")[:6],
    }


@require_GET
def app_chat(request: HttpRequest) -> HttpResponse:
    people = cast(request)
    return render(request, "sandbox/_app_chat.html", people | app_chat_context(people))


@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    people = cast(request)
    return render(request, "sandbox/_contacts.html", people | contacts_context(request, people))


@require_GET
def consumer(request: HttpRequest) -> HttpResponse:
    people = cast(request)
    return render(request, "sandbox/_consumer.html", people | consumer_context(people))


def app_chat_context(people: dict[str, Any]) -> dict[str, Any]:
    if people["member"] is None:
        return {"chat_lines": []}
    lines = (
        ChatLine.objects.select_related("message")
        .filter(member=people["member"], app=people["app"])
        .exclude(state=ChatLine.State.DROPPED)
        .order_by("-pk")[:SHOWN_LINES]
    )
    return {"chat_lines": list(reversed(lines))}


def contacts_context(request: HttpRequest, people: dict[str, Any]) -> dict[str, Any]:
    member = people["member"]
    if member is None:
        return {"follows": [], "follow_count": 0}
    asked = request.GET.get("find", "").strip()
    follows = (
        Follow.objects.select_related("customer").filter(member=member).exclude(state=Follow.State.REMOVED)
    )
    if asked:
        follows = follows.filter(Q(remark__icontains=asked) | Q(customer__name__icontains=asked))
    parts = (
        MassTaskMember.objects.select_related("task")
        .filter(member=member, status=0, task__cancelled_at=None)
        .annotate(receivers=Count("results"))
    )
    now = Simulation.load().now()
    return {
        "find": asked,
        "follows": follows.order_by("-created_at", "-pk")[:SHOWN_CUSTOMERS],
        "follow_count": follows.count(),
        "mass_parts": [part for part in parts.order_by("-pk")[:10] if part.task.dispatched_at <= now],
        "moment_parts": [
            part
            for part in MomentPart.objects.select_related("task")
            .filter(member=member, status=0, task__cancelled_at=None)
            .order_by("-pk")[:10]
            if part.task.stage(now) == 3
        ],
        "pair_lines": pair_lines(people["follow"]),
    }


def consumer_context(people: dict[str, Any]) -> dict[str, Any]:
    member, customer = people["member"], people["customer"]
    ways = []
    if member:
        ways = list(ContactWay.objects.filter(users__contains=[member.userid]).order_by("-pk")[:8])
    friends: list[Follow] = []
    if customer:
        friends = list(
            Follow.objects.select_related("member").filter(customer=customer).order_by("-created_at")[:20]
        )
    return {
        "ways": ways,
        "friends": friends,
        "recent": Customer.objects.order_by("-pk")[:6] if customer is None else [],
        "pair_lines": pair_lines(people["follow"]),
    }


def pair_lines(follow: Follow | None) -> list[ConsumerLine]:
    if follow is None:
        return []
    return list(reversed(follow.lines.order_by("-pk")[:SHOWN_LINES]))


def scan(request: HttpRequest, config_id: str) -> HttpResponse:
    """What a phone's camera sees in a contact way's QR code: who may be added, and as whom to do it."""
    way = get_object_or_404(ContactWay, config_id=config_id)
    members = Member.objects.filter(userid__in=way.users)
    if not members and not way.parties:
        return redirect("home")
    return render(
        request,
        "sandbox/scan.html",
        {"way": way, "members": members, "customers": Customer.objects.order_by("-pk")[:8]},
    )
