"""The order form behind a link: for one thing, or for what lies in the basket."""

from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import kept_forms
from apps.catalog.services import NotOnSaleError, OutOfStockError
from apps.lib.ids import private_token
from apps.storefront import access, basket, drafts, my_orders, services, throttles, visitors
from apps.storefront.access import GoneError
from apps.storefront.forms import OrderForm
from apps.storefront.sales import AGAIN, OneSku, Sale, WholeBasket
from apps.storefront.views.frame import consumer_page, visit_of
from apps.trade.doubts import TooManyWaitingError
from apps.trade.pricing import PriceChangedError
from apps.trade.rules import LimitError
from apps.trade.services import KeyReusedError

#: What she types of herself: it comes back with a new form of the same page.
_HERS = ("name", "phone", "address", "note")


@sensitive_post_parameters("name", "phone", "address", "note", "key")
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def order(request: HttpRequest, code: str) -> HttpResponse:
    """One SKU, in the number that she types."""
    try:
        link = access.link_behind(code)
        sku = access.sku_through(link, request.GET.get("sku", ""), timezone.now())
    except GoneError:
        if request.method != "POST":
            raise
        # What is gone says so itself, on a page of its own.
        what = request.GET.get("sku", "")[:40]
        return _see_gone(request, code, what, f"{request.path}?{urlencode({'sku': what})}")
    sale = OneSku(link, sku)
    return _submit(request, sale) if request.method == "POST" else _open(request, sale, timezone.now())


@sensitive_post_parameters("name", "phone", "address", "note", "key")
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def order_basket(request: HttpRequest, code: str) -> HttpResponse:
    """Everything in the basket at this host that can be had now."""
    now, link = timezone.now(), access.link_behind(code)
    draft = drafts.kept(request) if AGAIN in request.GET else None
    if draft is not None and draft.page == drafts.GONE:
        draft = None
    if request.method == "POST":
        return _submit(request, WholeBasket.of_form(request, link, request.POST.get("items", ""), now))
    if draft is not None:
        sale = WholeBasket.of_form(request, link, draft.posted.get("items", ""), now)
    else:
        sale = WholeBasket(link, basket.of(request, link.host_id).entries, now)
    is_sent = draft is not None and draft.page == "sent"
    return _open(request, sale, now) if sale.items or is_sent else _see(sale.anew)


def _open(request: HttpRequest, sale: Sale, now: datetime) -> HttpResponse:
    draft = drafts.kept(request)
    is_gone = draft is not None and draft.page == drafts.GONE
    if draft is not None and not is_gone and draft.posted.get("sku") != sale.what:
        draft = None
    if draft is not None and draft.page == "sent" and AGAIN in request.GET:
        return _refused_page(request, sale, draft)
    fresh = sale.fresh()
    if draft is not None and not is_gone and AGAIN in request.GET:
        return _refused_page(request, sale, draft)
    known = {name: draft.posted.get(name, "") for name in _HERS} if draft is not None else {}
    form = sale.form_class(initial={"key": private_token(), **fresh, **known})
    response = _form_page(request, sale, form, status=200)
    guest = visit_of(request, sale.link, now=now)
    if guest is not None:
        services.note_tap(sale.link, visitor=guest.visitor, now=now)
        visitors.remember(response, guest)
    return response


def _submit(request: HttpRequest, sale: Sale) -> HttpResponse:
    if wait := throttles.wait_s(request, "order") or throttles.refused_wait_s(request):
        context = {"link": sale.link, "host": sale.link.host}
        response = render(request, "storefront/busy.html", context, status=429)
        response["Retry-After"] = str(wait)
        return response
    now = timezone.now()
    form = sale.form_class(request.POST)
    if not form.is_valid():
        return _refuse(request, sale, form, status=400)
    guest = visitors.guest_of(request, now=now)
    response = _place(request, sale, form, guest, now)
    visitors.remember(response, guest)
    return response


def _place(
    request: HttpRequest, sale: Sale, form: OrderForm, guest: visitors.Guest, now: datetime
) -> HttpResponse:
    """The order of a form in order, or the page that says why not."""
    link, data, browser = sale.link, form.cleaned_data, _browser(request)
    items = sale.items_of(form)
    earlier = services.earlier_order(link, browser=browser, key=data["key"])
    if earlier is None:
        if isinstance(sale, WholeBasket) and sale.said:
            return _short(request, sale, form, None)
        if not data["twice"] and services.is_same_again(link, visitor=guest.visitor, items=items, now=now):
            form.add_error(None, "刚刚已经下过同样一单，还要再下一单吗？")
            return _refuse(request, sale, form, status=409, page="asks")
        if request.POST.get("seen") != services.seen_of(link, services.notices(now=now)):
            form.add_error(
                None,
                "给谁用、怎么用的说明刚刚改过，请再看一遍，没问题再点一次提交。",
            )
            return _refuse(request, sale, form, status=409)
    try:
        placed = services.place_order(
            link,
            items=items,
            buyer=services.Buyer(
                data["name"],
                data["phone"],
                data["address"],
                data["note"],
                agreed=form.agreed,
                agent=request.headers.get("User-Agent", ""),
            ),
            seen_fen=sale.seen_fen(form),
            visitor=guest.visitor,
            browser=browser,
            key=data["key"],
            source=throttles.source_of(request),
            now=now,
        )
    except KeyReusedError:
        return _refuse(request, sale, form, status=409, page="sent")
    except NotOnSaleError:
        return _short(request, sale, form, None)
    except OutOfStockError as error:
        return _short(request, sale, form, error)
    except LimitError as error:
        throttles.note_refusal(request)
        form.add_error("quantity" if "quantity" in form.fields else None, f"{error.words}{sale.limit_mend}")
    except TooManyWaitingError:
        name = link.host.name
        form.add_error(
            None, f"前面的单还在等{name}确认，先等她点头，或者直接跟{name}说一声。这一单没有提交。"
        )
    except PriceChangedError as error:
        form.add_error(None, sale.price_words(form, error.quote))
    else:
        return _thank(request, sale, placed)
    return _refuse(request, sale, form, status=409)


