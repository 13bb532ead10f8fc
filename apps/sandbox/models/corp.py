"""The corp: its departments, members and apps."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower


class Department(models.Model):
    """A node of the address book; the root has id 1."""

    objects = models.Manager["Department"]()

    id = models.PositiveBigIntegerField(primary_key=True)
    name = models.CharField(max_length=64)
    name_en = models.CharField(max_length=64, blank=True, default="")
    parent_id = models.PositiveBigIntegerField(default=0)
    order = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class App(models.Model):
    """A self-built app of the corp (or the customer-contact system credential, which has no agent id)."""

    class Role(models.TextChoices):
        MAIN = "main", "自建应用"
        CONTACT = "contact", "客户联系"
        EXTRA = "extra", "其他应用"

    objects = models.Manager["App"]()

    role = models.CharField(max_length=8, choices=Role.choices, default=Role.EXTRA)
    agent_id = models.PositiveBigIntegerField(unique=True)
    name = models.CharField(max_length=60)
    secret = models.CharField(max_length=120, unique=True)
    callback_url = models.CharField(max_length=500, blank=True, default="")
    callback_token = models.CharField(max_length=64, blank=True, default="")
    callback_aes_key = models.CharField(max_length=43, blank=True, default="")
    redirect_host = models.CharField(max_length=255, blank=True, default="")
    # 客户联系 → 可调用接口的应用
    has_customer_api = models.BooleanField(default=True)
    has_customer_events = models.BooleanField(default=True)
    has_contact_events = models.BooleanField(default=False)
    # Apps made since 2022-06-20 read no avatar, mobile, mail or gender.
    reads_private_fields = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)
    # Empty lists mean: every member, every address.
    visible_userids = models.JSONField(default=list, blank=True)
    trusted_ips = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def listens(self) -> bool:
        return bool(self.callback_url and self.callback_token and self.callback_aes_key)

    def sees(self, member: Member) -> bool:
        if not self.visible_userids:
            return True
        return member.userid.lower() in {str(userid).lower() for userid in self.visible_userids}


class MemberQuerySet(models.QuerySet["Member"]):
    def in_corp(self) -> MemberQuerySet:
        return self.exclude(status=Member.Status.LEFT)

    def visible_to(self, app: App) -> MemberQuerySet:
        if not app.visible_userids:
            return self
        return self.annotate(key=Lower("userid")).filter(
            key__in=[str(userid).lower() for userid in app.visible_userids]
        )


class Member(models.Model):
    """A person of the corp. Userids are compared without case and answered as they were stored."""

    class Status(models.IntegerChoices):
        ACTIVE = 1, "已激活"
        DISABLED = 2, "已禁用"
        NOT_ACTIVATED = 4, "未激活"
        LEFT = 5, "已退出"

    objects = models.Manager.from_queryset(MemberQuerySet)()

    userid = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    alias = models.CharField(max_length=64, blank=True, default="")
    position = models.CharField(max_length=64, blank=True, default="")
    mobile = models.CharField(max_length=32, blank=True, default="")
    email = models.CharField(max_length=120, blank=True, default="")
    gender = models.CharField(max_length=1, default="0")
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.ACTIVE)
    departments = models.JSONField(default=list)
    is_real_name = models.BooleanField(default=True)
    has_customer_contact = models.BooleanField(default=True)
    has_admin_welcome = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("userid"), name="member_userid_without_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def hue(self) -> int:
        return self.pk % 8
