"""How the simulation behaves: its clock, its limits and the faults somebody asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone


def default_retry_delays() -> list[float]:
    return [5, 30, 120]


class Simulation(models.Model):
    """The one row of knobs. All times in the sandbox are real time plus `clock_offset`."""

    class CallbackMode(models.TextChoices):
        ONCE = "once", "每条只送一次"
        DUPLICATE = "duplicate", "每条送两次"
        ANSWER_LOST = "answer_lost", "收到应答后当作丢失，再送一次"
        REORDER = "reorder", "在时间窗内打乱顺序"
        DROP = "drop", "每第 n 条丢失"

    class MassQuota(models.TextChoices):
        PER_DAY = "per_day", "每天 1 条"
        PER_WEEK = "per_week", "每周 7 条"
        PER_MONTH = "per_month", "每月按当月天数"

    objects = models.Manager["Simulation"]()

    corp_name = models.CharField(max_length=60, default="晴禾生活")
    clock_offset = models.FloatField(default=0)

    callback_mode = models.CharField(max_length=16, choices=CallbackMode.choices, default=CallbackMode.ONCE)
    callback_n = models.PositiveIntegerField(default=3)
    callback_window = models.FloatField(default=1.0)
    callback_timeout = models.FloatField(default=5.0)
    retry_delays = models.JSONField(default=default_retry_delays)
    emitted = models.PositiveBigIntegerField(default=0)

    latency_ms = models.PositiveIntegerField(default=0)
    rate_per_minute = models.PositiveIntegerField(default=10_000)
    rate_per_hour = models.PositiveIntegerField(default=150_000)
    parallel_limit = models.PositiveIntegerField(default=5)
    member_per_minute = models.PositiveIntegerField(default=30)
    member_per_hour = models.PositiveIntegerField(default=1000)
    account_limit = models.PositiveIntegerField(default=1000)
    tickets_per_hour = models.PositiveIntegerField(default=100)
    wrong_secrets_per_hour = models.PositiveIntegerField(default=20)
    token_seconds = models.PositiveIntegerField(default=7200)

    mass_quota = models.CharField(max_length=16, choices=MassQuota.choices, default=MassQuota.PER_MONTH)
    dispatch_seconds = models.FloatField(default=3.0)
    group_lag_seconds = models.FloatField(default=2.0)
    transfer_hours = models.FloatField(default=24.0)
    welcome_seconds = models.FloatField(default=20.0)
    # The sheet gives 41050 for a code used before; a team that wants 41051 there can say so.
    welcome_reuse_errcode = models.PositiveIntegerField(default=41050)
    has_short_pages = models.BooleanField(default=False)

    KNOBS = (
        "corp_name",
        "callback_mode",
        "callback_n",
        "callback_window",
        "callback_timeout",
        "retry_delays",
        "latency_ms",
        "rate_per_minute",
        "rate_per_hour",
        "parallel_limit",
        "member_per_minute",
        "member_per_hour",
        "account_limit",
        "tickets_per_hour",
        "wrong_secrets_per_hour",
        "token_seconds",
        "mass_quota",
        "dispatch_seconds",
        "group_lag_seconds",
        "transfer_hours",
        "welcome_seconds",
        "welcome_reuse_errcode",
        "has_short_pages",
    )

    def __str__(self) -> str:
        return f"simulation at {self.now():%Y-%m-%d %H:%M:%S}"

    @classmethod
    def load(cls) -> Simulation:
        simulation, _ = cls.objects.get_or_create(pk=1)
        return simulation

    def now(self) -> datetime:
        return timezone.now() + timedelta(seconds=self.clock_offset)


class Fault(models.Model):
    """The next `remaining` calls of a path go wrong in one way."""

    class Kind(models.TextChoices):
        ERRCODE = "errcode", "返回错误码"
        HTTP = "http", "返回 HTTP 状态"
        HTML = "html", "返回网页"
        TRUNCATED = "truncated", "执行后应答被截断"
        HANG = "hang", "不执行，久不应答"
        RESET = "reset", "不执行，断开连接"
        LOST = "lost", "执行后应答丢失"

    objects = models.Manager["Fault"]()

    path = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    code = models.IntegerField(default=0)
    seconds = models.FloatField(default=0)
    remaining = models.PositiveIntegerField(default=1)
    used = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.path}: {self.get_kind_display()} ×{self.remaining}"
