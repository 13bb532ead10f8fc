"""Departments and members, as far as the app may see them."""

from typing import Any

from apps.sandbox import fieldcheck
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import App, Department, Member


def find_member(call: Call, userid: str) -> Member:
    """The member in the app's range: 60111 for nobody, 60011 for somebody outside it."""
    member = Member.objects.all().in_corp().filter(userid__iexact=userid).first()
    if member is None:
        raise ApiError(60111)
    if not call.app.sees(member):
        raise ApiError(60011)
    return member


def record_of(member: Member, app: App) -> dict[str, Any]:
    departments = member.departments or [1]
    record = {
        "userid": member.userid,
        "name": member.name,
        "department": departments,
        "order": [0] * len(departments),
        "position": member.position,
        "is_leader_in_dept": [0] * len(departments),
        "direct_leader": [],
        "telephone": "",
        "alias": member.alias,
        "main_department": departments[0],
        "status": member.status,
        "external_position": "",
        "extattr": {"attrs": []},
    }
    if app.reads_private_fields:
        record |= {
            "mobile": member.mobile,
            "gender": member.gender,
            "email": member.email,
            "biz_mail": member.email,
            "avatar": "",
            "thumb_avatar": "",
            "address": "",
            "qr_code": "",
        }
    return record


@endpoint("user/get", "GET", empty={"department": [], "order": []})
def user_get(call: Call) -> Answer:
    userid = fieldcheck.text(call.query, "userid", missing=41009)
    return record_of(find_member(call, userid), call.app)


@endpoint("user/list", "GET", empty={"userlist": []})
def user_list(call: Call) -> Answer:
    return {"userlist": [record_of(member, call.app) for member in members_of_department(call)]}


@endpoint("user/simplelist", "GET", empty={"userlist": []})
def user_simplelist(call: Call) -> Answer:
    return {
        "userlist": [
            {"userid": member.userid, "name": member.name, "department": member.departments or [1]}
            for member in members_of_department(call)
        ]
    }


def members_of_department(call: Call) -> list[Member]:
    department = fieldcheck.number(call.query, "department_id", missing=60123)
    if not Department.objects.filter(pk=department).exists():
        raise ApiError(60123)
    return list(call.visible_members().in_corp().filter(departments__contains=[department]).order_by("pk"))


def subtree(call: Call) -> list[Department]:
    """The asked node and everything below it; without an id, everything."""
    everything = list(Department.objects.order_by("-order", "pk"))
    if not call.query.get("id"):
        return everything
    wanted = {fieldcheck.number(call.query, "id")}
    if not any(department.pk in wanted for department in everything):
        raise ApiError(60123)
    grew = True
    while grew:
        below = {department.pk for department in everything if department.parent_id in wanted}
        grew = not below <= wanted
        wanted |= below
    return [department for department in everything if department.pk in wanted]


def department_record(department: Department) -> dict[str, Any]:
    return {
        "id": department.pk,
        "name": department.name,
        "name_en": department.name_en,
        "department_leader": [],
        "parentid": department.parent_id,
        "order": department.order,
    }


@endpoint("department/simplelist", "GET", empty={"department_id": []})
def department_simplelist(call: Call) -> Answer:
    return {
        "department_id": [
            {"id": department.pk, "parentid": department.parent_id, "order": department.order}
            for department in subtree(call)
        ]
    }


@endpoint("department/list", "GET", empty={"department": []})
def department_list(call: Call) -> Answer:
    return {"department": [department_record(department) for department in subtree(call)]}


@endpoint("department/get", "GET", empty={"department": {}})
def department_get(call: Call) -> Answer:
    department = Department.objects.filter(pk=fieldcheck.number(call.query, "id", missing=60123)).first()
    if department is None:
        raise ApiError(60123)
    return {"department": department_record(department)}


@endpoint("agent/get", "GET")
def agent_get(call: Call) -> Answer:
    if fieldcheck.number(call.query, "agentid", missing=41011) != call.agent_id:
        raise ApiError(301002)
    return {
        "agentid": call.agent_id,
        "name": call.app.name,
        "square_logo_url": "",
        "description": "",
        "allow_userinfos": {
            "user": [{"userid": member.userid} for member in call.visible_members().in_corp()]
        },
        "allow_partys": {"partyid": []},
        "allow_tags": {"tagid": []},
        "close": int(call.app.is_closed),
        "redirect_domain": call.app.redirect_host,
        "report_location_flag": 0,
        "isreportenter": 0,
        "home_url": "",
    }
