"""Customers and members who become friends, talk, and part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from apps.sandbox import ids
from apps.sandbox.actors import emit
from apps.sandbox.actors.errors import ActError
from apps.sandbox.models import (
    Callback,
    ConsumerLine,
    ContactWay,
    Customer,
    Follow,
    FollowTag,
    Member,
    Simulation,
    Tag,
    WelcomeCode,
)

EVENT = "change_external_contact"


@dataclass(frozen=True)
class Added:
    follow: Follow
    callbacks: list[Callback]
    welcome_code: str


def make_customer(*, name: str, external_userid: str = "", unionid: str = "", gender: int = 0) -> Customer:
    """A WeChat user whom nobody in the corp knows yet; one with the same id is brought up to date."""
    external = external_userid or ids.external_userid()
    customer, _ = Customer.objects.update_or_create(
        external_userid=external,
        defaults={
            "name": name,
            "unionid": unionid or ids.unionid(external),
            "openid": ids.openid(external),
            "gender": gender,
        },
    )
    return customer


def member_of_way(way: ContactWay, now: datetime) -> Member:
    """Whom a scan of this code adds: its members take turns."""
    if way.is_temp and way.created_at + timedelta(seconds=way.expires_in) <= now:
        raise ActError("这个临时二维码已经过期。")
    members = [
        member
        for member in Member.objects.all().in_corp().order_by("pk")
        if member.userid in way.users or set(member.departments) & set(way.parties)
    ]
    if not members:
        raise ActError("这个二维码里的成员都不在了。")
    ContactWay.objects.filter(pk=way.pk).update(scans=F("scans") + 1)
    return members[way.scans % len(members)]


def customer_adds(
    simulation: Simulation,
    now: datetime,
    *,
    member: Member,
    customer: Customer,
    channel: str = "",
    skip_verify: bool = True,
    add_way: int = 1,
) -> Added:
    """A customer adds a member: friends at once, or half-added until she accepts."""
    if member.status == Member.Status.LEFT:
        raise ActError("这位成员已经离职。")
    known = Follow.objects.filter(member=member, customer=customer).first()
    if known and known.state == Follow.State.BOTH:
        raise ActError("已经是好友了，不能重复添加。")
    follow, _ = Follow.objects.update_or_create(
        member=member,
        customer=customer,
        defaults={
            "state": Follow.State.BOTH if skip_verify else Follow.State.HALF,
            "channel": channel,
            "add_way": add_way,
            "oper_userid": customer.external_userid,
            "created_at": now,
            "chatted_at": None,
            "welcomed_at": None,
        },
    )
    if known and known.state == Follow.State.REMOVED:
        FollowTag.objects.filter(follow=follow).delete()
    line = "你已添加了对方，现在可以开始聊天了" if skip_verify else "已发送好友申请，等待对方通过"
    say(follow, now, kind=ConsumerLine.Kind.SYSTEM, text=line)
    code = give_welcome_code(simulation, now, follow)
    change = "add_external_contact" if skip_verify else "add_half_external_contact"
    return Added(follow, emit_change(simulation, now, follow, change, code=code, with_state=True), code)


def member_accepts(simulation: Simulation, now: datetime, *, follow: Follow) -> Added:
    if follow.state != Follow.State.HALF:
        raise ActError("没有等待通过的好友申请。")
    follow.state = Follow.State.BOTH
    follow.save(update_fields=["state"])
    say(follow, now, kind=ConsumerLine.Kind.SYSTEM, text="对方已通过你的好友申请")
    # A half-added customer who was greeted already brings no second code.
    was_greeted = follow.welcome_codes.filter(used_at__isnull=False).exists()
    code = "" if was_greeted else give_welcome_code(simulation, now, follow)
    callbacks = emit_change(simulation, now, follow, "add_external_contact", code=code, with_state=True)
    return Added(follow, callbacks, code)


def member_adds(
    simulation: Simulation, now: datetime, *, member: Member, customer: Customer, add_way: int = 2
) -> Added:
    """She searched and added him; he accepted."""
    added = customer_adds(simulation, now, member=member, customer=customer, add_way=add_way)
    Follow.objects.filter(pk=added.follow.pk).update(oper_userid=member.userid)
    return added


def give_welcome_code(simulation: Simulation, now: datetime, follow: Follow) -> str:
    """The code is born with the event; members greeted by the administrator's own words get none."""
    if follow.member.has_admin_welcome:
        say(follow, now, kind=ConsumerLine.Kind.WELCOME, text="你好，很高兴认识你。")
        Follow.objects.filter(pk=follow.pk).update(welcomed_at=now)
        return ""
    return WelcomeCode.objects.create(
        code=ids.opaque("WC_", 43),
        follow=follow,
        created_at=now,
        expires_at=now + timedelta(seconds=simulation.welcome_seconds),
    ).code


