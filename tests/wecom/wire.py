"""WeCom's side of the callback protocol, written from its description and not from our code."""

import base64
import hashlib
import os
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

ADDRESS = "/wecom/callback/"


@dataclass(frozen=True)
class Wecom:
    token: str
    aes_key: str
    corp_id: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.aes_key + "=")

    def sign(self, timestamp: str, nonce: str, cipher: str) -> str:
        words = "".join(sorted([self.token, timestamp, nonce, cipher]))
        return hashlib.sha1(words.encode()).hexdigest()  # noqa: S324 - the protocol's

    def seal_bytes(self, raw: bytes) -> str:
        """AES only: for packets whose inside is wrong."""
        encryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).encryptor()
        return base64.b64encode(encryptor.update(raw) + encryptor.finalize()).decode()

    def seal(self, text: str, *, receiver: str | None = None, size: int | None = None) -> str:
        body = text.encode()
        length = len(body) if size is None else size
        tail = (self.corp_id if receiver is None else receiver).encode()
        raw = os.urandom(16) + struct.pack(">I", length) + body + tail
        pad = 32 - len(raw) % 32
        return self.seal_bytes(raw + bytes([pad]) * pad)

    def open(self, cipher: str) -> str:
        decryptor = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).decryptor()
        raw = decryptor.update(base64.b64decode(cipher)) + decryptor.finalize()
        raw = raw[: -raw[-1]]
        (size,) = struct.unpack(">I", raw[16:20])
        return raw[20 : 20 + size].decode()

    def query(self, cipher: str, *, timestamp: str = "1750000000", nonce: str = "nonce42") -> dict[str, str]:
        return {
            "msg_signature": self.sign(timestamp, nonce, cipher),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def envelope(self, cipher: str) -> bytes:
        return (
            f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID>"
            f"<Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
        ).encode()


def wecom() -> Wecom:
    return Wecom(settings.WECOM_CALLBACK_TOKEN, settings.WECOM_CALLBACK_AES_KEY, settings.WECOM_CORP_ID)


def post(client: Client, text: str, **seal: Any) -> HttpResponse:
    """Bring one callback as WeCom does."""
    cipher = wecom().seal(text, **seal)
    return post_raw(client, wecom().envelope(cipher), wecom().query(cipher))


def post_raw(client: Client, body: bytes, query: dict[str, str]) -> HttpResponse:
    return client.generic("POST", f"{ADDRESS}?{urlencode(query)}", body, "text/xml")  # type: ignore[return-value]
