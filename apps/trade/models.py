"""Orders: what a consumer asked a host for, and what became of it."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from apps.accounts.models import Host, User
from apps.catalog.models import Product, Sku
from apps.customers.models import Relation
from apps.database.fields import EncryptedTextField
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use
from apps.tracking.models import Link, Visitor


class Order(PublicIdModel):
    """One order of one relation. Name, phone and address are a sealed snapshot of what was typed.

    `source` is empty for orders placed here; an outside shop's orders are unique by (source, external_no).
    """

    class Status(models.TextChoices):
        PLACED = "placed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        SHIPPED = "shipped", "已发货"
        DONE = "done", "已完成"
        CANCELLED = "cancelled", "已取消"

    class Doubt(models.TextChoices):
        """Why an order waited for its host's yes before it took stock."""

        MANY = "many", "一次买得特别多"
        OFTEN = "often", "短时间里下了好几单"
        HELD = "held", "没确认的单已经占了不少货"

    # The keys' own indexes are left out where one below begins with the same column.
    host = models.ForeignKey(Host, models.PROTECT, related_name="orders", verbose_name="大C", db_index=False)
    #: For whom it counts once the customer was handed over (docs/hosts.md); null: her host.
    earned_by = models.ForeignKey(
        Host, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    relation = models.ForeignKey(
        Relation, models.PROTECT, related_name="orders", verbose_name="客户", db_index=False
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PLACED)
    source = models.CharField("来源", max_length=40, blank=True, default="")
    external_no = models.CharField("外部单号", max_length=80, blank=True, default="")
    total_fen = models.BigIntegerField("金额（分）")
    receiver_name = EncryptedTextField("收货人", default="")
    receiver_phone = EncryptedTextField("收货电话", default="")
    receiver_address = EncryptedTextField("收货地址", default="")
    buyer_note = EncryptedTextField("买家留言", default="")
    #: Where it came from, fixed at placing (docs/attribution.md).
    link = models.ForeignKey(
        Link, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )
    visitor = models.ForeignKey(
        Visitor, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )
    #: Hash of the private link by which the buyer sees this order.
    view_digest = models.BinaryField(max_length=32, null=True, editable=False)
    is_paid = models.BooleanField("已收款", default=False)
    #: When that was noted; null for what a file says was paid without a time.
    paid_at = models.DateTimeField("记下收款的时间", null=True, blank=True)
    doubt = models.CharField("存疑", max_length=10, choices=Doubt, blank=True, default="", db_default="")
    #: When the host of a doubtful order said yes to it; null for all others.
    agreed_at = models.DateTimeField("大C点头的时间", null=True, blank=True)
    #: Its pieces are off the stock and its money counts: at once, a doubtful order's from its host's yes.
    holds_stock = models.GeneratedField(
        expression=models.Q(doubt="") | models.Q(agreed_at__isnull=False),  # type: ignore[arg-type]
        output_field=models.BooleanField("占着库存"),
        db_persist=True,
    )
    #: With what this phone bought before, it is more than HQ lets one person have. Only her host is told.
    is_over_limit = models.BooleanField("超过每人限购", default=False, db_default=False)
    #: The network that a consumer's order came from, as a keyed hash, while it holds stock and nobody has
    #: confirmed it or said that it is paid: by it HQ's stock is kept from strangers (`trade.doubts`).
    place = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    placed_at = models.DateTimeField("下单时间")
    #: When it cancels itself unless its host has said yes, by the rules of its day; null for what came in
    #: from outside, which never does.
    release_at = models.DateTimeField("没确认就自动取消的时间", null=True, blank=True)

    PII: ClassVar[dict[str, Pii]] = {
        "status": Pii.BEHAVIOUR,
        "doubt": Pii.BEHAVIOUR,
        "source": Pii.NONE,
        "external_no": Pii.IDENTIFIER,
        "receiver_name": Pii.CONTACT,
        "receiver_phone": Pii.CONTACT,
        "receiver_address": Pii.CONTACT,
        "buyer_note": Pii.SENSITIVE,
        "view_digest": Pii.SECRET,
        "place": Pii.IDENTIFIER,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("送货、售后和对账", Kept.TRADE)

    class Meta:
        verbose_name = "订单"
        verbose_name_plural = "订单"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_no"],
                condition=~models.Q(external_no=""),
                name="order_external_once",
            ),
            models.UniqueConstraint(
                fields=["view_digest"],
                condition=models.Q(view_digest__isnull=False),
                name="order_view_once",
            ),
            models.CheckConstraint(condition=models.Q(total_fen__gte=0), name="order_total_sound"),
            models.CheckConstraint(
                condition=models.Q(agreed_at=None)
                | (models.Q(agreed_at__gte=models.F("placed_at")) & ~models.Q(doubt="")),
                name="order_agreed_sound",
            ),
        ]
        indexes = [
            models.Index(fields=["host", "-placed_at"], name="order_host_placed"),
            models.Index(fields=["relation", "-placed_at"], name="order_relation_placed"),
            models.Index(fields=["placed_at"], name="order_placed"),
            # What waits for her yes: few of her orders, and counted on her home.
            models.Index(fields=["host"], name="order_to_confirm", condition=models.Q(status="placed")),
            models.Index(
                fields=["relation", "agreed_at"],
                name="order_relation_agreed",
                condition=models.Q(agreed_at__isnull=False),
            ),
            models.Index(
                fields=["earned_by", "placed_at"],
                name="order_earned_by",
                condition=models.Q(earned_by__isnull=False),
            ),
            models.Index(fields=["link"], name="order_link", condition=models.Q(link__isnull=False)),
            models.Index(fields=["visitor"], name="order_visitor", condition=models.Q(visitor__isnull=False)),
            models.Index(
                fields=["release_at"],
                name="order_to_release",
                condition=models.Q(release_at__isnull=False, status="placed", is_paid=False),
            ),
            models.Index(fields=["place"], name="order_unconfirmed", condition=models.Q(place__gt="")),
        ]

    @property
    def earner(self) -> Host:
        """Whose it counts for, whoever serves the customer now."""
        return self.earned_by or self.host


