"""A person (OneID), and what each host knows of her."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from apps.accounts.models import Host, User
from apps.customers.stages import stage_expression
from apps.database.fields import EncryptedTextField, PlainCharField, blind_index_field
from apps.database.models import PublicIdModel
from apps.lib import birthdays, humanize
from apps.lib.masks import mask_name
from apps.lib.pii import Kept, Pii, Use


class Customer(PublicIdModel):
    """One consumer as HQ counts her. It holds no facts: those live on the relations."""

    created_at = models.DateTimeField("建立时间")
    #: Set when this person was found to be another; reads follow it.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("总部看到的一个人，不含资料", Kept.RELATION)

    class Meta:
        verbose_name = "客户"
        verbose_name_plural = "客户"


class Identity(PublicIdModel):
    """A key by which a customer is known: (issuer, kind, value). Sealed; equality is by index."""

    class Kind(models.TextChoices):
        UNIONID = "unionid", "UnionID"
        EXTERNAL = "external", "企业微信客户"
        PHONE = "phone", "手机号"
        MEMBER = "member", "会员号"
        SHOP = "shop", "外部店铺账号"

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="identities")
    issuer = models.CharField("来源", max_length=60)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    value = EncryptedTextField("值")
    value_index = blind_index_field()
    #: Of a phone with an extension: as if it had none, so that HQ finds it by the number it is reached at.
    main_index = blind_index_field()
    created_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {
        "issuer": Pii.NONE,
        "kind": Pii.NONE,
        "value": Pii.CONTACT,
        "value_index": Pii.IDENTIFIER,
        "main_index": Pii.IDENTIFIER,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("认出同一个人", Kept.RELATION)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "issuer", "value_index"], name="identity_key"),
            models.Index(
                fields=["main_index"], name="identity_main", condition=models.Q(main_index__isnull=False)
            ),
        ]


#: Who stands in no list: those who asked to be erased, and those who are no customers yet.
UNLISTED = models.Q(blocked_at__isnull=False) | models.Q(is_customer=False)


class RelationQuerySet(models.QuerySet["Relation"]):
    def customers(self) -> "RelationQuerySet":
        """Without those of whom only a doubtful order is known."""
        return self.filter(is_customer=True)

    def strangers(self) -> "RelationQuerySet":
        """Those of whom only a doubtful order is known."""
        return self.filter(is_customer=False)

    def current(self) -> "RelationQuerySet":
        return self.customers().filter(ended_at=None)

    def of(self, host: Host) -> "RelationQuerySet":
        """This host's, without those who asked to be erased."""
        return self.filter(host=host, blocked_at=None)

    def open(self) -> "RelationQuerySet":
        """Without those who asked to be erased: nobody works with them any more."""
        return self.filter(blocked_at=None)

    def with_stage(self, now: datetime) -> "RelationQuerySet":
        """With each one's stage at this moment, as `stage`; it can be filtered by."""
        return self.annotate(stage=stage_expression(now))


