"""Share links, visitors, and the ledger of what happened."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.accounts.models import Host
from apps.database.models import PublicIdModel
from apps.lib import addresses
from apps.lib.ids import share_code, uuid7
from apps.lib.pii import Kept, Pii, Use


class Subject(models.TextChoices):
    """What a link or an event is about; the id beside it is that row's primary key."""

    MATERIAL = "material", "素材"
    PRODUCT = "product", "商品"
    SHELF = "shelf", "货架"
    ISSUE = "issue", "期"
    ORDER = "order", "订单"
    RELATION = "relation", "客户"


class Channel(models.TextChoices):
    GROUP = "group", "社群"
    SINGLE = "single", "一对一"
    MOMENTS = "moments", "朋友圈"
    POSTER = "poster", "海报"
    COPY = "copy", "链接"


class Link(models.Model):
    """A host's own short link to one subject by one channel."""

    code = models.CharField(max_length=10, unique=True, default=share_code, editable=False)
    host = models.ForeignKey(Host, models.PROTECT, related_name="links")
    subject_kind = models.CharField(max_length=10, choices=Subject)
    subject_id = models.BigIntegerField()
    channel = models.CharField(max_length=10, choices=Channel)
    created_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {
        "code": Pii.NONE,
        "subject_kind": Pii.NONE,
        "channel": Pii.NONE,
    }

    class Meta:
        verbose_name = "分享链接"
        verbose_name_plural = "分享链接"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "subject_kind", "subject_id", "channel"], name="link_once"
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="link_subject")]

    def __str__(self) -> str:
        return self.code

    @property
    def address(self) -> str:
        """What is pasted, scanned or tapped: the page behind the link, with the site's name."""
        return addresses.page("storefront:link", self.code)


class Visitor(PublicIdModel):
    """A browser that opened a shared page, known by the hash of its cookie."""

    digest = models.BinaryField(max_length=32, unique=True)
    first_seen_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"digest": Pii.IDENTIFIER}

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("认出同一台设备", Kept.VISIT)


class Event(models.Model):
    """One immutable fact. The table is partitioned by month of `occurred_at` and made by the migration's SQL.

    Plain ids, no keys: an event outlives what it is about. `tx` (the writing transaction) lives only in the
    database; `reader.py` uses it to read in commit order.
    """

    pk = models.CompositePrimaryKey("occurred_at", "id")
    id = models.UUIDField(default=uuid7)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=40)
    host_id = models.BigIntegerField(null=True)
    relation_id = models.BigIntegerField(null=True)
    visitor_id = models.BigIntegerField(null=True)
    link_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    subject_kind = models.CharField(max_length=10, blank=True, default="")
    subject_id = models.BigIntegerField(null=True)
    props = models.JSONField(default=dict)

    PII: ClassVar[dict[str, Pii]] = {
        "name": Pii.BEHAVIOUR,
        "subject_kind": Pii.NONE,
        "props": Pii.BEHAVIOUR,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("发生过什么，只有编号", Kept.LEDGER)

    class Meta:
        managed = False
        db_table = "tracking_event"


class Checkpoint(models.Model):
    """How far one projection has read the ledger."""

    name = models.CharField(max_length=40, primary_key=True)
    version = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField()
    tx = models.BigIntegerField(default=0)
    event_id = models.UUIDField(null=True)
    moved_at = models.DateTimeField(null=True)
    #: It has reached the ledger's end since it last began from zero; until then it tells too little.
    is_whole = models.BooleanField(default=False)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE}


class Ledger(models.Model):
    """The one row with the ledger's epoch. Restoring a backup raises it, which makes projections rebuild.

    `tx_offset` is what this cluster adds to its transaction numbers, so that they follow those of the cluster
    from which a dump was restored (`manage.py adopt_ledger`).
    """

    epoch = models.PositiveIntegerField(default=1)
    tx_offset = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_ledger")]