class OrderLine(models.Model):
    """One product of an order. The total counts; the unit price is derived, since it may be no whole fen.

    The database refuses a line without its order, product or SKU as a foreign key would, but for a whole
    statement at once (migration 0002): row by row the checks cost more than all else when a year of orders
    comes in (docs/performance.md).
    """

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )
    # No index by product: nobody asks by it alone, and it would be half the cost of writing a line.
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="order_lines", db_constraint=False, db_index=False
    )
    sku = models.ForeignKey(
        Sku, models.PROTECT, null=True, related_name="order_lines", db_constraint=False, db_index=False
    )
    quantity = models.PositiveIntegerField("数量")
    total_fen = models.BigIntegerField("金额（分）")
    #: What it earns its host once the order counts, as it was at placing, in 1/10,000.
    commission_bp = models.PositiveIntegerField("佣金比例（万分之）", default=0, db_default=0)

    PII: ClassVar[dict[str, Pii]] = {"commission_bp": Pii.NONE}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("买了什么，对账", Kept.LEDGER)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "product", "sku"], name="line_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["sku"], name="line_sku", condition=models.Q(sku__isnull=False))]


class OrderReversal(PublicIdModel):
    """Money taken back: a cancelled order or returned goods, on the day it happened. Append-only."""

    class Kind(models.TextChoices):
        CANCEL = "cancel", "取消"
        RETURN = "return", "退货"

    order = models.ForeignKey(Order, models.PROTECT, related_name="reversals")
    kind = models.CharField("类型", max_length=10, choices=Kind)
    amount_fen = models.BigIntegerField("金额（分）")
    reason = EncryptedTextField("原因", default="")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.BEHAVIOUR, "reason": Pii.SENSITIVE}

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("退款和对账", Kept.LEDGER)


