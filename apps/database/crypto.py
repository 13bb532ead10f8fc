"""Encryption of personal fields and the blind index that finds them again.

AES-256-GCM (NIST SP 800-38D) with a 96-bit random nonce. Keys come from FIELD_KEY by HKDF-SHA256 (RFC 5869),
one per purpose. The additional data is `table:column:public_id`, so that a ciphertext moved to another row or
column does not open. A stored value is `key id (1 byte) | nonce (12) | ciphertext and tag`.

FIELD_KEY is one base64 key of 32 bytes, or several as `2:key,1:key`: the first encrypts, all decrypt. Blind
indexes come from a root of their own, INDEX_KEY (unset: the lowest-numbered FIELD_KEY), which changes only by
`manage.py rotate_field_key --indexes` while the platform stands still (apps/privacy/services/keys.py).
"""

import base64
import binascii
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_NONCE = 12


class CannotDecryptError(Exception):
    """The bytes were not made by these keys for this row and column."""


@lru_cache(maxsize=4)
def master_keys(spec: str) -> dict[int, bytes]:
    """Key id → 32 bytes, in the order given. ImproperlyConfigured."""
    keys: dict[int, bytes] = {}
    for part in spec.split(","):
        number, _, text = part.rpartition(":")
        try:
            key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
            key_id = int(number or "1")
        except (binascii.Error, ValueError):
            key, key_id = b"", 0
        if len(key) != 32 or not 1 <= key_id <= 255 or key_id in keys:
            raise ImproperlyConfigured("FIELD_KEY 应是 32 个随机字节的 base64，或 “2:新密钥,1:旧密钥”。")
        keys[key_id] = key
    return keys


@lru_cache(maxsize=16)
def _derived(spec: str, key_id: int, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"dac", info=purpose.encode()).derive(
        master_keys(spec)[key_id]
    )


@lru_cache(maxsize=16)
def _cipher(spec: str, key_id: int) -> AESGCM:
    return AESGCM(_derived(spec, key_id, "field"))


def encrypt(text: str, *, context: str) -> bytes:
    """The stored form of `text` for one place: `context` is `table:column:public_id`."""
    return encrypt_bytes(text.encode(), context=context)


def decrypt(stored: bytes, *, context: str) -> str:
    """The text again; CannotDecryptError when key, bytes or place differ."""
    return decrypt_bytes(stored, context=context).decode()


def encrypt_bytes(content: bytes, *, context: str) -> bytes:
    """The same for a file."""
    spec = settings.FIELD_KEY
    key_id = current_key_id()
    nonce = os.urandom(_NONCE)
    return bytes([key_id]) + nonce + _cipher(spec, key_id).encrypt(nonce, content, context.encode())


def current_key_id() -> int:
    """The number of the key that encrypts now: the first of FIELD_KEY."""
    return next(iter(master_keys(settings.FIELD_KEY)))


def decrypt_bytes(stored: bytes, *, context: str) -> bytes:
    spec = settings.FIELD_KEY
    key_id = stored[0] if stored else 0
    if key_id not in master_keys(spec):
        raise CannotDecryptError(f"unknown key {key_id}")
    nonce, body = stored[1 : 1 + _NONCE], stored[1 + _NONCE :]
    try:
        return _cipher(spec, key_id).decrypt(nonce, body, context.encode())
    except InvalidTag:
        raise CannotDecryptError(context.rsplit(":", 1)[0]) from None


def _index_root() -> tuple[str, int]:
    """The keys, and the number of the one that indexes are derived from."""
    spec = settings.INDEX_KEY or settings.FIELD_KEY
    return spec, min(master_keys(spec))


@lru_cache(maxsize=20_000)
def _index_key(spec: str, key_id: int, scope: str) -> bytes:
    return hmac.digest(_derived(spec, key_id, "blind-index"), scope.encode(), hashlib.sha256)


def index_fingerprint() -> bytes:
    """8 bytes that tell one index key from another and nothing of either."""
    spec, key_id = _index_root()
    return hmac.digest(_derived(spec, key_id, "blind-index"), b"fingerprint", hashlib.sha256)[:8]


def blind_index(value: str, *, scope: str) -> bytes:
    """16 bytes by which equal values of one scope (a host, or `hq`) find each other, and only there.

    HMAC-SHA-256 with a key per scope: without FIELD_KEY a dump can't be searched by trying every number, and
    the same phone under two hosts has two unrelated indexes.
    """
    return hmac.digest(_index_key(*_index_root(), scope), value.encode(), hashlib.sha256)[:16]


def digest(value: str) -> bytes:
    """SHA-256 of a random secret (token, cookie). Not for guessable values such as phones."""
    return hashlib.sha256(value.encode()).digest()
