"""What we know of each customer, computed from the ledger and the orders, one row per relation."""

from datetime import UTC, date, datetime
from typing import ClassVar

from django.db import models

from apps.customers.models import Relation
from apps.lib.pii import Kept, Pii, Use
from apps.tracking.facts import Fact

#: "It never happened" and "no day is set": columns that lists are sorted by hold no nulls.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NO_DAY = date(9999, 12, 31)
NO_END = datetime(9999, 12, 31, tzinfo=UTC)


class Facts(models.Model):
    """What happened between one host and one customer: everything her list filters or sorts by.

    The row appears with its relation, and follows its columns, by triggers (migration 0002): a new customer
    is in the list at once. The rest is written by the projection, and a rebuild gives the same rows. There is
    no key in the database: a computed row never stands in the way of what it is computed from.
    """

    relation = models.OneToOneField(
        Relation, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="facts"
    )
    host_id = models.BigIntegerField()
    #: Orders that stand: cancelled ones are not among them.
    orders_count = models.IntegerField("成交单数", db_default=0)
    #: Visits to her present host's pages: one person by one link on one day is one.
    visits = models.IntegerField("来访", db_default=0)
    #: Totals at placing, less what was taken back.
    gmv_fen = models.BigIntegerField("成交金额（分）", db_default=0)
    #: The same within `gmv_year`, the last Shanghai year in which money moved.
    gmv_year_fen = models.BigIntegerField("年内金额（分）", db_default=0)
    last_event_at = models.DateTimeField("最近一次动作")
    first_order_at = models.DateTimeField("首单", db_default=NEVER)
    last_order_at = models.DateTimeField("最近下单", db_default=NEVER)
    joined_at = models.DateTimeField("成为客户")
    next_action_on = models.DateField("下一步日期", db_default=NO_DAY)
    #: Month × 100 + day; 0 when unknown.
    birthday = models.SmallIntegerField("生日", db_default=0)
    gmv_year = models.SmallIntegerField(db_default=0)
    is_current = models.BooleanField(db_default=True)
    last_subject_id = models.BigIntegerField(db_default=0)
    last_subject_kind = models.CharField(max_length=10, db_default="")
    last_event = models.CharField(max_length=40, db_default=Fact.CUSTOMER_JOINED.value)

    PII: ClassVar[dict[str, Pii]] = {
        "birthday": Pii.TRAIT,
        "last_subject_kind": Pii.BEHAVIOUR,
        "last_event": Pii.BEHAVIOUR,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("按往来算出的客户画像", Kept.RELATION)

    class Meta:
        verbose_name = "客户画像"
        verbose_name_plural = "客户画像"
        indexes = [
            models.Index(fields=["host_id", "-last_event_at", "-relation"], name="facts_host_event"),
            models.Index(fields=["host_id", "-last_order_at", "-relation"], name="facts_host_order"),
            models.Index(fields=["host_id", "-gmv_fen", "-relation"], name="facts_host_money"),
        ]

    @property
    def has_ordered(self) -> bool:
        return self.orders_count > 0

    def gmv_in(self, year: int) -> int:
        """Her money in the running Shanghai year, in fen."""
        return self.gmv_year_fen if self.gmv_year == year else 0


class VisitorRelation(models.Model):
    """Whose a browser was or is, for this host alone: what it did between these two moments is hers.

    The first order that it placed with the host says whose; `browsers` says how that ends.
    """

    pk = models.CompositePrimaryKey("host_id", "visitor_id", "since")
    host_id = models.BigIntegerField()
    visitor_id = models.BigIntegerField()
    relation_id = models.BigIntegerField(db_index=True)
    since = models.DateTimeField()
    until = models.DateTimeField()

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("这台设备是哪位客户的", Kept.RELATION)

    class Meta:
        verbose_name = "访客与客户"
        verbose_name_plural = "访客与客户"


class RelationDay(models.Model):
    """How often an event of one kind happened on one Shanghai day between a customer and her host.

    Written by the projection (`relation_days`), read by timelines and audiences.
    """

    pk = models.CompositePrimaryKey("relation_id", "day", "fact")
    relation = models.ForeignKey(
        Relation, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="days"
    )
    day = models.DateField()
    #: A member of `tracking.facts.DEALINGS`.
    fact = models.CharField(max_length=40)
    n = models.IntegerField("次数")

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII: ClassVar[dict[str, Pii]] = {"fact": Pii.BEHAVIOUR}
    PII_USE: ClassVar[Use] = Use("哪天发生过什么，只有次数", Kept.RELATION)

    class Meta:
        verbose_name = "客户的一天"
        verbose_name_plural = "客户的一天"
