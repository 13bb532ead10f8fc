"""Why and by which way a person is contacted, what came of it, and when she was asked about it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.customers.models import Relation
from apps.lib.pii import Kept, Pii, Use


class Purpose(models.TextChoices):
    """What a contact is for. OFFERS alone needs her consent (docs/privacy.md says why)."""

    OFFERS = "offers", "新品和优惠"
    GREETING = "greeting", "加好友后的问候"
    ORDER = "order", "订单通知"
    HAND_OVER = "hand-over", "换人服务的通知"
    STORY = "story", "请她讲自己的故事"
    ASKING = "asking", "问她愿不愿意收优惠"


class Way(models.TextChoices):
    """By which way it comes to her."""

    MASS = "wecom-mass", "企业微信群发"
    MOMENT = "wecom-moment", "企业微信朋友圈"
    WELCOME = "wecom-welcome", "企业微信欢迎语"
    TRANSFER = "wecom-transfer", "企业微信转接"
    GROUP = "wecom-group", "企业微信客户群"
    LINK = "link", "大C自己发的链接"


class Reason(models.TextChoices):
    """Why somebody is not contacted; the text completes 「N 位……」 on the host's pages."""

    ERASED = "erased", "已经要求删除资料"
    ENDED = "ended", "已经不是好友"
    NOT_FRIEND = "not-friend", "还不是企业微信好友"
    OTHER_COMPANY = "other-company", "是别家公司的企业微信"
    NEVER_ASKED = "never-asked", "还没有问过"
    CLAIM = "claim", "下单时勾过，还没确认是本人"
    TO_ANOTHER = "to-another", "只同意过原来服务她的人"
    DECLINED = "declined", "说过先不用"
    WITHDRAWN = "withdrawn", "收回了同意"
    ASKED_LATELY = "asked-lately", "刚问过，等她回答"
    QUIET = "quiet", "现在是休息时间"


class Touch(models.Model):
    """One contact with one person, one step of it. Rows are only added (docs/privacy.md).

    `cause` and `cause_id` name what it came from: a mass send, a delivery.
    """

    class State(models.TextChoices):
        HELD = "held", "没有发"
        ALLOWED = "allowed", "可以发"
        SENT = "sent", "已送达"
        MISSED = "missed", "没有送到"

    relation = models.ForeignKey(Relation, models.PROTECT, related_name="touches")
    purpose = models.CharField("用途", max_length=12, choices=Purpose)
    way = models.CharField("方式", max_length=16, choices=Way)
    state = models.CharField("结果", max_length=8, choices=State)
    reason = models.CharField("原因", max_length=16, choices=Reason, blank=True, default="")
    cause = models.CharField("来自", max_length=20)
    cause_id = models.BigIntegerField(null=True)
    at = models.DateTimeField("时间")

    PII: ClassVar[dict[str, Pii]] = {
        "purpose": Pii.NONE,
        "way": Pii.NONE,
        "state": Pii.BEHAVIOUR,
        "reason": Pii.BEHAVIOUR,
        "cause": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("什么时候为什么联系过她，或者为什么没有", Kept.CONSENT)

    class Meta:
        verbose_name = "触达"
        verbose_name_plural = "触达"
        indexes = [
            models.Index(fields=["relation", "-at"], name="touch_of_relation"),
            models.Index(fields=["cause", "cause_id"], name="touch_of_cause"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held") & ~Q(reason="") | ~Q(state="held") & Q(reason=""),
                name="touch_held_has_reason",
            )
        ]


class Asking(models.Model):
    """Her host asked one person whether she wants offers: by a private link, until she answers or it ends.

    The link is of this relation alone; only the hash of its secret is kept.
    """

    class Answer(models.TextChoices):
        NONE = "", "还没有回答"
        YES = "yes", "愿意"
        NO = "no", "先不用"

    relation = models.ForeignKey(Relation, models.PROTECT, related_name="askings")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("问她的时间")
    digest = models.BinaryField(max_length=32, unique=True)
    open_until = models.DateTimeField("回答截止")
    answer = models.CharField("她的回答", max_length=3, choices=Answer, blank=True, default="")
    answered_at = models.DateTimeField("回答时间", null=True)

    PII: ClassVar[dict[str, Pii]] = {"digest": Pii.SECRET, "answer": Pii.BEHAVIOUR}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("问过她愿不愿意收优惠，她怎么答的", Kept.CONSENT)

    class Meta:
        verbose_name = "征得同意"
        verbose_name_plural = "征得同意"
        indexes = [models.Index(fields=["relation", "-asked_at"], name="asking_of_relation")]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="asking_answer_has_time",
            )
        ]
