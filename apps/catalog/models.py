"""What can be sold, and what each host has chosen to sell."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from apps.accounts.models import Host
from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.lib import money, pinyin
from apps.lib.pii import Pii
from apps.lib.words import looks_alike, plain, searchable
from apps.media.models import Image


def settle_name(row: Any) -> None:
    """Keep a name as it looks, and refuse one that looks like another's: no invisible letter makes two."""
    row.name = plain(row.name)
    others = type(row)._default_manager.exclude(pk=row.pk).values_list("name", flat=True)
    alike = next((name for name in others if looks_alike(name, row.name)), None)
    if alike is not None:
        raise ValidationError({"name": f"已经有「{alike}」了，请用那一个，或换个名称。"})


class Sorted(PublicIdModel):
    """What products are sorted under: out of use it is offered no more, and stands where it was chosen."""

    is_active = models.BooleanField("在用", default=True, db_default=True, editable=False)
    #: Where its products went; imports that still name it mean that one.
    merged_into_id: int | None
    merged_into: models.ForeignKey[Any, Any] = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name="并入"
    )

    class Meta:
        abstract = True

    @property
    def meant(self) -> Self:
        """Itself, or the one into which it was merged at last."""
        found: Self = self
        seen = {self.pk}
        while found.merged_into is not None and found.merged_into.pk not in seen:
            found = found.merged_into
            seen.add(found.pk)
        return found


class Category(Sorted):
    name = PlainCharField("类目", max_length=40, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name="上级类目")
    position = models.PositiveSmallIntegerField("顺序", default=0)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE}

    class Meta:
        verbose_name = "类目"
        verbose_name_plural = "类目"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def with_those_below(self) -> set[int]:
        """The keys of this category and of all below it."""
        below: dict[int | None, list[int]] = {}
        for pk, parent in Category.objects.values_list("pk", "parent_id"):
            below.setdefault(parent, []).append(pk)
        found, ahead = {self.pk}, [self.pk]
        while ahead:
            ahead = [pk for key in ahead for pk in below.get(key, []) if pk not in found]
            found.update(ahead)
        return found

    def clean(self) -> None:
        super().clean()
        settle_name(self)
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                words = "上级类目不能是它自己，也不能是它下面的类目。请换一个。"
                raise ValidationError({"parent": words})
            seen.add(above.pk)
            above = above.parent


class Brand(Sorted):
    name = PlainCharField("品牌", max_length=60, unique=True)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE}

    class Meta:
        verbose_name = "品牌"
        verbose_name_plural = "品牌"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        settle_name(self)


class Supplier(Sorted):
    name = PlainCharField("供应商", max_length=60, unique=True)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE}

    class Meta:
        verbose_name = "供应商"
        verbose_name_plural = "供应商"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        settle_name(self)


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> "ProductQuerySet":
        return self.filter(status=Product.Status.ACTIVE)

    def choosable(self) -> "ProductQuerySet":
        """What a picker offers: nothing that is sold no more, nothing that only a file named."""
        return self.exclude(status=Product.Status.OFF).filter(is_placeholder=False)

    def with_cards(self) -> "ProductQuerySet":
        """Everything a product card shows, in three queries however many there are."""
        return self.select_related("category", "brand").prefetch_related("pictures__image", "skus")

    def matching(self, words: str) -> "ProductQuerySet":
        """Products whose title, brand or pinyin initials hold every word. Two Chinese characters suffice."""
        found = self
        for word in searchable(words).split():
            found = found.filter(search_text__contains=word)
        return found


