"""What a link shows: a material, a product, a host's shelf."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.catalog.models import Product, ShelfItem
from apps.database.paging import BadPlaceError, page_of_keys
from apps.lib import addresses
from apps.sharing.previews import preview_of
from apps.sharing.subjects import of_material, of_product, of_shelf
from apps.storefront import access, selectors, services, throttles
from apps.storefront.access import GoneError
from apps.storefront.views.frame import consumer_page, counted
from apps.tracking.models import Link, Subject
from apps.trade.rules import terms_at

SHELF_PAGE = 30


@require_safe
@consumer_page
def link(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    found = access.link_behind(code)
    if found.subject_kind == Subject.MATERIAL:
        return _material(request, found, now)
    if found.subject_kind == Subject.PRODUCT:
        return _product(request, found, access.product_behind(found))
    return _shelf(request, found)


@require_safe
@consumer_page
def product(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    found = access.link_behind(code)
    return _product(request, found, access.product_through(found, public_id, timezone.now()))


@require_safe
@consumer_page
def shelf(request: HttpRequest, code: str) -> HttpResponse:
    return _shelf(request, access.link_behind(code))


@require_POST
def read(request: HttpRequest, code: str) -> HttpResponse:
    """A page says that it is being read: it stayed for three seconds, or was tapped."""
    if wait := throttles.wait_s(request, "read"):
        return JsonResponse({}, status=429, headers={"Retry-After": str(wait)})
    try:
        found = access.link_behind(code)
        services.note_read(found, page=request.POST.get("page", ""), now=timezone.now())
    except GoneError:
        return HttpResponse(status=410)
    except services.NotAPageError:
        return HttpResponse(
            "页面已经打开太久，请刷新。", status=400, content_type="text/plain; charset=utf-8"
        )
    return HttpResponse(status=204, headers={"Cache-Control": "private, no-store"})


def _material(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    material = access.material_behind(link, now)
    product = material.product
    on_sale = product is not None and product.is_on_sale
    context = {
        "material": material,
        "card": selectors.card_of(link.host, product) if product is not None and on_sale else None,
        "story_cards": selectors.cards_in_story(link.host, material),
        "has_lost_product": product is not None and not on_sale,
        "cards": selectors.alternatives(link.host, besides=product),
        "preview": preview_of(link.host, of_material(material, now), link.address),
    }
    return counted(
        request,
        "storefront/material.html",
        context,
        link=link,
        kind=Subject.MATERIAL,
        subject_id=material.pk,
        now=now,
    )


def _product(request: HttpRequest, link: Link, product: Product) -> HttpResponse:
    now, host = timezone.now(), link.host
    card, *cards = selectors.with_buyers(
        host, [selectors.card_of(host, product), *selectors.alternatives(host, besides=product)], now
    )
    context = {
        "product": product,
        "card": card,
        "cards": cards,
        "terms": terms_at(host),
        "stories": selectors.stories_about(host, product, now),
        "company": host.organisation.get_root().name,
        "preview": preview_of(host, of_product(product), addresses.absolute(request.path), pitch=card.pitch),
    }
    return counted(
        request,
        "storefront/product.html",
        context,
        link=link,
        kind=Subject.PRODUCT,
        subject_id=product.pk,
    )


def _shelf(request: HttpRequest, link: Link) -> HttpResponse:
    items, following = _shelf_page(link, request.GET.get("after", ""))
    cards = selectors.cards_of(link.host, items)
    first = next((card.product.cover for card in cards if card.product.cover is not None), None)
    on_sale = selectors.count_in_stock(link.host)
    context = {
        "cards": cards,
        "next": following,
        "is_first": not request.GET.get("after"),
        "on_sale": on_sale,
        "preview": preview_of(
            link.host, of_shelf(link.host), addresses.absolute(request.path), picture=first
        ),
    }
    return counted(
        request,
        "storefront/shelf.html",
        context,
        link=link,
        kind=Subject.SHELF,
        subject_id=link.host_id,
    )


def _shelf_page(link: Link, after: str) -> tuple[list[ShelfItem], str]:
    """Goods that sell out or leave meanwhile hide no other; a place that says nothing is the beginning."""
    rows = selectors.shelf_on_sale(link.host)
    order = list(rows.values_list("pk", flat=True))
    ranks = {pk: (place,) for place, pk in enumerate(order)}
    of = f"shelf:{link.host_id}"
    try:
        page = page_of_keys(order, after, of=of, rank=ranks.__getitem__, size=SHELF_PAGE)
    except BadPlaceError:
        page = page_of_keys(order, "", of=of, rank=ranks.__getitem__, size=SHELF_PAGE)
    items = rows.in_bulk(page.rows)
    return [items[pk] for pk in page.rows if pk in items], page.next
