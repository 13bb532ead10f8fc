"""message/send: who gets it, what is dropped silently, and the duplicate check."""

import threading
from typing import Any

import pytest

from tests.sandbox_fixture import Sandbox

AGENT = Sandbox.agent_id


def text(touser: str, content: str = "早上好", **more: Any) -> dict[str, Any]:
    return {"touser": touser, "msgtype": "text", "agentid": AGENT, "text": {"content": content}, **more}


def send(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    return sandbox.api("POST", "message/send", body)


def test_a_text_reaches_the_members_named_and_names_the_others(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("left.one", status=5)

    answer = send(sandbox, text("LIN.guide|Ghost1|left.one"))

    assert answer["errcode"] == 0
    assert answer["invaliduser"] == "ghost1|left.one"
    (message,) = sandbox.messages_to(host)
    assert message["content"] == {"content": "早上好"}
    assert message["msgid"] == answer["msgid"]


def test_all_invalid_is_81013_and_nobody_is_82001(sandbox: Sandbox, host: str) -> None:
    assert send(sandbox, text("ghost"))["errcode"] == 81013
    assert send(sandbox, text(""))["errcode"] == 82001
    assert send(sandbox, text("|".join(f"u{n}" for n in range(1001))))["errcode"] == 40032


def test_everybody_and_departments_are_receivers_too(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("b")

    assert send(sandbox, text("@all"))["errcode"] == 0
    assert send(sandbox, text("", toparty="1|99"))["invalidparty"] == "99"
    assert len(sandbox.messages_to("b")) == 2


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"agentid": 1}, 301002),
        ({"agentid": None}, 41011),
        ({"msgtype": "song"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "textcard", "textcard": {"description": "d", "url": "https://a"}}, 41016),
        ({"msgtype": "textcard", "textcard": {"title": "t", "url": "https://a"}}, 41033),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d"}}, 41010),
        (
            {"msgtype": "textcard", "textcard": {"title": "长" * 43, "description": "d", "url": "https://a"}},
            45002,
        ),
        ({"msgtype": "markdown", "markdown": {"content": "长" * 683}}, 45002),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "template_card", "template_card": {"card_type": "poem"}}, 40058),
        ({"duplicate_check_interval": 14401}, 40058),
    ],
)
def test_a_bad_message_says_what_is_wrong_and_reaches_nobody(
    sandbox: Sandbox, host: str, change: dict[str, Any], errcode: int
) -> None:
    assert send(sandbox, text(host) | change)["errcode"] == errcode
    assert sandbox.messages() == []


def test_a_long_text_is_cut_at_2048_bytes_between_characters(sandbox: Sandbox, host: str) -> None:
    send(sandbox, text(host, "长" * 1000))

    (message,) = sandbox.messages_to(host)
    assert message["content"]["content"] == "长" * 682


def test_identical_bytes_within_the_interval_are_swallowed(sandbox: Sandbox, host: str) -> None:
    body = text(host, enable_duplicate_check=1, duplicate_check_interval=600)

    first = send(sandbox, body)
    sandbox.advance(599)
    second = send(sandbox, body)

    assert (second["errcode"], second["msgid"]) == (0, first["msgid"])
    assert len(sandbox.messages_to(host)) == 1
    assert sandbox.counts()["duplicates_swallowed"] == 1
    assert sandbox.counts()["doubles"] == 0

    sandbox.advance(2)
    third = send(sandbox, body)
    assert third["msgid"] != first["msgid"]
    assert len(sandbox.messages_to(host)) == 2


def test_other_bytes_or_no_check_are_delivered_again_and_counted(sandbox: Sandbox, host: str) -> None:
    send(sandbox, text(host, enable_duplicate_check=1))
    send(sandbox, text(host, enable_duplicate_check=1, duplicate_check_interval=900))
    send(sandbox, text(host))
    send(sandbox, text(host))

    counts = sandbox.counts()
    assert len(sandbox.messages_to(host)) == 4
    assert counts["doubles"] == 3
    assert counts["doubled"][0]["times"] == 4