def _thank(request: HttpRequest, sale: Sale, placed: services.Placed) -> HttpResponse:
    """To the order's own page; this device keeps the way to it, and forgets what is done."""
    response = HttpResponseRedirect(reverse("storefront:order-state", args=[placed.token]))
    my_orders.keep(request, response, host_id=sale.link.host_id, token=placed.token)
    if isinstance(sale, WholeBasket):
        ordered = [item.sku.pk for item in sale.items]
        basket.keep(response, basket.of(request, sale.link.host_id).without(ordered))
    drafts.forget(request, response, gone_path=_behind(sale.link.code))
    return response


def _short(request: HttpRequest, sale: Sale, form: OrderForm, error: OutOfStockError | None) -> HttpResponse:
    """Something of it is gone, or fewer are left: what can be had stays in the form."""
    if sale.mend_stock(form, error):
        return _refuse(request, sale, form, status=409)
    return _see_gone(request, sale.link.code, sale.what, sale.anew)


def _refuse(
    request: HttpRequest, sale: Sale, form: OrderForm, *, status: int, page: str = "refused"
) -> HttpResponse:
    """Send her to the page that says why, with what she typed: a page to which her browser finds back.

    What is too long to travel is answered at once.
    """
    own = [
        ("" if field == NON_FIELD_ERRORS else field, str(text))
        for field, texts in form.errors.items()
        for text in texts
    ]
    posted = {**drafts.posted(request.POST), "sku": sale.what}
    if page != "sent":
        sale.carry(posted)
    draft = drafts.Draft(request.path, posted, tuple(own), status, page)
    response = _see(sale.address_again)
    if drafts.keep(response, draft):
        return kept_forms.refused(response)
    return _refused_page(request, sale, draft)


def _behind(code: str) -> str:
    """Under which all order forms of a link have their address, that of one thing and that of the basket."""
    return reverse("storefront:link", args=[code])


def _see_gone(request: HttpRequest, code: str, what: str, address: str) -> HttpResponse:
    """To the page that says that it is gone; what she typed of herself waits for what she takes instead."""
    posted = {"sku": what, **{name: request.POST.get(name, "") for name in _HERS}}
    response = _see(address)
    draft = drafts.Draft(_behind(code), posted, (), HTTPStatus.GONE, drafts.GONE)
    drafts.keep_for_others(request, response, draft)
    return kept_forms.refused(response)


def _see(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _refused_page(request: HttpRequest, sale: Sale, draft: drafts.Draft) -> HttpResponse:
    """The form as she left it, with what was said of it then."""
    if draft.page == "sent":
        return _already_sent(request, sale, draft.posted["key"])
    form = sale.form_class(draft.data)
    form.is_valid()
    form.errors.clear()
    for field, text in draft.errors:
        form.add_error(field if field in form.fields else None, text)
    # What she typed stays; the key too, unless it is broken; goods and price are those of now.
    shown = draft.data
    sale.carry(shown)
    if "key" in form.errors:
        shown["key"] = private_token()
    form.data = shown
    form.point_to_mistake()
    return _form_page(request, sale, form, status=draft.status, asks=draft.page == "asks")


def _form_page(
    request: HttpRequest, sale: Sale, form: OrderForm, *, status: int, asks: bool = False
) -> HttpResponse:
    link, notices = sale.link, services.notices(now=timezone.now())
    context = {
        "link": link,
        "host": link.host,
        "form": form,
        "asks": asks,
        "company": link.host.organisation.get_root().name,
        "notices": notices,
        "seen": services.seen_of(link, notices),
        **sale.shown(form),
    }
    return render(request, "storefront/order.html", context, status=status)


def _already_sent(request: HttpRequest, sale: Sale, key: str) -> HttpResponse:
    context = {
        "link": sale.link,
        "host": sale.link.host,
        "anew": sale.anew,
        "token": services.earlier_order(sale.link, browser=_browser(request), key=key),
    }
    return render(request, "storefront/already_sent.html", context, status=409)


def _browser(request: HttpRequest) -> str:
    return str(request.META.get("CSRF_COOKIE", ""))
