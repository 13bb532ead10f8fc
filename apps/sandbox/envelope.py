"""The outer form of callbacks: sealing them, breaking them on purpose, posting them, opening replies."""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from apps.sandbox.crypto import Box, CallbackCryptoError
from apps.sandbox.models import App

FORGERIES = (
    "signature",
    "receiveid",
    "padding",
    "key",
    "truncated",
    "not_base64",
    "not_xml",
    "empty",
    "entity_bomb",
    "oversize",
)
KEPT_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Outcome:
    """What came back: a status, or none and a reason."""

    status: int | None
    body: bytes
    error: str
    took_ms: int

    @property
    def is_accepted(self) -> bool:
        return self.status == 200 and not self.error


def box_of(app: App, *, receive_id: str | None = None) -> Box:
    corp = settings.WECOM_CORP_ID if receive_id is None else receive_id
    return Box(app.callback_token, app.callback_aes_key, corp)


def wrap(app: App, sealed: str) -> bytes:
    return (
        f"<xml><ToUserName><![CDATA[{settings.WECOM_CORP_ID}]]></ToUserName>"
        f"<AgentID><![CDATA[{app.agent_id}]]></AgentID>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    ).encode()


def sealed_request(
    app: App, plaintext: str, *, timestamp: int, forgery: str = ""
) -> tuple[dict[str, str], bytes]:
    """Query and body of a callback. With a forgery, one thing about it is wrong."""
    box = box_of(app)
    nonce = str(secrets.randbelow(10**10))
    stamp = str(timestamp)
    sealed = box.seal(plaintext)
    if forgery == "receiveid":
        sealed = box_of(app, receive_id="ww00000000000000ff").seal(plaintext)
    elif forgery == "key":
        sealed = Box(app.callback_token, secrets.token_hex(22)[:43], settings.WECOM_CORP_ID).seal(plaintext)
    elif forgery == "padding":
        body = plaintext.encode()
        raw = os.urandom(16) + struct.pack(">I", len(body)) + body + settings.WECOM_CORP_ID.encode()
        gap = 32 - len(raw) % 32
        sealed = box.encrypt(raw + b"\x00" * gap)
    elif forgery == "truncated":
        sealed = sealed[: len(sealed) // 2 + 1]
    elif forgery == "not_base64":
        sealed = "这不是密文"
    query = {
        "msg_signature": box.sign(stamp, nonce, sealed),
        "timestamp": stamp,
        "nonce": nonce,
    }
    body = wrap(app, sealed)
    if forgery == "signature":
        query["msg_signature"] = "0" * 40
    elif forgery == "not_xml":
        body = b"<xml><Encrypt>" + sealed.encode()
    elif forgery == "empty":
        body = b""
    elif forgery == "entity_bomb":
        body = entity_bomb(sealed)
    elif forgery == "oversize":
        body = wrap(app, sealed + "A" * 2_000_000)
    return query, body


def entity_bomb(sealed: str) -> bytes:
    """A document that would grow to gigabytes if a parser followed its entities."""
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return (
        f"<!DOCTYPE xml [{entities}]><xml><ToUserName>&i;</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    ).encode()


def post(url: str, query: dict[str, str], body: bytes, *, seconds: float) -> Outcome:
    return exchange("POST", url, query, body, seconds=seconds)


def verify_url(app: App, *, timestamp: int) -> dict[str, object]:
    """The check that happens when the URL is saved: the plaintext must come back, byte for byte, in 1 s."""
    echo = str(secrets.randbelow(9 * 10**18) + 10**18)
    box = box_of(app)
    nonce = str(secrets.randbelow(10**10))
    sealed = box.seal(echo)
    query = {
        "msg_signature": box.sign(str(timestamp), nonce, sealed),
        "timestamp": str(timestamp),
        "nonce": nonce,
        "echostr": sealed,
    }
    outcome = exchange("GET", app.callback_url, query, b"", seconds=1.0)
    problem = outcome.error
    if not problem and outcome.status != 200:
        problem = f"应答的状态是 {outcome.status}，应为 200"
    elif not problem and outcome.body != echo.encode():
        problem = "应答与明文不一致"
    return {
        "ok": not problem,
        "status": outcome.status,
        "took_ms": outcome.took_ms,
        "problem": problem,
    }


def exchange(method: str, url: str, query: dict[str, str], body: bytes, *, seconds: float) -> Outcome:
    """One request within `seconds` in all, without redirects and without proxies."""
    began = time.monotonic()
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query + '&' if parts.query else ''}{urlencode(query)}"
    status: int | None = None
    received = b""
    error = ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(method, target, body=body, headers={"Content-Type": "text/xml"})
        left = seconds - (time.monotonic() - began)
        if connection.sock is not None:
            connection.sock.settimeout(max(left, 0.001))
        response = connection.getresponse()
        status = response.status
        received = response.read(KEPT_ANSWER)
        if time.monotonic() - began > seconds:
            error = f"超过 {seconds:g} 秒才应答"
    except TimeoutError:
        error = f"{seconds:g} 秒内没有应答"
    except (OSError, http.client.HTTPException, socket.gaierror) as problem:
        error = f"{type(problem).__name__}: {problem}"[:200]
    finally:
        connection.close()
    return Outcome(status, received, error, int((time.monotonic() - began) * 1000))


def open_reply(app: App, body: bytes) -> str:
    """The plaintext of a passive reply; empty when the receiver had nothing to say."""
    if not body.strip() or body.strip() == b"success":
        return ""
    try:
        root = fromstring(body.decode())
        fields = {child.tag: child.text or "" for child in root}
        return box_of(app).open(
            fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"], fields["Encrypt"]
        )
    except KeyError as error:
        raise CallbackCryptoError(f"回复缺少 {error.args[0]}") from error
    except (UnicodeDecodeError, ElementTree.ParseError, DefusedXmlException) as error:
        raise CallbackCryptoError("回复不是 XML") from error


def reply_content(plaintext: str) -> tuple[str, dict[str, object]]:
    """msgtype and content of a passive reply, in the form that app messages have."""
    root = fromstring(plaintext)
    kind = (root.findtext("MsgType") or "").strip()
    if kind == "text":
        return "text", {"content": root.findtext("Content") or ""}
    if kind == "news":
        articles = [
            {
                "title": item.findtext("Title") or "",
                "description": item.findtext("Description") or "",
                "url": item.findtext("Url") or "",
                "picurl": item.findtext("PicUrl") or "",
            }
            for item in root.iter("item")
        ]
        return "news", {"articles": articles}
    return kind or "unknown", {"xml": plaintext}
