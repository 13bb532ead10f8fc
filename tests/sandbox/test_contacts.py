"""Members, customers and their relation, as the API shows them."""

from typing import Any

import pytest

from tests.sandbox_fixture import Sandbox, SandboxRefused


def test_userids_are_compared_without_case_and_kept_as_stored(sandbox: Sandbox, host: str) -> None:
    found = sandbox.api("GET", "user/get", userid="lin.guide")

    assert found["userid"] == "Lin.Guide"
    assert found["name"] == "林导"
    assert "mobile" not in found
    assert sandbox.api("GET", "user/get", userid="nobody")["errcode"] == 60111
    assert sandbox.api("GET", "user/get")["errcode"] == 41009


def test_a_member_outside_the_range_is_60011_and_in_no_list(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    sandbox.set_app(visible_userids=["zhao.owner"])

    assert sandbox.api("GET", "user/get", userid=host)["errcode"] == 60011
    listed = sandbox.api("GET", "user/simplelist", department_id=1)["userlist"]
    assert [member["userid"] for member in listed] == ["zhao.owner"]
    assert sandbox.api("GET", "externalcontact/get_follow_user_list")["follow_user"] == ["zhao.owner"]


def test_departments_come_with_everything_below_them(sandbox: Sandbox) -> None:
    sandbox.control(
        "POST",
        "departments",
        {"departments": [{"id": 2, "name": "华南"}, {"id": 7, "name": "广州", "parent_id": 2}]},
    )
    sandbox.add_member("a", departments=[7])

    def below(department: int) -> list[int]:
        found = sandbox.api("GET", "department/simplelist", id=department)["department_id"]
        return sorted(each["id"] for each in found)

    assert below(2) == [2, 7]
    assert below(1) == [1, 2, 7]
    assert len(sandbox.api("GET", "department/list")["department"]) == 3
    assert sandbox.api("GET", "department/simplelist", id=99)["errcode"] == 60123
    assert sandbox.api("GET", "user/list", department_id=2)["userlist"] == []
    assert len(sandbox.api("GET", "user/list", department_id=7)["userlist"]) == 1


def test_a_scan_makes_a_relation_with_channel_and_way(sandbox: Sandbox, host: str) -> None:
    added = sandbox.customer_adds(host, name="小雨", state="store_S001")

    found = sandbox.api("GET", "externalcontact/get", external_userid=added["external_userid"])
    assert found["external_contact"]["name"] == "小雨"
    assert len(found["external_contact"]["external_userid"]) == 32
    assert found["external_contact"]["unionid"].startswith("o")
    (follow,) = found["follow_user"]
    assert (follow["userid"], follow["state"], follow["add_way"]) == ("Lin.Guide", "store_S001", 1)
    assert follow["oper_userid"] == added["external_userid"]
    listed = sandbox.api("GET", "externalcontact/list", userid=host)["external_userid"]
    assert listed == [added["external_userid"]]


def test_without_customers_a_member_is_84061(sandbox: Sandbox, host: str) -> None:
    answer = sandbox.api("GET", "externalcontact/list", userid=host)

    assert answer["errcode"] == 84061
    assert answer["external_userid"] == []


def test_a_member_without_the_feature_is_84074(sandbox: Sandbox) -> None:
    sandbox.add_member("plain", has_customer_contact=False)

    assert sandbox.api("GET", "externalcontact/list", userid="plain")["errcode"] == 84074
    assert sandbox.api("GET", "externalcontact/get_follow_user_list")["follow_user"] == []


def test_an_unknown_customer_is_40096(sandbox: Sandbox) -> None:
    assert sandbox.api("GET", "externalcontact/get", external_userid="wmNobody")["errcode"] == 40096
    assert sandbox.api("GET", "externalcontact/get")["errcode"] == 41035


def errcode_of(sandbox: Sandbox, external: str) -> int:
    return int(sandbox.api("GET", "externalcontact/get", external_userid=external)["errcode"])


def test_relation_states_as_the_api_knows_them(sandbox: Sandbox, host: str) -> None:
    external = sandbox.customer_adds(host, skip_verify=False)["external_userid"]
    assert errcode_of(sandbox, external) == 84061  # half added

    sandbox.member_accepts(host, external)
    assert errcode_of(sandbox, external) == 0

    sandbox.customer_deletes(host, external)
    assert errcode_of(sandbox, external) == 0  # a one-way relation stays

    sandbox.member_deletes(host, external)
    assert errcode_of(sandbox, external) == 84061


def test_what_makes_no_sense_is_refused_with_a_reason(sandbox: Sandbox, host: str) -> None:
    external = sandbox.customer_adds(host)["external_userid"]

    with pytest.raises(SandboxRefused, match="已经是好友") as refused:
        sandbox.customer_adds(host, external_userid=external)
    assert refused.value.status == 409
    with pytest.raises(SandboxRefused, match="没有成员"):
        sandbox.customer_adds("nobody")


def remark(sandbox: Sandbox, host: str, external: str, **fields: Any) -> int:
    body = {"userid": host, "external_userid": external, **fields}
    return int(sandbox.api("POST", "externalcontact/remark", body)["errcode"])


def test_remarks_are_written_field_by_field(sandbox: Sandbox, host: str) -> None:
    external = sandbox.add_customer(follows=host)

    assert remark(sandbox, host, external, remark="小雨-会员", remark_mobiles=["13900000001"]) == 0
    assert remark(sandbox, host, external, description="爱买户外") == 0
    assert remark(sandbox, host, external) == 40063
    assert remark(sandbox, host, external, remark="长" * 21) == 40058
    assert remark(sandbox, host, "wmNobody", remark="x") == 40096

    (follow,) = sandbox.api("GET", "externalcontact/get", external_userid=external)["follow_user"]
    assert (follow["remark"], follow["description"]) == ("小雨-会员", "爱买户外")
    assert follow["remark_mobiles"] == ["13900000001"]


def test_batch_pages_by_cursor_and_clamps_its_limit(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    sandbox.add_customers(
        [{"name": f"客户{n}", "follows": [{"userid": host}, {"userid": "zhao.owner"}]} for n in range(130)]
    )
    body: dict[str, Any] = {"userid_list": [host, "zhao.owner"], "limit": 1000}

    pages = []
    while True:
        answer = sandbox.api("POST", "externalcontact/batch/get_by_user", body)
        pages.append(answer["external_contact_list"])
        if not answer["next_cursor"]:
            break
        body["cursor"] = answer["next_cursor"]

    assert [len(page) for page in pages] == [100, 100, 60]
    seen = {
        (row["follow_info"]["userid"], row["external_contact"]["external_userid"])
        for page in pages
        for row in page
    }
    assert len(seen) == 260
    assert pages[0][0]["follow_info"]["tag_id"] == []


def test_a_cursor_survives_a_new_token_but_not_another_question(sandbox: Sandbox, host: str) -> None:
    sandbox.add_customers([{"follows": [{"userid": host}]} for _ in range(3)])
    body: dict[str, Any] = {"userid_list": [host], "limit": 2}
    body["cursor"] = sandbox.api("POST", "externalcontact/batch/get_by_user", body)["next_cursor"]

    sandbox.expire_tokens("expired")
    rest = sandbox.api("POST", "externalcontact/batch/get_by_user", body)["external_contact_list"]
    assert len(rest) == 1

    sandbox.add_member("other")
    other = body | {"userid_list": ["other"]}
    assert sandbox.api("POST", "externalcontact/batch/get_by_user", other)["errcode"] == 40058


def test_short_and_empty_pages_are_not_the_end(sandbox: Sandbox, host: str) -> None:
    sandbox.settings(has_short_pages=True)
    sandbox.add_customers([{"follows": [{"userid": host}]} for _ in range(7)])
    body: dict[str, Any] = {"userid_list": [host], "limit": 4}

    sizes = []
    while True:
        answer = sandbox.api("POST", "externalcontact/batch/get_by_user", body)
        sizes.append(len(answer["external_contact_list"]))
        if not answer["next_cursor"]:
            break
        body["cursor"] = answer["next_cursor"]

    assert sum(sizes) == 7
    assert 0 in sizes[:-1]


def test_more_than_500_followers_of_one_customer_are_paged(sandbox: Sandbox) -> None:
    sandbox.add_members([{"userid": f"m{n}"} for n in range(501)])
    external = sandbox.add_customers([{"follows": [{"userid": f"m{n}"} for n in range(501)]}])[0]

    first = sandbox.api("GET", "externalcontact/get", external_userid=external)
    rest = sandbox.api("GET", "externalcontact/get", external_userid=external, cursor=first["next_cursor"])

    assert (len(first["follow_user"]), len(rest["follow_user"])) == (500, 1)
    assert rest["next_cursor"] == ""


def test_corp_tags_go_on_the_pair_and_belong_to_their_maker(sandbox: Sandbox, host: str) -> None:
    external = sandbox.add_customer(follows=host)
    made = sandbox.api(
        "POST",
        "externalcontact/add_corp_tag",
        {"group_name": "等级", "tag": [{"name": "金卡"}, {"name": "银卡"}, {"name": "金卡"}]},
    )["tag_group"]
    assert [tag["name"] for tag in made["tag"]] == ["金卡", "银卡"]
    gold, silver = (tag["id"] for tag in made["tag"])

    def mark(**fields: Any) -> int:
        body = {"userid": host, "external_userid": external, **fields}
        return int(sandbox.api("POST", "externalcontact/mark_tag", body)["errcode"])

    assert mark(add_tag=[gold, silver]) == 0
    assert mark(remove_tag=[silver]) == 0
    assert mark() == 40063
    assert mark(add_tag=["etNobody"]) == 40068
    (follow,) = sandbox.api("GET", "externalcontact/get", external_userid=external)["follow_user"]
    assert follow["tags"] == [{"group_name": "等级", "tag_name": "金卡", "tag_id": gold, "type": 1}]

    admins = sandbox.add_tags("来源", ["老客"])["老客"]
    edit = {"id": admins, "name": "新名"}
    assert sandbox.api("POST", "externalcontact/edit_corp_tag", edit)["errcode"] == 48002
    assert (
        sandbox.api("POST", "externalcontact/edit_corp_tag", {"id": gold, "name": "银卡"})["errcode"] == 40071
    )
    assert sandbox.api("POST", "externalcontact/edit_corp_tag", {"id": gold, "name": "钻石"})["errcode"] == 0
    assert sandbox.api("POST", "externalcontact/del_corp_tag", {"tag_id": [gold, silver]})["errcode"] == 0

    left = sandbox.api("POST", "externalcontact/get_corp_tag_list", {})["tag_group"]
    assert [group["group_name"] for group in left] == ["来源"]
    asked = sandbox.api("POST", "externalcontact/get_corp_tag_list", {"tag_id": [gold]})["tag_group"]
    assert asked[0]["tag"][0]["deleted"] is True


def test_a_contact_way_brings_its_channel(sandbox: Sandbox, host: str) -> None:
    way = sandbox.api(
        "POST",
        "externalcontact/add_contact_way",
        {"type": 1, "scene": 2, "user": [host], "state": "poster_A", "remark": "海报", "skip_verify": True},
    )
    assert len(way["config_id"]) == 32
    assert sandbox.http.get(way["qr_code"], timeout=10).headers["Content-Type"] == "image/svg+xml"

    added = sandbox.customer_adds(config_id=way["config_id"])

    assert added["userid"] == host
    (follow,) = sandbox.follows(userid=host)
    assert follow["state"] == "poster_A"

    def ask(path: str, **fields: Any) -> dict[str, Any]:
        return sandbox.api("POST", f"externalcontact/{path}", {"config_id": way["config_id"], **fields})

    assert ask("update_contact_way", state="poster_B")["errcode"] == 0
    found = ask("get_contact_way")["contact_way"]
    assert (found["state"], found["remark"], found["user"]) == ("poster_B", "海报", [host])
    listed = sandbox.api("POST", "externalcontact/list_contact_way", {})["contact_way"]
    assert listed == [{"config_id": way["config_id"]}]
    assert ask("del_contact_way")["errcode"] == 0
    assert ask("get_contact_way")["errcode"] == 41044


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"scene": 2}, 41037),
        ({"type": 1}, 41038),
        ({"type": 3, "scene": 2}, 41039),
        ({"type": 1, "scene": 3}, 41040),
        ({"type": 1, "scene": 2, "user": ["Lin.Guide", "b"]}, 40058),
        ({"type": 2, "scene": 2, "user": ["nobody"]}, 60111),
        ({"type": 1, "scene": 2}, 40063),
    ],
)
def test_a_contact_way_says_what_is_wrong(
    sandbox: Sandbox, host: str, fields: dict[str, Any], errcode: int
) -> None:
    assert sandbox.api("POST", "externalcontact/add_contact_way", fields)["errcode"] == errcode


