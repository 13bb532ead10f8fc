"""The basket at one host: what is in it, as it stands now; putting in, changing, taking out."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.accounts import kept_forms
from apps.accounts.middleware import each_counts
from apps.lib import given
from apps.storefront import access, selectors, throttles
from apps.storefront import basket as baskets
from apps.storefront.basket import Basket, Chosen
from apps.storefront.views.frame import consumer_page
from apps.tracking.models import Link
from apps.trade.pricing import Quote, quote
from apps.trade.rules import LimitError, check_quantities
from apps.trade.services import MAX_QUANTITY


@each_counts
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def basket(request: HttpRequest, code: str) -> HttpResponse:
    now, link = timezone.now(), access.link_behind(code)
    mine = baskets.of(request, link.host_id)
    if request.method != "POST":
        return _page(request, link, mine, now)
    if wait := throttles.wait_s(request, "basket"):
        response = render(request, "storefront/busy.html", {"link": link, "host": link.host}, status=429)
        response["Retry-After"] = str(wait)
        return response
    if request.POST.get("sku"):
        return _put_in(request, link, mine, now)
    return _change(request, link, mine, now)


def _page(request: HttpRequest, link: Link, mine: Basket, now: datetime) -> HttpResponse:
    chosen = access.chosen_in(link.host, mine.entries, now)
    items, _ = baskets.fitting(chosen)
    asked = quote(link.host, items)
    lines = {line.sku.pk: line for line in asked.lines}
    context = {
        "link": link,
        "host": link.host,
        "rows": [{"one": one, "line": lines.get(one.sku.pk)} for one in chosen],
        "asked": asked,
        "most": MAX_QUANTITY,
        "too_many": _too_many(asked),
        "cards": [] if items else selectors.alternatives(link.host),
    }
    return render(request, "storefront/basket.html", context)


def _too_many(asked: Quote) -> str:
    """What HQ lets nobody have so many of, in words."""
    try:
        check_quantities(asked)
    except LimitError as error:
        return error.words
    return ""


def _put_in(request: HttpRequest, link: Link, mine: Basket, now: datetime) -> HttpResponse:
    """One more of a SKU that this link reaches."""
    sku = access.sku_through(link, request.POST["sku"], now)
    here = HttpResponseRedirect(reverse("storefront:basket", args=[link.code]))
    if sku.stock <= 0:
        messages.info(request, "这个规格刚刚卖完了，没有放进去。")
        return kept_forms.refused(here)
    try:
        more = mine.with_more(link, sku, 1)
    except baskets.BasketFullError:
        messages.info(request, f"购物车里最多 {baskets.MOST_KINDS} 种，先下一单，或者拿掉几样。")
        return kept_forms.refused(here)
    baskets.keep(here, more)
    messages.success(request, "放进购物车了")
    return here


def _change(request: HttpRequest, link: Link, mine: Basket, now: datetime) -> HttpResponse:
    """The numbers as they stand in the form; `remove` takes one thing out, `do=order` goes on to order.

    A script that keeps a number as it changes is answered in a line: nothing, or what was not kept.
    """
    chosen = access.chosen_in(link.host, mine.entries, now)
    numbers, wrong = _numbers(request, chosen)
    taken_out = request.POST.get("remove", "")
    gone = [one.sku.pk for one in chosen if one.sku.public_id.hex == taken_out]
    changed = mine.with_numbers(numbers).without(gone)
    wrong = [one for one in wrong if one.sku.pk not in gone]
    said = [f"{one.name}的数量没有改：要写 0 到 {MAX_QUANTITY} 的整数。" for one in wrong]
    if request.headers.get("X-Requested-With") == "fetch":
        plain = "text/plain; charset=utf-8"
        line = HttpResponse("".join(said), plain, 422) if said else HttpResponse(status=204)
        baskets.keep(line, changed)
        return line
    for text in said:
        messages.error(request, text)
    goes_on = request.POST.get("do") == "order" and changed.entries and not wrong
    name = "storefront:basket-order" if goes_on else "storefront:basket"
    response = HttpResponseRedirect(reverse(name, args=[link.code]))
    baskets.keep(response, changed)
    return response


def _numbers(request: HttpRequest, chosen: list[Chosen]) -> tuple[dict[int, int], list[Chosen]]:
    """What she changed, by SKU; and where that is no number of pieces.

    A number that reads as it did when the page was opened (`was-`) is left as another tab has it by now.
    """
    numbers, wrong = {}, []
    for one in chosen:
        typed = request.POST.get(f"n-{one.sku.public_id.hex}")
        was = request.POST.get(f"was-{one.sku.public_id.hex}")
        number = given.typed_number(typed) if typed is not None else one.quantity
        if number is None or not 0 <= number <= MAX_QUANTITY:
            wrong.append(one)
        elif typed is not None and str(number) != was:
            numbers[one.sku.pk] = number
    return numbers, wrong
