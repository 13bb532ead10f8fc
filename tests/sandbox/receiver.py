"""A receiver of callbacks that shares nothing with the sandbox: wechatpy opens what the sandbox sealed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import xmltodict
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.sandbox_fixture import AES_KEY, CORP_ID, TOKEN

Event = dict[str, Any]


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    seconds: float = 0


@dataclass
class Receiver:
    """What arrived, opened, in the order of arrival; `answers` says what to reply to it."""

    url: str = ""
    events: list[Event] = field(default_factory=list)
    envelopes: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: Callable[[Event], Answer] = lambda event: Answer()

    @property
    def crypto(self) -> WeChatCrypto:
        return WeChatCrypto(TOKEN, AES_KEY, CORP_ID)

    def reply(self, event: Event, text: str) -> Answer:
        """A passive text reply, sealed."""
        inner = (
            f"<xml><ToUserName><![CDATA[{event['FromUserName']}]]></ToUserName>"
            f"<FromUserName><![CDATA[{CORP_ID}]]></FromUserName><CreateTime>1750000001</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content></xml>"
        )
        return Answer(body=self.crypto.encrypt_message(inner, "n9", "1750000001").encode())

    def on_get(self, query: dict[str, str]) -> Answer:
        echo = self.crypto.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return Answer(body=echo if isinstance(echo, bytes) else echo.encode())

    def on_post(self, query: dict[str, str], body: bytes) -> Answer:
        self.envelopes.append((query, body))
        plaintext = self.crypto.decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        event: Event = xmltodict.parse(plaintext)["xml"]
        self.events.append(event)
        return self.answers(event)


def serve(receiver: Receiver) -> tuple[ThreadingHTTPServer, threading.Thread]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send(receiver.on_get(self.query()))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send(receiver.on_post(self.query(), body))

        def query(self) -> dict[str, str]:
            return dict(parse_qsl(urlsplit(self.path).query))

        def send(self, answer: Answer) -> None:
            if answer.seconds:
                time.sleep(answer.seconds)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    receiver.url = f"http://127.0.0.1:{server.server_port}/wecom/callback/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    return server, thread
