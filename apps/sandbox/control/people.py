"""Filling the world in bulk: departments, members, customers with their followers, groups. No callbacks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apps.sandbox import groupview, ids, world
from apps.sandbox.control.views import Control, ControlError, control
from apps.sandbox.endpoints import tags
from apps.sandbox.models import Customer, Department, Follow, FollowTag, Group, GroupMember, Member, Tag

MEMBER_FIELDS = (
    "name",
    "alias",
    "position",
    "mobile",
    "email",
    "gender",
    "status",
    "departments",
    "is_real_name",
    "has_customer_contact",
    "has_admin_welcome",
)


@control("POST")
def departments(asked: Control) -> dict[str, Any]:
    rows = asked.rows("departments")
    for row in rows:
        Department.objects.update_or_create(
            pk=int(row["id"]),
            defaults={
                "name": str(row["name"]),
                "parent_id": int(row.get("parent_id", world.ROOT_DEPARTMENT)),
                "order": int(row.get("order", 0)),
            },
        )
    return {"count": len(rows)}


@control("GET", "POST")
def members(asked: Control) -> dict[str, Any]:
    """Make members or bring them up to date, by userid without case."""
    if asked.method == "GET":
        return {"members": [member_record(member) for member in Member.objects.order_by("pk")]}
    rows = asked.rows("members")
    known = {member.userid.lower(): member for member in Member.objects.all()}
    new = []
    for row in rows:
        userid = str(row.get("userid", ""))
        if not 1 <= len(userid) <= 64:
            raise ControlError("每位成员都要有 1 到 64 个字符的 userid")
        member = known.get(userid.lower()) or Member(userid=userid, departments=[world.ROOT_DEPARTMENT])
        for name in MEMBER_FIELDS:
            if name in row:
                setattr(member, name, row[name])
        member.name = member.name or userid
        if member.pk:
            member.save()
        else:
            known[userid.lower()] = member
            new.append(member)
    Member.objects.bulk_create(new)
    return {"count": len(rows), "created": len(new)}


def member_record(member: Member) -> dict[str, Any]:
    return {"userid": member.userid, **{name: getattr(member, name) for name in MEMBER_FIELDS}}


@control("POST")
def customers(asked: Control) -> dict[str, Any]:
    """Customers and who follows them, thousands in a call; what is known already is brought up to date."""
    rows = asked.rows("customers")
    made: dict[str, Customer] = {}
    for row in rows:
        external = str(row.get("external_userid") or ids.external_userid(row.get("seed")))
        row["external_userid"] = external
        made[external] = Customer(
            external_userid=external,
            unionid=str(row.get("unionid", ids.unionid(external))),
            openid=ids.openid(external),
            name=str(row.get("name") or "微信用户"),
            gender=int(row.get("gender", 0)),
            kind=int(row.get("type", 1)),
            corp_name=str(row.get("corp_name", "")),
        )
    Customer.objects.bulk_create(
        made.values(),
        update_conflicts=True,
        unique_fields=["external_userid"],
        update_fields=["unionid", "name", "gender", "kind", "corp_name"],
        batch_size=2000,
    )
    keys = dict(Customer.objects.filter(external_userid__in=made).values_list("external_userid", "pk"))
    follow_all(asked, rows, keys)
    return {"count": len(made), "external_userids": list(made)}


def follow_all(asked: Control, rows: list[dict[str, Any]], keys: dict[str, int]) -> None:
    people = {member.userid.lower(): member for member in Member.objects.all()}
    follows: dict[tuple[int, int], Follow] = {}
    tag_names: dict[tuple[int, int], list[str]] = {}
    for row in rows:
        for given in row.get("follows", ()):
            member = people.get(str(given.get("userid", "")).lower())
            if member is None:
                raise ControlError(f"没有成员 {given.get('userid')}，请先建成员", status=404)
            pair = (member.pk, keys[row["external_userid"]])
            follows[pair] = Follow(
                member=member,
                customer_id=pair[1],
                state=given.get("status", Follow.State.BOTH),
                channel=str(given.get("state", "")),
                add_way=int(given.get("add_way", 1)),
                oper_userid=row["external_userid"],
                remark=str(given.get("remark", "")),
                description=str(given.get("description", "")),
                remark_mobiles=list(given.get("remark_mobiles", ())),
                created_at=moment(given.get("createtime"), asked.now),
            )
            tag_names[pair] = [str(tag) for tag in given.get("tags", ())]
    Follow.objects.bulk_create(
        follows.values(),
        update_conflicts=True,
        unique_fields=["member", "customer"],
        update_fields=[
            "state",
            "channel",
            "add_way",
            "remark",
            "description",
            "remark_mobiles",
            "created_at",
        ],
        batch_size=2000,
    )
    if any(tag_names.values()):
        mark_all(tag_names)


def mark_all(tag_names: dict[tuple[int, int], list[str]]) -> None:
    by_id = {tag.tag_id: tag for tag in Tag.objects.filter(is_deleted=False)}
    pairs = {
        (follow.member_id, follow.customer_id): follow
        for follow in Follow.objects.filter(member__in={member for member, _ in tag_names})
    }
    marks = []
    for pair, given in tag_names.items():
        for tag_id in given:
            if tag_id not in by_id:
                raise ControlError(f"没有标签 {tag_id}", status=404)
            marks.append(FollowTag(follow=pairs[pair], tag=by_id[tag_id]))
    FollowTag.objects.bulk_create(marks, ignore_conflicts=True, batch_size=2000)


def moment(given: Any, default: datetime) -> datetime:
    return default if given is None else datetime.fromtimestamp(float(given), tz=UTC)


@control("POST")
def corp_tags(asked: Control) -> dict[str, Any]:
    """Tag groups as the administrator would have made them: [{"group_name", "tags": [names]}]."""
    answer = []
    for row in asked.rows("groups"):
        group, made = tags.add_tags(
            names=[{"name": str(name)} for name in row["tags"]],
            group_id="",
            group_name=str(row["group_name"]),
            order=0,
            app=None,
            now=asked.now,
        )
        answer.append(
            {
                "group_id": group.group_id,
                "group_name": group.name,
                "tags": {tag.name: tag.tag_id for tag in made},
            }
        )
    return {"groups": answer}


@control("POST")
def groups(asked: Control) -> dict[str, Any]:
    """Customer groups with owner and members: [{"chat_id", "name", "owner", "customers": [ids]}]."""
    people = {member.userid.lower(): member for member in Member.objects.all()}
    chat_ids = []
    for row in asked.rows("groups"):
        owner = people.get(str(row.get("owner", "")).lower())
        if owner is None:
            raise ControlError(f"没有成员 {row.get('owner')}", status=404)
        made = moment(row.get("create_time"), asked.now)
        group, _ = Group.objects.update_or_create(
            chat_id=str(row.get("chat_id") or ids.opaque("wr", 32)),
            defaults={
                "name": str(row.get("name", "")),
                "owner": owner,
                "notice": str(row.get("notice", "")),
                "created_at": made,
                # Seeded groups have been there for a while and are seen at once.
                "changed_at": datetime.fromtimestamp(0, tz=UTC),
                "late_view": None,
            },
        )
        seats = [GroupMember(group=group, member=owner, joined_at=made, join_scene=1)]
        inside = Customer.objects.filter(external_userid__in=row.get("customers", ()))
        seats += [GroupMember(group=group, customer=customer, joined_at=made) for customer in inside]
        GroupMember.objects.bulk_create(seats, ignore_conflicts=True)
        group.member_version = groupview.member_version(group)
        group.save(update_fields=["member_version"])
        chat_ids.append(group.chat_id)
    return {"count": len(chat_ids), "chat_ids": chat_ids}
