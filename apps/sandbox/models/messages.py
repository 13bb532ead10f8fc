"""What was said: app messages and replies, welcome messages, mass sends; and the media in them."""

from __future__ import annotations

from django.db import models

from apps.sandbox.models.corp import App, Member
from apps.sandbox.models.customers import Customer, Follow


class AppMessage(models.Model):
    """One accepted message/send. `swallowed` counts the byte-identical repeats that were not delivered."""

    objects = models.Manager["AppMessage"]()

    msgid = models.CharField(max_length=80, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE)
    msgtype = models.CharField(max_length=24)
    content = models.JSONField()
    body_hash = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64, db_index=True)
    answer = models.JSONField(default=dict)
    checks_duplicates = models.BooleanField(default=False)
    duplicate_interval = models.PositiveIntegerField(default=0)
    swallowed = models.PositiveIntegerField(default=0)
    response_code = models.CharField(max_length=80, blank=True, default="")
    response_code_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)
    recalled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["app", "body_hash", "-created_at"], name="message_duplicates")]

    def __str__(self) -> str:
        return f"{self.msgtype} {self.msgid}"


class ChatLine(models.Model):
    """A line in a member's chat with an app, in either direction."""

    class Speaker(models.TextChoices):
        APP = "app", "应用"
        MEMBER = "member", "成员"

    class State(models.TextChoices):
        DELIVERED = "delivered", "已送达"
        DROPPED = "dropped", "超频未送达"
        RECALLED = "recalled", "已撤回"

    objects = models.Manager["ChatLine"]()

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="chat_lines")
    app = models.ForeignKey(App, on_delete=models.CASCADE)
    speaker = models.CharField(max_length=8, choices=Speaker.choices)
    message = models.ForeignKey(AppMessage, on_delete=models.CASCADE, null=True, related_name="lines")
    callback = models.ForeignKey("sandbox.Callback", on_delete=models.CASCADE, null=True)
    msgtype = models.CharField(max_length=24)
    content = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DELIVERED)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member", "-at"], name="line_by_member")]

    def __str__(self) -> str:
        return f"{self.speaker}: {self.msgtype}"


class WelcomeCode(models.Model):
    """The right to greet one new contact once, within 20 s of the event that brought it."""

    objects = models.Manager["WelcomeCode"]()

    code = models.CharField(max_length=80, unique=True)
    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="welcome_codes")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code


class ConsumerLine(models.Model):
    """What a customer and a member see in their chat."""

    class Kind(models.TextChoices):
        SYSTEM = "system", "系统提示"
        WELCOME = "welcome", "欢迎语"
        MASS = "mass", "群发"
        MOMENT = "moment", "朋友圈"
        CHAT = "chat", "聊天"

    objects = models.Manager["ConsumerLine"]()

    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    is_from_customer = models.BooleanField(default=False)
    text = models.TextField(blank=True, default="")
    attachments = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:20]}"


class MassTask(models.Model):
    """An add_msg_template: a task that members must confirm before anything is sent."""

    objects = models.Manager["MassTask"]()

    msgid = models.CharField(max_length=80, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE)
    chat_type = models.CharField(max_length=8)
    text = models.TextField(blank=True, default="")
    attachments = models.JSONField(default=list)
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.msgid

    @property
    def content(self) -> dict[str, object]:
        return {"text": {"content": self.text}, "attachments": self.attachments}


class MassTaskMember(models.Model):
    """A member's part of a mass send: 0 not sent, 2 sent."""

    objects = models.Manager["MassTaskMember"]()

    task = models.ForeignKey(MassTask, on_delete=models.CASCADE, related_name="parts")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="mass_parts")
    status = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("task", "member", name="part_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.member}"


class MassResult(models.Model):
    """Whom a part is for, and what came of it: 0 not sent, 1 sent, 2 no friend, 3 over the limit."""

    objects = models.Manager["MassResult"]()

    part = models.ForeignKey(MassTaskMember, on_delete=models.CASCADE, related_name="results")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True)
    chat_id = models.CharField(max_length=64, blank=True, default="")
    status = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.part} {self.status}"


class Media(models.Model):
    """An uploaded file: temporary by media_id for three days, or a picture with a lasting address."""

    objects = models.Manager["Media"]()

    media_id = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8)
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    content = models.BinaryField()
    is_lasting = models.BooleanField(default=False)
    #: What an attachment was uploaded for: moments take only their own.
    scene = models.CharField(max_length=8, blank=True, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.filename
