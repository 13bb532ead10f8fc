"""Products, their SKUs and pictures, and what they are sorted by, in the HQ console."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from apps.catalog import bulk, ending, losses, services
from apps.catalog.availability import FEW
from apps.catalog.forms import ProductForm, SkuForm, StockForm
from apps.catalog.models import Brand, Category, Product, Sku, Supplier
from apps.catalog.pictures import with_product_picture_id
from apps.catalog.prices import below_floor
from apps.console_kit.choosing import offer_in_use
from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.lists.columns import PictureColumn, in_use_column
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.lists.filters import InUseFilter
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    GuardedViewSet,
    MomentColumn,
    SearchedList,
    page,
    searching_chooser,
)
from apps.lib import money
from apps.media.pictures import dress


def matching(rows: Any, words: str) -> Any:
    return rows.matching(words)


class ProductFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(choices=Product.Status.choices, label="状态", empty_label="全部")
    stock = django_filters.ChoiceFilter(
        choices=[("none", "卖完了"), ("few", f"不到 {FEW} 件"), ("some", f"{FEW} 件以上")],
        label="库存",
        empty_label="全部",
        method="by_stock",
    )
    loss = django_filters.ChoiceFilter(
        choices=[("yes", "卖一件亏一件"), ("no", "不亏")], label="亏钱", empty_label="全部", method="by_loss"
    )
    category = django_filters.ModelChoiceFilter(
        queryset=Category.objects.all(), label="类目", empty_label="全部", method="by_category"
    )
    brand = django_filters.ModelChoiceFilter(
        queryset=Brand.objects.order_by("name"), label="品牌", empty_label="全部"
    )
    supplier = django_filters.ModelChoiceFilter(
        queryset=Supplier.objects.order_by("name"), label="供应商", empty_label="全部"
    )
    created_at = django_filters.DateFromToRangeFilter(label="创建日期")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = [
            "status",
            "stock",
            "loss",
            "category",
            "brand",
            "supplier",
            "created_at",
        ]

    def by_stock(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        ranges = {"none": {"left__lte": 0}, "few": {"left__gt": 0, "left__lt": FEW}}
        return rows.filter(**ranges.get(value, {"left__gte": FEW}))

    def by_loss(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(losses.losing() if value == "yes" else ~losses.losing())

    def by_category(self, rows: QuerySet[Any], name: str, value: Category) -> QuerySet[Any]:
        """A category stands for those below it, too."""
        return rows.filter(category__in=value.with_those_below())


class ProductList(SearchedList, generic.IndexView):
    search_hint = "搜商品名、品牌，两个字就行"
    find = staticmethod(matching)

    def get_base_queryset(self) -> QuerySet[Any]:
        products = Product.objects.filter(is_placeholder=False).select_related(
            "category", "brand", "supplier"
        )
        stock = Sku.objects.filter(product=OuterRef("pk")).order_by().values("product")
        left = Coalesce(Subquery(stock.annotate(left=Sum("stock")).values("left")), 0)
        return with_product_picture_id(products.annotate(left=left)).prefetch_related("skus")

    def get_list_more_buttons(self, instance: Product) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        if self.user_has_permission("change"):
            buttons.append(
                Button(
                    "改库存",
                    url=reverse("product:stock", args=[instance.pk]),
                    icon_name="order",
                    priority=15,
                )
            )
        return buttons


#: So many shelves are named in one message.
_NAMED = 8


class ProductEdit(generic.EditView):
    """The form; taking a product off sale is asked before, with what hangs on it."""

    def form_valid(self, form: Any) -> HttpResponse:
        was_on_sale = Product.objects.on_sale().filter(pk=form.instance.pk).exists()
        if was_on_sale and not form.instance.is_on_sale:
            product = Product.objects.get(pk=form.instance.pk)
            act = Act(
                question=f"不再卖「{product}」吗？",
                effects=ending.what_it_means([product]),
                button="不再卖",
                keep="接着卖",
                back=self.request.get_full_path(),
            )
            if not is_confirmed(self.request, act):
                frame = page("下架", subtitle=product.title, icon="tag", under=("商品", "product:index"))
                return ask(self.request, act, frame)
        answer: HttpResponse = super().form_valid(form)
        if below := below_floor(form.instance):
            messages.warning(self.request, _what_the_floor_lifts(below))
        return answer


def _what_the_floor_lifts(below: list[tuple[str, int]]) -> str:
    """Whose prices lie below what HQ allows now, in a sentence."""
    named = "、".join(f"{name}（{money.show_yuan(fen)}）" for name, fen in below[:_NAMED])
    more = f"等 {len(below)} 处" if len(below) > _NAMED else ""
    return f"这些货架上的售价低于现在的最低售价，从现在起按最低售价卖：{named}{more}。请和她们说一声。"


class SkusPanel(InlinePanel):
    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"]["skus"]["form"] = SkuForm
        return options


class LossPanel(FieldPanel):
    """Shown once the form has found that money would be lost."""

    class BoundPanel(FieldPanel.BoundPanel):
        def is_shown(self) -> bool:
            return bool(self.form.losses) and bool(super().is_shown())


class ProductViewSet(GuardedViewSet, ModelViewSet):
    model = Product
    icon = "tag"
    menu_label = "商品"
    url_prefix = "products"
    index_view_class = ProductList
    edit_view_class = ProductEdit
    filterset_class = ProductFilterSet
    copy_view_enabled = False
    list_per_page = 30
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        "title",
        PictureColumn(),
        Column("category", label="类目", accessor="category.name", sort_key="category__position"),
        Column("brand", label="品牌", accessor="brand.name", sort_key="brand__name"),
        Column("supplier", label="供应商", accessor="supplier.name"),
        Column("price", label="零售价", accessor=lambda row: money.show_yuan(row.price_fen)),
        Column("loss", label="亏钱", accessor=lambda row: "会亏" if losses.of_product(row) else ""),
        Column("stock", label="库存", accessor="left", sort_key="left"),
        Column("commission", label="佣金", accessor=lambda row: f"{row.commission_bp / 100:g}%"),
        StatusTagColumn(
            "status", label="状态", accessor="get_status_display", primary=lambda row: row.is_on_sale
        ),
        MomentColumn("created_at", label="创建", sort_key="created_at"),
    ]
    desk = Desk(
        empty=Empty(
            "还没有商品。先新增一个，填好规格和价格再上架。", "新增商品", "product:add", "catalog.add_product"
        ),
        acts=bulk.ACTS,
        life=bulk.PRODUCT_LIFE,
        off=frozenset({"brand", "supplier", "created_at"}),
        dress=dress,
    )
    edit_handler = ObjectList(
        [
            LossPanel("despite_loss"),
            FieldPanel("title"),
            FieldPanel("subtitle"),
            FieldRowPanel([FieldPanel("category"), FieldPanel("brand"), FieldPanel("supplier")]),
            FieldRowPanel([FieldPanel("status"), FieldPanel("commission_percent")]),
            FieldPanel("description"),
            FieldRowPanel(
                [FieldPanel("most_per_order"), FieldPanel("most_per_person"), FieldPanel("limit_days")],
                heading="限购",
            ),
            InlinePanel(
                "pictures", [FieldPanel("image")], label="图片", heading="图片：第一张是封面", max_num=9
            ),
            SkusPanel(
                "skus",
                [
                    FieldRowPanel([FieldPanel("code"), FieldPanel("name")]),
                    FieldRowPanel(
                        [FieldPanel("retail_price"), FieldPanel("floor_price"), FieldPanel("supply_price")]
                    ),
                ],
                label="规格",
                heading="规格与价格",
                min_num=1,
            ),
        ],
        base_form_class=ProductForm,
    )

    def stock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add to or take from the stock: by a difference, so that a sale in the same minute is not undone."""
        if not request.user.has_perm("catalog.change_product"):
            return permission_denied(request)
        product = get_object_or_404(Product, pk=pk)
        form = StockForm(request.POST or None, product=product)
        if request.method == "POST" and form.is_valid():
            try:
                services.change_stock(form.changes())
            except services.OutOfStockError as error:
                form.add_error(
                    None,
                    f"「{error.sku}」只有 {error.left} 件，减不了这么多。",
                )
            else:
                messages.success(request, f"「{product}」的库存已更新。")
                return redirect(self.get_url_name("index"))
        return TemplateResponse(
            request,
            "console/stock.html",
            {
                "form": form,
                **page("改库存", subtitle=product.title, icon="order", under=("商品", "product:index")),
                "index_url": reverse(self.get_url_name("index")),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("stock/<int:pk>/", self.stock_view, name="stock")]


ProductChooser = searching_chooser(
    Product,
    find=matching,
    rows=lambda: Product.objects.choosable().order_by("-pk"),
    icon="tag",
    choose="选商品",
    another="换一个商品",
    hint="搜商品名、品牌",
)


class SmallList(SearchedList, generic.IndexView):
    search_hint = "搜名称"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "name")


