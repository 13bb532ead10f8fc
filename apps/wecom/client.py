"""Calls to WeCom: wechatpy's client with our transport.

What is ours, because wechatpy 1.8.18 does none of it: the base address comes from the settings, every call
has time-outs, the token is one row shared by all processes, a stale one is refreshed exactly once, an answer
that is not JSON is an unknown outcome, errors are typed, no call is made inside a database transaction.
"""

import json
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.enterprise import WeChatClient

from apps.reach.gate import Allowed, demand
from apps.reach.models import Way
from apps.wecom import breakers, endpoints, errors, tokens
from apps.wecom.endpoints import Endpoint
from apps.wecom.errors import BadRequestError, NoRightError, TryLaterError, UnknownOutcomeError
from apps.wecom.mass_calls import FilesAPI, MassAPI, MomentsAPI
from apps.wecom.offer_tag import TagsAPI
from apps.wecom.tokens import Application, Fetched

logger = logging.getLogger(__name__)

_LARGEST_ANSWER = 4 * 1024 * 1024
#: `external_contact.type`: 1 is a person's WeChat.
_WECOM_USER = 2


class HttpInTransactionError(RuntimeError):
    """A call to the outside while a transaction is open would hold its locks for as long as WeCom likes."""


@dataclass(frozen=True)
class Contact:
    """An external contact as one member sees it."""

    userid: str
    external_userid: str
    name: str
    unionid: str
    state: str
    add_way: int
    since: datetime | None
    #: A WeCom user of another company, not a person's own WeChat.
    of_other_company: bool = False
    #: The company's tags that this member put on her; only pages of contacts tell them.
    tag_ids: frozenset[str] = frozenset()


class ContactsAPI(BaseWeChatAPI):
    """Customer contact: what wechatpy lacks or calls with retired fields."""

    def find(self, *, userid: str, external_userid: str) -> Contact | None:
        """The contact as `userid` sees it; None when there is no such relation (any more)."""
        cursor = ""
        while True:
            try:
                answer = self._get(
                    "externalcontact/get", params={"external_userid": external_userid, "cursor": cursor}
                )
            except BadRequestError as error:
                if error.errcode in errors.NO_RELATION:
                    return None
                raise
            person = _dict(answer.get("external_contact"))
            for follow in _dicts(answer.get("follow_user")):
                if str(follow.get("userid", "")).casefold() == userid.casefold():
                    return _contact(person, follow)
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return None

    def members(self) -> list[str]:
        """The members who may have customers."""
        answer = self._get("externalcontact/get_follow_user_list")
        return [str(userid) for userid in answer.get("follow_user") or []]

    def pages_of(self, userids: list[str]) -> Iterator[list[Contact]]:
        """All contacts of up to 100 members, page by page."""
        cursor = ""
        while True:
            try:
                answer = self._post(
                    "externalcontact/batch/get_by_user",
                    data={"userid_list": userids, "cursor": cursor, "limit": 100},
                )
            except BadRequestError as error:
                if error.errcode in errors.NO_RELATION:
                    return
                raise
            yield [
                _contact(_dict(entry.get("external_contact")), _dict(entry.get("follow_info")))
                for entry in _dicts(answer.get("external_contact_list"))
            ]
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return

    def transfer(self, request: dict[str, Any], *, is_resigned: bool, allowed: Allowed) -> dict[str, int]:
        """Ask that contacts go from one member to another: contact → errcode of each.

        Which of the two calls is right depends on whether WeCom still knows the first member: when it says
        that the other one is meant, that is made.
        """
        demand(allowed, Way.TRANSFER)
        words = {} if is_resigned else {"transfer_success_msg": str(request["words"])}
        asked = {name: request[name] for name in ("handover_userid", "takeover_userid", "external_userid")}
        try:
            answer = self._post(f"{_transfers(is_resigned)}transfer_customer", data={**asked, **words})
        except BadRequestError as error:
            if error.errcode not in errors.OTHER_TRANSFER or "is_second" in request:
                raise
            second = {**request, "is_second": True}
            return self.transfer(second, is_resigned=not is_resigned, allowed=allowed)
        return {str(one["external_userid"]): int(one["errcode"]) for one in _dicts(answer.get("customer"))}

    def transfer_results(self, *, handover: str, takeover: str, is_resigned: bool) -> dict[str, int]:
        """How the transfers between two members stand: contact → status, the newest of each."""
        found: dict[str, int] = {}
        cursor = ""
        while True:
            data = {"handover_userid": handover, "takeover_userid": takeover, "cursor": cursor}
            try:
                answer = self._post(f"{_transfers(is_resigned)}transfer_result", data=data)
            except BadRequestError as error:
                if error.errcode in errors.OTHER_TRANSFER:
                    return found
                raise
            for one in _dicts(answer.get("customer")):
                found[str(one["external_userid"])] = int(one["status"])
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return found

    def send_welcome(self, request: str, *, allowed: Allowed) -> None:
        demand(allowed, Way.WELCOME)
        self._post("externalcontact/send_welcome_msg", data=request.encode())


