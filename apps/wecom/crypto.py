"""Opening and sealing callbacks. wechatpy does the AES; what it takes on trust is checked here.

Everything that is wrong with a callback is one exception: which check refused it is nobody's business.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from wechatpy.enterprise.crypto import PrpCrypto

_BLOCK = 32
_CIPHER = re.compile(r"[A-Za-z0-9+/]{43,}={0,2}")
_SIGNATURE = re.compile(r"[0-9a-f]{40}")
_WORD = re.compile(r"[\x21-\x7e]{1,64}")

# The whole envelope, flat and in one pass: no attributes, no entities, no comments, no nesting.
_ELEMENT = rb"<(?P<%s>[A-Za-z]{1,32})>(?:<!\[CDATA\[(?P<%s>[^\]<>&]*)\]\]>|(?P<%s>[^<>&\]]*))</(?P=%s)>"
_FIELD = re.compile(_ELEMENT % (b"name", b"cdata", b"text", b"name"))
_ENVELOPE = re.compile(rb"\s*<xml>(?P<fields>.*)</xml>\s*", re.DOTALL)
_MOST_FIELDS = 8


class RefusedError(Exception):
    """Not a sound callback for us."""


@dataclass(frozen=True)
class Box:
    """Token, key and receiver of one callback address."""

    token: str
    key: bytes
    receiver: str

    def signature(self, timestamp: str, nonce: str, cipher: str) -> str:
        words = "".join(sorted([self.token, timestamp, nonce, cipher]))
        return hashlib.sha1(words.encode()).hexdigest()  # noqa: S324 - WeCom's protocol

    def open(self, *, signature: str, timestamp: str, nonce: str, cipher: str) -> str:
        """The plain text of a cipher that WeCom signed for us. RefusedError."""
        if not (
            _SIGNATURE.fullmatch(signature)
            and _WORD.fullmatch(timestamp)
            and _WORD.fullmatch(nonce)
            and _CIPHER.fullmatch(cipher)
        ):
            raise RefusedError
        if not hmac.compare_digest(self.signature(timestamp, nonce, cipher), signature):
            raise RefusedError
        try:
            raw = PrpCrypto(self.key).cipher.decrypt(base64.b64decode(cipher, validate=True))
        except (binascii.Error, ValueError):
            raise RefusedError from None
        return self._unpack(raw)

    def _unpack(self, raw: bytes) -> str:
        """16 random bytes, the length, the text, the receiver, padding to 32."""
        pad = raw[-1] if raw else 0
        if not 1 <= pad <= _BLOCK or len(raw) < 20 + pad or raw[-pad:] != bytes([pad]) * pad:
            raise RefusedError
        raw = raw[:-pad]
        (size,) = struct.unpack(">I", raw[16:20])
        text, receiver = raw[20 : 20 + size], raw[20 + size :]
        if len(text) != size or not hmac.compare_digest(receiver, self.receiver.encode()):
            raise RefusedError
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise RefusedError from None

    def seal_reply(self, text: str, *, timestamp: str) -> str:
        """The signed and encrypted body of a passive reply."""
        nonce = secrets.token_hex(8)
        cipher = PrpCrypto(self.key).encrypt(text, self.receiver).decode()
        return (
            f"<xml><Encrypt><![CDATA[{cipher}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{self.signature(timestamp, nonce, cipher)}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )


@lru_cache(maxsize=4)
def _box(token: str, aes_key: str, corp_id: str) -> Box:
    # The 43 characters of WeCom's key carry two spare bits: a strict decoder would refuse them.
    key = base64.b64decode(aes_key + "=")
    if len(key) != 32:
        raise ValueError("WECOM_CALLBACK_AES_KEY 应是企业微信给出的 43 个字符。")
    return Box(token=token, key=key, receiver=corp_id)


def our_box() -> Box:
    return _box(settings.WECOM_CALLBACK_TOKEN, settings.WECOM_CALLBACK_AES_KEY, settings.WECOM_CORP_ID)


def cipher_in(envelope: bytes) -> str:
    """The `Encrypt` field of a posted envelope. Nothing is parsed as XML before its signature is good."""
    whole = _ENVELOPE.fullmatch(envelope)
    if whole is None:
        raise RefusedError
    fields: dict[bytes, bytes] = {}
    rest = whole["fields"]
    position = 0
    for _ in range(_MOST_FIELDS + 1):
        while position < len(rest) and rest[position] in b" \t\r\n":
            position += 1
        if position == len(rest):
            break
        field = _FIELD.match(rest, position)
        if field is None or field["name"] in fields:
            raise RefusedError
        fields[field["name"]] = (field["cdata"] if field["cdata"] is not None else field["text"]).strip()
        position = field.end()
    else:
        raise RefusedError
    try:
        return fields[b"Encrypt"].decode("ascii")
    except (KeyError, UnicodeDecodeError):
        raise RefusedError from None