def customer_deletes_member(simulation: Simulation, now: datetime, *, follow: Follow) -> list[Callback]:
    """The customer is gone; the member keeps a one-way relation that the API still shows."""
    if follow.state != Follow.State.BOTH:
        raise ActError("客户没有加这位成员为好友。")
    follow.state = Follow.State.ONE_WAY
    follow.save(update_fields=["state"])
    return emit_change(simulation, now, follow, "del_follow_user")


def member_deletes_customer(simulation: Simulation, now: datetime, *, follow: Follow) -> list[Callback]:
    if follow.state not in (Follow.State.BOTH, Follow.State.ONE_WAY):
        raise ActError("这位成员没有这个客户。")
    follow.state = Follow.State.REMOVED
    follow.save(update_fields=["state"])
    return emit_change(simulation, now, follow, "del_external_contact")


def member_edits(
    simulation: Simulation,
    now: datetime,
    *,
    follow: Follow,
    remark: str | None = None,
    description: str | None = None,
    remark_mobiles: list[str] | None = None,
    add_tags: list[str] | None = None,
    remove_tags: list[str] | None = None,
    personal_tags: list[str] | None = None,
) -> list[Callback]:
    """She edits her customer in the client. Mobiles alone are no event."""
    if follow.state not in (Follow.State.BOTH, Follow.State.ONE_WAY):
        raise ActError("这位成员没有这个客户。")
    if remark is not None:
        follow.remark = remark
    if description is not None:
        follow.description = description
    if remark_mobiles is not None:
        follow.remark_mobiles = remark_mobiles
    follow.save(update_fields=["remark", "description", "remark_mobiles"])
    for tag in Tag.objects.filter(tag_id__in=add_tags or [], is_deleted=False):
        FollowTag.objects.get_or_create(follow=follow, tag=tag, personal_name="")
    for name in personal_tags or []:
        FollowTag.objects.get_or_create(follow=follow, tag=None, personal_name=name)
    FollowTag.objects.filter(follow=follow, tag__tag_id__in=remove_tags or []).delete()
    if all(each is None for each in (remark, description, add_tags, remove_tags, personal_tags)):
        return []
    return emit_change(simulation, now, follow, "edit_external_contact", with_state=True)


def talk(now: datetime, *, follow: Follow, text: str, is_from_customer: bool) -> ConsumerLine:
    """A chat line between the two. The corp's apps hear nothing, but the time for a greeting is over."""
    if follow.state not in (Follow.State.BOTH, Follow.State.HALF):
        raise ActError("对方还不是好友，发不出去。")
    follow.chatted_at = now
    follow.save(update_fields=["chatted_at"])
    return say(follow, now, kind=ConsumerLine.Kind.CHAT, text=text, is_from_customer=is_from_customer)


def say(
    follow: Follow, now: datetime, *, kind: ConsumerLine.Kind, text: str, is_from_customer: bool = False
) -> ConsumerLine:
    return ConsumerLine.objects.create(
        follow=follow, kind=kind, text=text, is_from_customer=is_from_customer, at=now
    )


def emit_change(
    simulation: Simulation,
    now: datetime,
    follow: Follow,
    change: str,
    *,
    code: str = "",
    with_state: bool = False,
) -> list[Callback]:
    fields: emit.Fields = [
        ("UserID", follow.member.userid),
        ("ExternalUserID", follow.customer.external_userid),
    ]
    if with_state and follow.channel:
        fields.append(("State", follow.channel))
    if code:
        fields.append(("WelcomeCode", code))
    return emit.system_event(simulation, now, event=EVENT, change=change, fields=fields)
