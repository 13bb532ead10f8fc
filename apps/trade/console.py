"""Orders as HQ sees them: masked, read-only, every look at a receiver written down."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import HeaderButton

from apps.accounts import access as accounts
from apps.accounts.filters import TreeFilter
from apps.accounts.models import Host
from apps.commission import selectors as commission
from apps.console_kit.edit_conflicts import opened_or_sent
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.customers import console as customers
from apps.customers.models import Relation
from apps.lib import money
from apps.lib.masks import mask_address, mask_name, mask_phone
from apps.lib.phone import national
from apps.records import services as privacy
from apps.records.console import reveal_form, revealed
from apps.records.models import AccessLog
from apps.trade.forms import RulesForm
from apps.trade.models import Order, OrderRules
from apps.trade.rules import note_change, rules

#: The right to look at orders.
SEE = "trade.view_order"


def find_numbered(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """By the whole order number, ours or the outside shop's, in capitals or not."""
    words = words.strip()
    try:
        return rows.filter(public_id=UUID(words))
    except ValueError:
        return rows.exclude(external_no="").filter(external_no__iexact=words)


def find_order(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """By the whole order number; else by the host's name."""
    numbered = find_numbered(rows, words)
    if numbered.exists():
        return numbered
    return rows.filter(host__in=called(Host.objects.all(), words, "name").values("pk"))


class OrderFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(choices=Order.Status.choices, label="状态", empty_label="全部")
    placed_at = django_filters.DateFromToRangeFilter(label="下单日期")
    organisation = TreeFilter(field_name="host__organisation", right=SEE)

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = ["status", "placed_at", "organisation"]


class OrderList(SearchedList, DetailList):
    search_hint = "输完整订单号，或大C称呼（拼音也行）"
    detail_url_name = "order:detail"
    find = staticmethod(find_order)

    @property
    def header_buttons(self) -> list[Any]:
        if not self.request.user.has_perm("trade.change_orderrules"):
            return []
        return [HeaderButton("下单规则", url=reverse("order:rules"), icon_name="cog")]

    def get_base_queryset(self) -> QuerySet[Any]:
        orders = super().get_base_queryset().select_related("host__organisation")
        return orders.prefetch_related("lines__product")


def orders_of_customer(request: HttpRequest, relation: Relation) -> dict[str, Any] | None:
    """Her orders through this host, on the customer's page."""
    if not accounts.hosts_visible_to(request.user, SEE).filter(pk=relation.host_id).exists():
        return None
    orders = Order.objects.filter(relation=relation).order_by("-placed_at")[:20]
    return {"heading": "订单", "template": "console/_customer_orders.html", "orders": orders}


if orders_of_customer not in customers.panels:
    customers.panels.append(orders_of_customer)


def what(order: Order) -> str:
    lines = list(order.lines.all())
    if not lines:
        return "—"
    more = f" 等 {len(lines)} 种" if len(lines) > 1 else ""
    return f"{lines[0].product.title}{more}"


class OrderViewSet(ListOnlyViewSet):
    model = Order
    icon = "list-ul"
    menu_label = "订单"
    url_prefix = "orders"
    index_view_class = OrderList
    filterset_class = OrderFilterSet
    ordering = "-placed_at"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("what", label="商品", accessor=what),
        Column("host", label="大C", accessor="host.name"),
        Column("organisation", label="组织", accessor="host.organisation.name"),
        Column(
            "total",
            label="金额",
            accessor=lambda row: money.show_yuan(row.total_fen),
            sort_key="total_fen",
        ),
        MomentColumn("placed_at", label="下单时间", sort_key="placed_at"),
        StatusTagColumn(
            "status",
            label="状态",
            accessor="get_status_display",
            primary=lambda row: row.status == Order.Status.DONE,
        ),
    ]
    desk = Desk(
        empty=Empty("还没有订单。客户从大C的链接下单以后，会出现在这里。"),
        personal=frozenset({"host"}),
        host_id_of=lambda row: row.host_id,
    )

    _WITH = ("host__organisation", "earned_by", "link")

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(host__in=accounts.hosts_visible_to(user, SEE, *also))

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        rows = self.scope(request.user, Order.objects.select_related(*self._WITH))
        order = get_object_or_404(rows, public_id=public_id)
        privacy.record_access(
            actor=request.user,  # type: ignore[arg-type]
            action=AccessLog.Action.VIEW,
            fields="收货人、电话、地址（打码）",
            at=timezone.now(),
            host_id=order.host_id,
            relation_id=order.relation_id,
            is_hq=True,
            purpose="总部订单详情",
            request_id=request.META.get("REQUEST_ID", ""),
        )
        return self._show(request, order, is_clear=False, reveal=reveal_form(request, order.host_id))

    def reveal_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """The receiver as typed, for a reason and within the role's quota; the host reads who and why."""
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        rows = self.scope(request.user, Order.objects.select_related(*self._WITH))
        order = get_object_or_404(rows, public_id=public_id)
        if request.method != "POST":
            return redirect("order:detail", public_id)
        return revealed(
            request,
            host_id=order.host_id,
            relation_id=order.relation_id,
            fields="收货人、电话、地址",
            show=partial(self._show, request, order),
            back=reverse("order:detail", args=[public_id]),
        )

    @staticmethod
    def _show(
        request: HttpRequest,
        order: Order,
        *,
        is_clear: bool,
        reveal: dict[str, Any] | None,
        status: int = 200,
    ) -> HttpResponse:
        name, phone, address = order.receiver_name, order.receiver_phone, order.receiver_address
        response = TemplateResponse(
            request,
            "console/order.html",
            {
                "order": order,
                "host": order.host,
                "is_clear": is_clear,
                "reveal": reveal,
                "reveal_url": reverse("order:reveal", args=[order.public_id]),
                "lines": order.lines.select_related("product", "sku"),
                "reversals": order.reversals.order_by("at"),
                "commission_fen": sum(entry.amount_fen for entry in commission.entries_of(order.pk, None)),
                "transitions": order.transitions.select_related("actor").order_by("at", "pk"),
                "receiver": (name if is_clear else mask_name(name)) or "—",
                "phone": (national(phone) if is_clear else mask_phone(phone)) or "—",
                "address": (address if is_clear else mask_address(address)) or "—",
                **page(money.show_yuan(order.total_fen), icon="list-ul", under=("订单", "order:index")),
            },
            status=status,
        )
        response["Cache-Control"] = "private, no-store"
        return response

    def rules_view(self, request: HttpRequest) -> HttpResponse:
        """The rules for all orders: one row, made when HQ first changes our defaults."""
        if not request.user.has_perm("trade.change_orderrules"):
            raise PermissionDenied
        before = rules()
        form, is_sound = opened_or_sent(
            request,
            lambda data: RulesForm(data, instance=OrderRules.objects.first() or OrderRules(pk=1)),
            rows=OrderRules.objects.all(),
        )
        if is_sound:
            note_change(before, form.save(), by=request.user, now=timezone.now())
            messages.success(request, "下单规则已保存，从下一单起照新的来；已经在等的单照它下单时的规则。")
            return redirect("order:rules")
        return TemplateResponse(
            request,
            "console/form.html",
            {
                "form": form,
                "submit_label": "保存",
                **page("下单规则", icon="list-ul", under=("订单", "order:index")),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("rules/", self.rules_view, name="rules"),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/reveal/", self.reveal_view, name="reveal"),
        ]
