"""Numbers for hosts and HQ, computed from the ledger and the orders, and what HQ does about them.

Numbers are entered by nobody and have no keys in the database: a computed row never stands in the way of
what it is computed from, and its table can be emptied and filled again at any time (`manage.py project
insights --rebuild`). `HostHelp` and `HostCall` alone are people's work, and stay.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Host, User
from apps.database.fields import EncryptedTextField
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class HostDay(models.Model):
    """What one Shanghai day brought one host."""

    pk = models.CompositePrimaryKey("host_id", "day")
    host = models.ForeignKey(
        Host,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="days",
        verbose_name="大C",
    )
    day = models.DateField("日期")
    #: One person by one link on one day is one visit, however many pages she opens.
    visits = models.IntegerField("来访", db_default=0)
    visitors = models.IntegerField("访客", db_default=0)
    new_customers = models.IntegerField("新客户", db_default=0)
    #: Placed that day, those cancelled later too: a day's number never changes afterwards.
    orders = models.IntegerField("订单", db_default=0)
    shares = models.IntegerField("转发", db_default=0)
    gmv_fen = models.BigIntegerField("成交金额（分）", db_default=0)
    placed_fen = models.BigIntegerField("下单金额（分）", db_default=0)
    taken_back_fen = models.BigIntegerField("取消和退货（分）", db_default=0)
    commission_fen = models.BigIntegerField("佣金（分）", db_default=0)
    #: When an import last wrote or corrected what was ordered on this day; null when none did.
    imported_at = models.DateTimeField("导入写入", null=True)
    #: When we last learned, afterwards, of somebody who became a customer on this day; null when never.
    learned_at = models.DateTimeField("补记新客户", null=True)

    class Meta:
        verbose_name = "大C的一天"
        verbose_name_plural = "大C的每一天"
        indexes = [models.Index(fields=["day"], name="hostday_day")]


class MoneyMove(models.Model):
    """Money of one order for the host who earned it: placed, cancelled, or taken back (apps/trade/money.py).

    It holds ids and amounts alone, so that it stays readable for her when the customer is handed over: the
    order, with name, phone and address, is her new host's then.
    """

    pk = models.CompositePrimaryKey("order_id", "reversal_id")
    order_id = models.BigIntegerField()
    #: 0 for the placing itself.
    reversal_id = models.BigIntegerField()
    host = models.ForeignKey(
        Host, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="money_moves"
    )
    relation_id = models.BigIntegerField()
    link_id = models.BigIntegerField(null=True)
    #: What the link led to and by which channel it was shared; empty without a link.
    subject_kind = models.CharField(max_length=10, default="")
    subject_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10, default="")
    at = models.DateTimeField("时间")
    kind = models.CharField("类型", max_length=10)
    fen = models.BigIntegerField("金额（分）")
    commission_fen = models.BigIntegerField("佣金（分）")
    #: Placed by a customer who had ordered with this host before; what was cancelled by then does not count.
    is_repeat = models.BooleanField(default=False)
    #: When an import last wrote or corrected it.
    imported_at = models.DateTimeField(null=True)
    #: When an import brought the older order that makes it a repeat, if none was known on its own day.
    repeat_learned_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "subject_kind": Pii.BEHAVIOUR,
        "channel": Pii.NONE,
        "kind": Pii.BEHAVIOUR,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("谁的订单，多少钱，只有编号", Kept.LEDGER)

    class Meta:
        verbose_name = "金额变动"
        verbose_name_plural = "金额变动"
        indexes = [
            models.Index(
                fields=["host", "at"], include=["kind", "relation_id", "fen", "is_repeat"], name="move_host"
            ),
            models.Index(fields=["at"], name="move_at"),
            models.Index(
                fields=["subject_kind", "subject_id", "at"],
                include=["host_id", "channel", "kind", "fen"],
                name="move_subject",
                condition=Q(subject_id__isnull=False),
            ),
        ]


class NewCustomer(models.Model):
    """With whom and when a relation began. A hand-over changes nothing of it."""

    relation_id = models.BigIntegerField(primary_key=True)
    host = models.ForeignKey(
        Host, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="new_customers"
    )
    at = models.DateTimeField("成为客户")
    source = models.CharField("来源", max_length=10, default="")
    #: When we learned of her, if that was on a later day: from an import, or from WeCom.
    learned_at = models.DateTimeField("补记", null=True)

    PII: ClassVar[dict[str, Pii]] = {"source": Pii.NONE}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("哪天成为谁的客户，只有编号", Kept.LEDGER)

    class Meta:
        verbose_name = "新客户"
        verbose_name_plural = "新客户"
        indexes = [
            models.Index(fields=["host", "at"], name="newcustomer_host"),
            models.Index(fields=["at"], name="newcustomer_at"),
        ]


class LinkVisit(models.Model):
    """How far one visitor came by one link: reached (a page was served) → read → ordered, the first time.

    An order by a link means that the page was reached and read, so the funnel never widens downwards.
    """

    pk = models.CompositePrimaryKey("link_id", "visitor_id")
    link_id = models.BigIntegerField()
    visitor_id = models.BigIntegerField()
    host = models.ForeignKey(
        Host, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="link_visits"
    )
    subject_id = models.BigIntegerField()
    subject_kind = models.CharField(max_length=10)
    reached_at = models.DateTimeField("打开")
    read_at = models.DateTimeField("阅读", null=True)
    ordered_at = models.DateTimeField("下单", null=True)

    PII: ClassVar[dict[str, Pii]] = {"subject_kind": Pii.BEHAVIOUR}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("统计分享带来的来访", Kept.LEDGER)

    class Meta:
        verbose_name = "链接来访"
        verbose_name_plural = "链接来访"
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, ordered_at=None)
                | Q(read_at__gte=F("reached_at"), ordered_at=None)
                | Q(read_at__isnull=False, read_at__gte=F("reached_at"), ordered_at__gte=F("read_at")),
                name="linkvisit_funnel_narrows",
            )
        ]
        indexes = [
            models.Index(fields=["host", "reached_at"], name="linkvisit_host"),
            models.Index(
                fields=["subject_kind", "subject_id", "reached_at"],
                include=["host_id", "read_at", "ordered_at"],
                name="linkvisit_subject",
            ),
            models.Index(
                fields=["reached_at"], include=["host_id", "read_at", "ordered_at"], name="linkvisit_reached"
            ),
        ]


class ActDay(models.Model):
    """What one host did with one material, product or her shelf on one Shanghai day, counted."""

    pk = models.CompositePrimaryKey("host_id", "day", "subject_kind", "subject_id")
    host = models.ForeignKey(
        Host, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="act_days"
    )
    day = models.DateField("日期")
    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    opened = models.IntegerField("打开", db_default=0)
    copied = models.IntegerField("复制", db_default=0)
    saved = models.IntegerField("保存", db_default=0)
    shared = models.IntegerField("转发", db_default=0)

    PII: ClassVar[dict[str, Pii]] = {"subject_kind": Pii.NONE}

    class Meta:
        verbose_name = "素材使用"
        verbose_name_plural = "素材使用"
        indexes = [models.Index(fields=["subject_kind", "subject_id", "day"], name="actday_subject")]


class HostHelp(models.Model):
    """Who is on one host, until when, and when she is called next: a row for each who was ever helped."""

    host = models.OneToOneField(
        Host, models.PROTECT, primary_key=True, related_name="help", verbose_name="大C"
    )
    helper = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="谁在跟")
    #: Afterwards she is anybody's again: a claim that nobody acts on does not hide her for ever.
    held_until = models.DateTimeField(null=True)
    #: Until then she rests; null: nothing was agreed.
    next_on = models.DateField("下次联系", null=True)
    #: She comes back on that day whatever her numbers say.
    is_promised = models.BooleanField(default=False)

    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("总部谁在帮哪位大C，下次什么时候联系", Kept.STAFF)

    class Meta:
        verbose_name = "谁在帮她"
        verbose_name_plural = "谁在帮她"
        constraints = [
            models.CheckConstraint(
                condition=Q(helper=None, held_until=None) | Q(helper__isnull=False, held_until__isnull=False),
                name="hosthelp_held_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["next_on"], name="hosthelp_next")]


class HostCall(PublicIdModel):
    """One call of HQ to a host: why, what came of it, what follows. Append-only."""

    class Outcome(models.TextChoices):
        REACHED = "reached", "接通了，聊过了"
        PROMISED = "promised", "接通了，说好一件事"
        NOT_REACHED = "not_reached", "没接到"
        WRONG_NUMBER = "wrong_number", "号码不对"
        UNWANTED = "unwanted", "她不想再接这样的电话"

    host = models.ForeignKey(Host, models.PROTECT, related_name="calls", verbose_name="大C")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="谁打的")
    at = models.DateTimeField("时间")
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    #: Why she was called, as it stood then (`selectors.REASONS`), and in words; empty when nothing did.
    reason = models.CharField(max_length=12, blank=True)
    why = models.CharField("为什么打", max_length=200, blank=True)
    promised = EncryptedTextField("说好什么", default="")
    note = EncryptedTextField("记一笔", default="")
    next_on = models.DateField("下次联系", null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "outcome": Pii.STAFF,
        "reason": Pii.NONE,
        "why": Pii.STAFF,
        # Of the host at her work, and of no consumer; sealed, since one tells more on the telephone.
        "promised": Pii.STAFF,
        "note": Pii.STAFF,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("总部给大C打过的电话，聊了什么，说好什么", Kept.STAFF)

    class Meta:
        verbose_name = "帮扶电话"
        verbose_name_plural = "帮扶电话"
        indexes = [
            models.Index(fields=["host", "-at"], name="hostcall_host_at"),
            models.Index(fields=["at"], include=["host", "outcome"], name="hostcall_at"),
        ]

    @property
    def is_reached(self) -> bool:
        return self.outcome in REACHED


#: They spoke with each other.
REACHED = (HostCall.Outcome.REACHED, HostCall.Outcome.PROMISED, HostCall.Outcome.UNWANTED)
