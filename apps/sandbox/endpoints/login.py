"""Who came back from a login page: codes and user tickets."""

from datetime import timedelta

from apps.sandbox import fieldcheck, ids
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import Follow, LoginCode

TICKET_LIFE = timedelta(seconds=1800)


def redeem(call: Call) -> LoginCode:
    """A code works once, for the app that asked for it, within five minutes."""
    code = fieldcheck.text(call.query, "code", missing=40029)
    taken = LoginCode.objects.filter(code=code, app=call.app, used_at=None, expires_at__gt=call.now).update(
        used_at=call.now
    )
    if not taken:
        raise ApiError(40029)
    return LoginCode.objects.select_related("member", "customer").get(code=code)


def issue_ticket(call: Call, login: LoginCode) -> str:
    login.user_ticket = ids.opaque("UT_", 60)
    login.ticket_expires_at = call.now + TICKET_LIFE
    login.save(update_fields=["user_ticket", "ticket_expires_at"])
    return login.user_ticket


@endpoint("auth/getuserinfo", "GET")
def auth_getuserinfo(call: Call) -> Answer:
    login = redeem(call)
    if login.member is None:
        return visitor(call, login)
    answer: dict[str, object] = {"userid": login.member.userid}
    if login.scope == "snsapi_privateinfo" and call.app.sees(login.member):
        answer["user_ticket"] = issue_ticket(call, login)
    return answer


@endpoint("user/getuserinfo", "GET")
def user_getuserinfo(call: Call) -> Answer:
    """The old name of auth/getuserinfo, with capitals."""
    login = redeem(call)
    if login.member is None:
        return {"OpenId": login.openid, "DeviceId": ""}
    return {"UserId": login.member.userid, "DeviceId": "", "user_ticket": ""}


def visitor(call: Call, login: LoginCode) -> Answer:
    answer: dict[str, object] = {"openid": login.openid}
    if login.customer:
        known = Follow.objects.all().readable().visible_to(call.app).filter(customer=login.customer)
        if known.exists():
            answer["external_userid"] = login.customer.external_userid
    return answer


@endpoint("auth/getuserdetail")
def auth_getuserdetail(call: Call) -> Answer:
    ticket = fieldcheck.text(call.body, "user_ticket", missing=84015)
    login = LoginCode.objects.select_related("member").filter(user_ticket=ticket, app=call.app).first()
    if login is None or login.member is None or login.ticket_expires_at is None:
        raise ApiError(84015)
    if login.ticket_expires_at <= call.now:
        raise ApiError(84014)
    member = login.member
    return {
        "userid": member.userid,
        "gender": member.gender,
        "avatar": "",
        "qr_code": "",
        "mobile": member.mobile,
        "email": member.email,
        "biz_mail": member.email,
        "address": "",
    }
