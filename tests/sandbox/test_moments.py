"""Customer moments: prepared by a job, shown to nobody before the member publishes."""

from typing import Any

from tests.sandbox_fixture import Sandbox

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def create(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    return sandbox.api("POST", "externalcontact/add_moment_task", {"text": {"content": "早安"}, **fields})


def upload(sandbox: Sandbox, path: str, **query: object) -> str:
    given = {"access_token": sandbox.access_token(), **query}
    answer = sandbox.http.post(
        f"{sandbox.base_url}/cgi-bin/{path}", params=given, files={"media": ("a.png", PNG, "image/png")}
    )
    return str(answer.json()["media_id"])


def picture(media_id: str) -> dict[str, Any]:
    return {"msgtype": "image", "image": {"media_id": media_id}}


def result(sandbox: Sandbox, jobid: str) -> dict[str, Any]:
    return sandbox.api("GET", "externalcontact/get_moment_task_result", jobid=jobid)


def ask(sandbox: Sandbox, name: str, moment_id: str, **more: object) -> dict[str, Any]:
    return sandbox.api("POST", f"externalcontact/{name}", {"moment_id": moment_id, **more})


def only(*userids: str) -> dict[str, Any]:
    return {"sender_list": {"user_list": list(userids)}}


def test_only_her_tap_shows_it_to_her_customers(sandbox: Sandbox, host: str) -> None:
    sandbox.add_member("zhao.owner")
    friend, gone = sandbox.add_customer("静", follows=host), sandbox.add_customer("雨", follows=host)
    sandbox.customer_deletes(host, gone)

    jobid = create(sandbox, visible_range=only(host, "nobody"))["jobid"]
    assert result(sandbox, jobid)["status"] == 1
    sandbox.advance(3)

    done = result(sandbox, jobid)
    assert (done["status"], done["type"]) == (3, "add_moment_task")
    assert done["result"]["invalid_sender_list"]["user_list"] == ["nobody"]
    moment = done["result"]["moment_id"]
    assert ask(sandbox, "get_moment_task", moment)["task_list"] == [{"userid": host, "publish_status": 0}]
    assert ask(sandbox, "get_moment_send_result", moment, userid=host)["errcode"] == 41062
    assert ask(sandbox, "get_moment_send_result", moment, userid="zhao.owner")["errcode"] == 41061
    assert sandbox.received_by(friend) == []

    assert sandbox.publish(moment, host) == 1

    assert ask(sandbox, "get_moment_task", moment)["task_list"][0]["publish_status"] == 1
    seen = ask(sandbox, "get_moment_send_result", moment, userid=host)["customer_list"]
    assert seen == [{"external_userid": friend}]
    assert sandbox.received_by(friend, kind="moment")[0]["text"] == "早安"


def test_pictures_must_be_uploaded_for_moments_and_not_be_too_many(sandbox: Sandbox, host: str) -> None:
    good = upload(sandbox, "media/upload_attachment", media_type="image", attachment_type=1)
    other = upload(sandbox, "media/upload", type="image")

    assert create(sandbox, attachments=[picture(good)] * 9)["errcode"] == 0
    assert create(sandbox, attachments=[picture(good)] * 10)["errcode"] == 41064
    assert create(sandbox, attachments=[picture(other)])["errcode"] == 41072
    link = {"msgtype": "link", "link": {"title": "春", "url": "https://a.example/", "media_id": good}}
    assert create(sandbox, attachments=[link, picture(good)])["errcode"] == 41065
    assert create(sandbox, text={"content": "字" * 2001})["errcode"] == 45002
    assert create(sandbox, text={})["errcode"] == 41089


def test_ten_a_minute_and_a_jobid_lives_a_day(sandbox: Sandbox, host: str) -> None:
    made = [create(sandbox) for _ in range(11)]
    assert [one["errcode"] for one in made] == [0] * 10 + [45009]
    sandbox.advance(61)
    assert create(sandbox)["errcode"] == 0
    sandbox.advance(24 * 3600)
    assert result(sandbox, made[0]["jobid"])["errcode"] == 40058
