"""Mass messages: nothing is sent before the member presses send."""

from typing import Any

from tests.sandbox_fixture import Sandbox


def create(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    body = {"text": {"content": "新品到店"}, **fields}
    return sandbox.api("POST", "externalcontact/add_msg_template", body)


def task_of(sandbox: Sandbox, msgid: str) -> dict[str, Any]:
    return sandbox.api("POST", "externalcontact/get_groupmsg_task", {"msgid": msgid})


def results(sandbox: Sandbox, msgid: str, userid: str) -> list[int]:
    body = {"msgid": msgid, "userid": userid}
    answer = sandbox.api("POST", "externalcontact/get_groupmsg_send_result", body)
    return [row["status"] for row in answer["send_list"]]


def test_only_her_confirmation_sends_anything(sandbox: Sandbox, host: str) -> None:
    staying, gone = sandbox.add_customer("静", follows=host), sandbox.add_customer("雨", follows=host)

    made = create(sandbox, external_userid=[staying, gone, "wmNobody"])
    assert made["fail_list"] == ["wmNobody"]
    assert task_of(sandbox, made["msgid"])["errcode"] == 41063

    sandbox.advance(3)
    assert task_of(sandbox, made["msgid"])["task_list"] == [{"userid": host, "status": 0}]
    assert results(sandbox, made["msgid"], host) == [0, 0]
    assert sandbox.received_by(staying) == []

    sandbox.customer_deletes(host, gone)
    sandbox.confirm(made["msgid"], host)

    assert task_of(sandbox, made["msgid"])["task_list"][0]["status"] == 2
    assert results(sandbox, made["msgid"], host) == [1, 2]
    assert sandbox.received_by(staying, kind="mass")[0]["text"] == "新品到店"
    assert sandbox.callbacks(kind="text") == []


def test_a_customer_belongs_to_the_member_who_spoke_with_her_last(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    shared = sandbox.add_customers([{"follows": [{"userid": host}, {"userid": "zhao.owner"}]}])[0]
    sandbox.act("member_says", userid=host, external_userid=shared, text="在的")

    msgid = create(sandbox, external_userid=[shared])["msgid"]
    sandbox.advance(3)

    assert [row["userid"] for row in task_of(sandbox, msgid)["task_list"]] == [host]


def test_who_has_had_enough_gets_status_3(sandbox: Sandbox, host: str) -> None:
    sandbox.settings(mass_quota="per_day")
    customer = sandbox.add_customer(follows=host)
    first = create(sandbox, external_userid=[customer])["msgid"]
    second = create(sandbox, external_userid=[customer], text={"content": "再来一条"})["msgid"]
    sandbox.advance(3)

    sandbox.confirm(first, host)
    assert sandbox.confirm(second, host)["over_limit"] == 1
    assert results(sandbox, second, host) == [3]
    assert len(sandbox.received_by(customer, kind="mass")) == 1


def test_tags_choose_with_or_inside_and_and_between(sandbox: Sandbox, host: str) -> None:
    tags = sandbox.add_tags("等级", ["金", "银"]) | sandbox.add_tags("城市", ["广州"])
    sandbox.add_customers(
        [
            {"name": "甲", "follows": [{"userid": host, "tags": [tags["金"], tags["广州"]]}]},
            {"name": "乙", "follows": [{"userid": host, "tags": [tags["银"]]}]},
        ]
    )
    groups = [{"tag_list": [tags["金"], tags["银"]]}, {"tag_list": [tags["广州"]]}]

    create(sandbox, tag_filter={"group_list": groups})
    create(sandbox, tag_filter={"group_list": groups[:1]})

    sizes = [len(task["members"][0]["results"]) for task in sandbox.mass_tasks()]
    assert sizes == [1, 2]


def test_nobody_to_send_to_is_41048(sandbox: Sandbox, host: str) -> None:
    assert create(sandbox, external_userid=["wmNobody"])["errcode"] == 41048
    assert create(sandbox)["errcode"] == 40063
    assert sandbox.mass_tasks() == []


def test_groups_are_sent_by_their_owner(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    mine, theirs = sandbox.add_group(host), sandbox.add_group("zhao.owner")

    made = create(sandbox, chat_type="group", sender=host, chat_id_list=[mine, theirs])
    assert made["fail_list"] == [theirs]
    sandbox.advance(3)
    assert results(sandbox, made["msgid"], host) == []
    sandbox.confirm(made["msgid"], host)
    assert results(sandbox, made["msgid"], host) == [1]
    assert create(sandbox, chat_type="group", chat_id_list=[mine])["errcode"] == 41009


def test_reminders_and_cancelling_have_their_limits(sandbox: Sandbox, host: str) -> None:
    sandbox.add_customer(follows=host)
    msgid = create(sandbox, sender=host)["msgid"]
    sandbox.advance(3)

    def ask(path: str) -> int:
        return int(sandbox.api("POST", f"externalcontact/{path}", {"msgid": msgid})["errcode"])

    assert [ask("remind_groupmsg_send") for _ in range(4)] == [0, 0, 0, 41094]
    assert [ask("cancel_groupmsg_send"), ask("cancel_groupmsg_send")] == [0, 41093]
    assert task_of(sandbox, "msgNone")["errcode"] == 41047


def test_tasks_are_found_again_by_time(sandbox: Sandbox, host: str) -> None:
    import time

    sandbox.add_customer(follows=host)
    made = create(sandbox, sender=host)["msgid"]
    now = int(time.time())
    body = {"chat_type": "single", "start_time": now - 60, "end_time": now + 60}

    listed = sandbox.api("POST", "externalcontact/get_groupmsg_list_v2", body)["group_msg_list"]

    assert [row["msgid"] for row in listed] == [made]
    assert "creator" not in listed[0]
    far = body | {"start_time": now - 40 * 86400}
    assert sandbox.api("POST", "externalcontact/get_groupmsg_list_v2", far)["errcode"] == 40058
