"""A host's orders, for the API."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import IsHost, host_of, user_of
from apps.catalog import access as catalog_access
from apps.catalog import services as catalog
from apps.catalog.models import Sku
from apps.customers.api import note_reading
from apps.lib import words
from apps.lib.api import ConflictError, MoneyField, PhoneInput, PlainTextInput, WholeNumberInput
from apps.lib.masks import mask_phone
from apps.lib.pagination import TimePagination
from apps.trade import access, pricing, services
from apps.trade.models import Order
from apps.trade.rules import LimitError


class LineOutput(serializers.Serializer[Any]):
    product = serializers.CharField(source="product.title")
    sku = serializers.CharField(source="sku.name", default="")
    quantity = serializers.IntegerField()
    total = MoneyField(source="total_fen")


class OrderOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    status = serializers.CharField()
    customer = serializers.UUIDField(source="relation.public_id")
    customer_name = serializers.CharField(source="relation.shown_name")
    total = MoneyField(source="total_fen")
    commission = MoneyField(source="commission_fen", help_text="预估，已减去取消和退货的")
    is_paid = serializers.BooleanField()
    holds_stock = serializers.BooleanField(help_text="false：存疑的单，你确认或记下收款以后才占库存")
    is_over_limit = serializers.BooleanField(help_text="true：连同以前买的，超过了每人限购，由你决定")
    placed_at = serializers.DateTimeField()
    lines = LineOutput(many=True)


class OrderDetailOutput(OrderOutput):
    receiver_name = serializers.CharField()
    receiver_phone = serializers.SerializerMethodField(help_text="已打码")
    receiver_address = serializers.CharField()
    buyer_note = serializers.CharField()

    def get_receiver_phone(self, order: Order) -> str:
        return mask_phone(order.receiver_phone) if order.receiver_phone else ""


class ItemInput(serializers.Serializer[Any]):
    sku = serializers.UUIDField(label="规格")
    quantity = WholeNumberInput(label="数量", min_value=1, max_value=services.MAX_QUANTITY)


class OrderInput(serializers.Serializer[Any]):
    items = ItemInput(many=True, label="商品", allow_empty=False, max_length=50)  # type: ignore[call-arg]
    name = PlainTextInput(label="收货人", max_length=words.LONGEST_NAME)
    phone = PhoneInput()
    address = serializers.CharField(label="收货地址", max_length=200)
    note = serializers.CharField(label="留言", max_length=200, allow_blank=True, default="")


class ReturnInput(serializers.Serializer[Any]):
    amount = MoneyField(label="退款金额")
    reason = serializers.CharField(label="原因", max_length=200, allow_blank=True, default="")


class NewestFirst(TimePagination):
    ordering = ("-placed_at", "-id")


_SHOWN = ("lines__product", "lines__sku")


class OrdersView(generics.ListAPIView[Order]):
    permission_classes = (IsHost,)
    serializer_class = OrderOutput
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Order]:
        if getattr(self, "swagger_fake_view", False):
            return Order.objects.none()
        note_reading(self.request)
        found = access.orders_of(host_of(self.request)).prefetch_related(*_SHOWN)
        if wanted := self.request.query_params.get("status"):
            if wanted not in Order.Status.values:
                raise ValidationError(
                    {"status": [f"没有这个状态，可以选：{'、'.join(Order.Status.values)}。"]}
                )
            found = found.filter(status=wanted)
        return found

    @extend_schema(
        operation_id="orders", parameters=[OpenApiParameter("status", str, enum=Order.Status.values)]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="place_order",
        request=OrderInput,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="每张订单一个，重复提交时带同一个",
            )
        ],
        responses={201: OrderDetailOutput},
    )
    def post(self, request: Request) -> Response:
        """Place an order for a customer who asked in the chat."""
        key = request.headers.get("Idempotency-Key", "").strip()
        if not 8 <= len(key) <= 255:
            raise ValidationError(
                {"Idempotency-Key": ["请在请求头里带上 8 到 255 个字符的 Idempotency-Key。"]}
            )
        form = OrderInput(data=request.data)
        form.is_valid(raise_exception=True)
        host = host_of(request)
        data = form.validated_data
        asked = pricing.quote(host, _items(data["items"]))
        try:
            placed = services.place_order(
                asked,
                name=data["name"],
                phone=data["phone"],
                address=data["address"],
                note=data["note"],
                now=timezone.now(),
                key_scope=f"host:{host.pk}",
                key=key,
            )
        except services.KeyReusedError:
            raise ConflictError("这个 Idempotency-Key 已经用在另一张订单上，请换一个。") from None
        except catalog.OutOfStockError as error:
            raise ConflictError(f"「{error.sku}」只剩 {error.left} 件了，请改一下数量。") from None
        except LimitError as error:
            place = [item.sku for item in asked.lines].index(error.line.sku)
            raise ValidationError({f"items.{place}.quantity": [error.words]}) from None
        except catalog.NotOnSaleError:
            raise ConflictError("有商品已经下架，请去掉后再提交。") from None
        code = status.HTTP_201_CREATED if placed.is_new else status.HTTP_200_OK
        return _told(request, placed.order.public_id, status=code)


def _items(rows: list[dict[str, Any]]) -> list[pricing.Item]:
    """The SKUs named in the body, each on offer; which one is not is said by its place."""
    wanted = [row["sku"] for row in rows]
    if len(set(wanted)) != len(wanted):
        raise ValidationError({"items": ["同一个规格出现了两次，请合并数量。"]})
    offered = catalog_access.products_offered()
    known = {
        sku.public_id: sku
        for sku in Sku.objects.filter(public_id__in=wanted, product__in=offered).select_related("product")
    }
    missing = {
        f"items.{place}.sku": ["没有这个规格，或已下架。"]
        for place, id_ in enumerate(wanted)
        if id_ not in known
    }
    if missing:
        raise ValidationError(missing)
    return [pricing.Item(known[row["sku"]], row["quantity"]) for row in rows]


def _told(request: Request, public_id: UUID | str, *, status: int = status.HTTP_200_OK) -> Response:
    """One order with its receiver, which is reading her customer."""
    order = access.order_for(host_of(request), public_id)
    note_reading(request)
    return Response(OrderDetailOutput(order).data, status=status)


class OrderView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="order", responses=OrderDetailOutput)
    def get(self, request: Request, public_id: str) -> Response:
        return _told(request, public_id)


class StepView(APIView):
    """One step of an order's life: a subclass names the service."""

    permission_classes = (IsHost,)
    step: Callable[..., Order]

    def take(self, request: Request, public_id: str) -> Response:
        host = host_of(request)
        order = access.order_for(host, public_id)
        try:
            type(self).step(order, by=user_of(request), now=timezone.now())
        except services.BuyerErasedError as error:
            raise ConflictError(f"{error.words}。") from None
        except services.StepNotAllowedError:
            raise ConflictError("订单现在的状态不能这样操作，请刷新看看。") from None
        except catalog.OutOfStockError as error:
            raise ConflictError(f"「{error.sku}」只剩 {error.left} 件了，不够留给这一单。") from None
        return _told(request, public_id)


