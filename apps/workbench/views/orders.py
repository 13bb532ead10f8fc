"""Her orders: the list, one order, and the steps she takes with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.accounts.models import User
from apps.catalog.services import OutOfStockError
from apps.commission import selectors as commission
from apps.customers import access as customers
from apps.lib import clock, given, money
from apps.lib.masks import mask_phone
from apps.profiles import wording
from apps.tracking.models import Link
from apps.trade import access, releasing, services
from apps.trade.models import Order
from apps.workbench import access_log
from apps.workbench.forms import CancelForm, ReturnForm
from apps.workbench.paging import page_of
from apps.workbench.requests import HostRequest

_MOVES: dict[str, tuple[Callable[..., Any], str]] = {
    "confirm": (services.confirm_order, "已确认，记得备货"),
    "ship": (services.ship_order, "已标记发货"),
    "finish": (services.finish_order, "订单完成"),
    "paid": (services.mark_paid, "已记下收款"),
}


@dataclass(frozen=True, slots=True)
class _Step:
    """One line of 经过."""

    at: datetime
    words: str


@require_safe
@vary_on_headers("HX-Request")
@host_required
def orders(request: HostRequest) -> HttpResponse:
    access_log.note_reading(request, now=timezone.now())
    mine = access.orders_of(request.host)
    about, year = None, None
    kept: dict[str, str] = {}
    if "customer" in request.GET:  # the rows behind the figures of her page
        about = customers.relation_for(request.host, given.uuid(request.GET["customer"]))
        mine, kept = mine.filter(relation=about), {"customer": str(about.public_id)}
        year = given.number(request.GET.get("year", ""), least=1900, most=2199)
    if year is not None:
        first, end = (clock.start_of(date(one, 1, 1)) for one in (year, year + 1))
        mine, kept = mine.filter(placed_at__gte=first, placed_at__lt=end), {**kept, "year": str(year)}
    counts = dict(mine.order_by().values_list("status").annotate(count=Count("pk")))
    chosen = request.GET.get("status", "")
    chosen = chosen if chosen in Order.Status.values else ""
    found = mine.filter(status=chosen) if chosen else mine
    page = page_of(found.prefetch_related("lines__product").order_by("-placed_at", "-pk"), request)
    context = {
        "tab": "me",
        "orders": page.rows,
        "page": page,
        "chosen": chosen,
        "statuses": [(value, label, counts.get(value, 0)) for value, label in Order.Status.choices],
        "total": sum(counts.values()),
        "about": about,
        "year": year,
        "kept": urlencode(kept),
        "came_to": (about.facts.gmv_in(year) if year else about.facts.gmv_fen) if about else None,
    }
    part = request.htmx and not request.htmx.boosted and request.htmx.target == "orders-more"
    return render(request, "workbench/_orders.html" if part else "workbench/orders.html", context)


@require_safe
@never_cache
@host_required
def order(request: HostRequest, public_id: UUID) -> HttpResponse:
    access_log.note_reading(request, now=timezone.now())
    return _show(request, access.order_for(request.host, public_id))


@require_POST
@never_cache
@host_required
def reveal(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Show the buyer's whole telephone number; that is written down."""
    found = access.order_for(request.host, public_id)
    access_log.note_reveal(request, fields="收货电话", relation_id=found.relation_id, now=timezone.now())
    number = found.receiver_phone
    if request.htmx:
        return render(request, "workbench/_phone.html", {"number": number})
    return _show(request, found, number=number)


@require_POST
@host_required
def move(request: HostRequest, public_id: UUID, step: str) -> HttpResponse:
    """Confirm, ship, finish, or note the payment."""
    found = access.order_for(request.host, public_id)
    act, said = _MOVES[step]
    return _answer(request, found, lambda by, now: act(found, by=by, now=now), said)


