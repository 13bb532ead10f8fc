"""What makes a secret of production good enough; each check gives a sentence with the mend, or nothing."""

import base64
import binascii
import ipaddress
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from apps.database import crypto
from config import known_pieces

_SHORTEST = 50
_SHORTEST_TOKEN = 32
#: 32 random bytes hold about 30 different ones; fewer than 16 happen once in 10^13 keys.
_FEWEST_BYTES = 16
_SHORTEST_CALLBACK = 8
_MOST_PROXIES = 10
_BROKERS = {"redis", "rediss", "amqp", "amqps"}
_CACHES = {"redis", "rediss", "unix"}
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*|\[?[0-9a-f]*:[0-9a-f:.]+\]?")
#: WeCom's own names, written out: `urlsplit` and whoever opens the address may read odd ones differently.
_WECOM = re.compile(r"https://([a-z0-9-]+\.)+qq\.com", re.ASCII)
#: Second levels of countries under which strangers register names.
_CATEGORIES = {"com", "net", "org", "gov", "edu", "ac", "mil", "co", "or", "ne", "go"}


def of_secret_key(text: str) -> str:
    """Django's key: long and random; what `startproject` writes is in everybody's repository."""
    if len(text) < _SHORTEST or text.startswith("django-insecure-") or not _looks_made(text, 10):
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
    texts = [part.rpartition(":")[2].strip() for part in text.split(",")]
    if any(not _looks_random(key) for key in keys) or any(known_pieces.is_mostly(one) for one in texts):
        return f"{name} 不是随机的（例如全是零，或者是一句话）：请用 openssl rand -base64 32 生成。"
    if len(set(keys)) < len(keys):
        return f"{name} 里有两个编号是同一把密钥：换密钥时请用 openssl rand -base64 32 另外生成一把。"
    return ""


def of_callback_key(text: str) -> str:
    """WeCom's key for callbacks: 43 characters that stand for 32 random bytes."""
    try:
        # WeCom makes them of letters and digits; their two spare bits would offend a strict decoder.
        is_word = len(text) == 43 and text.isascii() and text.isalnum()
        key = base64.b64decode(text + "=") if is_word else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32 or not _looks_random(key) or known_pieces.is_mostly(text):
        return "WECOM_CALLBACK_AES_KEY 应是企业微信后台「接收消息」里随机生成的那 43 个字符。"
    return ""


def of_metrics_token(text: str) -> str:
    """What opens /metrics to another machine."""
    if len(text) < _SHORTEST_TOKEN or not _looks_made(text, 10):
        return f"METRICS_TOKEN 太短或太简单，请换成至少 {_SHORTEST_TOKEN} 个随机字符。"
    return ""


def of_distinct(secrets: Mapping[str, str], *, may_be_one: Sequence[set[str]] = ()) -> str:
    """Each secret is one of its own: who is told the one must not hold the other.

    A list of numbered keys holds each of them, however its base64 is spelled. `may_be_one` names the pairs
    that are one value by design.
    """
    for (one, text), (other, same) in combinations(secrets.items(), 2):
        if {one, other} not in may_be_one and not _pieces(text).isdisjoint(_pieces(same)):
            return f"{one} 和 {other} 是同一个值：每个密钥都要另外生成，知道其中一个的人不该有另一个。"
    return ""


def _pieces(text: str) -> set[str]:
    """The values that whoever reads this secret holds, in one spelling."""
    parts = (text, *(part.rpartition(":")[2] for part in text.split(",")))
    spelled = (part.strip().replace("-", "+").replace("_", "/").rstrip("=") for part in parts)
    return {part for part in spelled if part}


def of_wecom_base(address: str) -> str:
    """Where WeCom is asked, secrets in hand: a name of Tencent's and nothing before or behind it."""
    if not _WECOM.fullmatch(address):
        return (
            f"企业微信地址 {address} 不是官方地址：只写 https:// 和 qq.com 下的域名，"
            "例如 https://qyapi.weixin.qq.com；模拟器只能在开发环境用。"
        )
    return ""


def of_wecom_secret(text: str, *, name: str = "WECOM_SECRET") -> str:
    """An application's secret, which WeCom makes: 43 characters."""
    if len(text) < _SHORTEST_TOKEN or not _looks_made(text, 10):
        return f"{name} 应是企业微信后台里那一长串 Secret（43 个字符），请重新复制完整。"
    return ""


