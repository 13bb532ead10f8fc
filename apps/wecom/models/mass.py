"""Mass messages and moments that a host has WeCom prepare; she herself sends them, in WeCom's app."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use
from apps.media.models import Poster, Video
from apps.tracking.models import Channel, Link

#: What the key of its delivery begins with.
KEY = "mass-send"


class MassSend(PublicIdModel):
    """One tap of a host: words, pictures and her link, for her customers, her groups or her moments.

    A row before anything is asked of WeCom. What it tells is evidence, never one number called "sent":
    queued, taken by WeCom, confirmed by her, and per customer whether it reached her.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "正在排队"
        WAITING = "waiting", "等你确认"
        SENT = "sent", "已发送"
        REFUSED = "refused", "没排上"
        UNSURE = "unsure", "不确定"
        EXPIRED = "expired", "没有发"

    host = models.ForeignKey(Host, models.PROTECT, related_name="mass_sends")
    #: single, group or moments.
    channel = models.CharField(max_length=10, choices=Channel)
    #: From the form: a double tap brings the same one.
    key = models.UUIDField()
    title = models.CharField(max_length=100)
    text = models.TextField(blank=True)
    #: For whom, in words.
    audience = models.CharField(max_length=60)
    link = models.ForeignKey(Link, models.PROTECT, null=True, related_name="+")
    #: Ids of media.Image, in their order; the poster comes after them.
    image_ids = models.JSONField(default=list)
    poster = models.ForeignKey(Poster, models.SET_NULL, null=True, related_name="+")
    film = models.ForeignKey(Video, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    #: Why it is as it is, for her to read.
    note = models.CharField(max_length=200, blank=True, default="")
    #: How many customers she chose; null where WeCom alone knows (groups, moments).
    chosen = models.PositiveIntegerField(null=True)
    #: How many of those she meant stay out, by the gate's reason.
    left_out = models.JSONField(default=dict)
    #: Customers or groups that got it; for moments, customers who can see it.
    reached = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    msgid = models.CharField(max_length=100, blank=True, default="")
    jobid = models.CharField(max_length=100, blank=True, default="")
    moment_id = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField()
    #: When its content is over: it is not prepared after that, nor prepared anew.
    until = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    #: Nothing more is to be learned.
    finished_at = models.DateTimeField(null=True)
    #: When WeCom is asked next.
    look_at = models.DateTimeField(null=True)
    #: After a call without an answer: when it was first looked for in vain.
    missing_since = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "channel": Pii.NONE,
        "title": Pii.NONE,
        "text": Pii.NONE,
        "audience": Pii.NONE,
        "image_ids": Pii.NONE,
        "left_out": Pii.NONE,
        "state": Pii.NONE,
        "note": Pii.NONE,
        "msgid": Pii.NONE,
        "jobid": Pii.NONE,
        "moment_id": Pii.NONE,
    }

    class Meta:
        verbose_name = "企业微信群发"
        verbose_name_plural = "企业微信群发"
        constraints = [models.UniqueConstraint(fields=["host", "key"], name="mass_send_once")]
        indexes = [
            models.Index(fields=["host", "-created_at"], name="mass_send_of_host"),
            models.Index(fields=["look_at"], name="mass_send_to_look", condition=Q(finished_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.title}"

    @property
    def is_moment(self) -> bool:
        return self.channel == Channel.MOMENTS

    @property
    def unsettled(self) -> int:
        """Of the customers she chose, those of whom WeCom has not said yet whether it reached them."""
        return max(0, self.chosen - self.reached - self.missed) if self.chosen is not None else 0

    @property
    def delivery_key(self) -> str:
        return f"{KEY}:{self.public_id}"


class MassSendRecipient(models.Model):
    """One customer of a mass message, and what WeCom says became of it for her."""

    class State(models.TextChoices):
        WAITING = "waiting", "等你确认"
        SENT = "sent", "已送达"
        GONE = "gone", "已不是好友"
        FULL = "full", "收到的群发已到上限"
        REFUSED = "refused", "企业微信发不到她"
        HELD = "held", "没有同意，没有发给她"

    MISSED = (State.GONE, State.FULL, State.REFUSED, State.HELD)
    #: Not in what WeCom was asked for, or left out by it at once.
    NEVER_LEFT = (State.REFUSED, State.HELD)

    send = models.ForeignKey(MassSend, models.CASCADE, related_name="recipients")
    relation = models.ForeignKey(Relation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    sent_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"state": Pii.BEHAVIOUR}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("大C群发给了谁，送到没有", Kept.RELATION)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["send", "relation"], name="mass_send_recipient_once")]
