"""The WeCom sandbox for tests: a real server in a process of its own, spoken to over HTTP.

Two fixtures, both named in tests/conftest.py:

* `sandbox_server` (session): the running server, one for each xdist worker, with a database of its own.
* `sandbox` (function): the same server with an empty world, real time and no faults. Use this one.

    def test_she_is_told(sandbox, live_server):
        sandbox.set_callback_url(live_server.url + "/wecom/callback/")
        sandbox.add_member("lin.guide", "林导")

        added = sandbox.customer_adds("lin.guide", name="小雨", state="store_S001", wait=5)

        assert added["callbacks"][0]["state"] == "delivered"
        assert sandbox.welcome_of(added["external_userid"])["text"].startswith("你好")

The product reaches it by `WECOM_API_BASE = sandbox.base_url` (the same for the OAuth and login bases), and by
the credentials on the object. Every act takes `wait` seconds for the first try of its callbacks; 0 returns at
once. Callbacks go nowhere until `set_callback_url` was called: they are recorded as `unheard`.
Time is virtual: `advance(20)` lets twenty seconds pass for tokens, welcome codes and retries.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
import requests
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
CORP_ID = "ww0123456789abcdef"
AGENT_ID = 1000002
SECRET = "test-secret"
TOKEN = "dcTOKEN"
AES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
START_SECONDS = 120
PR_SET_PDEATHSIG = 1

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


class SandboxServer:
    """The process behind a Sandbox: started on a free port, with a database that lives as long as it does."""

    def __init__(self, *, database: dict[str, Any], name: str, folder: Path) -> None:
        self.database = database
        self.name = name
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port: int = self.listener.getsockname()[1]
        self.client = Sandbox(f"http://127.0.0.1:{self.port}")

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def database_url(self) -> str:
        user, password = quote(self.database["USER"], safe=""), quote(self.database["PASSWORD"], safe="")
        query = {"host": self.database["HOST"], "port": self.database["PORT"]}
        chosen = urlencode({key: value for key, value in query.items() if value})
        return f"postgresql://{user}{':' + password if password else ''}@/{self.name}?{chosen}"

    def administer(self, statement: str) -> None:
        options = {
            "host": self.database["HOST"],
            "port": self.database["PORT"],
            "user": self.database["USER"],
        }
        if self.database["PASSWORD"]:
            options["password"] = self.database["PASSWORD"]
        chosen = {key: str(value) for key, value in options.items() if value}
        with psycopg.connect(dbname="postgres", autocommit=True, **chosen) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **{
                name: value for name, value in self.client.environment().items() if not name.endswith("_BASE")
            },
            "DJANGO_SETTINGS_MODULE": "apps.sandbox.settings",
            "DATABASE_URL": self.database_url(),
            "SANDBOX_ALLOWED": "1",
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_URL": self.client.base_url,
            "SANDBOX_CALLBACK_URL": "off",
            "SITE_URL": "http://localhost",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        self.administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.administer("CREATE DATABASE {}")
        with self.log.open("wb") as log:
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                check=True,
            )
        self.launch()

    def launch(self) -> None:
        """Start the server on the socket that is held here, so that nobody takes the port in between."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "apps.sandbox.wsgi:application"),
                    *(
                        "--bind",
                        f"fd://{self.listener.fileno()}",
                        "--worker-class",
                        "gthread",
                        "--threads",
                        "12",
                    ),
                    *("--no-control-socket", "--log-level", "warning", "--graceful-timeout", "1"),
                ],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                pass_fds=[self.listener.fileno()],
                preexec_fn=end_with_parent,  # noqa: PLW1509  (one system call, and no thread holds its lock)
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.client.http.get(f"{self.client.base_url}/livez", timeout=START_SECONDS).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the WeCom sandbox did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """As a crash would: the process and its worker are gone, the database and the port stay."""
        if self.process is not None:
            for pid in [*children_of(self.process.pid), self.process.pid]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def close(self) -> None:
        self.stop()
        self.listener.close()
        self.client.http.close()
        self.administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")


def end_with_parent() -> None:
    """Ask the kernel to end the server when the test process is killed: no orphan holds the database."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="session")
def sandbox_server(
    database_server: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SandboxServer]:
    """The running sandbox, with a database beside the test run's own."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    name = f"test_{database['NAME'].removeprefix('test_')[:30]}_sandbox_{worker}"
    server = SandboxServer(database=database, name=name, folder=tmp_path_factory.mktemp("sandbox"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> Sandbox:
    """WeCom with nobody in it yet."""
    sandbox_server.client.reset()
    return sandbox_server.client
