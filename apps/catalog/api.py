"""Products on offer and a host's own shelf, for the API."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import IsHost, host_of
from apps.catalog import access, services
from apps.catalog.models import Category, Product, ShelfItem, Sku
from apps.catalog.prices import PriceList
from apps.lib.api import MoneyField


class CategoryOutput(serializers.ModelSerializer[Category]):
    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Category
        fields = ("id", "name")


class SkuOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    code = serializers.CharField()
    name = serializers.CharField()
    price = MoneyField(source="retail_price_fen")
    stock = serializers.IntegerField()


class ProductOutput(serializers.Serializer[Any]):
    """A product as a host sees it; supply prices stay at HQ."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    subtitle = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField(source="category.name")
    brand = serializers.CharField(source="brand.name", default="")
    price = MoneyField(source="price_fen")
    commission = serializers.SerializerMethodField(help_text="按零售价卖出一件的佣金，元")
    stock = serializers.IntegerField()
    skus = SkuOutput(many=True)

    def get_commission(self, product: Product) -> str:
        return MoneyField().to_representation(product.commission_fen(product.price_fen))


class ShelfPriceOutput(serializers.Serializer[Any]):
    sku = serializers.UUIDField()
    price = MoneyField(help_text="买家付多少")
    own = MoneyField(allow_null=True, help_text="我的售价，空为零售价")
    lowest = MoneyField(help_text="最低可以卖多少")


class ShelfOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    product = ProductOutput()
    prices = serializers.SerializerMethodField(help_text="每个规格我卖多少")
    pitch = serializers.CharField()
    position = serializers.IntegerField()
    added_at = serializers.DateTimeField()

    @extend_schema_field(ShelfPriceOutput(many=True))
    def get_prices(self, item: ShelfItem) -> list[Any]:
        prices = PriceList({one.sku_id: one.price_fen for one in item.prices.all()})
        rows = [
            {
                "sku": sku.public_id,
                "price": prices.of(sku),
                "own": prices.own.get(sku.pk),
                "lowest": sku.floor_price_fen,
            }
            for sku in item.product.skus.all()
        ]
        return list(ShelfPriceOutput(rows, many=True).data)


class ShelfAddInput(serializers.Serializer[Any]):
    product = serializers.UUIDField(label="商品")


class ShelfPriceInput(serializers.Serializer[Any]):
    sku = serializers.UUIDField(label="规格")
    price = MoneyField(label="我的售价", allow_null=True, help_text="空为零售价")


class ShelfEditInput(serializers.Serializer[Any]):
    prices = ShelfPriceInput(  # type: ignore[call-arg]
        many=True, label="我的售价", required=False, max_length=100, help_text="没有写到的规格不变"
    )
    pitch = serializers.CharField(label="推荐语", max_length=80, required=False, allow_blank=True)


@extend_schema_view(get=extend_schema(operation_id="categories"))
class CategoryListView(generics.ListAPIView[Category]):
    permission_classes = (IsHost,)
    serializer_class = CategoryOutput
    queryset = Category.objects.order_by("position", "pk")


@extend_schema_view(
    get=extend_schema(
        operation_id="products",
        parameters=[
            OpenApiParameter("q", str, description="商品名、卖点、品牌或拼音首字母"),
            OpenApiParameter("category", str, description="类目 id"),
        ],
    )
)
class ProductListView(generics.ListAPIView[Product]):
    permission_classes = (IsHost,)
    serializer_class = ProductOutput

    def get_queryset(self) -> QuerySet[Product]:
        found = access.products_offered().with_cards().order_by("-created_at", "-pk")
        if words := self.request.query_params.get("q", ""):
            found = found.matching(words[:60])
        if category := self.request.query_params.get("category", ""):
            wanted = serializers.UUIDField(label="类目").run_validation(category)
            found = found.filter(category__public_id=wanted)
        return found


class ProductView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="product", responses=ProductOutput)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(ProductOutput(access.product_offered(public_id)).data)


class ShelfView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="shelf", responses=ShelfOutput(many=True))
    def get(self, request: Request) -> Response:
        items = access.shelf_of(host_of(request)).prefetch_related(
            "prices", "product__skus", "product__pictures__image"
        )
        return Response(ShelfOutput(list(items), many=True).data)

    @extend_schema(operation_id="add_to_shelf", request=ShelfAddInput, responses={201: ShelfOutput})
    def post(self, request: Request) -> Response:
        form = ShelfAddInput(data=request.data)
        form.is_valid(raise_exception=True)
        product = access.product_offered(form.validated_data["product"])
        item = services.add_to_shelf(host_of(request), product, now=timezone.now())
        return Response(ShelfOutput(item).data, status=status.HTTP_201_CREATED)


class ShelfItemView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="edit_shelf_item", request=ShelfEditInput, responses=ShelfOutput)
    def patch(self, request: Request, public_id: str) -> Response:
        item = access.shelf_item_for(host_of(request), public_id)
        form = ShelfEditInput(data=request.data)
        form.is_valid(raise_exception=True)
        prices = _prices_named(item, form.validated_data.get("prices", []))
        try:
            services.edit_shelf_item(
                item,
                prices=prices,
                pitch=form.validated_data.get("pitch", item.pitch),
                now=timezone.now(),
            )
        except services.PriceRefusedError as error:
            place = list(prices).index(error.sku)
            raise ValidationError({f"prices.{place}.price": [_why_not(error)]}) from None
        return Response(ShelfOutput(item).data)

    @extend_schema(operation_id="remove_from_shelf", responses={204: None})
    def delete(self, request: Request, public_id: str) -> Response:
        item = access.shelf_item_for(host_of(request), public_id)
        services.remove_from_shelf(host_of(request), item.product, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _prices_named(item: ShelfItem, rows: list[dict[str, Any]]) -> dict[Sku, int | None]:
    """The prices of a body by SKU of this item; which row names none, or one twice, is said by its place."""
    known = {sku.public_id: sku for sku in item.product.skus.all()}
    found: dict[Sku, int | None] = {}
    for place, row in enumerate(rows):
        sku = known.get(row["sku"])
        if sku is None or sku in found:
            word = "这个商品没有这个规格。" if sku is None else "同一个规格出现了两次，留一个就好。"
            raise ValidationError({f"prices.{place}.sku": [word]})
        found[sku] = row["price"]
    return found


def _why_not(error: services.PriceRefusedError) -> str:
    if isinstance(error, services.PriceBelowFloorError):
        floor = MoneyField().to_representation(error.sku.floor_price_fen)
        return f"「{error.sku}」的售价不能低于最低价 {floor} 元。"
    return f"「{error.sku}」的售价太高了，请不要超过 999,999.99 元。"


urlpatterns = [
    path("categories/", CategoryListView.as_view(), name="categories"),
    path("products/", ProductListView.as_view(), name="products"),
    path("products/<uuid:public_id>/", ProductView.as_view(), name="product"),
    path("shelf/", ShelfView.as_view(), name="shelf"),
    path("shelf/<uuid:public_id>/", ShelfItemView.as_view(), name="shelf-item"),
]