def test_transfer_is_done_after_a_day_or_refused(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    quiet, angry, stranger = (sandbox.add_customer(name, follows=host) for name in ("静", "怒", "生"))
    sandbox.member_deletes(host, stranger)
    body = {
        "handover_userid": host,
        "takeover_userid": "zhao.owner",
        "external_userid": [quiet, angry, stranger, "wmNobody"],
    }

    started = sandbox.api("POST", "externalcontact/transfer_customer", body)["customer"]
    assert [row["errcode"] for row in started] == [0, 0, 40131, 40096]
    again = sandbox.api("POST", "externalcontact/transfer_customer", body)["customer"]
    assert [row["errcode"] for row in again][:2] == [40129, 40129]

    def statuses() -> list[int]:
        pair = {"handover_userid": host, "takeover_userid": "zhao.owner"}
        rows = sandbox.api("POST", "externalcontact/transfer_result", pair)["customer"]
        return [row["status"] for row in rows]

    assert statuses() == [2, 2]
    sandbox.act("customer_refuses_transfer", external_userid=angry)
    sandbox.advance(24 * 3600 + 1)
    assert statuses() == [1, 3]
    assert sandbox.follows(userid="zhao.owner")[0]["external_userid"] == quiet


def test_the_customers_of_one_who_left_wait_for_a_successor(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    external = sandbox.add_customer(follows=host)
    body = {"handover_userid": host, "takeover_userid": "zhao.owner", "external_userid": [external]}

    early = sandbox.api("POST", "externalcontact/resigned/transfer_customer", body)
    assert early["errcode"] == 40097
    sandbox.act("member_leaves", userid=host)
    assert (
        sandbox.api("POST", "externalcontact/get_unassigned_list", {})["info"][0]["external_userid"]
        == external
    )
    started = sandbox.api("POST", "externalcontact/resigned/transfer_customer", body)["customer"]
    assert started == [{"external_userid": external, "errcode": 0}]
    assert sandbox.api("GET", "user/get", userid=host)["errcode"] == 60111


def test_a_group_is_seen_two_seconds_late(sandbox: Sandbox, host: str) -> None:
    customers = [sandbox.add_customer(f"客户{n}") for n in range(3)]
    chat = sandbox.add_group(host, "福利群", customers=customers[:2])

    def group() -> dict[str, Any]:
        body = {"chat_id": chat, "need_name": 1}
        found: dict[str, Any] = sandbox.api("POST", "externalcontact/groupchat/get", body)["group_chat"]
        return found

    before = group()
    assert (before["name"], before["owner"], len(before["member_list"])) == ("福利群", host, 3)
    sandbox.act("group_joined", chat_id=chat, external_userid=customers[2], state="poster_A")
    assert len(group()["member_list"]) == 3

    sandbox.advance(2)
    after = group()
    assert len(after["member_list"]) == 4
    assert after["member_list"][-1]["state"] == "poster_A"
    assert after["member_version"] != before["member_version"]
    event = sandbox.callbacks(kind="change_external_chat.update")[-1]["plaintext"]
    assert f"<CurMemVer><![CDATA[{after['member_version']}]]></CurMemVer>" in event
    assert f"<LastMemVer><![CDATA[{before['member_version']}]]></LastMemVer>" in event

    listed = sandbox.api("POST", "externalcontact/groupchat/list", {"limit": 10})["group_chat_list"]
    assert listed == [{"chat_id": chat, "status": 0}]
    assert sandbox.api("POST", "externalcontact/groupchat/get", {"chat_id": "wrNo"})["errcode"] == 86003
