"""Users, the organisation tree, hosts, tokens and sessions."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from treebeard.mp_tree import MP_Node

from apps.database.fields import EncryptedTextField, PlainCharField, blind_index_field
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use
from apps.lib.words import LONGEST_NAME


class User(AbstractUser, PublicIdModel):  # type: ignore[django-manager-missing]  # Wagtail's pictures point here
    """Someone who signs in: a host, or a person at HQ. `first_name` holds the whole name."""

    #: A region manager sees the hosts below this node.
    organisation = models.ForeignKey(
        "Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="所属组织",
        related_name="staff",
    )

    PII: ClassVar[dict[str, Pii]] = {
        "username": Pii.STAFF,
        "first_name": Pii.STAFF,
        "last_name": Pii.STAFF,
        "email": Pii.STAFF,
        "password": Pii.SECRET,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("登录和权限", Kept.STAFF)

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        return f"{self.last_name}{self.first_name}".strip()


class Organisation(MP_Node, PublicIdModel):  # type: ignore[django-manager-missing]  # treebeard is untyped
    """A node of the company's tree: company, region, store or team."""

    class Kind(models.TextChoices):
        COMPANY = "company", "公司"
        REGION = "region", "区域"
        STORE = "store", "门店"
        TEAM = "team", "团队"

    name = PlainCharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    code = PlainCharField("编号", max_length=40, unique=True, null=True, blank=True)

    #: Out of use nobody is placed there any more; what was counted there stays counted there.
    is_active = models.BooleanField("在用", default=True, db_default=True, editable=False)

    node_order_by: ClassVar[list[str]] = []
    PII: ClassVar[dict[str, Pii]] = {
        "path": Pii.NONE,
        "name": Pii.NONE,
        "kind": Pii.NONE,
        "code": Pii.NONE,
    }

    class Meta:
        verbose_name = "组织"
        verbose_name_plural = "组织"

    def __str__(self) -> str:
        return str(self.name)


class HostQuerySet(models.QuerySet["Host"]):
    def active(self) -> "HostQuerySet":
        return self.filter(status=Host.Status.ACTIVE)

    def reachable(self) -> "HostQuerySet":
        """Those to whom WeCom brings our messages: bound to a member."""
        return self.filter(wecom_userid__gt="")

    def below(self, organisation: Organisation) -> "HostQuerySet":
        """Hosts of this node and of every node under it."""
        return self.filter(organisation__path__startswith=organisation.path)