def test_identical_bytes_at_the_same_moment_are_delivered_once(sandbox: Sandbox, host: str) -> None:
    sandbox.settings(parallel_limit=50)
    body = text(host, enable_duplicate_check=1)
    answers: list[dict[str, Any]] = []
    callers = [threading.Thread(target=lambda: answers.append(send(sandbox, body))) for _ in range(6)]

    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert {answer["errcode"] for answer in answers} == {0}
    assert len({answer["msgid"] for answer in answers}) == 1
    assert len(sandbox.messages_to(host)) == 1
    assert sandbox.counts()["duplicates_swallowed"] == 5


def test_the_31st_message_of_a_minute_is_dropped_without_a_word(sandbox: Sandbox, host: str) -> None:
    sandbox.settings(member_per_minute=3)

    answers = [send(sandbox, text(host, f"第 {n} 条"))["errcode"] for n in range(5)]

    assert answers == [0] * 5
    assert len(sandbox.messages_to(host)) == 3
    assert len(sandbox.messages_to(host, state="dropped")) == 2
    assert sandbox.counts()["messages_dropped"] == 2
    sandbox.advance(61)
    send(sandbox, text(host, "新的一分钟"))
    assert len(sandbox.messages_to(host)) == 4


def test_the_days_quota_is_45009(sandbox: Sandbox, host: str) -> None:
    sandbox.settings(account_limit=0)

    assert send(sandbox, text(host))["errcode"] == 45009


def test_a_message_can_be_recalled_for_a_day(sandbox: Sandbox, host: str) -> None:
    first, second = send(sandbox, text(host, "一")), send(sandbox, text(host, "二"))

    assert sandbox.api("POST", "message/recall", {"msgid": first["msgid"]})["errcode"] == 0
    sandbox.advance(24 * 3600 + 1)
    assert sandbox.api("POST", "message/recall", {"msgid": second["msgid"]})["errcode"] == 40058
    assert [each["content"]["content"] for each in sandbox.messages_to(host)] == ["二"]


def test_a_card_with_buttons_answers_back_once(sandbox: Sandbox, host: str) -> None:
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "今日任务"},
        "task_id": "task-9",
        "button_list": [{"text": "接受", "key": "accept"}],
    }
    body = {"touser": host, "msgtype": "template_card", "agentid": AGENT, "template_card": card}
    assert send(sandbox, body)["errcode"] == 40058  # no callback URL yet
    sandbox.set_callback_url("http://127.0.0.1:9/")
    sent = send(sandbox, body)

    pressed = sandbox.act("member_presses_card", userid=host, msgid=sent["msgid"], key="accept")
    assert "<TaskId><![CDATA[task-9]]></TaskId>" in pressed["callbacks"][0]["plaintext"]
    assert f"<ResponseCode><![CDATA[{sent['response_code']}]]>" in pressed["callbacks"][0]["plaintext"]
    update = {
        "userids": [host],
        "agentid": AGENT,
        "response_code": sent["response_code"],
        "button": {"replace_name": "已接受"},
    }
    assert sandbox.api("POST", "message/update_template_card", update)["invaliduser"] == []
    assert sandbox.api("POST", "message/update_template_card", update)["errcode"] == 60140
    assert sandbox.messages_to(host)[0]["updated_card"]["button"]["replace_name"] == "已接受"


def test_media_lives_three_days_and_pictures_for_good(sandbox: Sandbox, host: str) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 100
    token = sandbox.access_token()

    def upload(path: str, content: bytes, **query: str) -> dict[str, Any]:
        found: dict[str, Any] = sandbox.http.post(
            f"{sandbox.base_url}/cgi-bin/media/{path}",
            params={"access_token": token, **query},
            files={"media": ("a.png", content, "image/png")},
            timeout=10,
        ).json()
        return found

    media = upload("upload", png, type="image")
    assert isinstance(media["created_at"], str)
    image = {"touser": host, "msgtype": "image", "agentid": AGENT, "image": {"media_id": media["media_id"]}}
    assert send(sandbox, image)["errcode"] == 0
    assert sandbox.api_response("GET", "media/get", media_id=media["media_id"]).content == png
    assert upload("upload", png, type="song")["errcode"] == 40004
    assert upload("upload", b"not a picture", type="image")["errcode"] == 40123
    assert upload("upload", b"", type="image")["errcode"] == 44001
    picture = upload("uploadimg", png)["url"]

    sandbox.advance(3 * 86400 + 1)
    assert send(sandbox, image)["errcode"] == 40007
    assert sandbox.http.get(picture, timeout=10).content == png