@require_POST
@host_required
def cancel(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.order_for(request.host, public_id)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _show(request, found, cancel_form=form, status=422)
    reason = form.cleaned_data["reason"]
    return _answer(
        request,
        found,
        lambda by, now: services.cancel_order(found, by=by, now=now, reason=reason),
        "已取消，库存已退回" if found.holds_stock else "已取消",
    )


@require_POST
@host_required
def take_back(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Returned goods: part or all of the money goes back, today."""
    found = access.order_for(request.host, public_id)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _show(request, found, return_form=form, status=422)
    try:
        services.return_goods(found, by=request.user, now=timezone.now(), **form.cleaned_data)
    except services.ReturnTooLargeError as error:
        form.add_error("amount_fen", f"最多还能退 {money.show_yuan(error.left_fen)}，金额要大于 0。")
        return _show(request, found, return_form=form, status=422)
    except services.StepNotAllowedError:
        return _too_late(request, public_id)
    changes = (
        "今天的业绩会相应减少" if _is_earned_by(request, found) else "原来的大C的业绩会相应减少，你的不变"
    )
    messages.success(request, f"退货已记下，{changes}")
    return redirect("workbench:order", public_id)


def _answer(
    request: HostRequest, found: Order, act: Callable[[User, datetime], Any], said: str
) -> HttpResponse:
    try:
        act(request.user, timezone.now())
    except services.BuyerErasedError as error:
        messages.error(request, error.words)
        return redirect("workbench:order", found.public_id)
    except services.StepNotAllowedError:
        return _too_late(request, found.public_id)
    except OutOfStockError as error:
        messages.error(
            request, f"「{error.sku}」只剩 {error.left} 件了，不够留给这一单。跟客户商量一下数量。"
        )
        return redirect("workbench:order", found.public_id)
    messages.success(request, said)
    return redirect("workbench:order", found.public_id)


def _is_earned_by(request: HostRequest, found: Order) -> bool:
    """Whether it counts, or would count, for the one who reads; else for who gave her the customer."""
    return (found.earned_by_id or found.host_id) == request.host.pk


def _cancel_question(request: HostRequest, found: Order) -> str:
    if not found.holds_stock:
        return "这一单没占过库存，也没算过业绩，取消后数字都不变。确定取消？"
    amount = money.show_yuan(found.total_fen)
    if found.is_paid:
        return f"这一单已经收了 {amount}，记得退给客户。{_cancelled_by(request, found, amount)}"
    return _cancelled_by(request, found, amount)


def _cancelled_by(request: HostRequest, found: Order, amount: str) -> str:
    if _is_earned_by(request, found):
        return f"取消后库存退回，{amount} 会从今天的业绩里减去。确定取消？"
    return f"取消后库存退回，{amount} 会从原来的大C的业绩里减去，你的不变。确定取消？"


def _return_question(request: HostRequest, found: Order) -> str:
    """The page puts the amount that she typed into the braces."""
    if _is_earned_by(request, found):
        return "退货 {amount_fen} 元，会从今天的业绩里减去。确定记下？"
    return "退货 {amount_fen} 元，会从原来的大C的业绩里减去，你的不变。确定记下？"


def _paid_question(request: HostRequest, found: Order) -> str:
    whose = "" if _is_earned_by(request, found) else "原来的大C的"
    return f"这一单还没占库存。记下收款，就占上库存、算{whose}业绩。确定记下？"


def _steps(found: Order) -> list[_Step]:
    """What happened to it, in order of time: its states, the payment noted, the yes to a doubtful one."""
    steps = [
        _Step(one.at, one.get_to_status_display() if one.from_status else "下单")
        for one in found.transitions.order_by("at", "pk")
    ]
    # From the order, not from the ledger: what a former host did there is hidden from who serves it now.
    if found.paid_at is not None:
        steps.append(_Step(found.paid_at, "记为已收款"))
    if found.doubt and found.agreed_at is not None:
        steps.append(_Step(found.agreed_at, "占上库存，算进业绩"))
    return sorted(steps, key=lambda step: step.at)


def _too_late(request: HostRequest, public_id: UUID) -> HttpResponse:
    messages.info(request, "这张订单刚刚变了，看看最新状态再操作")
    return kept_forms.refused(redirect("workbench:order", public_id))


def _show(request: HostRequest, found: Order, *, status: int = 200, **more: Any) -> HttpResponse:
    access_log.note_reading(request, now=timezone.now())
    reversals = list(found.reversals.order_by("at"))
    left_fen = services.left_fen_of(found, reversals)
    is_erased = found.relation.blocked_at is not None
    entries = commission.entries_of(found.pk, request.host.pk)
    context = {
        "tab": "me",
        "order": found,
        "lines": found.lines.select_related("product", "sku"),
        "phone": mask_phone(found.receiver_phone) if found.receiver_phone else "",
        "steps": _steps(found),
        "reversals": reversals,
        "net_fen": left_fen,
        "earned": entries,
        "net_commission_fen": sum(entry.amount_fen for entry in entries),
        "came_by": _came_by(request, found),
        "released_at": releasing.released_at(found),
        "is_mine": _is_earned_by(request, found),
        "cancel_question": _cancel_question(request, found),
        "return_question": _return_question(request, found),
        "paid_question": _paid_question(request, found),
        "is_erased": is_erased,
        "unknown": "已删除" if is_erased else "没留",
        "cancel_form": CancelForm(),
        "return_form": ReturnForm(initial={"amount_fen": left_fen}),
        **more,
    }
    return render(request, "workbench/order.html", context, status=status)


def _came_by(request: HostRequest, found: Order) -> str:
    """`社群 · 《春茶上新》`"""
    if found.link_id is None:
        return ""
    link = Link.objects.select_related("host").get(pk=found.link_id)
    shelf = "你的货架" if link.host_id == request.host.pk else f"{link.host.name}的货架"
    named = wording.subjects_named([(link.subject_kind, link.subject_id)])
    subject = wording.say_subject(link.subject_kind, link.subject_id, named, shelf=shelf)
    return f"{link.get_channel_display()} · {subject}"
