"""gettoken, and the address lists."""

from datetime import timedelta

from django.conf import settings

from apps.sandbox import ids
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint, hold
from apps.sandbox.models import ApiCall, App, Token


@endpoint("gettoken", "GET", needs_token=False)
def gettoken(call: Call) -> Answer:
    secret = call.query.get("corpsecret", "")
    corpid = call.query.get("corpid", "")
    if not secret:
        raise ApiError(41004)
    if not corpid:
        raise ApiError(41002)
    refuse_guessers(call)
    if corpid != settings.WECOM_CORP_ID:
        raise ApiError(40013)
    app = App.objects.filter(secret=secret).first()
    if app is None:
        raise ApiError(40001)
    hold(f"token:{app.pk}")
    token = (
        Token.objects.filter(app=app, is_revoked=False, expires_at__gt=call.now)
        .order_by("-expires_at")
        .first()
    )
    if token is None:
        token = Token.objects.create(
            token=ids.token(),
            app=app,
            created_at=call.now,
            expires_at=call.now + timedelta(seconds=call.simulation.token_seconds),
        )
    remaining = int((token.expires_at - call.now).total_seconds())
    return {"access_token": token.token, "expires_in": max(remaining, 1)}


def refuse_guessers(call: Call) -> None:
    """Many wrong secrets from one address close gettoken to it for an hour."""
    wrong = ApiCall.objects.filter(
        path="gettoken", ip=call.ip, errcode=40001, at__gt=call.now - timedelta(hours=1), at__lte=call.now
    )
    if wrong.count() >= call.simulation.wrong_secrets_per_hour:
        raise ApiError(45009)


@endpoint("get_api_domain_ip", "GET", empty={"ip_list": []})
def get_api_domain_ip(call: Call) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


@endpoint("getcallbackip", "GET", empty={"ip_list": []})
def getcallbackip(call: Call) -> Answer:
    return {"ip_list": ["127.0.0.1"]}