class Relation(PublicIdModel):
    """What one host knows of one customer. All she sees hangs on it, and nothing of it shows elsewhere.

    `phone_index` and `external_index` are keyed by host: equal values under two hosts are unrelated. A host
    may hold two relations to one customer; only she merges them.
    """

    class Stage(models.TextChoices):
        NEW = "new", "新客"
        GROWING = "growing", "成长"
        MATURE = "mature", "熟客"
        SLEEPING = "sleeping", "沉睡"
        LOST = "lost", "流失"

    class Source(models.TextChoices):
        WECOM = "wecom", "企业微信"
        ORDER = "order", "下单"
        IMPORT = "import", "导入"
        MANUAL = "manual", "手工添加"

    host = models.ForeignKey(Host, models.PROTECT, related_name="relations", verbose_name="大C")
    #: Whose new customer she was, once she was handed over (docs/hosts.md); null: her host's own.
    began_with = models.ForeignKey(
        Host, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="relations")
    name = EncryptedTextField("姓名", default="")
    remark = EncryptedTextField("称呼", default="")
    phone = EncryptedTextField("手机号", default="")
    phone_index = blind_index_field()
    phone_last4_index = blind_index_field()
    external_userid = EncryptedTextField("企业微信客户号", default="")
    external_index = blind_index_field()
    #: A WeCom user of another company: there at work, and no reader of offers.
    of_other_company = models.BooleanField("别家公司的企业微信", default=False, db_default=False)
    #: The shop's own number of the customer, for imports: unique under one host.
    source_key = models.CharField("来源编号", max_length=80, blank=True, default="")
    #: What the source of an import said; ours is computed (`with_stage`) and may well differ.
    imported_stage = models.CharField(
        "来源里写的阶段", max_length=10, choices=Stage, blank=True, default="", db_default=""
    )
    source = models.CharField("来源", max_length=10, choices=Source)
    #: False: she came by a doubtful order and nothing else is known of her. She is seen with the order, in no
    #: list and no number, until `services.take_on`.
    is_customer = models.BooleanField("算作客户", default=True, db_default=True, editable=False)
    birthday_month = models.PositiveSmallIntegerField("生日月", null=True, blank=True)
    birthday_day = models.PositiveSmallIntegerField("生日日", null=True, blank=True)
    #: Of one who is no customer yet: when she came.
    joined_at = models.DateTimeField("成为客户")
    last_contact_at = models.DateTimeField("上次联系", null=True, blank=True)
    next_action = EncryptedTextField("下一步", default="")
    next_action_on = models.DateField("下一步日期", null=True, blank=True)
    #: She deleted the host, or the host deleted her. The facts stay.
    ended_at = models.DateTimeField(null=True, blank=True)
    #: She asked to be erased: from here on nothing is done with her data but to erase it (docs/privacy.md).
    blocked_at = models.DateTimeField(null=True, editable=False)
    #: What stands for her once she is erased; empty before.
    pseudonym = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)

    objects = RelationQuerySet.as_manager()
    #: There when the query asked `with_stage`.
    stage: str
    PII: ClassVar[dict[str, Pii]] = {
        "name": Pii.CONTACT,
        "remark": Pii.CONTACT,
        "phone": Pii.CONTACT,
        "phone_index": Pii.IDENTIFIER,
        "phone_last4_index": Pii.IDENTIFIER,
        "external_userid": Pii.CONTACT,
        "external_index": Pii.IDENTIFIER,
        "source_key": Pii.IDENTIFIER,
        "imported_stage": Pii.BEHAVIOUR,
        "source": Pii.NONE,
        "birthday_month": Pii.TRAIT,
        "birthday_day": Pii.TRAIT,
        "next_action": Pii.SENSITIVE,
        "pseudonym": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("大C服务自己的客户", Kept.RELATION)

    class Meta:
        verbose_name = "客户关系"
        verbose_name_plural = "客户关系"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "phone_index"],
                condition=models.Q(phone_index__isnull=False),
                name="relation_phone_once",
            ),
            models.UniqueConstraint(
                fields=["host", "external_index"],
                condition=models.Q(external_index__isnull=False),
                name="relation_external_once",
            ),
            models.UniqueConstraint(
                fields=["host", "source_key"],
                condition=~models.Q(source_key=""),
                name="relation_source_once",
            ),
        ]
        indexes = [
            models.Index(fields=["host", "-joined_at"], name="relation_host_joined"),
            models.Index(fields=["host", "phone_last4_index"], name="relation_host_last4"),
            models.Index(fields=["host"], name="relation_unlisted", condition=UNLISTED),
            models.Index(
                fields=["began_with", "joined_at"],
                name="relation_began_with",
                condition=models.Q(began_with__isnull=False),
            ),
        ]

    @property
    def stage_label(self) -> str:
        return str(self.Stage(self.stage).label)

    @property
    def birthday(self) -> str:
        """`3月5日`, or nothing."""
        return birthdays.say(self.birthday_month, self.birthday_day)

    @property
    def shown_name(self) -> str:
        """What she calls this customer, on every page, list, message and answer of hers.

        What is written to the customer begins by the same name or by none (`customers.calling.greeted`).
        """
        if self.blocked_at is not None:
            return f"已删除的客户 {self.pseudonym}".strip()
        return self.remark or self.name or "未留名"

    @property
    def masked_name(self) -> str:
        """What HQ calls this customer: her own name, masked; who was erased as her host's pages have it."""
        if self.blocked_at is not None:
            return self.shown_name
        return mask_name(self.name) or "未留名"


