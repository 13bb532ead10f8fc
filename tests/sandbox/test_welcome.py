"""Welcome codes: twenty seconds, once."""

from typing import Any

import pytest

from tests.sandbox_fixture import Sandbox


def greet(sandbox: Sandbox, code: str, **content: Any) -> int:
    body = {"welcome_code": code, **(content or {"text": {"content": "你好，我是林导"}})}
    return int(sandbox.api("POST", "externalcontact/send_welcome_msg", body)["errcode"])


def test_a_greeting_reaches_the_customer_once(sandbox: Sandbox, host: str) -> None:
    added = sandbox.customer_adds(host)
    link = {"msgtype": "link", "link": {"title": "逛逛我的店", "url": "https://shop.example/s/abc/"}}

    assert greet(sandbox, added["welcome_code"], text={"content": "你好"}, attachments=[link]) == 0
    assert greet(sandbox, added["welcome_code"]) == 41050

    welcome = sandbox.welcome_of(added["external_userid"])
    assert welcome is not None
    assert welcome["text"] == "你好"
    assert welcome["attachments"][0]["link"]["url"] == "https://shop.example/s/abc/"
    assert sandbox.counts()["welcomes_sent"] == 1


def test_a_team_may_have_the_other_code_for_a_used_one(sandbox: Sandbox, host: str) -> None:
    sandbox.settings(welcome_reuse_errcode=41051)
    code = sandbox.customer_adds(host)["welcome_code"]

    assert [greet(sandbox, code), greet(sandbox, code)] == [0, 41051]


@pytest.mark.parametrize(("seconds", "errcode"), [(12, 0), (20, 41050), (3600, 41050)])
def test_the_code_lives_twenty_seconds_from_the_event(
    sandbox: Sandbox, host: str, seconds: float, errcode: int
) -> None:
    code = sandbox.customer_adds(host)["welcome_code"]
    sandbox.advance(seconds)

    assert greet(sandbox, code) == errcode


def test_an_unknown_or_missing_code_is_told(sandbox: Sandbox) -> None:
    assert greet(sandbox, "WC_none") == 41050
    assert greet(sandbox, "") == 41049


def test_who_has_spoken_already_is_not_greeted(sandbox: Sandbox, host: str) -> None:
    added = sandbox.customer_adds(host)
    sandbox.act("customer_says", userid=host, external_userid=added["external_userid"], text="在吗")

    assert greet(sandbox, added["welcome_code"]) == 41051
    assert sandbox.welcome_of(added["external_userid"]) is None


def test_a_half_added_customer_brings_a_code_and_no_second_one(sandbox: Sandbox, host: str) -> None:
    half = sandbox.customer_adds(host, skip_verify=False)
    assert half["callbacks"][0]["kind"] == "change_external_contact.add_half_external_contact"
    assert greet(sandbox, half["welcome_code"]) == 0

    accepted = sandbox.member_accepts(host, half["external_userid"])
    assert accepted["welcome_code"] == ""
    assert "WelcomeCode" not in accepted["callbacks"][0]["plaintext"]


def test_an_unused_first_code_is_followed_by_another(sandbox: Sandbox, host: str) -> None:
    half = sandbox.customer_adds(host, skip_verify=False)
    accepted = sandbox.member_accepts(host, half["external_userid"])

    assert accepted["welcome_code"]
    assert greet(sandbox, accepted["welcome_code"]) == 0
    assert greet(sandbox, half["welcome_code"]) == 41051


def test_the_administrators_own_greeting_leaves_no_code(sandbox: Sandbox) -> None:
    sandbox.add_member("greeted", has_admin_welcome=True)

    assert sandbox.customer_adds("greeted")["welcome_code"] == ""


def test_who_comes_back_is_greeted_again(sandbox: Sandbox, host: str) -> None:
    first = sandbox.customer_adds(host)
    assert greet(sandbox, first["welcome_code"]) == 0
    sandbox.member_deletes(host, first["external_userid"])

    again = sandbox.customer_adds(host, external_userid=first["external_userid"])
    assert greet(sandbox, again["welcome_code"]) == 0


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        ({"text": {"content": ""}}, 40063),
        ({"text": {"content": "长" * 1334}}, 45002),
        ({"attachments": [{"msgtype": "song"}]}, 41065),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t"}}]}, 41010),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "none"}}]}, 40007),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "https://a"}}] * 10}, 41064),
    ],
)
def test_a_bad_greeting_does_not_use_up_the_code(
    sandbox: Sandbox, host: str, content: dict[str, Any], errcode: int
) -> None:
    code = sandbox.customer_adds(host)["welcome_code"]

    assert greet(sandbox, code, **content) == errcode
    assert greet(sandbox, code) == 0
