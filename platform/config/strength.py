"""What makes a secret of production good enough; each check gives a sentence with the mend, or nothing."""

import base64
import binascii
import zlib
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from apps.database import crypto

_SHORTEST = 50
_SHORTEST_TOKEN = 32
#: 32 random bytes hold about 30 different ones; fewer than 16 happen once in 10^13 keys.
_FEWEST_BYTES = 16
#: Random text of 50 characters can't be packed into fewer bytes; repeated words and runs can.
_SMALLEST_PACKED = 40


def of_secret_key(text: str) -> str:
    """Django's key: long, and neither one letter over and over nor a word repeated."""
    if (
        len(text) < _SHORTEST
        or len(set(text)) < 10
        or len(zlib.compress(text.encode(), 9)) < _SMALLEST_PACKED
    ):
        return "SECRET_KEY 太短或太简单，请换成至少 50 个随机字符。"
    return ""


def of_field_keys(text: str, *, name: str = "FIELD_KEY") -> str:
    """One key or several, each 32 random bytes in base64."""
    try:
        keys = list(crypto.master_keys(text).values())
    except ImproperlyConfigured:
        keys = []
    if not keys:
        return f"{name} 应是 32 个随机字节的 base64（44 个字符），或 “2:新密钥,1:旧密钥”。"
    if any(not _looks_random(key) for key in keys):
        return f"{name} 不是随机的（例如全是零）：请用 openssl rand -base64 32 生成。"
    return ""


def of_callback_key(text: str) -> str:
    """WeCom's key for callbacks: 43 characters that stand for 32 random bytes."""
    try:
        # WeCom makes them of letters and digits; their two spare bits would offend a strict decoder.
        is_word = len(text) == 43 and text.isascii() and text.isalnum()
        key = base64.b64decode(text + "=") if is_word else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32 or not _looks_random(key):
        return "WECOM_CALLBACK_AES_KEY 应是企业微信后台「接收消息」里随机生成的那 43 个字符。"
    return ""


def of_metrics_token(text: str) -> str:
    """What opens /metrics to another machine."""
    if len(text) < _SHORTEST_TOKEN or len(set(text)) < 10:
        return f"METRICS_TOKEN 太短或太简单，请换成至少 {_SHORTEST_TOKEN} 个随机字符。"
    return ""


def of_hosts(names: Sequence[str]) -> str:
    """The names that this site answers to: each one written out, or one domain of ours with a dot before."""
    if any("*" in name or (name.strip(".").count(".") < 1 and name.startswith(".")) for name in names):
        return "ALLOWED_HOSTS 不能用 *：请写出真正的域名，多个用逗号隔开。"
    return ""


def _looks_random(key: bytes) -> bool:
    return len(set(key)) >= _FEWEST_BYTES