class Tag(PublicIdModel):
    """A word a host, or HQ (host is null), puts on customers."""

    host = models.ForeignKey(Host, models.PROTECT, null=True, blank=True, related_name="tags")
    name = PlainCharField("标签", max_length=20)
    created_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE}

    class Meta:
        verbose_name = "标签"
        verbose_name_plural = "标签"
        constraints = [
            models.UniqueConstraint(fields=["host", "name"], name="tag_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class RelationTag(models.Model):
    """A tag on a relation: by whom and since when."""

    relation = models.ForeignKey(Relation, models.PROTECT, related_name="relation_tags")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="relation_tags")
    tagged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    tagged_at = models.DateTimeField()

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("大C给客户做的记号", Kept.RELATION)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["relation", "tag"], name="relation_tag_once")]


class Note(PublicIdModel):
    """What a host wrote down about a customer."""

    relation = models.ForeignKey(Relation, models.PROTECT, related_name="notes")
    text = EncryptedTextField("内容")
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"text": Pii.SENSITIVE}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("大C的服务笔记", Kept.RELATION)

    class Meta:
        indexes = [models.Index(fields=["relation", "-written_at"], name="note_relation_at")]


class HandOver(PublicIdModel):
    """HQ's act of giving a host's customers to another: both see it, with the reason (docs/hosts.md)."""

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        STOPPED = "stopped", "已停下"

    from_host = models.ForeignKey(Host, models.PROTECT, related_name="handed_away", verbose_name="原来的大C")
    to_host = models.ForeignKey(Host, models.PROTECT, related_name="handed_in", verbose_name="接手的大C")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="谁办的")
    reason = models.CharField("原因", max_length=200)
    #: Which customers, in words: all of them, or how they were chosen.
    scope = models.CharField("范围", max_length=100)
    state = models.CharField("状态", max_length=8, choices=State, default=State.RUNNING)
    #: Customers alone, as they were when it began; so are `moved` and `skipped`.
    total = models.PositiveIntegerField("客户", default=0)
    moved = models.PositiveIntegerField("已交接", default=0)
    skipped = models.PositiveIntegerField("没有交接", default=0)
    #: Who went along without being a customer: somebody has to look after their doubtful orders.
    others = models.PositiveIntegerField("只下过存疑的单", default=0)
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("完成", null=True)

    PII: ClassVar[dict[str, Pii]] = {"reason": Pii.STAFF, "scope": Pii.NONE, "state": Pii.NONE}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("客户交接的留痕，双方和总部都看得到", Kept.STAFF)

    class Meta:
        verbose_name = "客户交接"
        verbose_name_plural = "客户交接"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_host=models.F("to_host")), name="hand_over_to_another"
            ),
            models.CheckConstraint(
                condition=models.Q(state="running", finished_at=None)
                | (
                    ~models.Q(state="running")
                    & models.Q(finished_at__isnull=False, total=models.F("moved") + models.F("skipped"))
                ),
                name="hand_over_adds_up",
            ),
        ]

    @property
    def left(self) -> int:
        """How many of the chosen customers are neither moved nor skipped yet."""
        return self.total - self.moved - self.skipped

    @property
    def who(self) -> str:
        """Who has moved, in words; `besides` follows the sentence."""
        if self.others and not self.moved:
            return f"{humanize.say_count(self.others)} 位只下过存疑的单的人"
        return f"{humanize.say_count(self.moved)} 位客户"

    @property
    def besides(self) -> str:
        """Who went along without being a customer, where customers moved."""
        return (
            f"，另有 {humanize.say_count(self.others)} 位只下过存疑的单" if self.others and self.moved else ""
        )


