"""What a consumer asked for by her rights: her data, or its end; and what must stay erased."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.database.fields import EncryptedTextField, blind_index_field
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class RightsRequest(PublicIdModel):
    """One request of a person: to have her data, or to have it erased (docs/privacy.md).

    Until she has proved herself nothing is looked up or touched. `host_id` is set when the proof came by one
    host: then it reaches what that host knows, and nothing else.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", "带走我的资料"
        ERASE = "erase", "删除我的资料"

    class State(models.TextChoices):
        REQUESTED = "requested", "等待核实"
        VERIFIED = "verified", "已核实"
        READY = "ready", "可以查看"
        BLOCKED = "blocked", "已停用，正在删除"
        ERASED = "erased", "已删除"
        REFUSED = "refused", "没有办理"
        EXPIRED = "expired", "已结束"

    class Proof(models.TextChoices):
        HQ = "hq", "总部回拨电话核实"
        HOST = "host", "大C在聊天里核实"

    #: Still to be dealt with: these have a due date that counts.
    OPEN = (State.REQUESTED, State.VERIFIED, State.BLOCKED)

    kind = models.CharField("要求", max_length=10, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.REQUESTED)
    phone = EncryptedTextField("手机号", default="")
    phone_index = blind_index_field()
    host_id = models.BigIntegerField(null=True)
    relation_ids = models.JSONField(default=list)
    customer_ids = models.JSONField(default=list)
    view_digest = models.BinaryField(max_length=32, unique=True)
    view_until = models.DateTimeField()
    code_mac = models.BinaryField(max_length=32, null=True)
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    proof = models.CharField("怎样核实", max_length=10, choices=Proof, blank=True)
    #: Who handed her the code or the link.
    proved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核实人")
    requested_at = models.DateTimeField("提出时间")
    due_at = models.DateTimeField("最晚办完")
    verified_at = models.DateTimeField("核实时间", null=True)
    finished_at = models.DateTimeField("办完时间", null=True)
    #: The parts already erased: where a killed job goes on.
    steps = models.JSONField(default=list)
    pseudonym = models.CharField("化名", max_length=20, blank=True)
    file = models.CharField(max_length=120, blank=True)
    refusal = models.CharField("说明", max_length=200, blank=True)

    PII: ClassVar[dict[str, Pii]] = {
        "kind": Pii.NONE,
        "state": Pii.NONE,
        "phone": Pii.CONTACT,
        "phone_index": Pii.IDENTIFIER,
        "relation_ids": Pii.IDENTIFIER,
        "customer_ids": Pii.IDENTIFIER,
        "view_digest": Pii.SECRET,
        "code_mac": Pii.SECRET,
        "proof": Pii.NONE,
        "steps": Pii.NONE,
        "pseudonym": Pii.NONE,
        "file": Pii.NONE,
        "refusal": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("办理个人信息权利请求", Kept.REQUEST)

    class Meta:
        verbose_name = "资料请求"
        verbose_name_plural = "资料请求"
        indexes = [models.Index(fields=["state", "due_at"], name="rights_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["requested", "refused", "expired"]) | Q(verified_at__isnull=False),
                name="rights_nothing_unproved",
            )
        ]


class Tombstone(models.Model):
    """A row that was erased, by the hash of its random id: what a restored backup must lose again."""

    digest = models.BinaryField(max_length=32, unique=True)
    pseudonym = models.CharField(max_length=20)
    erased_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"digest": Pii.NONE, "pseudonym": Pii.NONE}