def of_callback_token(text: str) -> str:
    """What signs WeCom's callbacks: at most 32 letters and digits, and whoever guesses it can write to us."""
    is_word = text.isascii() and text.isalnum() and _SHORTEST_CALLBACK <= len(text) <= 32
    if not is_word or not _looks_made(text, 5):
        return (
            f"WECOM_CALLBACK_TOKEN 太短或太简单：请在企业微信后台「接收消息」里点「随机获取」，"
            f"或自己填 {_SHORTEST_CALLBACK} 到 32 个随机的字母和数字。"
        )
    return ""


def of_hosts(names: Sequence[str]) -> str:
    """The names that this site answers to: each one written out, or one domain of ours with a dot before."""
    if any("*" in name or (name.startswith(".") and _is_anybodys(name[1:])) for name in names):
        return "ALLOWED_HOSTS 不能用 *，也不能是别人也能注册的后缀：请写出真正的域名，多个用逗号隔开。"
    for name in names:
        if not _HOST.fullmatch(name.lower().removeprefix(".")):
            return (
                f"ALLOWED_HOSTS 里的 {name!r} 不是域名：只写域名本身，例如 c.example.com，"
                "不带 https://、端口和路径。"
            )
    return ""


def of_site(address: str, hosts: Sequence[str]) -> str:
    """The site's own address: scheme, name, perhaps a port; links are made by putting a path behind it."""
    sentence = "SITE_URL 必须以 https:// 开头，后面只写域名，例如 https://c.example.com。"
    if re.search(r"[\s\\?#]", address):  # `urlsplit` drops a line break and an empty query
        return sentence
    try:
        parts = urlsplit(address)
        name = parts.hostname or ""
        has_more = bool(parts.path or parts.query or parts.fragment or parts.username is not None)
        is_sound = parts.scheme == "https" and _HOST.fullmatch(name) and parts.port != 0
    except ValueError:  # a port that is none
        return sentence
    if not is_sound or has_more:
        return sentence
    if _is_here(name):
        return f"SITE_URL 里的 {name} 只有这台机器自己打得开：请写客户的手机也能打开的域名。"
    if not validate_host(name, [*hosts]):
        return f"SITE_URL 的域名 {name} 不在 ALLOWED_HOSTS 里，打开它只会得到 400：请把它加进去。"
    return ""


def of_cache(address: str) -> str:
    """The cache: Redis, or none and each process remembers for itself."""
    try:
        parts = urlsplit(address)
        where = parts.path if parts.scheme == "unix" else parts.hostname
        is_sound = parts.scheme in _CACHES and bool(where) and parts.port != 0
    except ValueError:
        is_sound = False
    return (
        ""
        if is_sound
        else "CACHE_URL 应是 redis://…、rediss://… 或 unix://… 的完整地址；不写就用各进程的内存。"
    )


def of_broker(address: str) -> str:
    """The queue: one of the two that outlive a restart, or our own database's (`database.broker_url`)."""
    try:
        parts = urlsplit(address)
        is_sound = parts.scheme in _BROKERS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        return (
            "BROKER_URL 应是 redis://…、rediss://…、amqp://… 或 amqps://… 的完整地址；"
            "不写就用同一个 PostgreSQL。"
        )
    return ""


def of_proxies(count: int) -> str:
    """How many proxies of ours stand in front; a negative number would count from the wrong end."""
    if not 0 <= count <= _MOST_PROXIES:
        return f"TRUSTED_PROXIES 应是 0 到 {_MOST_PROXIES} 之间的整数：前面有几层自己的反向代理。"
    return ""


def _is_here(name: str) -> bool:
    """Whether a name leads nobody but this machine to itself."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_anybodys(domain: str) -> bool:
    """Whether everybody can have a name under it: `com`, or `com.cn`, whose second level is a category."""
    parts = domain.strip(".").lower().split(".")
    return len(parts) < 2 or (len(parts) == 2 and len(parts[1]) == 2 and parts[0] in _CATEGORIES)


def _looks_made(text: str, fewest: int) -> bool:
    """Whether a text may come from a generator: letters enough, not counted up, not of known pieces."""
    return len(set(text)) >= fewest and not _counts(text.encode()) and not known_pieces.is_mostly(text)


def _counts(content: bytes) -> bool:
    """Whether most steps from one byte to the next are the same, as in 0, 1, 2, …"""
    steps = [(after - before) % 256 for before, after in pairwise(content)]
    return bool(steps) and max(Counter(steps).values()) * 2 > len(steps)


def _looks_random(key: bytes) -> bool:
    return len(set(key)) >= _FEWEST_BYTES and not _counts(key) and not _is_text(key)


def _is_text(key: bytes) -> bool:
    """Whether its bytes read as text in any script, which 32 random ones do once in 10^11 keys."""
    try:
        return all(letter.isprintable() or letter.isspace() for letter in key.decode())
    except UnicodeDecodeError:
        return False
