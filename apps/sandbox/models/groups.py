"""Customer groups (客户群)."""

from __future__ import annotations

from typing import Any

from django.db import models

from apps.sandbox.models.corp import Member
from apps.sandbox.models.customers import Customer


class Group(models.Model):
    """A customer group. Readers see it some seconds late: `late_view` is what they see until then."""

    class Status(models.IntegerChoices):
        NORMAL = 0, "正常"
        OWNER_LEFT = 1, "群主已离职"
        INHERITING = 2, "继承中"
        INHERITED = 3, "已继承"

    objects = models.Manager["Group"]()

    chat_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60, blank=True, default="")
    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="groups")
    notice = models.CharField(max_length=2000, blank=True, default="")
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NORMAL)
    admins = models.JSONField(default=list)
    created_at = models.DateTimeField()
    member_version = models.CharField(max_length=32)
    changed_at = models.DateTimeField()
    late_view: models.JSONField[dict[str, Any] | None, dict[str, Any] | None] = models.JSONField(null=True)
    is_dismissed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name or "群聊"


class GroupMember(models.Model):
    """A seat in a group: a member of the corp or an external contact."""

    objects = models.Manager["GroupMember"]()

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="seats")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True)
    joined_at = models.DateTimeField()
    join_scene = models.PositiveSmallIntegerField(default=3)
    channel = models.CharField(max_length=64, blank=True, default="")
    invitor_userid = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint("group", "member", name="member_seated_once"),
            models.UniqueConstraint("group", "customer", name="customer_seated_once"),
        ]

    def __str__(self) -> str:
        return str(self.member or self.customer)
