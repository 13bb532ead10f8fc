"""What production takes for a secret, and what it turns back: no process for each, the rules themselves."""

import base64
import secrets
import string

import pytest
from django.core.management.utils import get_random_secret_key

from config import database, keys, storage, strength

ZEROS = base64.b64encode(bytes(32)).decode()
COUNTED = base64.b64encode(bytes(range(32))).decode()
ALPHABET = string.ascii_lowercase + string.digits + string.ascii_uppercase
OTHER = "p0VgYy8h3Zb1xJt5nC7qWm2kLr9sDf4uTe6aHiGoRvQ="
SOUND = "mQ3u0yXo7vK2tq9hZk1c4Jr8sLwVbNfE5gTa6dPiRxU="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "x" * 64,
        "0123456789" * 6,
        "change-me-" * 8,
        "for-tests-only-" + "x" * 40,
        "abcdefghijklm" + "n" * 50,
        string.ascii_letters + string.digits,
        "correct horse battery staple " * 2,
        "django-insecure-k3J9qL0w_vX7bZ2mN5cT8yR1uP4sD6fG-hA0jK9eW3oI7xV2nB",
        "qwertyuiopasdfghjklzxcvbnm1234567890QWERTYUIOPASDFGHJKLZXCVBNM",
        "please-change-me-to-something-long-and-secret-before-production",
        "the-quick-and-the-slow-eat-in-the-inner-garden-of-the-other-house",
        "the quick brown fox jumps over the lazy dog and sleeps in the sun",
        "womendeshengchanhuanjingmiyaojiushizhegebuyaogaosuren",
        "ZyXwVuTsRqPoNmLkJiHgFeDcBa9876543210zyxwvutsrqponmlkjih",
        "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6",
    ],
)
def test_a_simple_key_is_turned_back(text: str) -> None:
    assert "SECRET_KEY 太短或太简单" in strength.of_secret_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "short",
        ZEROS,
        COUNTED,
        base64.b64encode(bytes(range(0, 96, 3))).decode(),
        "!" * 44,
        "密" * 44,
        base64.b64encode(b"ab" * 16).decode(),
        base64.b64encode(bytes(31)).decode(),
        f"2:{SOUND},1:{ZEROS}",
        f"1:{SOUND},1:{SOUND}",
        f"2:{SOUND},1:{SOUND}",
        base64.b64encode(b"this is my very secret password!").decode(),
        base64.b64encode("这是我们公司的密钥吧".encode() + b"!!").decode(),
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE=",
        f"300:{SOUND}",
    ],
)
def test_a_field_key_that_is_none_or_not_random_is_turned_back(text: str) -> None:
    assert strength.of_field_keys(text).startswith("FIELD_KEY ")


@pytest.mark.parametrize("text", ["abc", "A" * 43, "a" * 44, "!" * 43, SOUND, ALPHABET[:43]])
def test_a_callback_key_that_wecom_never_made_is_turned_back(text: str) -> None:
    assert strength.of_callback_key(text)


@pytest.mark.parametrize(
    "names",
    [
        ["*"],
        ["c.example.com", "*.example.com"],
        [".com"],
        ["."],
        [".com.cn"],
        [".co.uk"],
        ["https://c.example.com"],
        ["c.example.com:443"],
        ["a..b"],
        ["c.example.com/"],
        ["-a.example.com"],
    ],
)
def test_a_site_that_would_answer_to_every_name_is_turned_back(names: list[str]) -> None:
    assert "ALLOWED_HOSTS" in strength.of_hosts(names)


@pytest.mark.parametrize(
    "text", ["x", "a" * 43, "0123456789ab" * 4, "change-me-" * 4, string.ascii_lowercase + string.digits]
)
def test_a_secret_that_nobody_made_is_turned_back(text: str) -> None:
    assert strength.of_metrics_token(text)
    assert strength.of_wecom_secret(text)
    assert strength.of_callback_token(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abcdefghijkl",
        "password123",
        "admin12345",
        "P4ssw0rd2024",
        "1qaz2wsx3edc",
        "令牌令牌令牌令牌",
        "with blanks 123",
        "x7-dash-in-it",
    ],
)
def test_a_token_of_callbacks_is_letters_and_digits(text: str) -> None:
    assert strength.of_callback_token(text)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https:",
            "https://",
            "http://c.example.com",
            "https://c.example.com/shop",
            "https://u:p@c.example.com",
        ),
        *(
            "https://c.example.com?a=1",
            "https://c.example.com#a",
            "https://c.example.com:99999",
            "c.example.com",
        ),
        *(
            "https://c example.com",
            "https://:443",
            "https://a..b",
            "https://localhost",
            "https://127.0.0.1:9000",
        ),
        *(
            "https://c.example.com\nx",
            "https://c.example\n.com",
            "https://c.example.com?",
            "https://d.example.com",
        ),
        *("https://c.example.com\\evil", "https://[::1]", "https://a.localhost"),
    ],
)
def test_a_site_is_a_name_alone(address: str) -> None:
    assert "SITE_URL" in strength.of_site(address, ["c.example.com", ".localhost"])


