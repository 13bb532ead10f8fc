"""The cipher of WeCom callbacks, written from the protocol's description."""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


class CallbackCryptoError(Exception):
    """The envelope cannot be trusted or opened; the text says which part of it."""


@dataclass(frozen=True)
class Box:
    """Seals and opens envelopes of one receiver."""

    token: str
    aes_key: str
    receive_id: str

    @property
    def key(self) -> bytes:
        key = base64.b64decode(self.aes_key + "=")
        if len(key) != 32:
            raise CallbackCryptoError("EncodingAESKey 应为 43 个字符")
        return key

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16]))

    def sign(self, timestamp: str, nonce: str, sealed: str) -> str:
        parts = sorted(part.encode() for part in (self.token, timestamp, nonce, sealed))
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def seal(self, text: str, *, random: bytes | None = None) -> str:
        body = text.encode()
        head = os.urandom(RANDOM) if random is None else random
        raw = head + struct.pack(">I", len(body)) + body + self.receive_id.encode()
        pad = BLOCK - len(raw) % BLOCK
        return self.encrypt(raw + bytes([pad]) * pad)

    def encrypt(self, raw: bytes) -> str:
        """Encrypt bytes as they are: for envelopes that are broken on purpose, too."""
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(raw) + encryptor.finalize()).decode()

    def open(self, signature: str, timestamp: str, nonce: str, sealed: str) -> str:
        if not hmac.compare_digest(self.sign(timestamp, nonce, sealed).encode(), signature.encode()):
            raise CallbackCryptoError("签名不符")
        try:
            decryptor = self._cipher().decryptor()
            raw = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        except (ValueError, binascii.Error) as error:
            raise CallbackCryptoError("密文不是完整的 AES 块") from error
        pad = raw[-1] if raw else 0
        if not 1 <= pad <= BLOCK or raw[-pad:] != bytes([pad]) * pad:
            raise CallbackCryptoError("填充不符")
        raw = raw[:-pad]
        if len(raw) < RANDOM + 4:
            raise CallbackCryptoError("明文过短")
        (size,) = struct.unpack(">I", raw[RANDOM : RANDOM + 4])
        body, receive_id = raw[RANDOM + 4 : RANDOM + 4 + size], raw[RANDOM + 4 + size :]
        if len(body) != size:
            raise CallbackCryptoError("明文长度不符")
        if receive_id.decode(errors="replace") != self.receive_id:
            raise CallbackCryptoError("receiveid 不符")
        return body.decode()
