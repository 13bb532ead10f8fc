"""Public ids and share codes."""

import secrets
import uuid
from datetime import datetime

import base58
from uuid_utils.compat import uuid7 as _uuid7

_BASE58 = base58.BITCOIN_ALPHABET.decode()


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7)."""
    return _uuid7()


def share_code(length: int = 10) -> str:
    """A random code of base58 characters: no 0, O, I or l to misread. 10 characters are 58 bits."""
    return "".join(secrets.choice(_BASE58) for _ in range(length))


def private_token() -> str:
    """128 random bits for a link that only its holder may open; only its hash is stored."""
    return base58.b58encode(secrets.token_bytes(16)).decode()


def uuid7_sql(at: datetime) -> str:
    """An SQL expression for such a UUID of that moment, for rows that one statement makes by the thousand."""
    stamp = f"{int(at.timestamp() * 1000):012x}"
    return f"('{stamp[:8]}-{stamp[8:]}-7' || substr(gen_random_uuid()::text, 16))::uuid"


def uuid7_moment_sql(column: str) -> str:
    """An SQL expression for the moment at which such a UUID was made."""
    digits = f"substr(replace({column}::text, '-', ''), 1, 12)"
    return f"to_timestamp(('x' || {digits})::bit(48)::bigint / 1000.0)"