@pytest.mark.parametrize(
    "address", ["memory://", "nonsense", "redis://", "redis", "amqp://h:x", "filesystem://a"]
)
def test_a_queue_that_keeps_nothing_is_turned_back(address: str) -> None:
    assert "BROKER_URL" in strength.of_broker(address)


@pytest.mark.parametrize(
    "address", ["foo://x", "redis://", "redis", "memcached://h", "redis://h:x", "unix://"]
)
def test_a_cache_that_is_none_is_turned_back(address: str) -> None:
    assert "CACHE_URL" in strength.of_cache(address)


def test_proxies_are_counted_from_none() -> None:
    assert [bool(strength.of_proxies(count)) for count in (-1, 0, 1, 3, 99)] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_what_random_generators_make_is_taken() -> None:
    letters = string.ascii_letters + string.digits
    for _ in range(2_000):
        made = keys._new_keys()
        assert strength.of_secret_key(made["SECRET_KEY"]) == ""
        assert strength.of_secret_key(secrets.token_hex(32)) == ""
        assert strength.of_secret_key(secrets.token_urlsafe(48)) == ""
        assert strength.of_secret_key(get_random_secret_key()) == ""
        assert strength.of_secret_key(base64.b64encode(secrets.token_bytes(48)).decode()) == ""
        assert strength.of_field_keys(base64.b64encode(secrets.token_bytes(32)).decode()) == ""
        assert strength.of_callback_token(secrets.token_hex(8)) == ""
        assert strength.of_secret_key("".join(secrets.choice(letters) for _ in range(50))) == ""
        assert strength.of_field_keys(made["FIELD_KEY"]) == ""
        assert strength.of_wecom_secret(made["WECOM_SECRET"]) == ""
        assert strength.of_callback_token(made["WECOM_CALLBACK_TOKEN"]) == ""
        assert strength.of_metrics_token(secrets.token_hex(16)) == ""
        assert strength.of_metrics_token(secrets.token_urlsafe(32)) == ""
        assert strength.of_callback_key(secrets.token_bytes(32).hex()[:43]) == ""
    assert strength.of_field_keys(f"2:{SOUND},1:{OTHER}") == ""
    assert strength.of_hosts(["c.example.com", ".example.com", "127.0.0.1", "localhost"]) == ""
    for address in ("https://c.example.com", "https://c.example.com:8443", "https://shop.example.com"):
        assert strength.of_site(address, ["c.example.com", ".example.com"]) == ""
    assert strength.of_site("https://10.0.0.7", ["10.0.0.7"]) == ""
    assert strength.of_cache("redis://cache:6379/1") == strength.of_cache("unix:///run/redis.sock?db=1") == ""
    assert strength.of_broker("redis://cache:6379/0") == strength.of_broker("amqp://u:p@mq:5672//") == ""


@pytest.mark.parametrize(
    "address",
    [
        r"https://evil.example.com\.qq.com",
        "https://user:password@qyapi.weixin.qq.com",
        "https://qyapi.weixin.qq.com/cgi-bin",
        "https://qyapi.weixin.qq.com?x=1",
        "https://qyapi.weixin.qq.com#x",
        "https://qyapi.weixin.qq.com:8443",
        "https://evil.example.com/.qq.com",
        "https://.qq.com",
        "https://evilqq.com",
        "http://qyapi.weixin.qq.com",
        "https://qyapi.weixin.qq.com\n",
        "https://qyapi。weixin.qq.com",
    ],
)
def test_only_wecoms_own_names_are_asked(address: str) -> None:
    assert "不是官方地址" in strength.of_wecom_base(address)


@pytest.mark.parametrize("name", ["qyapi.weixin.qq.com", "open.weixin.qq.com", "login.work.weixin.qq.com"])
def test_wecoms_own_names_are(name: str) -> None:
    assert strength.of_wecom_base(f"https://{name}") == ""


@pytest.mark.parametrize("url", ["postgresql://u:p@h:port/x", "postgresql://[::1/x", "mysql://h/x"])
def test_a_bad_address_of_a_database_names_its_variable(url: str) -> None:
    with pytest.raises(ValueError, match=r"^DATABASE_REPLICA_URL .*postgresql://"):
        database.from_url(url, name="DATABASE_REPLICA_URL")


@pytest.mark.parametrize(
    "url", ["file://relative", "file://", "file:///", "file://host/a", "s3://", "ftp://x"]
)
def test_a_bad_address_of_files_is_turned_back(url: str) -> None:
    with pytest.raises(ValueError, match=r"^STORAGE_URL"):
        storage.from_url(url)