class OrderRules(models.Model):
    """What HQ has set for all orders: one row, or none while our defaults are good."""

    many_pieces = models.PositiveIntegerField("一单超过多少件，等大C点头", default=20)
    many_orders = models.PositiveIntegerField("同一台手机一小时超过多少单，等大C点头", default=5)
    new_minutes = models.PositiveIntegerField("第一次打开不到多少分钟，算没来过的手机", default=10)
    many_new = models.PositiveIntegerField(
        "同一个网络地址、没来过的手机，一小时超过多少单，等大C点头", default=60
    )
    many_from_address = models.PositiveIntegerField("同一个网络地址一小时超过多少单，等大C点头", default=200)
    held_by_browser = models.PositiveIntegerField("没确认的单，同一台手机最多占一种商品多少件", default=20)
    held_by_address = models.PositiveIntegerField(
        "没确认的单，同一个网络地址最多占一种商品多少件", default=150
    )
    held_percent = models.PositiveIntegerField("没确认的单，一共最多占一种规格库存的百分之几", default=80)
    held_few = models.PositiveIntegerField("货剩得少时，没确认的单至少可以占多少件", default=10)
    waiting_new = models.PositiveIntegerField(
        "同一个网络地址、没来过的手机，一小时最多收多少张等点头的单", default=3
    )
    waiting_often = models.PositiveIntegerField("只是因为下得多而等点头的，一小时最多收多少张", default=20)
    waiting_known = models.PositiveIntegerField(
        "同一个网络地址、来过的手机，一小时最多收多少张等点头的单", default=60
    )
    refusals_of_browser = models.PositiveIntegerField("同一台手机一小时超过限购多少次，先停一停", default=10)
    refusals_of_address = models.PositiveIntegerField(
        "同一个网络地址、没来过的手机，一小时超过限购多少次，先停一停", default=60
    )
    release_hours = models.PositiveIntegerField("多少小时没确认，自动取消", default=72)
    #: What every product page says; empty: what is true of any order here.
    delivery = models.TextField("怎么送、多久到", max_length=300, blank=True, default="", db_default="")
    returns = models.TextField("怎么退、怎么换", max_length=300, blank=True, default="", db_default="")

    #: The figures that have a most; each is at least 1.
    MOST: ClassVar[dict[str, int]] = {"new_minutes": 1_440, "held_percent": 100, "release_hours": 720}
    WORDS: ClassVar[tuple[str, ...]] = ("delivery", "returns")
    PII: ClassVar[dict[str, Pii]] = {"delivery": Pii.NONE, "returns": Pii.NONE}
    PII_REST: ClassVar[Pii] = Pii.NONE

    class Meta:
        verbose_name = "下单规则"
        verbose_name_plural = "下单规则"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    pk=1,
                    many_pieces__gte=1,
                    many_orders__gte=1,
                    new_minutes__range=(1, 1_440),
                    many_new__gte=1,
                    many_from_address__gte=1,
                    held_by_browser__gte=1,
                    held_by_address__gte=1,
                    held_percent__range=(1, 100),
                    held_few__gte=1,
                    waiting_new__gte=1,
                    waiting_often__gte=1,
                    waiting_known__gte=1,
                    refusals_of_browser__gte=1,
                    refusals_of_address__gte=1,
                    release_hours__range=(1, 720),
                ),
                name="one_set_of_rules",
            )
        ]

    def release_at(self, placed_at: datetime) -> datetime:
        """When an order that is placed under these rules cancels itself unless its host says yes."""
        return placed_at + timedelta(hours=self.release_hours)

    @classmethod
    def figures(cls) -> list[str]:
        """The names of all figures, in the order in which HQ reads them."""
        return [
            field.name
            for field in cls._meta.concrete_fields
            if not field.primary_key and field.name not in cls.WORDS
        ]


class OrderTransition(models.Model):
    """One change of an order's status: who and when. Append-only."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="transitions")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, choices=Order.Status)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"from_status": Pii.NONE, "to_status": Pii.NONE}

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("订单经过", Kept.LEDGER)


class IdempotencyKey(models.Model):
    """A client's key for one order, so that a repeated request has one effect. Kept for 24 hours."""

    scope = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    body_sha256 = models.BinaryField(max_length=32)
    order = models.ForeignKey(Order, models.CASCADE, null=True)
    created_at = models.DateTimeField(db_index=True)

    PII: ClassVar[dict[str, Pii]] = {
        "scope": Pii.NONE,
        "key": Pii.IDENTIFIER,
        "body_sha256": Pii.IDENTIFIER,
    }
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("防止重复下单", Kept.SHORT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
