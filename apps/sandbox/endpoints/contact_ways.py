"""「联系我」: QR codes and buttons that add a member, with a channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apps.sandbox import fieldcheck, ids
from apps.sandbox.endpoints.members import find_member
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import ContactWay, Department, Member
from apps.sandbox.paging import page

PEOPLE = 100
FORTNIGHT = 14 * 86400


def picture_url(way: ContactWay) -> str:
    return f"{settings.SANDBOX_URL}/qr/{way.config_id}.svg"


def apply(call: Call, way: ContactWay) -> None:
    """Take over the fields that the body gives; the rest stays as it is."""
    body = call.body
    way.remark = fieldcheck.optional_text(body, "remark", max_chars=30) if "remark" in body else way.remark
    way.channel = fieldcheck.optional_text(body, "state", max_chars=30) if "state" in body else way.channel
    way.skip_verify = fieldcheck.flag(body, "skip_verify", default=way.skip_verify)
    way.is_exclusive = fieldcheck.flag(body, "is_exclusive", default=way.is_exclusive)
    way.style = fieldcheck.number(body, "style", default=way.style, least=0, most=3, outside=41042)
    way.expires_in = fieldcheck.number(body, "expires_in", default=way.expires_in, least=1, most=FORTNIGHT)
    way.chat_expires_in = fieldcheck.number(
        body, "chat_expires_in", default=way.chat_expires_in, least=1, most=FORTNIGHT
    )
    way.unionid = fieldcheck.optional_text(body, "unionid") or way.unionid
    way.conclusions = fieldcheck.table(body, "conclusions") or way.conclusions
    if "user" in body or "party" in body:
        apply_people(call, way)


def apply_people(call: Call, way: ContactWay) -> None:
    users = fieldcheck.texts(call.body, "user")
    parties = [int(party) for party in fieldcheck.texts(call.body, "party") if party.isdecimal()]
    if way.kind == 1 and (len(users) != 1 or parties):
        raise ApiError(40058, "type 1 takes exactly one user")
    if not users and not parties:
        raise ApiError(40063)
    members = [find_member(call, userid) for userid in users]
    if Department.objects.filter(pk__in=parties).count() != len(set(parties)):
        raise ApiError(60003)
    for party in parties:
        members += Member.objects.all().in_corp().filter(departments__contains=[party])
    if len({member.pk for member in members}) > PEOPLE:
        raise ApiError(41041)
    for member in members:
        if member.status != Member.Status.ACTIVE or not member.is_real_name:
            raise ApiError(41054)
        if not member.has_customer_contact:
            raise ApiError(84074)
    way.users = [member.userid for member in members[: len(users)]]
    way.parties = parties


@endpoint("externalcontact/add_contact_way", is_customer_api=True)
def add_contact_way(call: Call) -> Answer:
    way = ContactWay(
        config_id=ids.config_id(),
        app=call.app,
        kind=fieldcheck.number(call.body, "type", missing=41037, least=1, most=2, outside=41039),
        scene=fieldcheck.number(call.body, "scene", missing=41038, least=1, most=2, outside=41040),
        is_temp=fieldcheck.flag(call.body, "is_temp"),
        created_at=call.now,
    )
    if way.is_temp and way.kind != 1:
        raise ApiError(40058, "is_temp needs type 1")
    apply(call, way)
    if not way.users and not way.parties:
        raise ApiError(40063)
    way.save()
    answer = {"config_id": way.config_id}
    if way.scene == 2:
        answer["qr_code"] = picture_url(way)
    return answer


def own_way(call: Call) -> ContactWay:
    config_id = fieldcheck.text(call.body, "config_id", missing=41043)
    way = ContactWay.objects.filter(config_id=config_id, app=call.app).first()
    if way is None:
        raise ApiError(41044)
    return way


def way_record(way: ContactWay) -> dict[str, Any]:
    record = {
        "config_id": way.config_id,
        "type": way.kind,
        "scene": way.scene,
        "style": way.style,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
        "state": way.channel,
        "user": way.users,
        "party": way.parties,
        "is_temp": way.is_temp,
        "expires_in": way.expires_in,
        "chat_expires_in": way.chat_expires_in,
        "unionid": way.unionid,
        "conclusions": way.conclusions,
    }
    if way.scene == 2:
        record["qr_code"] = picture_url(way)
    return record


@endpoint("externalcontact/get_contact_way", is_customer_api=True, empty={"contact_way": {}})
def get_contact_way(call: Call) -> Answer:
    return {"contact_way": way_record(own_way(call))}


@endpoint(
    "externalcontact/list_contact_way", is_customer_api=True, empty={"contact_way": [], "next_cursor": ""}
)
def list_contact_way(call: Call) -> Answer:
    limit = fieldcheck.number(call.body, "limit", default=100, least=1, most=1000)
    since = moment(call, "start_time", call.now - timedelta(days=90))
    until = moment(call, "end_time", call.now)
    ways = ContactWay.objects.filter(
        app=call.app, is_temp=False, created_at__gte=since, created_at__lte=until + timedelta(seconds=1)
    )
    keys, cursor = page(call, list(ways.order_by("pk").values_list("config_id", flat=True)), limit=limit)
    return {"contact_way": [{"config_id": key} for key in keys], "next_cursor": cursor}


def moment(call: Call, name: str, default: datetime) -> datetime:
    if not call.body.get(name):
        return default
    return datetime.fromtimestamp(fieldcheck.number(call.body, name), tz=default.tzinfo)


@endpoint("externalcontact/update_contact_way", is_customer_api=True)
def update_contact_way(call: Call) -> Answer:
    way = own_way(call)
    apply(call, way)
    way.save()
    return {}


@endpoint("externalcontact/del_contact_way", is_customer_api=True)
def del_contact_way(call: Call) -> Answer:
    own_way(call).delete()
    return {}
