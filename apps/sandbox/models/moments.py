"""Customer moments (客户朋友圈): tasks that members must publish themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from apps.sandbox.models.corp import App, Member
from apps.sandbox.models.customers import Customer


class MomentTask(models.Model):
    """An add_moment_task: a job that runs for some seconds, then a moment waiting for its members."""

    objects = models.Manager["MomentTask"]()

    jobid = models.CharField(max_length=64, unique=True)
    moment_id = models.CharField(max_length=64, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE)
    text = models.TextField(blank=True, default="")
    attachments = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    invalid_users = models.JSONField(default=list)
    invalid_tags = models.JSONField(default=list)
    created_at = models.DateTimeField(db_index=True)
    dispatched_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.moment_id

    def stage(self, now: datetime) -> int:
        """The job's status: 1 started, 2 running, 3 done."""
        if now >= self.dispatched_at:
            return 3
        return 2 if now >= self.created_at + (self.dispatched_at - self.created_at) / 2 else 1

    def is_forgotten(self, now: datetime) -> bool:
        """A jobid is good for a day."""
        return now >= self.created_at + timedelta(hours=24)


class MomentPart(models.Model):
    """A member's part of a moment: 0 not published, 1 published; then who can see it."""

    objects = models.Manager["MomentPart"]()

    task = models.ForeignKey(MomentTask, on_delete=models.CASCADE, related_name="parts")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="moment_parts")
    status = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    viewers = models.ManyToManyField(Customer)

    class Meta:
        constraints = [models.UniqueConstraint("task", "member", name="moment_part_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.member}"
