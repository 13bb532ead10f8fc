"""Signing in with WeCom: where to send the browser, and who came back."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote, urlencode

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.models import Host
from apps.accounts.services import find_host_by_wecom
from apps.database import crypto
from apps.lib import addresses
from apps.lib.ids import private_token
from apps.wecom.client import app_client
from apps.wecom.errors import BadRequestError
from apps.wecom.models import LoginState

LIFE = timedelta(minutes=5)
_SESSION_KEY = "wecom_login"
#: Where a login may lead; never back into signing in, nor to anything but a page.
_NO_TARGET = ("/wecom/", "/api/", "/media/", "/static/")


class StaleLoginError(Exception):
    """The state or the code is unknown, used, too old, or another browser's."""


class UnknownMemberError(Exception):
    """The visitor is no active host."""


@dataclass(frozen=True)
class Returned:
    """A browser that came back with a state of ours, which is used up now."""

    next_path: str


def safe_next(path: str) -> str:
    """`path` if it is a page of ours, else the home page."""
    if unquote(path).startswith(_NO_TARGET) or len(path) > 500:
        return "/"
    return addresses.own_page(path) or "/"


def start(request: HttpRequest, *, next_path: str, now: datetime) -> str:
    """Begin a login of this browser; the `state` to send along."""
    secret = request.session.get(_SESSION_KEY)
    if not isinstance(secret, str):
        secret = request.session[_SESSION_KEY] = private_token()
    state = private_token()
    LoginState.objects.filter(expires_at__lt=now - LIFE).delete()
    LoginState.objects.create(
        digest=crypto.digest(state),
        session_digest=crypto.digest(secret),
        next_path=safe_next(next_path),
        expires_at=now + LIFE,
    )
    return state


def return_with(request: HttpRequest, *, state: str, now: datetime) -> Returned:
    """Use up `state`. StaleLoginError unless it is this browser's, fresh, and used for the first time."""
    secret = request.session.get(_SESSION_KEY)
    if not isinstance(secret, str) or not state:
        raise StaleLoginError
    row = LoginState.objects.filter(digest=crypto.digest(state)).first()
    if row is None or not hmac.compare_digest(bytes(row.session_digest), crypto.digest(secret)):
        raise StaleLoginError
    used = LoginState.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now).update(used_at=now)
    if not used:
        raise StaleLoginError
    return Returned(row.next_path)


def host_behind(code: str) -> Host:
    """Exchange a code, once, for the host who signed in by it. No transaction may be open."""
    try:
        userid = app_client().login.visitor(code)
    except BadRequestError:
        raise StaleLoginError from None
    host = find_host_by_wecom(userid) if userid else None
    if host is None:
        raise UnknownMemberError
    return host


def finish(request: HttpRequest) -> None:
    """Forget the secret that bound the login to the browser."""
    request.session.pop(_SESSION_KEY, None)


def url_inside_wecom(state: str) -> str:
    """WeCom's own page inside its client: it sends the browser back at once, with a code."""
    query = {
        "appid": settings.WECOM_CORP_ID,
        "redirect_uri": _back(),
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": settings.WECOM_AGENT_ID,
    }
    # wechatpy's builder knows neither agentid nor another base address.
    words = urlencode(query, quote_via=quote)
    return f"{settings.WECOM_OAUTH_BASE}/connect/oauth2/authorize?{words}#wechat_redirect"


def url_with_qr(state: str) -> str:
    """The page with a QR code, for a browser on a computer."""
    query = {
        "login_type": "CorpApp",
        "appid": settings.WECOM_CORP_ID,
        "agentid": settings.WECOM_AGENT_ID,
        "redirect_uri": _back(),
        "state": state,
        "lang": "zh",
    }
    return f"{settings.WECOM_LOGIN_BASE}/wwlogin/sso/login?{urlencode(query, quote_via=quote)}"


def _back() -> str:
    return addresses.page("wecom:login-callback")
