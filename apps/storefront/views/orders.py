"""The order form behind a link, and the buyer's private page of her order."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.catalog.models import Sku
from apps.catalog.services import NotOnSaleError, OutOfStockError
from apps.lib import masks, money
from apps.lib.ids import private_token
from apps.records.services import consents
from apps.storefront import access, drafts, selectors, services, throttles, visitors
from apps.storefront.access import GoneError, Reason
from apps.storefront.forms import OrderForm
from apps.storefront.views.frame import consumer_page, visit_of
from apps.tracking.models import Link
from apps.trade.doubts import TooManyWaitingError
from apps.trade.models import Order
from apps.trade.pricing import Item, PriceChangedError, quote
from apps.trade.releasing import released_at
from apps.trade.rules import LimitError
from apps.trade.services import KeyReusedError

#: In the address of the page that says why an order was refused.
AGAIN = "again"


@sensitive_post_parameters("name", "phone", "address", "note", "key")
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def order(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    try:
        link = access.link_behind(code)
        sku = access.sku_through(link, request.GET.get("sku", ""), now)
    except GoneError:
        if request.method != "POST":
            raise
        return _look_again(request)
    if request.method == "POST":
        return _submit(request, link, sku)
    return _open(request, link, sku, now)


def _open(request: HttpRequest, link: Link, sku: Sku, now: datetime) -> HttpResponse:
    offer = selectors.offer_of(link.host, sku)
    if offer.is_sold_out:
        raise GoneError(Reason.SOLD_OUT, link, sku.product)
    draft = drafts.kept(request) if AGAIN in request.GET else None
    if draft is not None and draft.posted.get("sku") == str(sku.public_id):
        return _refused_page(request, link, offer, draft)
    form = OrderForm(initial={"key": private_token(), "price_fen": offer.price_fen})
    response = _form_page(request, link, offer, form, status=200)
    guest = visit_of(request, link, now=now)
    if guest is not None:
        services.note_tap(link, visitor=guest.visitor, now=now)
        visitors.remember(response, guest)
    return response


def _submit(request: HttpRequest, link: Link, sku: Sku) -> HttpResponse:
    if wait := throttles.wait_s(request, "order") or throttles.refused_wait_s(request):
        response = render(request, "storefront/busy.html", {"link": link, "host": link.host}, status=429)
        response["Retry-After"] = str(wait)
        return response
    now = timezone.now()
    form = OrderForm(request.POST)
    if not form.is_valid():
        return _refuse(request, link, sku, form, status=400)
    guest = visitors.guest_of(request, now=now)
    response = _place(request, link, sku, form, guest, now)
    visitors.remember(response, guest)
    return response


def _place(
    request: HttpRequest, link: Link, sku: Sku, form: OrderForm, guest: visitors.Guest, now: datetime
) -> HttpResponse:
    """The order of a form in order, or the page that says why not."""
    data, browser = form.cleaned_data, _browser(request)
    if (
        not data["twice"]
        and services.is_same_again(link, visitor=guest.visitor, sku=sku, quantity=data["quantity"], now=now)
        and services.earlier_order(link, browser=browser, key=data["key"]) is None
    ):
        form.add_error(None, "刚刚已经下过同样一单，还要再下一单吗？")
        return _refuse(request, link, sku, form, status=409, page="asks")
    is_seen = request.POST.get("seen") == services.seen_of(services.notices(now=now))
    if not is_seen and services.earlier_order(link, browser=browser, key=data["key"]) is None:
        form.add_error(None, "收货信息和愿意才勾的说明刚刚改过，请再看一遍，没问题再点一次提交。")
        return _refuse(request, link, sku, form, status=409)
    try:
        placed = services.place_order(
            link,
            sku=sku,
            quantity=data["quantity"],
            buyer=services.Buyer(
                data["name"],
                data["phone"],
                data["address"],
                data["note"],
                agreed=form.agreed,
                agent=request.headers.get("User-Agent", ""),
            ),
            seen_price_fen=data["price_fen"],
            visitor=guest.visitor,
            browser=browser,
            key=data["key"],
            source=throttles.source_of(request),
            now=now,
        )
    except KeyReusedError:
        return _refuse(request, link, sku, form, status=409, page="sent")
    except NotOnSaleError:
        return _look_again(request)
    except OutOfStockError as error:
        if error.left == 0:
            return _look_again(request)
        sku.stock = error.left
        form.add_error("quantity", f"只剩 {error.left} 件了，请改成 {error.left} 件或更少。")
    except LimitError as error:
        throttles.note_refusal(request)
        form.add_error("quantity", error.words)
    except TooManyWaitingError:
        name = link.host.name
        form.add_error(
            None, f"前面的单还在等{name}确认，先等她点头，或者直接跟{name}说一声。这一单没有提交。"
        )
    except PriceChangedError as error:
        before, after = money.show_yuan(data["price_fen"]), money.show_yuan(error.quote.lines[0].unit_fen)
        form.add_error(None, f"价格刚刚变了：每件从 {before} 变成 {after}。可以接受的话，再点一次提交。")
    else:
        response = HttpResponseRedirect(reverse("storefront:order-state", args=[placed.token]))
        if drafts.COOKIE in request.COOKIES:
            drafts.forget(response, request.path)
        return response
    return _refuse(request, link, sku, form, status=409)


def _refuse(
    request: HttpRequest, link: Link, sku: Sku, form: OrderForm, *, status: int, page: str = "refused"
) -> HttpResponse:
    """Send her to the page that says why, with what she typed: a page to which her browser finds back.

    What is too long to travel is answered at once.
    """
    own = [
        ("" if field == NON_FIELD_ERRORS else field, str(text))
        for field, texts in form.errors.items()
        for text in texts
    ]
    posted = {**drafts.posted(request.POST), "sku": str(sku.public_id)}
    draft = drafts.Draft(request.path, posted, tuple(own), status, page)
    response = _see(f"{request.path}?{urlencode({'sku': sku.public_id, AGAIN: 1})}")
    if drafts.keep(response, draft):
        return response
    return _refused_page(request, link, selectors.offer_of(link.host, sku), draft)


def _look_again(request: HttpRequest) -> HttpResponse:
    """What is gone says so itself, on a page of its own."""
    return _see(f"{request.path}?{urlencode({'sku': request.GET.get('sku', '')})}")


def _see(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _refused_page(
    request: HttpRequest, link: Link, offer: selectors.Offer, draft: drafts.Draft
) -> HttpResponse:
    """The form as she left it, with what was said of it then."""
    if draft.page == "sent":
        return _already_sent(request, link, offer.sku, draft.posted["key"])
    form = OrderForm(draft.data)
    form.is_valid()
    form.errors.clear()
    for field, text in draft.errors:
        form.add_error(field if field in form.fields else None, text)
    # What she typed stays; the key too, unless it is broken; the price is the one shown now.
    shown = draft.data
    shown["price_fen"] = str(offer.price_fen)
    if "key" in form.errors:
        shown["key"] = private_token()
    form.data = shown
    form.point_to_mistake()
    return _form_page(request, link, offer, form, status=draft.status, asks=draft.page == "asks")


def _form_page(
    request: HttpRequest,
    link: Link,
    offer: selectors.Offer,
    form: OrderForm,
    *,
    status: int,
    asks: bool = False,
) -> HttpResponse:
    quantity = form.cleaned_data.get("quantity", 1) if form.is_bound else 1
    notices = services.notices(now=timezone.now())
    context = {
        "link": link,
        "host": link.host,
        "offer": offer,
        "quantity": quantity,
        "total_fen": quote(link.host, [Item(offer.sku, quantity)]).total_fen,
        "product": offer.sku.product,
        "form": form,
        "asks": asks,
        "company": link.host.organisation.get_root().name,
        "notices": notices,
        "seen": services.seen_of(notices),
    }
    return render(request, "storefront/order.html", context, status=status)


def _already_sent(request: HttpRequest, link: Link, sku: Sku, key: str) -> HttpResponse:
    context = {
        "link": link,
        "host": link.host,
        "sku": sku,
        "token": services.earlier_order(link, browser=_browser(request), key=key),
    }
    return render(request, "storefront/already_sent.html", context, status=409)


def _browser(request: HttpRequest) -> str:
    return str(request.META.get("CSRF_COOKIE", ""))


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
        "back": found.link if found.link is not None and found.host.is_active else None,
    }
    return render(request, "storefront/order_state.html", context)


@require_POST
@consumer_page
def withdraw(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    """Taking back what she agreed to with this order: one tap, as giving it was."""
    with access.order_behind(token, timezone.now()) as found:
        consents.withdraw(public_id, relation_ids=[found.relation_id], now=timezone.now())
    return redirect("storefront:order-state", token)
