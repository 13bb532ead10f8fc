"""What must happen, as rows: what leaves (delivery), what arrived (inbox), what is due (job).

A row is written in the same transaction as its cause. What a worker takes, it leases
(`apps.outbox.leases`): a call that carries deliveries, an arrival, a job. See docs/deliveries.md.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.database.fields import EncryptedTextField, blind_index_field
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use
from apps.outbox.leases import Leased


class Lane(models.TextChoices):
    """Who carries it, so that a mass sending never stands before a welcome."""

    WELCOME = "welcome", "欢迎语"
    NORMAL = "normal", "普通"
    BULK = "bulk", "批量"


class Letter(PublicIdModel):
    """The words of one intention. Its deliveries may travel in one call, since they are identical."""

    kind = models.CharField(max_length=40)
    body = EncryptedTextField()
    #: What it is about, as `kind:id`, when that may go away before the letter leaves (`registry.Cause`).
    cause = models.CharField(max_length=60, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())

    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.NONE, "body": Pii.CONTACT, "cause": Pii.NONE}

    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("要发出的话", Kept.MESSAGE)

    class Meta:
        indexes = [models.Index(fields=["cause"], name="letter_cause", condition=~Q(cause=""))]


class DeliveryCall(PublicIdModel, Leased):
    """One request to the outside: its exact bytes, and how far we know what became of it.

    A call is repeated only byte for byte. `unknown_since` is the first attempt that may have reached the
    other side without our hearing so.
    """

    class State(models.TextChoices):
        LEASED = "leased", "正在发"
        WAITING = "waiting", "等待重试"
        DONE = "done", "已完成"
        EXPIRED = "expired", "已过期"
        REFUSED = "refused", "被拒绝"
        DEAD = "dead", "已放弃"

    kind = models.CharField(max_length=40)
    lane = models.CharField(max_length=8, choices=Lane)
    request = EncryptedTextField()
    digest = blind_index_field()
    state = models.CharField(max_length=8, choices=State)
    deadline_at = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)
    unknown_since = models.DateTimeField(null=True)
    errcode = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    PII: ClassVar[dict[str, Pii]] = {
        "kind": Pii.NONE,
        "lane": Pii.NONE,
        "request": Pii.CONTACT,
        "digest": Pii.NONE,
        "state": Pii.NONE,
        "errcode": Pii.NONE,
        "outcome": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("发出请求的原文，用于不重发", Kept.MESSAGE)

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "not_before"],
                name="call_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["lane", "lease_until"],
                name="call_leased",
                condition=Q(state="leased"),
            ),
            models.Index(fields=["digest"], name="call_digest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_until=None)),
                name="call_leased_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["leased", "waiting"], finished_at=None)
                | (~Q(state__in=["leased", "waiting"]) & Q(finished_at__isnull=False)),
                name="call_finished_has_time",
            ),
        ]


class Delivery(models.Model):
    """One thing that must reach one recipient, once. `key` is unique per intention."""

    class State(models.TextChoices):
        NEW = "new", "待发"
        LEASED = "leased", "正在发"
        UNKNOWN = "unknown", "结果未知"
        SENT = "sent", "已发出"
        EXPIRED = "expired", "已过期"
        REFUSED = "refused", "被拒绝"
        DEAD = "dead", "已放弃"
        CANCELLED = "cancelled", "已取消"

    #: Still to be worked on; every other state is an end.
    OPEN = (State.NEW, State.LEASED, State.UNKNOWN)

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, unique=True)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="deliveries")
    host_id = models.BigIntegerField(null=True)
    lane = models.CharField(max_length=8, choices=Lane)
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    not_before = models.DateTimeField(db_default=Now())
    deadline_at = models.DateTimeField(null=True)
    call = models.ForeignKey(DeliveryCall, models.PROTECT, null=True, related_name="deliveries")
    failures = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    errcode = models.CharField(max_length=20, blank=True, db_default="")
    outcome = models.CharField(max_length=200, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "kind": Pii.NONE,
        "key": Pii.NONE,
        "lane": Pii.NONE,
        "state": Pii.NONE,
        "errcode": Pii.NONE,
        "outcome": Pii.NONE,
    }

    class Meta:
        verbose_name = "出站消息"
        verbose_name_plural = "出站消息"
        indexes = [
            models.Index(
                fields=["lane", "not_before", "id"],
                name="delivery_due",
                condition=Q(state="new", call=None),
            ),
            models.Index(
                fields=["letter", "host_id"],
                name="delivery_letter_due",
                condition=Q(state="new", call=None),
            ),
            models.Index(fields=["host_id", "attempted_at"], name="delivery_host_pace"),
            models.Index(
                fields=["kind", "state"],
                name="delivery_open",
                condition=Q(state__in=["new", "leased", "unknown"]),
            ),
            models.Index(fields=["created_at"], name="delivery_written"),
        ]
        constraints = [
            # One intention tells one host once: a second line of the same words would be swallowed anyway.
            models.UniqueConstraint(fields=["letter", "host_id"], name="delivery_letter_once_per_host"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="delivery_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="leased", call__isnull=False)
                | Q(state="unknown", call__isnull=False)
                | ~Q(state__in=["leased", "unknown"]),
                name="delivery_under_way_has_call",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["expired", "refused", "dead", "cancelled"]) | ~Q(outcome=""),
                name="delivery_unsent_has_reason",
            ),
        ]


class Inbox(PublicIdModel, Leased):
    """One thing that arrived. `digest` is the SHA-256 of its plain text: a repeat is the same row."""

    class State(models.TextChoices):
        NEW = "new", "待处理"
        LEASED = "leased", "处理中"
        DONE = "done", "已处理"
        IGNORED = "ignored", "不需处理"
        DEAD = "dead", "已放弃"

    digest = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=40)
    lane = models.CharField(max_length=8, choices=Lane, default=Lane.NORMAL)
    body = EncryptedTextField()
    received_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    reason = models.CharField(max_length=200, blank=True)
    reply = EncryptedTextField(blank=True, default="")

    PII: ClassVar[dict[str, Pii]] = {
        "digest": Pii.NONE,
        "kind": Pii.NONE,
        "lane": Pii.NONE,
        "body": Pii.CONTACT,
        "state": Pii.NONE,
        "reason": Pii.NONE,
        "reply": Pii.CONTACT,
    }
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("收到的原文，用于不漏不重", Kept.INBOX)

    class Meta:
        verbose_name = "入站事件"
        verbose_name_plural = "入站事件"
        indexes = [
            models.Index(fields=["lane", "not_before"], name="inbox_due", condition=Q(state="new")),
            models.Index(fields=["lane", "lease_until"], name="inbox_leased", condition=Q(state="leased")),
            models.Index(fields=["received_at"], name="inbox_received"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_until=None)),
                name="inbox_leased_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "leased"], finished_at=None)
                | (~Q(state__in=["new", "leased"]) & Q(finished_at__isnull=False)),
                name="inbox_finished_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ignored", "dead"]) | ~Q(reason=""),
                name="inbox_unhandled_has_reason",
            ),
        ]


class Job(Leased):
    """One run of a named job: of one period, or one-off with the ids it is about."""

    class State(models.TextChoices):
        NEW = "new", "待运行"
        LEASED = "leased", "运行中"
        DONE = "done", "已完成"
        DEAD = "dead", "已放弃"

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=160, unique=True)
    period_start = models.DateTimeField(null=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    outcome = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    PII: ClassVar[dict[str, Pii]] = {
        "name": Pii.NONE,
        "key": Pii.NONE,
        "payload": Pii.NONE,
        "state": Pii.NONE,
        "outcome": Pii.NONE,
    }

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        indexes = [
            models.Index(fields=["not_before"], name="job_due", condition=Q(state__in=["new", "leased"])),
        ]
        constraints = [
            models.UniqueConstraint(fields=["name", "period_start"], name="job_once_a_period"),
            models.CheckConstraint(
                condition=Q(state="leased", lease_until__isnull=False)
                | (~Q(state="leased") & Q(lease_until=None)),
                name="job_leased_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "leased"], finished_at=None)
                | (~Q(state__in=["new", "leased"]) & Q(finished_at__isnull=False)),
                name="job_finished_has_time",
            ),
        ]


class Heartbeat(models.Model):
    """When a process last said that it lives (the broker has no remote control to ask it)."""

    process = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"process": Pii.NONE}

    class Meta:
        verbose_name = "进程心跳"
        verbose_name_plural = "进程心跳"