class HandOverItem(models.Model):
    """One customer of a hand-over: the checkpoint of the moving, and how WeCom's own transfer goes."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待交接"
        MOVED = "moved", "已交接"
        SKIPPED = "skipped", "没有交接"

    class Transfer(models.TextChoices):
        NONE = "", "不需要"
        QUEUED = "queued", "等待发起"
        WAITING = "waiting", "等客户确认"
        DONE = "done", "已转接"
        REFUSED = "refused", "客户不同意"
        FAILED = "failed", "没能转接"

    #: Transfers whose end is not known yet.
    UNDER_WAY = (Transfer.QUEUED, Transfer.WAITING)

    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="items")
    relation = models.ForeignKey(Relation, models.CASCADE, related_name="hand_overs")
    #: Whether she was a customer when the hand-over began, or had placed a doubtful order alone.
    is_customer = models.BooleanField(default=True, db_default=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    #: Why she was not moved, or what the new host should know (an equal phone).
    outcome = models.CharField("说明", max_length=200, blank=True)
    moved_at = models.DateTimeField(null=True)
    transfer = models.CharField("企业微信转接", max_length=8, choices=Transfer, blank=True)
    transfer_note = models.CharField(max_length=200, blank=True)
    transfer_at = models.DateTimeField(null=True)
    #: By which the former host would be found for her WeCom contact while the transfer is under way.
    former_external_index = blind_index_field()

    PII: ClassVar[dict[str, Pii]] = {
        "state": Pii.NONE,
        "outcome": Pii.NONE,
        "transfer": Pii.NONE,
        "transfer_note": Pii.NONE,
        "former_external_index": Pii.IDENTIFIER,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("哪些客户换了大C", Kept.RELATION)

    class Meta:
        verbose_name = "交接的客户"
        verbose_name_plural = "交接的客户"
        constraints = [
            models.UniqueConstraint(fields=["hand_over", "relation"], name="hand_over_item_once"),
        ]
        indexes = [
            models.Index(
                fields=["hand_over", "relation"],
                name="hand_over_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["former_external_index"],
                name="hand_over_transferring",
                condition=models.Q(transfer__in=["queued", "waiting"]),
            ),
        ]


class ImportRun(PublicIdModel):
    """One file brought in: how far, and what came of it.

    Staged and checked whole, then applied in chunks with the checkpoint in each chunk's transaction
    (docs/imports.md).
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", "客户"
        ORDERS = "orders", "订单"
        PRODUCTS = "products", "商品"

    class State(models.TextChoices):
        STAGING = "staging", "读取中"
        APPLYING = "applying", "写入中"
        PAUSED = "paused", "已暂停"
        APPLIED = "applied", "已完成"
        REFUSED = "refused", "未导入"

    kind = models.CharField("类型", max_length=10, choices=Kind)
    file_name = models.CharField("文件名", max_length=200)
    file_sha256 = models.BinaryField(max_length=32)
    source = models.CharField("来源", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.STAGING)
    rows_in = models.PositiveIntegerField("行数", default=0)
    created = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("未变", default=0)
    rejected = models.PositiveIntegerField("退回", default=0)
    reason = models.CharField("说明", max_length=300, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "kind": Pii.NONE,
        "file_name": Pii.NONE,
        "file_sha256": Pii.NONE,
        "source": Pii.NONE,
        "state": Pii.NONE,
        "reason": Pii.NONE,
    }

    class Meta:
        verbose_name = "导入"
        verbose_name_plural = "导入"
        indexes = [models.Index(fields=["kind", "file_sha256"], name="import_file")]


class ImportChunk(models.Model):
    """A part of a run that is applied in one transaction, which also marks it: the run's checkpoint.

    It covers the staged keys after `after` up to `up_to`.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    after = models.CharField(max_length=200, blank=True)
    up_to = models.CharField(max_length=200)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"after": Pii.IDENTIFIER, "up_to": Pii.IDENTIFIER}
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("导入的进度", Kept.SHORT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_chunk_once")]