def _transfers(is_resigned: bool) -> str:
    return "externalcontact/resigned/" if is_resigned else "externalcontact/"


class MessagesAPI(BaseWeChatAPI):
    """App messages from stored bytes, so that a repeat is the same to the byte."""

    def send(self, request: str) -> set[str]:
        """Send; the userids (lower case) whom it could not reach."""
        answer = self._post("message/send", data=request.encode())
        left_out: set[str] = set()
        for name in ("invaliduser", "unlicenseduser"):
            left_out.update(part.casefold() for part in str(answer.get(name) or "").split("|") if part)
        return left_out


class LoginAPI(BaseWeChatAPI):
    def visitor(self, code: str) -> str | None:
        """The userid behind a login code, or None for someone who is no member. The code is used up."""
        answer = self._get("auth/getuserinfo", params={"code": code})
        return str(answer.get("userid") or answer.get("UserId") or "") or None


class TicketsAPI(BaseWeChatAPI):
    """What a page is signed with, so that WeCom's client lets it use its functions."""

    def corp(self) -> Fetched:
        return _ticket(self._get("get_jsapi_ticket"))

    def agent(self) -> Fetched:
        return _ticket(self._get("ticket/get", params={"type": "agent_config"}))


def _ticket(answer: dict[str, Any]) -> Fetched:
    ticket = answer.get("ticket")
    if not isinstance(ticket, str) or not ticket:
        raise TryLaterError("ticket", note="没有给出票据", wait=timedelta(seconds=5))
    return Fetched(ticket, _whole(answer.get("expires_in")) or 7200)


