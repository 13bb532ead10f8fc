"""Identifiers in the shapes that WeCom gives them."""

import base64
import hashlib
import secrets
import string

LETTERS = string.ascii_letters + string.digits
HEX = string.digits + "abcdef"


def opaque(prefix: str, length: int) -> str:
    """`prefix` and random letters, `length` characters in all."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(length - len(prefix)))


def stable(prefix: str, seed: str, length: int) -> str:
    """As `opaque`, the same for the same seed: so that a rebuilt world has the same people."""
    digest = base64.b64encode(hashlib.sha512(f"{prefix}:{seed}".encode()).digest()).decode()
    letters = "".join(letter for letter in digest if letter.isalnum())
    return prefix + letters[: length - len(prefix)]


def external_userid(seed: str | None = None) -> str:
    return stable("wm", seed, 32) if seed else opaque("wm", 32)


def unionid(external: str) -> str:
    return stable("o", f"union:{external}", 28)


def openid(external: str) -> str:
    return stable("o", f"open:{external}", 28)


def token() -> str:
    return secrets.token_urlsafe(64)


def config_id() -> str:
    return secrets.token_hex(16)