class Host(PublicIdModel):
    """A 大C: a group owner or a guide, who serves her own customers."""

    class Kind(models.TextChoices):
        OWNER = "owner", "群主"
        GUIDE = "guide", "导购"

    class Status(models.TextChoices):
        APPLIED = "applied", "申请中"
        ACTIVE = "active", "在用"
        SUSPENDED = "suspended", "停用"
        LEFT = "left", "已离开"

    user = models.OneToOneField(User, models.PROTECT, verbose_name="登录账号", related_name="host")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="所属组织", related_name="hosts"
    )
    kind = models.CharField("身份", max_length=10, choices=Kind)
    level = models.PositiveSmallIntegerField("等级", default=1)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.APPLIED)
    name = PlainCharField("对外称呼", max_length=LONGEST_NAME)
    wecom_userid = models.CharField("企业微信账号", max_length=64, unique=True, null=True, blank=True)
    tagline = PlainCharField("一句话介绍", max_length=60, blank=True)
    #: Messages from HQ wait while these hours last (Shanghai); equal hours mean no quiet time.
    quiet_from = models.TimeField("免打扰开始", default="22:00")
    quiet_to = models.TimeField("免打扰结束", default="07:30")
    #: How she likes her posters (`apps.library.posters.Look`); empty until she chose.
    poster_look = models.CharField(max_length=10, blank=True, default="", db_default="")
    joined_at = models.DateTimeField("加入时间")

    objects = HostQuerySet.as_manager()
    PII: ClassVar[dict[str, Pii]] = {
        "kind": Pii.NONE,
        "status": Pii.NONE,
        "name": Pii.STAFF,
        "wecom_userid": Pii.STAFF,
        "tagline": Pii.STAFF,
        "poster_look": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("为客户服务的人和她的工作设置", Kept.STAFF)

    class Meta:
        verbose_name = "大C"
        verbose_name_plural = "大C"
        indexes = [models.Index(fields=["status", "organisation"], name="host_status_org")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class HostPhone(PublicIdModel):
    """The number on which HQ reaches a host. She alone has one, and it goes when she leaves.

    Apart from `Host`, which every page of hers reads: a number is opened where somebody calls, nowhere else.
    """

    host = models.OneToOneField(Host, models.CASCADE, related_name="phone_row")
    phone = EncryptedTextField("手机号")
    changed_at = models.DateTimeField("填写时间")

    PII: ClassVar[dict[str, Pii]] = {"phone": Pii.CONTACT}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("总部给大C打电话", Kept.STAFF)

    class Meta:
        verbose_name = "大C的手机号"
        verbose_name_plural = "大C的手机号"


class HostTransition(models.Model):
    """One step of a host's life: another status, level or place. Who, when, why. Append-only.

    `to_status` is where she stood afterwards, also when only her level or her organisation changed. The first
    step says with which level and at which place she began; from there each continues the one before.
    """

    host = models.ForeignKey(Host, models.PROTECT, related_name="transitions")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10, choices=Host.Status)
    from_level = models.PositiveSmallIntegerField(null=True)
    to_level = models.PositiveSmallIntegerField(null=True)
    from_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("原因", max_length=200, blank=True)
    at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {
        "from_status": Pii.NONE,
        "to_status": Pii.NONE,
        "reason": Pii.STAFF,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("状态变化的留痕", Kept.STAFF)

    class Meta:
        verbose_name = "大C变动记录"
        verbose_name_plural = "大C变动记录"
        indexes = [models.Index(fields=["host", "-at"], name="transition_host_at")]

    @property
    def words(self) -> str:
        """What happened, as the timeline tells it."""
        if self.from_level is not None:
            return f"等级 {self.from_level} → {self.to_level}"
        if self.from_organisation is not None:
            return f"从「{self.from_organisation}」转到「{self.to_organisation}」"
        if not self.from_status:
            return "申请加入" if self.to_status == Host.Status.APPLIED else "开通，成为大C"
        steps: dict[tuple[str, str], str] = {
            (Host.Status.APPLIED, Host.Status.ACTIVE): "申请通过，成为大C",
            (Host.Status.SUSPENDED, Host.Status.ACTIVE): "恢复使用",
        }
        return steps.get((self.from_status, self.to_status)) or str(Host.Status(self.to_status).label)


class ApiToken(PublicIdModel):
    """A bearer token of the API. Only its SHA-256 is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    #: What its owner calls it; empty when a sign-in at the API made it.
    name = PlainCharField("名称", max_length=40, blank=True)
    #: Made after the second step. Where two steps are due, another token carries no right of HQ.
    is_verified = models.BooleanField(default=False)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    #: Written at most once a minute.
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.STAFF, "digest": Pii.SECRET}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("接口登录", Kept.STAFF)

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class OneTimeLink(PublicIdModel):
    """A private link that grants something once. Only its SHA-256 is stored."""

    class Purpose(models.TextChoices):
        PASSWORD = "password", "重设密码"
        ACTIVATION = "activation", "启用账号"

    purpose = models.CharField(max_length=12, choices=Purpose)
    user = models.ForeignKey(User, models.CASCADE, related_name="one_time_links")
    digest = models.BinaryField(max_length=32, unique=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"purpose": Pii.NONE, "digest": Pii.SECRET}

    def is_valid(self, now: datetime) -> bool:
        return self.used_at is None and self.ended_at is None and now < self.expires_at


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def in_state(self, state: str, now: datetime) -> "InvitationQuerySet":
        """Those of which `Invitation.state` says this."""
        used_up = models.Q(uses__gte=models.F("uses_allowed"))
        standing = self.filter(revoked_at=None)
        match state:
            case "revoked":
                return self.exclude(revoked_at=None)
            case "used":
                return standing.filter(used_up)
            case "open":
                return standing.exclude(used_up).filter(expires_at__gt=now)
        return standing.exclude(used_up).filter(expires_at__lte=now)


class Invitation(PublicIdModel):
    """A private link by which people apply to become hosts at one place of the tree. Its SHA-256 is kept."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="invitations", verbose_name="加入哪个组织"
    )
    kind = models.CharField("身份", max_length=10, choices=Host.Kind)
    level = models.PositiveSmallIntegerField("等级", default=1)
    #: For HQ alone: whom this link was meant for.
    label = PlainCharField("给谁用", max_length=60, blank=True)
    digest = models.BinaryField(max_length=32, unique=True)
    uses_allowed = models.PositiveSmallIntegerField("可用次数", default=1)
    uses = models.PositiveSmallIntegerField("已用次数", default=0)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("生成时间")
    expires_at = models.DateTimeField("有效到")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = InvitationQuerySet.as_manager()
    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.NONE, "label": Pii.STAFF, "digest": Pii.SECRET}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("邀请别人来做大C", Kept.STAFF)

    class Meta:
        verbose_name = "邀请"
        verbose_name_plural = "邀请"
        constraints = [
            # However many apply at the same moment, the database counts no further than allowed.
            models.CheckConstraint(
                condition=models.Q(uses__lte=models.F("uses_allowed")), name="invitation_not_overused"
            )
        ]

    def state(self, now: datetime) -> str:
        """`open`, or why it no longer is: `revoked`, `used`, `expired`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.uses >= self.uses_allowed:
            return "used"
        return "open" if now < self.expires_at else "expired"


class Application(PublicIdModel):
    """Somebody's wish to become a host. What she wrote is sealed; her own link shows her how it stands."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待审核"
        APPROVED = "approved", "已通过"
        REFUSED = "refused", "未通过"
        WITHDRAWN = "withdrawn", "已撤回"

    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="applications")
    name = EncryptedTextField("称呼")
    phone = EncryptedTextField("手机号")
    phone_index = blind_index_field()
    wecom_userid = models.CharField("企业微信账号", max_length=64, blank=True)
    why = EncryptedTextField("想说的话", default="")
    #: Hash of the applicant's own link.
    digest = models.BinaryField(max_length=32, unique=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField("原因", max_length=200, blank=True)
    #: The notice she agreed to (privacy keeps its text by this hash), and when.
    notice_sha256 = models.BinaryField(max_length=32)
    consented_at = models.DateTimeField()
    created_at = models.DateTimeField("申请时间")
    decided_at = models.DateTimeField("审核时间", null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    host = models.OneToOneField(Host, models.PROTECT, null=True, related_name="application")
    #: Since when her own link leads to no first password any more: she came in, or her ways in were changed.
    closed_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "name": Pii.CONTACT,
        "phone": Pii.CONTACT,
        "phone_index": Pii.IDENTIFIER,
        "wecom_userid": Pii.STAFF,
        "why": Pii.SENSITIVE,
        "digest": Pii.SECRET,
        "state": Pii.NONE,
        "reason": Pii.STAFF,
        "notice_sha256": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("审核加入申请，联系申请人", Kept.APPLICANT)

    class Meta:
        verbose_name = "加入申请"
        verbose_name_plural = "加入申请"
        constraints = [
            # One phone waits once; the second try is told so.
            models.UniqueConstraint(
                fields=["phone_index"],
                condition=models.Q(state="waiting", phone_index__isnull=False),
                name="application_phone_waits_once",
            )
        ]
        indexes = [models.Index(fields=["state", "-created_at"], name="application_state_at")]

    @property
    def may_begin(self) -> bool:
        """Whether her own link leads to choosing her first password."""
        host = self.host
        return (
            host is not None
            and host.is_active
            and self.closed_at is None
            and not host.user.has_usable_password()
        )


class HostImport(PublicIdModel):
    """One file with hosts that somebody brought in: what came of it, and the rows that were turned back."""

    file_name = models.CharField("文件名", max_length=200)
    file_sha256 = models.BinaryField(max_length=32)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")
    rows_in = models.PositiveIntegerField("行数")
    created = models.PositiveIntegerField("新增")
    changed = models.PositiveIntegerField("更新")
    unchanged = models.PositiveIntegerField("未变")
    rejected = models.PositiveIntegerField("退回")
    #: The rejected rows as CSV, with lines and reasons.
    rejected_csv = EncryptedTextField(default="")

    PII: ClassVar[dict[str, Pii]] = {
        "file_name": Pii.NONE,
        "file_sha256": Pii.NONE,
        "rejected_csv": Pii.SENSITIVE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("批量导入大C的结果和退回的行", Kept.APPLICANT)

    class Meta:
        verbose_name = "大C导入"
        verbose_name_plural = "大C导入"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows_in=models.F("created")
                    + models.F("changed")
                    + models.F("unchanged")
                    + models.F("rejected")
                ),
                name="host_import_adds_up",
            )
        ]


class Session(AbstractBaseSession):
    """A web session that knows whose it is, so that a person can be signed out everywhere."""

    user_id = models.BigIntegerField(null=True, db_index=True)

    PII: ClassVar[dict[str, Pii]] = {"session_key": Pii.SECRET, "session_data": Pii.SECRET}

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        from apps.accounts.sessions import SessionStore  # noqa: PLC0415 - the store imports this model

        return SessionStore
