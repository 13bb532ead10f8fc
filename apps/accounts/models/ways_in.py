"""Second steps of signing in, the book of what was done to accounts, and the rows of rate limits."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from apps.accounts.models.people import User
from apps.database.fields import EncryptedTextField
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class Authenticator(ThrottlingMixin, Device, PublicIdModel):  # type: ignore[django-manager-missing]
    """A person's authenticator app: six digits every 30 seconds, each good for one sign-in.

    django-otp's own TOTP device keeps its secret in plain text; this one seals it.
    """

    #: 20 random bytes in hex.
    secret = EncryptedTextField()
    #: The 30-second step of the newest accepted code: it and older ones are not accepted again.
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.STAFF, "secret": Pii.SECRET}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("登录的两步验证", Kept.STAFF)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(confirmed=True), name="one_authenticator_each"
            )
        ]

    def get_throttle_factor(self) -> int:
        """1, 2, 4, 8 … seconds to wait after each wrong code."""
        return 1

    def accepts(self, code: str, *, now: datetime) -> bool:
        """Whether `code` is of now or of the step before or after, and newer than the last one used."""
        clock = TOTP(bytes.fromhex(self.secret))
        clock.time = now.timestamp()
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            return False
        if not clock.verify(int(code), tolerance=1, min_t=self.last_step + 1):
            return False
        self.last_step = clock.t()
        return True


class RecoveryCode(models.Model):
    """A code for the day the phone is lost. Single-use; only a keyed hash is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=16)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"digest": Pii.SECRET}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]


class AccountEvent(models.Model):
    """Who changed what about somebody's way in or rights, and when. Append-only."""

    class Kind(models.TextChoices):
        ROLE_GIVEN = "role_given", "给了角色"
        ROLE_TAKEN = "role_taken", "收回角色"
        ENABLED = "enabled", "恢复登录"
        DISABLED = "disabled", "停止登录"
        LINK_MADE = "link_made", "生成重设密码的链接"
        PASSWORD_CHOSEN = "password_chosen", "设了新密码"
        UNLOCKED = "unlocked", "解除登录锁定"
        SIGNED_OUT = "signed_out", "退出所有设备"
        SECOND_STEP_ON = "second_step_on", "开通两步验证"
        SECOND_STEP_OFF = "second_step_off", "清除两步验证"
        CODES_MADE = "codes_made", "换了一套备用码"
        CODE_USED = "code_used", "用备用码登录"
        TOKEN_MADE = "token_made", "新建接口令牌"
        TOKEN_REVOKED = "token_revoked", "停用接口令牌"
        WECOM_BOUND = "wecom_bound", "换绑企业微信"
        RENAMED = "renamed", "改登录账号"
        PLACED = "placed", "改所属组织"

    user = models.ForeignKey(User, models.PROTECT, related_name="events")
    kind = models.CharField("事情", max_length=16, choices=Kind)
    detail = models.CharField("说明", max_length=400, blank=True)
    #: None: the system itself.
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")

    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.NONE, "detail": Pii.STAFF}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("账号、角色和登录方式变化的留痕", Kept.STAFF)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="account_event_user_at")]


class RateHit(models.Model):
    """One try of what may be tried only so often. Kept as long as the longest window, by a keyed hash."""

    key = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"key": Pii.IDENTIFIER}
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("同一个地址提交得太快时请它等一等", Kept.SHORT)

    class Meta:
        indexes = [
            models.Index(fields=["key", "at"], name="rate_hit_key_at"),
            models.Index(fields=["at"], name="rate_hit_at"),
        ]