class OfferedAbove:
    """First base of a category's form: none out of use is offered as the one above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_in_use(self, "parent")  # type: ignore[arg-type]


def _merged(row: Any) -> str:
    return f"并入「{row.merged_into}」" if row.merged_into else ""


class SmallViewSet(GuardedViewSet, ModelViewSet):
    copy_view_enabled = False
    index_view_class = SmallList
    add_to_reference_index = False
    list_per_page = 50


class UseFilterSet(WagtailFilterSet):
    """Whether products are sorted under it."""

    used = django_filters.ChoiceFilter(
        choices=[("yes", "有商品"), ("no", "没有商品")], label="商品", empty_label="全部", method="by_use"
    )

    in_use = InUseFilter()

    def by_use(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        products = Product.objects.filter(**{rows.model._meta.model_name: OuterRef("pk")})
        return rows.filter(Exists(products) if value == "yes" else ~Exists(products))


class CategoryFilterSet(UseFilterSet):
    parent = django_filters.ModelChoiceFilter(
        queryset=Category.objects.filter(category__isnull=False).distinct(),
        label="上级类目",
        empty_label="全部",
    )

    class Meta:
        model = Category
        fields: ClassVar[list[str]] = ["used", "parent", "in_use"]


class BrandFilterSet(UseFilterSet):
    class Meta:
        model = Brand
        fields: ClassVar[list[str]] = ["used", "in_use"]


class SupplierFilterSet(UseFilterSet):
    class Meta:
        model = Supplier
        fields: ClassVar[list[str]] = ["used", "in_use"]


class CountedList(SmallList):
    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset().select_related("merged_into")
        return rows.annotate(product_count=Count("product"))


class CategoryList(SmallList):
    def get_base_queryset(self) -> QuerySet[Any]:
        return Category.objects.select_related("parent", "merged_into").annotate(
            product_count=Count("products")
        )


_CATEGORY_LIFE, _CATEGORY_ACTS = bulk.sorted_life(Category)
_BRAND_LIFE, _BRAND_ACTS = bulk.sorted_life(Brand)
_SUPPLIER_LIFE, _SUPPLIER_ACTS = bulk.sorted_life(Supplier)


class CategoryViewSet(SmallViewSet):
    model = Category
    index_view_class = CategoryList
    icon = "folder-open-inverse"
    menu_label = "类目"
    url_prefix = "categories"
    form_fields: ClassVar[list[str]] = ["name", "parent", "position"]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("parent", label="上级类目", accessor="parent.name"),
        Column("products", label="商品数", accessor="product_count", sort_key="product_count"),
        in_use_column(of=_merged),
    ]
    sort_order_field = None
    filterset_class = CategoryFilterSet
    desk = Desk(
        empty=Empty("还没有类目。商品要先有类目。", "新增类目", "category:add", "catalog.add_category"),
        acts=_CATEGORY_ACTS,
        life=_CATEGORY_LIFE,
    )

    def get_form_class(self, for_update: bool = False) -> Any:
        return type("CategoryForm", (OfferedAbove, super().get_form_class(for_update)), {})


_PRODUCTS = Column("products", label="商品数", accessor="product_count", sort_key="product_count")


class BrandViewSet(SmallViewSet):
    model = Brand
    icon = "tag"
    menu_label = "品牌"
    url_prefix = "brands"
    index_view_class = CountedList
    filterset_class = BrandFilterSet
    form_fields: ClassVar[list[str]] = ["name"]
    list_display: ClassVar[list[Any]] = ["name", _PRODUCTS, in_use_column(of=_merged)]
    desk = Desk(
        empty=Empty("还没有品牌。", "新增品牌", "brand:add", "catalog.add_brand"),
        acts=_BRAND_ACTS,
        life=_BRAND_LIFE,
    )


class SupplierViewSet(SmallViewSet):
    model = Supplier
    icon = "group"
    menu_label = "供应商"
    url_prefix = "suppliers"
    index_view_class = CountedList
    filterset_class = SupplierFilterSet
    form_fields: ClassVar[list[str]] = ["name"]
    list_display: ClassVar[list[Any]] = ["name", _PRODUCTS, in_use_column(of=_merged)]
    desk = Desk(
        empty=Empty("还没有供应商。", "新增供应商", "supplier:add", "catalog.add_supplier"),
        acts=_SUPPLIER_ACTS,
        life=_SUPPLIER_LIFE,
    )
