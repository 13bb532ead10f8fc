"""Customers, who follows them, the corp's tags, contact ways and transfers."""

from __future__ import annotations

from django.db import models

from apps.sandbox.models.corp import App, Member


class Customer(models.Model):
    """A WeChat user (external contact)."""

    objects = models.Manager["Customer"]()

    external_userid = models.CharField(max_length=64, unique=True)
    unionid = models.CharField(max_length=32, blank=True, default="")
    openid = models.CharField(max_length=32, blank=True, default="")
    name = models.CharField(max_length=64)
    gender = models.PositiveSmallIntegerField(default=0)
    kind = models.PositiveSmallIntegerField(default=1)
    corp_name = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return self.name

    @property
    def hue(self) -> int:
        return self.pk % 8


class FollowQuerySet(models.QuerySet["Follow"]):
    def readable(self) -> FollowQuerySet:
        """The relations that the API knows: both ways, and one-way after the customer deleted the member."""
        return self.filter(state__in=(Follow.State.BOTH, Follow.State.ONE_WAY))

    def visible_to(self, app: App) -> FollowQuerySet:
        return self.filter(member__in=Member.objects.all().visible_to(app))


class Follow(models.Model):
    """A member and a customer who were or are each other's contact."""

    class State(models.TextChoices):
        HALF = "half", "等待通过"
        BOTH = "both", "互为好友"
        ONE_WAY = "one_way", "客户已删除成员"
        REMOVED = "removed", "成员已删除客户"

    objects = models.Manager.from_queryset(FollowQuerySet)()

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follows")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="follows")
    state = models.CharField(max_length=8, choices=State.choices, default=State.BOTH)
    channel = models.CharField(max_length=64, blank=True, default="")
    add_way = models.PositiveSmallIntegerField(default=1)
    oper_userid = models.CharField(max_length=64, blank=True, default="")
    remark = models.CharField(max_length=64, blank=True, default="")
    description = models.CharField(max_length=200, blank=True, default="")
    remark_company = models.CharField(max_length=64, blank=True, default="")
    remark_mobiles = models.JSONField(default=list)
    created_at = models.DateTimeField()
    chatted_at = models.DateTimeField(null=True, blank=True)
    welcomed_at = models.DateTimeField(null=True, blank=True)
    transfers = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint("member", "customer", name="follow_once")]

    def __str__(self) -> str:
        return f"{self.member} → {self.customer}"

    @property
    def shown_name(self) -> str:
        return self.remark or self.customer.name


class TagGroup(models.Model):
    objects = models.Manager["TagGroup"]()

    group_id = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    app = models.ForeignKey(App, on_delete=models.CASCADE, null=True)
    is_deleted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    objects = models.Manager["Tag"]()

    tag_id = models.CharField(max_length=32, unique=True)
    group = models.ForeignKey(TagGroup, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)
    order = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    app = models.ForeignKey(App, on_delete=models.CASCADE, null=True)
    is_deleted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class FollowTag(models.Model):
    """A tag on the pair of member and customer: a corp tag, or the member's own by name."""

    objects = models.Manager["FollowTag"]()

    follow = models.ForeignKey(Follow, on_delete=models.CASCADE, related_name="tag_marks")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, null=True)
    personal_name = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint("follow", "tag", "personal_name", name="tagged_once")]

    def __str__(self) -> str:
        return self.tag.name if self.tag else self.personal_name


class ContactWay(models.Model):
    """「联系我」: a QR code or button that adds one of its members, with a channel."""

    objects = models.Manager["ContactWay"]()

    config_id = models.CharField(max_length=32, unique=True)
    app = models.ForeignKey(App, on_delete=models.CASCADE)
    kind = models.PositiveSmallIntegerField()
    scene = models.PositiveSmallIntegerField()
    style = models.PositiveSmallIntegerField(default=0)
    remark = models.CharField(max_length=60, blank=True, default="")
    skip_verify = models.BooleanField(default=True)
    channel = models.CharField(max_length=64, blank=True, default="")
    users = models.JSONField(default=list)
    parties = models.JSONField(default=list)
    is_temp = models.BooleanField(default=False)
    expires_in = models.PositiveIntegerField(default=7 * 86400)
    chat_expires_in = models.PositiveIntegerField(default=86400)
    unionid = models.CharField(max_length=64, blank=True, default="")
    is_exclusive = models.BooleanField(default=False)
    conclusions = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    scans = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.remark or self.channel or self.config_id


class Transfer(models.Model):
    """A customer on the way from one member to another."""

    class Status(models.IntegerChoices):
        DONE = 1, "已接替"
        WAITING = 2, "等待接替"
        REFUSED = 3, "客户拒绝"
        FULL = 4, "接替成员客户达上限"

    objects = models.Manager["Transfer"]()

    handover = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    takeover = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    is_resigned = models.BooleanField(default=False)
    message = models.CharField(max_length=200, blank=True, default="")
    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.WAITING)
    started_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.customer}: {self.handover} → {self.takeover}"
