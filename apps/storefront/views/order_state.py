"""The buyer's private page of an order, and all orders that this device placed with one host."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.lib import masks
from apps.records.services import consents
from apps.storefront import access, my_orders
from apps.storefront.access import GoneError
from apps.storefront.views.frame import consumer_page
from apps.trade.models import Order
from apps.trade.releasing import released_at

STEPS: list[tuple[str, str]] = [
    (Order.Status.PLACED, "已提交"),
    (Order.Status.CONFIRMED, "已确认"),
    (Order.Status.SHIPPED, "已发货"),
    (Order.Status.DONE, "已完成"),
]


@require_safe
@consumer_page
def state(request: HttpRequest, token: str) -> HttpResponse:
    """The order's state for whoever holds the link: no account, and the buyer's values masked."""
    with access.order_behind(token, timezone.now()) as found:
        return _state_page(request, found)


def _state_page(request: HttpRequest, found: Order) -> HttpResponse:
    times = {step.to_status: step.at for step in found.transitions.order_by("at")}
    reached = [status for status, _ in STEPS].index(found.status) if found.status in dict(STEPS) else -1
    context: dict[str, Any] = {
        "order": found,
        "host": found.host,
        # Who speaks for the order of a host who serves no more, until somebody takes her customers on.
        "company": "" if found.host.is_active else found.host.organisation.get_root().name,
        "lines": found.lines.select_related("product", "sku").prefetch_related(
            "product__pictures__image__renditions"
        ),
        "steps": [
            {"word": word, "at": times.get(status), "is_done": place <= reached}
            for place, (status, word) in enumerate(STEPS)
        ],
        "released_at": released_at(found),
        "cancelled_at": times.get(Order.Status.CANCELLED),
        "returned_fen": sum(one.amount_fen for one in found.reversals.all() if one.kind == "return"),
        "name": masks.mask_name(found.receiver_name),
        "phone": masks.mask_phone(found.receiver_phone),
        "address": masks.mask_address(found.receiver_address),
        "token": request.resolver_match.kwargs["token"] if request.resolver_match else "",
        "consents": consents.of_order(found.pk),
        "link": access.way_back(found, timezone.now()),
        # The chat in which she got the link of her order is that of the host who sold it.
        "took_over": found.link is None or found.link.host_id != found.host_id,
    }
    return render(request, "storefront/order_state.html", context)


@require_POST
@consumer_page
def withdraw(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    """Taking back what she agreed to with this order: one tap, as giving it was."""
    with access.order_behind(token, timezone.now()) as found:
        consents.withdraw(public_id, relation_ids=[found.relation_id], now=timezone.now())
    return redirect("storefront:order-state", token)


@require_safe
@consumer_page
def mine(request: HttpRequest, code: str) -> HttpResponse:
    """What this device ordered of the host of this link; she may have left, the orders stay."""
    try:
        link = access.link_behind(code)
    except GoneError as gone:
        link = gone.link
    placed_with = {one.token: one.host_id for one in my_orders.kept(request)}
    # Her host now, or the one with whom it was placed: a hand-over hides none of them.
    orders = [
        (token, order)
        for token, order in access.orders_on_device(list(placed_with), timezone.now())
        if link.host_id in (placed_with[token], order.host_id)
    ]
    took_over = any(placed_with[token] != link.host_id for token, _ in orders)
    context = {"link": link, "host": link.host, "orders": orders, "took_over": took_over}
    return render(request, "storefront/my_orders.html", context)
