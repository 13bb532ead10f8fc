"""选品: what HQ offers, and her own shelf."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.accounts.models import Host
from apps.catalog import access, services
from apps.catalog.models import Category, Product, ShelfItem, Sku
from apps.catalog.prices import prices_of
from apps.lib import money
from apps.library import selectors as content
from apps.sharing.subjects import State, of_product, of_shelf
from apps.tracking.models import Channel
from apps.workbench import cards, pictures, two_tabs, ways
from apps.workbench.forms import MoveForm, ShelfItemForm, ShelfStepForm
from apps.workbench.instead import said_of_product, standings
from apps.workbench.paging import page_of
from apps.workbench.requests import HostRequest
from apps.workbench.views.shares import share_sheet

SORTS = {"new": "最新", "earn": "佣金高", "cheap": "价格低"}


@require_safe
@vary_on_headers("HX-Request")
@host_required
def offers(request: HostRequest) -> HttpResponse:
    found = access.products_offered()
    words = request.GET.get("q", "").strip()[:60]
    if words:
        found = found.matching(words)
    categories = list(Category.objects.filter(products__in=access.products_offered()).distinct())
    chosen = request.GET.get("category", "")
    category = next((one for one in categories if str(one.public_id) == chosen), None)
    if category is not None:
        found = found.filter(category=category)
    issue = content.current_issue(timezone.now())
    is_theme = chosen == "theme" and issue is not None
    if is_theme:
        found = found.filter(materials__issue_entries__issue=issue).distinct()
    sort = request.GET.get("sort", "new")
    page = page_of(_sorted(cards.with_offer(found, request.host), sort), request, size=24)
    context = {
        "tab": "offers",
        "offers": cards.offers_of(page.rows),
        "page": page,
        "words": words,
        "categories": categories,
        "category": category,
        "issue": issue,
        "is_theme": is_theme,
        "sort": sort if sort in SORTS else "new",
        "sorts": SORTS,
        "on_shelf": access.shelf_of(request.host).count(),
    }
    part = request.htmx and not request.htmx.boosted and request.htmx.target == "offers-more"
    return render(request, "workbench/_offers.html" if part else "workbench/offers.html", context)


def _sorted(products: Any, sort: str) -> Any:
    if sort == "earn":
        return products.annotate(earns=F("lowest_fen") * F("commission_bp")).order_by("-earns", "-pk")
    if sort == "cheap":
        return products.order_by("lowest_fen", "-pk")
    return products.order_by("-created_at", "-pk")


@require_safe
@host_required
def product(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.product_offered(public_id)
    images = [picture.image_id for picture in found.pictures.all()]
    large = pictures.sized(images, pictures.LARGE)
    context = {
        "tab": "offers",
        "product": found,
        "offer": _offer(request.host, found),
        "item": _item(request.host, found),
        "skus": [(sku, price, found.commission_fen(price)) for sku, price in _priced(request.host, found)],
        "has_own_price": bool(prices_of(request.host, [found.pk]).own),
        "gallery": [large[pk] for pk in images if pk in large],
        "share_url": reverse("workbench:product-share", args=[public_id]),
        "ways": ways.buttons(set(Channel) - {Channel.COPY}),
        **said_of_product(found),
    }
    return render(request, "workbench/product.html", context)


@require_POST
@host_required
def shelve(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Put a product on the shelf or take it down."""
    found = access.product_offered(public_id)
    form = ShelfStepForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请从页面上的按钮操作。", status=400)
    if form.cleaned_data["step"] == "add":
        services.add_to_shelf(request.host, found, now=timezone.now())
        said = "已加入货架"
    else:
        services.remove_from_shelf(request.host, found, now=timezone.now())
        said = "已移出货架"
    if not request.htmx:
        messages.success(request, said)
        return redirect("workbench:product", public_id)
    offer = _offer(request.host, found)
    if form.cleaned_data["part"] == "detail":
        context = {"offer": offer, "item": _item(request.host, found)}
        answer = render(request, "workbench/_shelf_state.html", context)
    else:
        answer = render(request, "workbench/_offer.html", {"offer": offer})
    return trigger_client_event(answer, "dac:toast", {"value": said})


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
def share_product(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.product_offered(public_id)
    context = {
        "heading": found.title,
        "share_url": request.path,
        "preview": found.subtitle or found.title,
        "back_url": reverse("workbench:product", args=[public_id]),
        **said_of_product(found),
    }
    return share_sheet(request, of_product(found), context)


@require_safe
@host_required
def shelf(request: HostRequest) -> HttpResponse:
    items: list[Any] = list(
        pictures.with_product_picture_id(access.shelf_of(request.host), prefix="product__").prefetch_related(
            "product__skus"
        )
    )
    prices = prices_of(request.host, [item.product_id for item in items])
    tags = {item.pk: prices.tag(item.product) for item in items}
    shown = pictures.sized((item.picture_id for item in items), pictures.THUMB)
    known = standings(item.product for item in items)
    rows = [
        {
            "item": item,
            "product": item.product,
            "stock": known[item.product_id].availability,
            "gone": known[item.product_id] if known[item.product_id].is_sold_out else None,
            "picture": shown.get(item.picture_id),
            "price": tags[item.pk].words,
            "commission_fen": item.product.commission_fen(tags[item.pk].lowest_fen),
        }
        for item in items
    ]
    context = {
        "tab": "offers",
        "rows": rows,
        "on_shelf": len(rows),
        "has_gone": any(row["gone"] for row in rows),
    }
    return render(request, "workbench/shelf.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
def share_shelf(request: HostRequest) -> HttpResponse:
    shelf = of_shelf(request.host)
    if shelf.state is State.NOT_YET:
        messages.info(request, "货架还是空的，先挑几样商品再分享。")
        return kept_forms.refused(redirect("workbench:shelf"))
    context = {
        "heading": "我的货架",
        "share_url": request.path,
        "preview": "你挑的商品都在一个页面里，客户点开就能逛。",
        "back_url": reverse("workbench:shelf"),
        **_said_of_shelf(request.host),
    }
    return share_sheet(request, shelf, context)


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
def edit_item(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Her price of each SKU, and her words, for one product of the shelf."""
    form, is_sound = two_tabs.opened_or_sent(
        request,
        lambda posted: _item_form(request, public_id, posted),
        rows=access.shelf_of(request.host).filter(public_id=public_id),
    )
    item, status = form.item, 200
    doubts: list[str] = []
    if request.method == "POST":
        status = 422
        if is_sound and not form.cleaned_data["anyway"]:
            doubts = form.above_retail
        if is_sound and not doubts:
            try:
                services.edit_shelf_item(
                    item, prices=form.prices, pitch=form.cleaned_data["pitch"], now=timezone.now()
                )
            except services.PriceBelowFloorError as error:
                floor = money.show_yuan(error.sku.floor_price_fen)
                form.add_error(form.price_name(error.sku), f"最低可以卖 {floor}，再往上调一点吧。")
            except services.PriceTooHighError as error:
                form.add_error(form.price_name(error.sku), "这个价太高了，是不是多打了几个数字？")
            else:
                messages.success(request, "已保存")
                return redirect("workbench:shelf")
    context = {"tab": "offers", "form": form, "item": item, "doubts": doubts}
    return render(request, "workbench/shelf_item.html", context, status=status)


def _item_form(request: HostRequest, public_id: UUID, posted: Any) -> ShelfItemForm:
    item = access.shelf_item_for(request.host, public_id)
    return ShelfItemForm(posted, item=item, prices=prices_of(request.host, [item.product_id]))


@require_POST
@host_required
def move_item(request: HostRequest, public_id: UUID) -> HttpResponse:
    item = access.shelf_item_for(request.host, public_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请用上移、下移按钮。", status=400)
    services.move_shelf_item(item, up=form.cleaned_data["way"] == "up", now=timezone.now())
    return redirect("workbench:shelf")


@require_POST
@host_required
def remove_item(request: HostRequest, public_id: UUID) -> HttpResponse:
    item = access.shelf_item_for(request.host, public_id)
    services.remove_from_shelf(request.host, item.product, now=timezone.now())
    messages.success(request, f"已移出「{item.product.title}」")
    return redirect("workbench:shelf")


def _said_of_shelf(host: Host) -> dict[str, Any]:
    """What of her shelf nobody can buy now, said before she shares it."""
    known = list(standings(item.product for item in access.shelf_on_sale(host)).values())
    gone = [one for one in known if one.is_sold_out]
    return {"gone": gone, "all_gone": bool(gone) and len(gone) == len(known)}


def _offer(host: Host, found: Product) -> cards.Offer:
    return cards.offers_of(cards.with_offer(access.products_offered().filter(pk=found.pk), host))[0]


def _item(host: Host, found: Product) -> ShelfItem | None:
    return access.shelf_of(host).filter(product=found).first()


def _priced(host: Host, found: Product) -> list[tuple[Sku, int]]:
    prices = prices_of(host, [found.pk])
    return [(sku, prices.of(sku)) for sku in found.skus.all()]