class Client(WeChatClient):
    contacts = ContactsAPI()
    tickets = TicketsAPI()
    messages = MessagesAPI()
    login = LoginAPI()
    mass = MassAPI()
    moments = MomentsAPI()
    tags = TagsAPI()
    files = FilesAPI()

    def __init__(self, app: Application, api_base: str) -> None:
        super().__init__(app.corp_id, app.secret, auto_retry=False)
        self.app = app
        self.API_BASE_URL = f"{api_base}/cgi-bin/"
        # A proxy from the environment is honoured by default; redirects are never followed.
        self._http.max_redirects = 0

    @property
    def access_token(self) -> str:
        if "app" not in self.__dict__:
            # wechatpy looks at every attribute before __init__ has run.
            raise AttributeError("access_token")
        return tokens.current(self.app, fetch=self._fetch)

    def fetch_access_token(self) -> dict[str, Any]:
        """wechatpy's name for a refresh; it goes through the shared row too."""
        return {"access_token": tokens.refresh(self.app, stale="", fetch=self._fetch)}

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> dict[str, Any]:
        endpoint = endpoints.endpoint_of(url_or_endpoint)
        params = dict(kwargs.pop("params", None) or {})
        body = kwargs.pop("data", None)
        files = kwargs.pop("files", None)
        if isinstance(body, dict):
            body = json.dumps(body, ensure_ascii=False).encode()
        if kwargs:
            raise TypeError(f"unsupported: {', '.join(kwargs)}")
        _refuse_transaction()
        until = breakers.open_until(endpoint.path)
        if until is not None:
            wait = max(until - datetime.now(UTC), timedelta(seconds=1))
            raise TryLaterError(endpoint.path, note="接口正在休息", wait=wait)
        token = self.access_token
        answer = self._exchange(method, endpoint, {**params, "access_token": token}, body, files)
        if _errcode(answer) in errors.STALE_TOKEN:
            # Once: a server that keeps saying so must not be asked again and again.
            token = tokens.refresh(self.app, stale=token, fetch=self._fetch)
            answer = self._exchange(method, endpoint, {**params, "access_token": token}, body, files)
        self._raise_for(endpoint, answer)
        return answer

    def _fetch(self) -> Fetched:
        """Ask WeCom for a token. A wrong secret is not tried again: too many of them block our address."""
        endpoint = endpoints.GETTOKEN
        if breakers.open_until(endpoint.path) is not None:
            raise NoRightError(endpoint.path, note="凭证配置不对，请管理员检查", whole_api=True)
        params = {"corpid": self.app.corp_id, "corpsecret": self.app.secret}
        try:
            answer = self._exchange("get", endpoint, params, None)
        except UnknownOutcomeError as error:
            raise TryLaterError(endpoint.path, note=error.note, wait=timedelta(seconds=2)) from None
        self._raise_for(endpoint, answer)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise TryLaterError(endpoint.path, note="没有给出凭证", wait=timedelta(seconds=5))
        return Fetched(token, _whole(answer.get("expires_in")) or 7200)

    def _raise_for(self, endpoint: Endpoint, answer: dict[str, Any]) -> None:
        errcode = _errcode(answer)
        if not errcode:
            return
        error = errors.error_of(endpoint.path, errcode)
        if errcode == errors.TOO_OFTEN:
            assert isinstance(error, TryLaterError)
            error.wait = breakers.note_too_often(endpoint.path)
        if isinstance(error, NoRightError) and error.whole_api:
            breakers.rest(endpoint.path, errors.NO_RIGHT_PAUSE, reason=str(errcode))
        raise error

    def _exchange(
        self,
        method: str,
        endpoint: Endpoint,
        params: dict[str, Any],
        body: bytes | None,
        files: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """One request, one answer as a JSON object.

        What requests raises names the whole address, and that holds the token or the secret: it is never
        logged nor chained.
        """
        began = time.monotonic()
        outcome: object = "?"
        try:
            with self._http.request(
                method,
                f"{self.API_BASE_URL}{endpoint.path}",
                params=params,
                data=body,
                files=files,
                timeout=endpoint.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                outcome = response.status_code
                raw = _read(response, endpoint, began)
        except requests.RequestException as error:
            outcome = type(error).__name__
            if _never_left(error):
                raise TryLaterError(endpoint.path, note="连不上企业微信", wait=timedelta(seconds=2)) from None
            raise UnknownOutcomeError(endpoint.path, note="企业微信没有回应") from None
        finally:
            logger.info("wecom %s: %s in %.0f ms", endpoint.path, outcome, (time.monotonic() - began) * 1000)
        if 400 <= response.status_code < 500:
            raise BadRequestError(endpoint.path, note=f"HTTP {response.status_code}")
        try:
            answer = json.loads(raw.decode(errors="replace"), strict=False)
        except ValueError:
            answer = None
        if response.status_code != 200 or not isinstance(answer, dict):
            raise UnknownOutcomeError(endpoint.path, note="企业微信的回应读不懂")
        if answer.get("errcode") is not None and _whole(answer["errcode"]) is None:
            raise UnknownOutcomeError(endpoint.path, note="企业微信的回应读不懂")
        return answer


def _read(response: requests.Response, endpoint: Endpoint, began: float) -> bytes:
    """The body, within the time and size that an answer may have."""
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(65536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > _LARGEST_ANSWER or time.monotonic() - began > endpoint.total:
            raise requests.ReadTimeout
    return b"".join(parts)


def _never_left(error: requests.RequestException) -> bool:
    """Whether the request certainly never reached the other side."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | NameResolutionError)


def _refuse_transaction() -> None:
    if connection.in_atomic_block:
        raise HttpInTransactionError


def _errcode(answer: dict[str, Any]) -> int:
    return _whole(answer.get("errcode")) or 0


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _contact(person: dict[str, Any], follow: dict[str, Any]) -> Contact:
    since = _whole(follow.get("createtime"))
    return Contact(
        userid=str(follow.get("userid") or ""),
        external_userid=str(person.get("external_userid") or ""),
        name=str(person.get("name") or ""),
        unionid=str(person.get("unionid") or ""),
        state=str(follow.get("state") or ""),
        add_way=_whole(follow.get("add_way")) or 0,
        since=datetime.fromtimestamp(since, UTC) if since else None,
        tag_ids=frozenset(map(str, follow.get("tag_id") or ())),
        of_other_company=_whole(person.get("type")) == _WECOM_USER,
    )


@lru_cache(maxsize=8)
def _client(app: Application, api_base: str, pid: int) -> Client:
    # By process: a forked child must not talk through its parent's sockets.
    return Client(app, api_base)


def app_client() -> Client:
    """For messages and login."""
    return _client(tokens.our_app(), settings.WECOM_API_BASE, os.getpid())


def contact_client() -> Client:
    """For customer contact."""
    return _client(tokens.contact_app(), settings.WECOM_API_BASE, os.getpid())
