"""The pages on which a person plays host and consumer; every button is a plain form."""

import re
from typing import Any

import requests

from tests.pages import html_of
from tests.sandbox.receiver import Receiver
from tests.sandbox_fixture import Sandbox


def page(sandbox: Sandbox, path: str, **query: str) -> str:
    answer = sandbox.http.get(f"{sandbox.base_url}{path}", params=query, timeout=20)
    assert answer.status_code == 200, answer.text[:300]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    return html_of(answer.text)


def press(sandbox: Sandbox, path: str, /, **fields: Any) -> requests.Response:
    home = page(sandbox, "/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', home)
    assert token is not None
    data = {"csrfmiddlewaretoken": token[1], "next": "/faults/", **fields}
    return sandbox.http.post(f"{sandbox.base_url}{path}", data=data, timeout=20)


def test_an_empty_corp_says_what_to_do_next(sandbox: Sandbox) -> None:
    assert "企业里还没有成员" in page(sandbox, "/")
    assert "还没有成员" in page(sandbox, "/stage/")


def test_a_member_and_a_consumer_meet_by_hand(sandbox: Sandbox, receiver: Receiver) -> None:
    assert "已添加成员 林导" in press(sandbox, "/do/member/", userid="lin", name="林导").text
    assert "已经有成员 LIN 了" in press(sandbox, "/do/member/", userid="LIN", name="又来").text

    made = press(sandbox, "/do/customer/", name="小雨", member="lin")
    assert "扫码添加" in made.text
    (external,) = re.findall(r"customer=(wm\w{30})", made.url)

    added = press(sandbox, "/do/act/customer_adds/", userid="lin", external_userid=external, state="poster_A")
    assert "你已添加了对方" in added.text
    assert receiver.events[0]["State"] == "poster_A"
    assert "来自 poster_A" in page(sandbox, "/stage/contacts/", member="lin")


def test_what_she_types_is_answered_on_the_next_page(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    receiver.answers = lambda event: receiver.reply(event, '看<a href="https://app.example/x">今日</a>\n好')

    press(sandbox, "/do/act/member_sends_text/", userid=host, text="今日")

    chat = page(sandbox, "/stage/app/", member=host)
    assert '<a href="https://app.example/x" target="_blank" rel="noopener">今日</a><br>好' in chat


def test_messages_are_shown_and_never_run(sandbox: Sandbox, host: str) -> None:
    evil = '<script>alert(1)</script><a href="javascript:alert(1)">x</a>'
    card = {
        "title": evil,
        "description": '<div class="gray">7月6日</div>' + evil,
        "url": "https://a.example/",
    }
    common = {"touser": host, "agentid": sandbox.agent_id}
    for body in (
        {"msgtype": "text", "text": {"content": evil}},
        {"msgtype": "markdown", "markdown": {"content": f"## {evil}\n**粗** [链](https://a.example/)"}},
        {"msgtype": "textcard", "textcard": card},
    ):
        assert sandbox.api("POST", "message/send", common | body)["errcode"] == 0

    chat = page(sandbox, "/stage/app/", member=host)

    assert "<script>" not in chat
    assert 'href="javascript' not in chat
    assert '<span class="line line-gray">7月6日</span>' in chat
    assert '<b>粗</b> <a href="https://a.example/"' in chat


def test_a_mass_message_waits_for_her_thumb(sandbox: Sandbox, host: str) -> None:
    sandbox.add_customer(follows=host)
    task = {"sender": host, "text": {"content": "周末团"}}
    msgid = sandbox.api("POST", "externalcontact/add_msg_template", task)["msgid"]
    sandbox.advance(3)
    assert "发送给 1 位" in page(sandbox, "/stage/contacts/", member=host)

    done = press(sandbox, "/do/act/member_confirms/", userid=host, msgid=msgid)

    assert "已发送 1 位" in done.text
    assert "发送给" not in page(sandbox, "/stage/contacts/", member=host)


def test_the_knobs_turn(sandbox: Sandbox, host: str) -> None:
    sandbox.access_token()

    assert "已作废 1 个" in press(sandbox, "/do/knob/revoke-tokens/").text
    set_up = press(sandbox, "/do/knob/fault/", path="message/send", kind="errcode", code="45009", times="2")
    assert "message/send: 返回错误码 ×2" in set_up.text
    assert "请填写错误码" in press(sandbox, "/do/knob/fault/", kind="errcode", code="x").text
    assert "已清除" in press(sandbox, "/do/knob/clear-faults/").text
    assert "每条送两次" in press(sandbox, "/do/knob/callbacks/", mode="duplicate").text
    assert "1.0 天" in press(sandbox, "/do/knob/clock/", seconds="86400").text
    assert "0 秒" in press(sandbox, "/do/knob/clock/", reset="1").text
    assert "还没有设置回调地址" in press(sandbox, "/do/knob/verify/").text


def test_the_logs_open_what_they_list(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    sandbox.customer_adds(host, wait=10)
    sandbox.api("GET", "user/get", userid="nobody")
    callback, call = sandbox.callbacks()[0]["id"], sandbox.calls("user/get")[0]["id"]

    assert "加了好友" in page(sandbox, "/log/")
    assert "&lt;WelcomeCode&gt;" in page(sandbox, f"/log/callbacks/{callback}/")
    assert "60111" in page(sandbox, "/log/calls/", failed="1")
    assert "userid not found" in page(sandbox, f"/log/calls/{call}/")


def test_a_form_never_leads_to_another_site(sandbox: Sandbox) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = press(sandbox, "/do/knob/clear-faults/", next=elsewhere)
        assert answer.url == f"{sandbox.base_url}/"


def test_a_form_without_its_token_is_refused(sandbox: Sandbox, host: str) -> None:
    answer = requests.post(f"{sandbox.base_url}/do/knob/revoke-tokens/", timeout=20)

    assert answer.status_code == 403


def test_a_poster_is_scanned_by_somebody_new(sandbox: Sandbox, host: str) -> None:
    way = sandbox.api(
        "POST",
        "externalcontact/add_contact_way",
        {"type": 1, "scene": 2, "user": [host], "state": "poster_A"},
    )
    assert "渠道 poster_A" in page(sandbox, f"/add/{way['config_id']}/")

    press(sandbox, "/do/act/customer_adds/", config_id=way["config_id"], name="路人")

    assert [follow["state"] for follow in sandbox.follows(userid=host)] == ["poster_A"]
