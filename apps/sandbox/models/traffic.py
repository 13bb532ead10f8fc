"""What crossed the wire, and the short-lived keys that opened it."""

from __future__ import annotations

from django.db import models

from apps.sandbox.models.corp import App, Member
from apps.sandbox.models.customers import Customer


class Token(models.Model):
    objects = models.Manager["Token"]()

    token = models.CharField(max_length=120, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    is_revoked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.app} until {self.expires_at}"


class Ticket(models.Model):
    """A jsapi ticket: of the corp, or of one app (agent_config)."""

    objects = models.Manager["Ticket"]()

    ticket = models.CharField(max_length=120, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE, null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"ticket until {self.expires_at}"


class LoginCode(models.Model):
    """A sign-in: the code that the browser carries back, and the ticket got for it."""

    objects = models.Manager["LoginCode"]()

    code = models.CharField(max_length=120, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True)
    openid = models.CharField(max_length=32, blank=True, default="")
    scope = models.CharField(max_length=24, default="snsapi_base")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    user_ticket = models.CharField(max_length=120, blank=True, default="", db_index=True)
    ticket_expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"login of {self.member or self.customer or self.openid}"


class ApiCall(models.Model):
    """One request under /cgi-bin/ as it came and as it was answered."""

    objects = models.Manager["ApiCall"]()

    method = models.CharField(max_length=8)
    path = models.CharField(max_length=120)
    query = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="")
    body_hash = models.CharField(max_length=64)
    body_size = models.PositiveIntegerField(default=0)
    ip = models.CharField(max_length=64, blank=True, default="")
    app = models.ForeignKey(App, on_delete=models.SET_NULL, null=True)
    http_status = models.PositiveSmallIntegerField(default=200)
    errcode = models.IntegerField(null=True)
    answer = models.TextField(blank=True, default="")
    fault = models.CharField(max_length=16, blank=True, default="")
    took_ms = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["path", "at"], name="call_by_path")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.errcode}"


class Block(models.Model):
    """A path that answers 45009 until a time, because it was called too often."""

    objects = models.Manager["Block"]()

    path = models.CharField(max_length=120, db_index=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.path} until {self.until}"


class Cursor(models.Model):
    """A place in a list that was fixed when its first page was read."""

    objects = models.Manager["Cursor"]()

    cursor = models.CharField(max_length=120, unique=True)
    path = models.CharField(max_length=120)
    question_hash = models.CharField(max_length=64)
    keys = models.JSONField()
    pages = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path


#: What a person calls the events.
EVENT_LABELS = {
    "text": "成员发来文字",
    "enter_agent": "成员打开应用",
    "click": "成员点了菜单",
    "view": "成员点了菜单链接",
    "template_card_event": "成员按了卡片按钮",
    "change_external_contact.add_external_contact": "加了好友",
    "change_external_contact.add_half_external_contact": "客户申请加好友",
    "change_external_contact.edit_external_contact": "成员改了客户资料",
    "change_external_contact.del_external_contact": "成员删了客户",
    "change_external_contact.del_follow_user": "客户删了成员",
    "change_external_contact.transfer_fail": "客户转接没有成功",
    "change_external_chat.create": "新建客户群",
    "change_external_chat.update": "客户群有变化",
    "change_external_chat.dismiss": "客户群解散",
    "change_external_tag.create": "新建企业标签",
    "change_external_tag.update": "修改企业标签",
    "change_external_tag.delete": "删除企业标签",
    "change_contact.create_user": "新成员",
    "change_contact.update_user": "成员资料变化",
    "change_contact.delete_user": "成员离职",
}


class Callback(models.Model):
    """An event or message on its way to an app: the row exists before the first try."""

    class State(models.TextChoices):
        PENDING = "pending", "待送达"
        DELIVERED = "delivered", "已送达"
        LOST = "lost", "四次未送达"
        DROPPED = "dropped", "按设置丢弃"
        UNHEARD = "unheard", "应用未设回调地址"

    objects = models.Manager["Callback"]()

    app = models.ForeignKey(App, on_delete=models.CASCADE)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True)
    kind = models.CharField(max_length=80)
    plaintext = models.TextField()
    copy_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    is_answer_ignored = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Real time: a process that died lets go of the row when this passes.
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True, default="")
    reply_problem = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="callback_due", condition=models.Q(state="pending"))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def label(self) -> str:
        return EVENT_LABELS.get(self.kind, self.kind)


class CallbackTry(models.Model):
    objects = models.Manager["CallbackTry"]()

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")
    answer = models.TextField(blank=True, default="")
    took_ms = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"try {self.number}: {self.status or self.error}"
