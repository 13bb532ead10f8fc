"""What a test says to the sandbox: its control API, and what WeCom itself answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

ROOT = Path(__file__).resolve().parent.parent
CORP_ID = "ww0123456789abcdef"
AGENT_ID = 1000002
SECRET = "test-secret"
TOKEN = "dcTOKEN"
AES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

Json = dict[str, Any]


class SandboxRefused(Exception):
    """The control API said no; the text says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


class Sandbox:
    """What a test may ask of the sandbox. Every method is one request to its control API."""

    corp_id = CORP_ID
    agent_id = AGENT_ID
    secret = SECRET
    contact_secret = SECRET
    token = TOKEN
    aes_key = AES_KEY

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = requests.Session()
        self.http.trust_env = False
        self._token = ""

    def environment(self) -> dict[str, str]:
        """What a product's process needs in its environment to meet this WeCom."""
        return {
            "WECOM_API_BASE": self.base_url,
            "WECOM_OAUTH_BASE": self.base_url,
            "WECOM_LOGIN_BASE": self.base_url,
            "WECOM_CORP_ID": self.corp_id,
            "WECOM_AGENT_ID": str(self.agent_id),
            "WECOM_SECRET": self.secret,
            "WECOM_CONTACT_SECRET": self.contact_secret,
            "WECOM_CALLBACK_TOKEN": self.token,
            "WECOM_CALLBACK_AES_KEY": self.aes_key,
        }

    # The two ways in

    def control(self, method: str, path: str, body: Json | None = None, /, **query: object) -> Json:
        """A request to /__sim/<path>/. Raises SandboxRefused with the sandbox's own words."""
        address = f"{self.base_url}/__sim/{path}/" + (f"?{urlencode(query)}" if query else "")
        answer = self.http.request(method, address, json=body, timeout=60)
        if answer.status_code >= 400:
            raise SandboxRefused(answer.status_code, refusal_of(answer))
        found: Json = answer.json()
        return found

    def api(self, method: str, path: str, body: Any = None, **query: object) -> Json:
        """A call of WeCom's API with a valid access_token, as the product would make it."""
        found: Json = self.api_response(method, path, body, **query).json()
        return found

    def api_response(self, method: str, path: str, body: Any = None, **query: object) -> requests.Response:
        given = {"access_token": self.access_token(), **query}
        return self.http.request(
            method, f"{self.base_url}/cgi-bin/{path}", params=given, json=body, timeout=60
        )

    def access_token(self, secret: str = SECRET) -> str:
        answer = self.http.get(
            f"{self.base_url}/cgi-bin/gettoken",
            params={"corpid": self.corp_id, "corpsecret": secret},
            timeout=60,
        ).json()
        if answer["errcode"]:
            raise SandboxRefused(200, answer["errmsg"])
        return str(answer["access_token"])

    # The world

    def reset(self) -> None:
        """An empty corp, real time, no faults, no callback URL, quick retries. Waits for the air to clear."""
        self.control("POST", "reset")
        self._token = ""
        self.settings(retry_delays=[0.05, 0.1, 0.2])

    def add_member(self, userid: str, name: str = "", **more: object) -> None:
        """More: position, mobile, email, departments, status, has_customer_contact, has_admin_welcome."""
        self.add_members([{"userid": userid, "name": name or userid, **more}])

    def add_members(self, rows: list[Json]) -> None:
        self.control("POST", "members", {"members": rows})

    def add_customers(self, rows: list[Json]) -> list[str]:
        """Bulk, no callbacks; answers the external_userids. A row: name, external_userid, unionid, gender,
        follows=[{userid, remark, state, createtime, add_way, remark_mobiles, tags, status}]."""
        found: list[str] = self.control("POST", "customers", {"customers": rows})["external_userids"]
        return found

    def add_customer(self, name: str = "小雨", *, follows: str = "", **more: object) -> str:
        """One customer; `follows` is the userid of a member who has her already."""
        row: Json = {"name": name, **more}
        if follows:
            row["follows"] = [{"userid": follows}]
        return self.add_customers([row])[0]

    def add_tags(self, group_name: str, names: list[str]) -> dict[str, str]:
        """Corp tags as the administrator made them before; tag id by name."""
        rows = [{"group_name": group_name, "tags": names}]
        found: dict[str, str] = self.control("POST", "tags", {"groups": rows})["groups"][0]["tags"]
        return found

    def add_group(self, owner: str, name: str = "福利群", *, customers: list[str] | None = None) -> str:
        rows = [{"owner": owner, "name": name, "customers": customers or []}]
        return str(self.control("POST", "groups", {"groups": rows})["chat_ids"][0])

    # What people do

    def act(self, name: str, /, *, wait: float = 0, **body: object) -> Json:
        """Any act by name (apps/sandbox/control/acts.py); `callbacks` in the answer tells what was sent."""
        return self.control("POST", f"act/{name}", {"wait": wait, **body})

    def customer_adds(self, userid: str = "", *, wait: float = 0, **more: object) -> Json:
        """A customer scans a member. More: name or external_userid, state, skip_verify, add_way, config_id.
        Answers external_userid, userid, welcome_code, callbacks."""
        return self.act("customer_adds", wait=wait, userid=userid, **more)

    def member_accepts(self, userid: str, external_userid: str, *, wait: float = 0) -> Json:
        return self.act("member_accepts", wait=wait, userid=userid, external_userid=external_userid)

    def customer_deletes(self, userid: str, external_userid: str, *, wait: float = 0) -> Json:
        """The customer deletes the member."""
        return self.act("customer_deletes_member", wait=wait, userid=userid, external_userid=external_userid)

    def member_deletes(self, userid: str, external_userid: str, *, wait: float = 0) -> Json:
        """The member deletes the customer."""
        return self.act("member_deletes_customer", wait=wait, userid=userid, external_userid=external_userid)

    def member_edits(self, userid: str, external_userid: str, *, wait: float = 0, **more: object) -> Json:
        """More: remark, description, remark_mobiles, add_tags, remove_tags (ids), personal_tags (names)."""
        return self.act("member_edits", wait=wait, userid=userid, external_userid=external_userid, **more)

    def send_text(self, userid: str, text: str, *, wait: float = 5) -> Json:
        """She writes to the app; `reply` is the app's answer (passive or a message that follows) or None."""
        return self.act("member_sends_text", wait=wait, userid=userid, text=text)

    def reply_to(self, userid: str, text: str, *, wait: float = 5) -> str:
        """As `send_text`, only the words of the answer; "" when none came in time."""
        reply = self.send_text(userid, text, wait=wait)["reply"]
        return str(reply["content"].get("content", "")) if reply else ""

    def confirm(self, msgid: str, userid: str) -> Json:
        """She presses send on a mass message; answers how many were sent, no_friend, over_limit."""
        return self.act("member_confirms", msgid=msgid, userid=userid)

    def login_code(self, userid: str, *, scope: str = "snsapi_base") -> str:
        """The code that a login page would have put into the address for this member."""
        return str(self.control("POST", "login_code", {"userid": userid, "scope": scope})["code"])

    # What happened

    def messages_to(self, userid: str, *, state: str = "delivered") -> list[Json]:
        """App messages in her chat, oldest first: msgid, msgtype, content; `state="dropped"`: lost ones."""
        found: list[Json] = self.control("GET", "messages", userid=userid, state=state, limit=1000)[
            "messages"
        ]
        return found

    def messages(self) -> list[Json]:
        found: list[Json] = self.control("GET", "messages", limit=1000)["messages"]
        return found

    def chat_of(self, userid: str) -> list[Json]:
        """Her whole chat with the app: `source` is typed, reply (passive) or send."""
        found: list[Json] = self.control("GET", "chat", userid=userid)["lines"]
        return found

    def received_by(self, external_userid: str, *, kind: str = "") -> list[Json]:
        """What a customer sees: kind welcome, mass, chat or system; text, attachments, userid."""
        query = {"external_userid": external_userid} | ({"kind": kind} if kind else {})
        found: list[Json] = self.control("GET", "received", **query)["lines"]
        return found

    def welcome_of(self, external_userid: str) -> Json | None:
        """The last welcome message she received: text, attachments, userid."""
        found = self.received_by(external_userid, kind="welcome")
        return found[-1] if found else None

    def follows(self, **query: object) -> list[Json]:
        """Relations by `userid` and/or `external_userid`: status (both, half, one_way, removed), state …"""
        found: list[Json] = self.control("GET", "follows", **query)["follows"]
        return found

    def publish(self, moment_id: str, userid: str) -> int:
        """She publishes a moment that was prepared for her; how many of her customers can see it."""
        return int(self.act("member_publishes", moment_id=moment_id, userid=userid)["visible"])

    def moments(self) -> list[Json]:
        found: list[Json] = self.control("GET", "moments")["moments"]
        return found

    def mass_tasks(self) -> list[Json]:
        found: list[Json] = self.control("GET", "mass_tasks")["tasks"]
        return found

    def calls(self, path: str = "", **query: object) -> list[Json]:
        """API calls, oldest first: method, path, query, body, errcode, http_status, answer, fault."""
        asked = {"limit": 1000, **({"path": path} if path else {}), **query}
        found: list[Json] = self.control("GET", "calls", **asked)["calls"]
        return found

    def callbacks(self, **query: object) -> list[Json]:
        """Callbacks by `state` (pending, delivered, lost, dropped, unheard) or `kind`, with attempts."""
        found: list[Json] = self.control("GET", "callbacks", limit=1000, **query)["callbacks"]
        return found

    def counts(self) -> Json:
        """messages_delivered, doubles, duplicates_swallowed, messages_dropped, welcomes_sent, mass_doubles,
        callbacks by state, calls_by_errcode …"""
        return self.control("GET", "counts")

    # Knobs and faults

    def set_callback_url(self, url: str, **more: object) -> None:
        """Where callbacks go. More: callback_token, callback_aes_key, has_contact_events."""
        self.control("POST", "app", {"callback_url": url, **more})

    def set_app(self, **fields: object) -> Json:
        """redirect_host, visible_userids, trusted_ips, is_closed …; agent_id and secret: another app."""
        return self.control("POST", "app", fields)

    def settings(self, **knobs: object) -> Json:
        """callback_mode (once, duplicate, answer_lost, reorder, drop), callback_n, callback_window,
        callback_timeout, retry_delays, latency_ms, rate_per_minute, member_per_minute, has_short_pages …"""
        return self.control("POST", "settings", knobs)

    def fail_next(
        self,
        path: str,
        *,
        errcode: int = 0,
        kind: str = "",
        status: int = 0,
        seconds: float = 0,
        times: int = 1,
    ) -> None:
        """The next calls of `path` ("*": of any) go wrong: by `errcode`, by HTTP `status`, or by kind:
        hang (no effect, silence for `seconds`, then cut), reset (cut at once), lost (effect, then cut),
        html (a page with status 200), truncated (effect, half the JSON)."""
        chosen = kind or ("errcode" if errcode else "http")
        self.control(
            "POST",
            "faults",
            {
                "path": path,
                "kind": chosen,
                "code": errcode or status or 500,
                "seconds": seconds,
                "times": times,
            },
        )

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.control("POST", "clock", {"advance": seconds})
        self._token = ""

    def expire_tokens(self, mode: str = "revoked") -> None:
        """`revoked`: the next call gets 40014; `expired`: 42001."""
        self.control("POST", "tokens/expire", {"mode": mode})
        self._token = ""

    def verify_callback_url(self) -> Json:
        """The check WeCom makes when the URL is saved: ok, status, took_ms, problem."""
        return self.control("POST", "callbacks/verify")

    def post_callback(
        self, plaintext: str, *, forgery: str = "", timestamp: int | None = None, times: int = 1
    ) -> Json:
        """Post one envelope now, without row and retry; `times` repeats its bytes.

        Answers statuses, bodies, reply. forgery: signature, receiveid, padding, key, truncated, not_base64,
        not_xml, empty, entity_bomb, oversize.
        """
        body: Json = {"plaintext": plaintext, "forgery": forgery, "times": times}
        if timestamp is not None:
            body["timestamp"] = timestamp
        return self.control("POST", "callbacks/send", body)

    def emit(self, plaintext: str) -> Json:
        """Queue any plaintext as a callback, with tries and modes like every other."""
        return self.control("POST", "callbacks/emit", {"plaintext": plaintext})

    def settle(self, seconds: float = 30) -> bool:
        """Wait until no callback is due or in the air; False when that did not come true in time."""
        return bool(self.control("POST", "callbacks/settle", {"seconds": seconds})["settled"])


def refusal_of(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError):
        return answer.text[:500]
