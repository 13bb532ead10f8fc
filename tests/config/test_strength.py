"""What production takes for a secret, and what it turns back: no process for each, the rules themselves."""

import base64
import secrets
import string

import pytest

from config import keys, strength

ZEROS = base64.b64encode(bytes(32)).decode()
COUNTED = base64.b64encode(bytes(range(32))).decode()
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
        f"300:{SOUND}",
    ],
)
def test_a_field_key_that_is_none_or_not_random_is_turned_back(text: str) -> None:
    assert strength.of_field_keys(text).startswith("FIELD_KEY ")


@pytest.mark.parametrize("text", ["abc", "A" * 43, "a" * 44, "!" * 43, SOUND])
def test_a_callback_key_that_wecom_never_made_is_turned_back(text: str) -> None:
    assert strength.of_callback_key(text)


@pytest.mark.parametrize(
    "names", [["*"], ["c.example.com", "*.example.com"], [".com"], ["."], [".com.cn"], [".co.uk"]]
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


@pytest.mark.parametrize("text", ["", "abcdefghijkl", "令牌令牌令牌令牌", "with blanks 123", "x7-dash-in-it"])
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
        *("https://c example.com", "https://:443"),
    ],
)
def test_a_site_is_a_name_alone(address: str) -> None:
    assert "SITE_URL" in strength.of_site(address)


@pytest.mark.parametrize(
    "address", ["memory://", "nonsense", "redis://", "redis", "amqp://h:x", "filesystem://a"]
)
def test_a_queue_that_keeps_nothing_is_turned_back(address: str) -> None:
    assert "BROKER_URL" in strength.of_broker(address)


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
    for _ in range(200):
        made = keys._new_keys()
        assert strength.of_secret_key(made["SECRET_KEY"]) == ""
        assert strength.of_secret_key(secrets.token_hex(32)) == ""
        assert strength.of_secret_key("".join(secrets.choice(letters) for _ in range(50))) == ""
        assert strength.of_field_keys(made["FIELD_KEY"]) == ""
        assert strength.of_wecom_secret(made["WECOM_SECRET"]) == ""
        assert strength.of_callback_token(made["WECOM_CALLBACK_TOKEN"]) == ""
        assert strength.of_metrics_token(secrets.token_hex(16)) == ""
        assert strength.of_metrics_token(secrets.token_urlsafe(32)) == ""
        assert strength.of_callback_key(secrets.token_bytes(32).hex()[:43]) == ""
    assert strength.of_field_keys(f"2:{SOUND},1:{SOUND}") == ""
    assert strength.of_hosts(["c.example.com", ".example.com", "127.0.0.1", "localhost"]) == ""
    assert strength.of_site("https://c.example.com") == strength.of_site("https://c.example.com:8443") == ""
    assert strength.of_broker("redis://cache:6379/0") == strength.of_broker("amqp://u:p@mq:5672//") == ""
