"""Numbers for hosts and HQ, computed from the ledger and the orders. Nothing here is entered by anybody.

No keys in the database: a computed row never stands in the way of what it is computed from, and the tables
can be emptied and filled again at any time (`manage.py project insights --rebuild`).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Host
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
        verbose_name=_("大C"),
    )
    day = models.DateField(_("日期"))
    #: One person by one link on one day is one visit, however many pages she opens.
    visits = models.IntegerField(_("来访"), db_default=0)
    visitors = models.IntegerField(_("访客"), db_default=0)
    new_customers = models.IntegerField(_("新客户"), db_default=0)
    #: Placed that day, those cancelled later too: a day's number never changes afterwards.
    orders = models.IntegerField(_("订单"), db_default=0)
    shares = models.IntegerField(_("转发"), db_default=0)
    placed_fen = models.BigIntegerField(_("下单金额（分）"), db_default=0)
    reversed_fen = models.BigIntegerField(_("取消和退货（分）"), db_default=0)
    commission_fen = models.BigIntegerField(_("佣金（分）"), db_default=0)

    class Meta:
        verbose_name = _("大C的一天")
        verbose_name_plural = _("大C的每一天")
        indexes = [models.Index(fields=["day"], name="hostday_day")]

    @property
    def gmv_fen(self) -> int:
        return self.placed_fen - self.reversed_fen


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
    reached_at = models.DateTimeField(_("打开"))
    read_at = models.DateTimeField(_("阅读"), null=True)
    ordered_at = models.DateTimeField(_("下单"), null=True)

    PII: ClassVar[dict[str, Pii]] = {"subject_kind": Pii.BEHAVIOUR}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("统计分享带来的来访", Kept.LEDGER)

    class Meta:
        verbose_name = _("链接来访")
        verbose_name_plural = _("链接来访")
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
    day = models.DateField(_("日期"))
    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    opened = models.IntegerField(_("打开"), db_default=0)
    copied = models.IntegerField(_("复制"), db_default=0)
    saved = models.IntegerField(_("保存"), db_default=0)
    shared = models.IntegerField(_("转发"), db_default=0)

    PII: ClassVar[dict[str, Pii]] = {"subject_kind": Pii.NONE}

    class Meta:
        verbose_name = _("素材使用")
        verbose_name_plural = _("素材使用")
        indexes = [models.Index(fields=["subject_kind", "subject_id", "day"], name="actday_subject")]
