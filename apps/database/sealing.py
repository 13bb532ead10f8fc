"""What an address or a cookie carries for us: it tells nothing, can't be made up, and opens in one place."""

import base64
import binascii

from apps.database import crypto


def seal(content: bytes, *, context: str) -> str:
    """`content` in letters that an address takes as they are; `context` is what `unseal` must name again."""
    return base64.urlsafe_b64encode(crypto.encrypt_bytes(content, context=context)).decode().rstrip("=")


def unseal(text: str, *, context: str) -> bytes:
    """What was sealed. crypto.CannotDecryptError for whatever else somebody puts there."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise crypto.CannotDecryptError from None
    return crypto.decrypt_bytes(sealed, context=context)
