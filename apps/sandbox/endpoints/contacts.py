"""Customers as the API shows them, and remarks on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.sandbox import fieldcheck
from apps.sandbox.endpoints.members import find_member
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint, try_hold
from apps.sandbox.models import Customer, Follow, FollowTag, Member
from apps.sandbox.paging import page

FOLLOWERS_PER_PAGE = 500


def find_contact_member(call: Call, userid: str) -> Member:
    member = find_member(call, userid)
    if not member.has_customer_contact:
        raise ApiError(84074)
    return member


def find_customer(external_userid: str) -> Customer:
    customer = Customer.objects.filter(external_userid=external_userid).first()
    if customer is None:
        raise ApiError(40096)
    return customer


def find_follow(call: Call, *, userid: str, external_userid: str) -> Follow:
    """The relation of the two, as far as the API knows it: half-added and removed ones are 84061."""
    member = find_contact_member(call, userid)
    customer = find_customer(external_userid)
    follow = Follow.objects.all().readable().filter(member=member, customer=customer).first()
    if follow is None:
        raise ApiError(84061)
    return follow


def lock_pair(userid: str, external_userid: str) -> None:
    if not try_hold(f"pair:{userid.lower()}:{external_userid}"):
        raise ApiError(45035)


def customer_record(customer: Customer) -> dict[str, Any]:
    record: dict[str, Any] = {
        "external_userid": customer.external_userid,
        "name": customer.name,
        "avatar": "",
        "type": customer.kind,
        "gender": customer.gender,
        "external_profile": {"external_attr": []},
    }
    if customer.kind == 1 and customer.unionid:
        record["unionid"] = customer.unionid
    if customer.kind == 2:
        record |= {
            "position": "",
            "corp_name": customer.corp_name,
            "corp_full_name": customer.corp_name,
        }
    return record


def follow_record(follow: Follow) -> dict[str, Any]:
    return {
        "userid": follow.member.userid,
        "remark": follow.remark,
        "description": follow.description,
        "createtime": int(follow.created_at.timestamp()),
        "remark_corp_name": follow.remark_company,
        "remark_mobiles": follow.remark_mobiles,
        "oper_userid": follow.oper_userid,
        "add_way": follow.add_way,
        "state": follow.channel,
    }


def tags_of(follows: Iterable[Follow]) -> dict[int, list[FollowTag]]:
    marks: dict[int, list[FollowTag]] = {}
    rows = FollowTag.objects.select_related("tag__group").filter(follow__in=list(follows)).order_by("pk")
    for mark in rows:
        marks.setdefault(mark.follow_id, []).append(mark)
    return marks


def full_tag(mark: FollowTag) -> dict[str, Any]:
    if mark.tag is None:
        return {"group_name": "", "tag_name": mark.personal_name, "type": 2}
    return {
        "group_name": mark.tag.group.name,
        "tag_name": mark.tag.name,
        "tag_id": mark.tag.tag_id,
        "type": 1,
    }


@endpoint("externalcontact/get_follow_user_list", "GET", is_customer_api=True, empty={"follow_user": []})
def get_follow_user_list(call: Call) -> Answer:
    members = call.visible_members().in_corp().filter(has_customer_contact=True).order_by("pk")
    return {"follow_user": [member.userid for member in members]}


@endpoint("externalcontact/list", "GET", is_customer_api=True, empty={"external_userid": []})
def contact_list(call: Call) -> Answer:
    member = find_contact_member(call, fieldcheck.text(call.query, "userid", missing=41009))
    follows = Follow.objects.all().readable().filter(member=member).order_by("pk")
    found = list(follows.values_list("customer__external_userid", flat=True))
    if not found:
        raise ApiError(84061)
    return {"external_userid": found}


@endpoint(
    "externalcontact/get",
    "GET",
    is_customer_api=True,
    empty={"external_contact": {}, "follow_user": [], "next_cursor": ""},
)
def contact_get(call: Call) -> Answer:
    customer = find_customer(fieldcheck.text(call.query, "external_userid", missing=41035))
    known = Follow.objects.all().readable().visible_to(call.app).filter(customer=customer)
    keys, cursor = page(
        call, list(known.order_by("pk").values_list("pk", flat=True)), limit=FOLLOWERS_PER_PAGE
    )
    follows = list(Follow.objects.select_related("member").filter(pk__in=keys).order_by("pk"))
    if not follows and not call.query.get("cursor"):
        raise ApiError(84061)
    marks = tags_of(follows)
    return {
        "external_contact": customer_record(customer),
        "follow_user": [
            follow_record(follow) | {"tags": [full_tag(mark) for mark in marks.get(follow.pk, [])]}
            for follow in follows
        ],
        "next_cursor": cursor,
    }


@endpoint(
    "externalcontact/batch/get_by_user",
    is_customer_api=True,
    empty={"external_contact_list": [], "next_cursor": ""},
)
def batch_get_by_user(call: Call) -> Answer:
    userids = fieldcheck.texts(call.body, "userid_list", most=100, too_many=40032)
    if not userids:
        raise ApiError(41009)
    limit = min(fieldcheck.number(call.body, "limit", default=50, least=1), 100)
    members = [find_contact_member(call, userid) for userid in userids]
    known = Follow.objects.all().readable().filter(member__in=members).order_by("pk")
    keys, cursor = page(call, list(known.values_list("pk", flat=True)), limit=limit)
    follows = list(Follow.objects.select_related("member", "customer").filter(pk__in=keys).order_by("pk"))
    if not follows and not call.body.get("cursor") and not keys and not cursor:
        raise ApiError(84061)
    marks = tags_of(follows)
    return {
        "external_contact_list": [
            {
                "external_contact": customer_record(follow.customer),
                "follow_info": follow_record(follow)
                | {"tag_id": [mark.tag.tag_id for mark in marks.get(follow.pk, []) if mark.tag]},
            }
            for follow in follows
        ],
        "next_cursor": cursor,
        "fail_info": {"unlicensed_userid_list": []},
    }


REMARK_FIELDS = ("remark", "description", "remark_company", "remark_mobiles", "remark_pic_mediaid")


@endpoint("externalcontact/remark", is_customer_api=True)
def remark(call: Call) -> Answer:
    userid = fieldcheck.text(call.body, "userid", missing=41009)
    external = fieldcheck.text(call.body, "external_userid", missing=41035)
    if not any(name in call.body for name in REMARK_FIELDS):
        raise ApiError(40063)
    lock_pair(userid, external)
    follow = find_follow(call, userid=userid, external_userid=external)
    if "remark" in call.body:
        follow.remark = fieldcheck.optional_text(call.body, "remark", max_chars=20)
    if "description" in call.body:
        follow.description = fieldcheck.optional_text(call.body, "description", max_chars=150)
    if "remark_company" in call.body and follow.customer.kind == 1:
        follow.remark_company = fieldcheck.optional_text(call.body, "remark_company", max_chars=20)
    if "remark_mobiles" in call.body:
        mobiles = call.body["remark_mobiles"]
        listed = mobiles if isinstance(mobiles, list) else [mobiles]
        follow.remark_mobiles = [str(mobile) for mobile in listed if mobile]
    follow.save()
    return {}
