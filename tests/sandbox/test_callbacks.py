"""Callbacks: sealed, retried, lost; and what people do that brings them."""

from typing import Any

import pytest
import requests

from tests.sandbox.receiver import Answer, Receiver
from tests.sandbox_fixture import Sandbox, SandboxServer

WAIT = 30.0


def test_a_new_customer_is_announced_with_channel_and_code(
    sandbox: Sandbox, receiver: Receiver, host: str
) -> None:
    added = sandbox.customer_adds(host, state="store_S001", wait=WAIT)

    assert added["callbacks"][0]["state"] == "delivered"
    (event,) = receiver.events
    assert event["ToUserName"] == sandbox.corp_id
    assert event["FromUserName"] == "sys"
    assert (event["Event"], event["ChangeType"]) == ("change_external_contact", "add_external_contact")
    assert (event["UserID"], event["ExternalUserID"]) == ("Lin.Guide", added["external_userid"])
    assert (event["State"], event["WelcomeCode"]) == ("store_S001", added["welcome_code"])
    _, body = receiver.envelopes[0]
    assert b"<AgentID><![CDATA[1000002]]></AgentID>" in body


def test_writes_by_the_api_are_echoed_to_nobody(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    external = sandbox.add_customer(follows=host)
    pair = {"userid": host, "external_userid": external}
    tag = {"group_name": "等级", "tag": [{"name": "金卡"}]}

    assert sandbox.api("POST", "externalcontact/remark", pair | {"remark": "新备注"})["errcode"] == 0
    made = sandbox.api("POST", "externalcontact/add_corp_tag", tag)["tag_group"]["tag"][0]["id"]
    assert sandbox.api("POST", "externalcontact/mark_tag", pair | {"add_tag": [made]})["errcode"] == 0
    assert sandbox.api("POST", "externalcontact/del_corp_tag", {"tag_id": [made]})["errcode"] == 0

    assert sandbox.callbacks() == []
    assert receiver.events == []


def test_what_people_do_brings_its_event(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    external = sandbox.customer_adds(host, state="s", wait=WAIT)["external_userid"]
    sandbox.member_edits(host, external, remark="小雨-会员", wait=WAIT)
    assert sandbox.member_edits(host, external, remark_mobiles=["13900000001"])["callbacks"] == []
    sandbox.customer_deletes(host, external, wait=WAIT)
    sandbox.member_deletes(host, external, wait=WAIT)
    sandbox.act("member_opens_app", userid=host, wait=WAIT)
    sandbox.act("member_clicks_menu", userid=host, key="TASKS", wait=WAIT)
    sandbox.act("admin_makes_tags", group_name="等级", names=["金卡"], wait=WAIT)

    def name(event: dict[str, Any]) -> str:
        return event.get("ChangeType") or event["Event"]

    assert [name(event) for event in receiver.events[:6]] == [
        "add_external_contact",
        "edit_external_contact",
        "del_follow_user",
        "del_external_contact",
        "enter_agent",
        "click",
    ]
    assert sorted(event["TagType"] for event in receiver.events[6:]) == ["tag", "tag_group"]
    assert receiver.events[1]["State"] == "s"
    assert receiver.events[5]["EventKey"] == "TASKS"


def test_groups_tell_who_came_and_who_left(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    customers = [sandbox.add_customer(f"客户{n}") for n in range(2)]
    chat = sandbox.act("group_created", owner=host, name="福利群", wait=WAIT)["chat_id"]
    sandbox.act("group_joined", chat_id=chat, external_userids=customers, wait=WAIT)
    sandbox.act("group_left", chat_id=chat, external_userid=customers[0], is_removed=True, wait=WAIT)
    sandbox.act("group_changed", chat_id=chat, name="新名字", wait=WAIT)
    sandbox.act("group_dismissed", chat_id=chat, wait=WAIT)

    created, joined, left, renamed, dismissed = receiver.events
    assert created["ChangeType"] == "create"
    assert (joined["UpdateDetail"], joined["MemChangeCnt"], joined["JoinScene"]) == ("add_member", "2", "3")
    assert joined["MemChangeList"]["Item"] == customers
    assert (left["UpdateDetail"], left["QuitScene"]) == ("del_member", "1")
    assert left["MemChangeList"]["Item"] == customers[0]
    assert left["LastMemVer"] == joined["CurMemVer"]
    assert renamed["UpdateDetail"] == "change_name"
    assert dismissed["ChangeType"] == "dismiss"


def test_the_reply_comes_with_the_answer(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    receiver.answers = lambda event: receiver.reply(event, f"收到 {len(event['Content'])} 个字")

    sent = sandbox.send_text(host, "今日 ]]> 素材", wait=WAIT)

    assert receiver.events[0]["Content"] == "今日 ]]> 素材"
    assert receiver.events[0]["AgentID"] == "1000002"
    assert int(receiver.events[0]["MsgId"]) > 2**62
    assert sent["reply"]["source"] == "reply"
    assert sent["reply"]["content"]["content"] == "收到 9 个字"
    assert [line["source"] for line in sandbox.chat_of(host)] == ["typed", "reply"]


def test_the_reply_may_come_as_a_message_later(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    body = {"touser": host, "msgtype": "text", "agentid": sandbox.agent_id, "text": {"content": "稍后的回答"}}

    def answer_later(event: dict[str, Any]) -> Answer:
        token = requests.get(
            f"{sandbox.base_url}/cgi-bin/gettoken",
            params={"corpid": sandbox.corp_id, "corpsecret": sandbox.secret},
            timeout=10,
        ).json()["access_token"]
        url = f"{sandbox.base_url}/cgi-bin/message/send"
        requests.post(url, params={"access_token": token}, json=body, timeout=10)
        return Answer(body=b"success")

    receiver.answers = answer_later

    assert sandbox.reply_to(host, "业绩", wait=WAIT) == "稍后的回答"


def test_a_reply_that_cannot_be_trusted_is_not_shown(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    receiver.answers = lambda event: Answer(
        body=receiver.reply(event, "假的").body.replace(
            b"<MsgSignature><![CDATA[", b"<MsgSignature><![CDATA[0"
        )
    )

    sent = sandbox.send_text(host, "今日", wait=0.5)

    assert sent["reply"] is None
    assert "签名" in sent["callbacks"][0]["reply_problem"]


def test_anything_but_200_is_tried_three_times_more_and_then_lost(
    sandbox: Sandbox, receiver: Receiver, host: str
) -> None:
    sandbox.settings(retry_delays=[5, 30, 120])
    receiver.answers = lambda event: Answer(status=500)

    sandbox.customer_adds(host, wait=WAIT)
    for delay in (5, 30, 120):
        assert sandbox.callbacks(state="pending")
        sandbox.advance(delay)
        assert sandbox.settle(WAIT)

    (lost,) = sandbox.callbacks(state="lost")
    assert [attempt["status"] for attempt in lost["attempts"]] == [500] * 4
    assert len(receiver.events) == 4
    assert receiver.events[0] == receiver.events[3]
    nonces = {query["nonce"] for query, _ in receiver.envelopes}
    assert len(nonces) == 4


def test_silence_beyond_the_limit_is_a_failure(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    sandbox.settings(callback_timeout=3, retry_delays=[0])
    slow = iter([6])
    receiver.answers = lambda event: Answer(seconds=next(slow, 0))

    sandbox.customer_adds(host, wait=WAIT)
    assert sandbox.settle(WAIT)

    (delivered,) = sandbox.callbacks(state="delivered")
    assert [attempt["status"] for attempt in delivered["attempts"]] == [None, 200]
    assert "没有应答" in delivered["attempts"][0]["error"]


def test_nobody_listening_is_recorded(sandbox: Sandbox, host: str) -> None:
    sandbox.customer_adds(host)
    assert sandbox.callbacks()[0]["state"] == "unheard"

    sandbox.set_callback_url("http://127.0.0.1:9/nobody/")
    sandbox.customer_adds(host, wait=WAIT)
    assert "Refused" in sandbox.callbacks()[-1]["attempts"][0]["error"]


def test_each_may_come_twice(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    sandbox.settings(callback_mode="duplicate")
    receiver.answers = lambda event: receiver.reply(event, "收到")

    sandbox.send_text(host, "今日", wait=WAIT)
    assert sandbox.settle(WAIT)

    assert len(receiver.events) == 2
    assert receiver.events[0]["MsgId"] == receiver.events[1]["MsgId"]
    assert [line["source"] for line in sandbox.chat_of(host)] == ["typed", "reply"]


def test_an_answer_may_be_lost(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    sandbox.settings(callback_mode="answer_lost", retry_delays=[0, 0, 0])

    sandbox.customer_adds(host, wait=WAIT)
    assert sandbox.settle(WAIT)

    assert len(receiver.events) == 2
    (callback,) = sandbox.callbacks()
    assert (callback["state"], callback["tries"]) == ("delivered", 2)


def test_every_nth_may_be_dropped(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    sandbox.settings(callback_mode="drop", callback_n=2)

    for _ in range(4):
        sandbox.customer_adds(host, wait=WAIT)

    assert len(receiver.events) == 2
    assert sandbox.counts()["callbacks"] == {"delivered": 2, "dropped": 2}


def test_the_order_may_be_shuffled_inside_a_window(sandbox: Sandbox, receiver: Receiver, host: str) -> None:
    sandbox.settings(callback_mode="reorder", callback_window=3600)

    added = [sandbox.customer_adds(host)["external_userid"] for _ in range(12)]
    assert receiver.events == []
    sandbox.advance(3600)
    assert sandbox.settle(WAIT)

    arrived = [event["ExternalUserID"] for event in receiver.events]
    assert sorted(arrived) == sorted(added)
    assert arrived != added


def test_the_address_is_verified(sandbox: Sandbox, receiver: Receiver) -> None:
    assert sandbox.verify_callback_url()["ok"] is True

    sandbox.set_callback_url("http://127.0.0.1:9/nobody/")
    failed = sandbox.verify_callback_url()
    assert failed["ok"] is False
    assert failed["problem"]


@pytest.mark.parametrize(
    "forgery",
    [
        "signature",
        "receiveid",
        "padding",
        "key",
        "truncated",
        "not_base64",
        "not_xml",
        "empty",
        "entity_bomb",
    ],
)
def test_forged_envelopes_are_refused_by_an_independent_reader(
    sandbox: Sandbox, receiver: Receiver, forgery: str
) -> None:
    answer = sandbox.post_callback("<xml><Event><![CDATA[demo]]></Event></xml>", forgery=forgery)

    assert receiver.events == []
    assert answer["statuses"] != [200]


def test_any_plaintext_may_be_posted_and_repeated_byte_for_byte(sandbox: Sandbox, receiver: Receiver) -> None:
    answer = sandbox.post_callback("<xml><Event><![CDATA[unheard_of]]></Event></xml>", times=3)

    assert answer["statuses"] == [200, 200, 200]
    assert [event["Event"] for event in receiver.events] == ["unheard_of"] * 3
    assert len({body for _, body in receiver.envelopes}) == 1


def test_two_apps_of_the_corp_both_hear_of_a_customer(
    sandbox: Sandbox, receiver: Receiver, host: str
) -> None:
    sandbox.set_app(
        agent_id=1000009,
        secret="other-secret",
        callback_url=receiver.url,
        callback_token=sandbox.token,
        callback_aes_key=sandbox.aes_key,
    )

    added = sandbox.customer_adds(host, wait=WAIT)

    assert len(added["callbacks"]) == 2
    assert {callback["agent_id"] for callback in added["callbacks"]} == {1000002, 1000009}
    assert len(receiver.events) == 2


def test_what_was_not_delivered_is_delivered_after_a_crash(
    sandbox: Sandbox, sandbox_server: SandboxServer, receiver: Receiver, host: str
) -> None:
    receiver.answers = lambda event: Answer(status=503)
    sandbox.settings(retry_delays=[0, 3600, 3600])
    sandbox.customer_adds(host, wait=WAIT)
    sandbox.settings(retry_delays=[3600, 3600, 3600])
    sandbox.settle(WAIT)

    sandbox_server.kill()
    sandbox_server.launch()
    sandbox.set_callback_url(receiver.url)
    receiver.answers = lambda event: Answer()
    sandbox.advance(7200)

    assert sandbox.settle(WAIT)
    assert sandbox.callbacks()[0]["state"] == "delivered"
