"""Development keys: made once, kept in VAR_DIR/keys.env with mode 0600.

Production never reads this file; it takes every key from the environment.
"""

import base64
import os
import secrets
import string
from pathlib import Path

_ALPHANUMERIC = string.ascii_letters + string.digits


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


def _new_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": _word(64),
        "FIELD_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "WECOM_CORP_ID": "ww" + secrets.token_hex(8),
        "WECOM_AGENT_ID": "1000002",
        "WECOM_SECRET": _word(43),
        "WECOM_CALLBACK_TOKEN": _word(24),
        # 43 characters that decode to 32 bytes, as WeCom makes them (its last character carries 4 bits).
        "WECOM_CALLBACK_AES_KEY": base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
    }


def development_keys(var_dir: Path) -> dict[str, str]:
    """Read the keys of this VAR_DIR, making them on the first call."""
    path = var_dir / "keys.env"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        body = "".join(f"{name}={value}\n" for name, value in _new_keys().items())
        draft = path.with_name(f".keys.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(body)
        try:
            # A link never overwrites, so two first starts agree on one set of keys.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
