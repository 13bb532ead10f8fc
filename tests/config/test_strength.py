"""What production takes for a secret, and what it turns back: no process for each, the rules themselves."""

import base64
import secrets
import string

import pytest

from config import keys, strength

ZEROS = base64.b64encode(bytes(32)).decode()
SOUND = base64.b64encode(bytes(range(32))).decode()


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


@pytest.mark.parametrize("names", [["*"], ["c.example.com", "*.example.com"], [".com"], ["."]])
def test_a_site_that_would_answer_to_every_name_is_turned_back(names: list[str]) -> None:
    assert "ALLOWED_HOSTS" in strength.of_hosts(names)


def test_what_random_generators_make_is_taken() -> None:
    letters = string.ascii_letters + string.digits
    for _ in range(200):
        made = keys._new_keys()
        assert strength.of_secret_key(made["SECRET_KEY"]) == ""
        assert strength.of_secret_key(secrets.token_hex(32)) == ""
        assert strength.of_secret_key("".join(secrets.choice(letters) for _ in range(50))) == ""
        assert strength.of_field_keys(made["FIELD_KEY"]) == ""
        assert strength.of_callback_key(secrets.token_bytes(32).hex()[:43]) == ""
    assert strength.of_field_keys(f"2:{SOUND},1:{SOUND}") == ""
    assert strength.of_hosts(["c.example.com", ".example.com", "127.0.0.1", "localhost"]) == ""