class OrderConfirmView(StepView):
    step = staticmethod(services.confirm_order)

    @extend_schema(operation_id="confirm_order", request=None, responses=OrderDetailOutput)
    def post(self, request: Request, public_id: str) -> Response:
        return self.take(request, public_id)


class OrderShipView(StepView):
    step = staticmethod(services.ship_order)

    @extend_schema(operation_id="ship_order", request=None, responses=OrderDetailOutput)
    def post(self, request: Request, public_id: str) -> Response:
        return self.take(request, public_id)


class OrderFinishView(StepView):
    step = staticmethod(services.finish_order)

    @extend_schema(operation_id="finish_order", request=None, responses=OrderDetailOutput)
    def post(self, request: Request, public_id: str) -> Response:
        return self.take(request, public_id)


class OrderPaidView(StepView):
    step = staticmethod(services.mark_paid)

    @extend_schema(operation_id="mark_order_paid", request=None, responses=OrderDetailOutput)
    def post(self, request: Request, public_id: str) -> Response:
        """The money arrived. For a doubtful order that is the host's yes, too."""
        return self.take(request, public_id)


class OrderCancelView(StepView):
    step = staticmethod(services.cancel_order)

    @extend_schema(operation_id="cancel_order", request=None, responses=OrderDetailOutput)
    def post(self, request: Request, public_id: str) -> Response:
        return self.take(request, public_id)


class OrderReturnView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="return_goods", request=ReturnInput, responses=OrderDetailOutput)
    def post(self, request: Request, public_id: str) -> Response:
        """Take back part or all of a shipped order's money."""
        host = host_of(request)
        order = access.order_for(host, public_id)
        form = ReturnInput(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            services.return_goods(
                order,
                amount_fen=form.validated_data["amount"],
                by=user_of(request),
                now=timezone.now(),
                reason=form.validated_data["reason"],
            )
        except services.ReturnTooLargeError as error:
            left = MoneyField().to_representation(error.left_fen)
            raise ValidationError({"amount": [f"最多还能退 {left} 元，且要大于 0。"]}) from None
        except services.StepNotAllowedError:
            raise ConflictError("发货以后才能退货；还没发货的订单可以直接取消。") from None
        return _told(request, public_id)


urlpatterns = [
    path("orders/", OrdersView.as_view(), name="orders"),
    path("orders/<uuid:public_id>/", OrderView.as_view(), name="order"),
    path("orders/<uuid:public_id>/return/", OrderReturnView.as_view(), name="order-return"),
    path("orders/<uuid:public_id>/confirm/", OrderConfirmView.as_view(), name="order-confirm"),
    path("orders/<uuid:public_id>/ship/", OrderShipView.as_view(), name="order-ship"),
    path("orders/<uuid:public_id>/finish/", OrderFinishView.as_view(), name="order-finish"),
    path("orders/<uuid:public_id>/paid/", OrderPaidView.as_view(), name="order-paid"),
    path("orders/<uuid:public_id>/cancel/", OrderCancelView.as_view(), name="order-cancel"),
]