class Product(PublicIdModel, ClusterableModel):
    """Something HQ offers, with one or more SKUs."""

    class Status(models.TextChoices):
        DRAFT = "draft", "待上架"
        ACTIVE = "active", "在售"
        OFF = "off", "已下架"

    title = PlainCharField("商品名", max_length=60)
    subtitle = PlainCharField("卖点", max_length=80, blank=True)
    description = models.TextField("介绍", blank=True)
    category = models.ForeignKey(Category, models.PROTECT, verbose_name="类目", related_name="products")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, verbose_name="品牌")
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True, blank=True, verbose_name="供应商")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT)
    commission_bp = models.PositiveIntegerField("佣金比例（万分之）", default=0)
    #: How many pieces one order, and one person (a phone with a host, or a browser) within so many days, may
    #: have; None: as many as there are.
    most_per_order = models.PositiveIntegerField("每单最多（件）", null=True, blank=True)
    most_per_person = models.PositiveIntegerField("每人最多（件）", null=True, blank=True)
    limit_days = models.PositiveSmallIntegerField("每人按多少天算", default=30, db_default=30)
    #: The shop's own number, for imports; a product only an order file names is a placeholder, never on sale.
    source_key = models.CharField("外部编号", max_length=80, unique=True, null=True, blank=True)
    is_placeholder = models.BooleanField("占位商品", default=False, editable=False)
    search_text = models.TextField(editable=False, default="")
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects = ProductQuerySet.as_manager()
    PII: ClassVar[dict[str, Pii]] = {
        "title": Pii.NONE,
        "subtitle": Pii.NONE,
        "description": Pii.NONE,
        "status": Pii.NONE,
        "source_key": Pii.NONE,
        "search_text": Pii.NONE,
    }

    class Meta:
        verbose_name = "商品"
        verbose_name_plural = "商品"
        indexes = [models.Index(fields=["status", "category"], name="product_status_category")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(limit_days__range=(1, 366))
                & (models.Q(most_per_order=None) | models.Q(most_per_order__gte=1))
                & (models.Q(most_per_person=None) | models.Q(most_per_person__gte=1)),
                name="product_limits_sound",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = self.words_to_find()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def words_to_find(self) -> str:
        brand = self.brand.name if self.brand else ""
        text = searchable(f"{self.title} {self.subtitle} {brand}")
        return f"{text} {pinyin.initials(self.title)}"

    @property
    def is_on_sale(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def cover(self) -> Image | None:
        """The first picture; free of queries after `with_cards()`."""
        pictures = list(self.pictures.all())
        return pictures[0].image if pictures else None

    @property
    def price_fen(self) -> int:
        """The lowest retail price of its SKUs; 0 when it has none."""
        return min((sku.retail_price_fen for sku in self.skus.all()), default=0)

    @property
    def stock(self) -> int:
        return sum(sku.stock for sku in self.skus.all())

    def commission_fen(self, price_fen: int) -> int:
        """What a host earns on one sale at this price."""
        return money.share_of(price_fen, self.commission_bp)


class ProductPicture(models.Model):
    product = ParentalKey(Product, on_delete=models.CASCADE, related_name="pictures")
    image = models.ForeignKey(Image, models.PROTECT, related_name="+", verbose_name="图片")
    position = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "商品图片"
        ordering = ["position", "pk"]


class Sku(PublicIdModel):
    """One thing with a price and a stock."""

    product = ParentalKey(Product, on_delete=models.PROTECT, related_name="skus")
    code = PlainCharField("货号", max_length=60, unique=True)
    name = PlainCharField("规格", max_length=40, blank=True)
    retail_price_fen = models.BigIntegerField("零售价（分）")
    supply_price_fen = models.BigIntegerField("供货价（分）", default=0)
    floor_price_fen = models.BigIntegerField("最低售价（分）", default=0)
    stock = models.PositiveIntegerField("库存", default=0)

    PII: ClassVar[dict[str, Pii]] = {"code": Pii.NONE, "name": Pii.NONE}

    class Meta:
        verbose_name = "规格"
        verbose_name_plural = "规格"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(stock__gte=0), name="stock_never_negative"),
            models.CheckConstraint(
                condition=models.Q(retail_price_fen__gte=models.F("floor_price_fen"))
                & models.Q(floor_price_fen__gte=0)
                & models.Q(supply_price_fen__gte=0),
                name="sku_prices_sound",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class ShelfItem(PublicIdModel):
    """A product on a host's shelf: her order and her words; her prices are rows of their own."""

    host = models.ForeignKey(Host, models.PROTECT, related_name="shelf")
    product = models.ForeignKey(Product, models.PROTECT, related_name="shelf_items")
    position = models.IntegerField("顺序", default=0)
    pitch = PlainCharField("推荐语", max_length=80, blank=True)
    added_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"pitch": Pii.NONE}

    class Meta:
        verbose_name = "货架商品"
        verbose_name_plural = "货架商品"
        ordering = ["position", "-added_at"]
        constraints = [models.UniqueConstraint(fields=["host", "product"], name="shelf_once")]


class ShelfPrice(models.Model):
    """What a host asks for one SKU of her shelf; without a row it costs HQ's retail price."""

    item = models.ForeignKey(ShelfItem, models.CASCADE, related_name="prices")
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="+")
    price_fen = models.BigIntegerField("我的售价（分）")

    class Meta:
        verbose_name = "我的售价"
        verbose_name_plural = "我的售价"
        constraints = [
            models.UniqueConstraint(fields=["item", "sku"], name="shelf_price_once"),
            models.CheckConstraint(condition=models.Q(price_fen__gte=0), name="shelf_price_sound"),
        ]
