"""Faults on demand, logging of calls, and the login pages."""

import re

import pytest
import requests

from tests.runtime.machine import until
from tests.sandbox_fixture import Sandbox, SandboxRefused


def send(sandbox: Sandbox, host: str) -> requests.Response:
    body = {"touser": host, "msgtype": "text", "agentid": sandbox.agent_id, "text": {"content": "早"}}
    return sandbox.api_response("POST", "message/send", body)


def test_the_next_calls_fail_and_then_it_is_over(sandbox: Sandbox, host: str) -> None:
    sandbox.fail_next("message/send", errcode=45009, times=2)

    assert [send(sandbox, host).json()["errcode"] for _ in range(3)] == [45009, 45009, 0]
    assert len(sandbox.messages_to(host)) == 1


def test_a_server_error_and_a_web_page_are_no_json(sandbox: Sandbox, host: str) -> None:
    sandbox.fail_next("message/send", status=502)
    assert send(sandbox, host).status_code == 502

    sandbox.fail_next("message/send", kind="html")
    assert send(sandbox, host).headers["Content-Type"].startswith("text/html")
    assert sandbox.messages_to(host) == []


@pytest.mark.parametrize(("kind", "delivered"), [("reset", 0), ("lost", 1)])
def test_a_cut_connection_may_or_may_not_have_had_its_effect(
    sandbox: Sandbox, host: str, kind: str, delivered: int
) -> None:
    token = sandbox.access_token()
    sandbox.fail_next("message/send", kind=kind)
    body = {"touser": host, "msgtype": "text", "agentid": sandbox.agent_id, "text": {"content": "早"}}

    with pytest.raises(requests.ConnectionError):
        requests.post(
            f"{sandbox.base_url}/cgi-bin/message/send", params={"access_token": token}, json=body, timeout=10
        )

    assert len(sandbox.messages_to(host)) == delivered
    assert sandbox.calls("message/send")[-1]["fault"] == kind


def test_a_hanging_call_runs_into_the_callers_patience(sandbox: Sandbox, host: str) -> None:
    token = sandbox.access_token()
    sandbox.fail_next("message/send", kind="hang", seconds=4)

    with pytest.raises((requests.Timeout, requests.ConnectionError)):
        requests.post(
            f"{sandbox.base_url}/cgi-bin/message/send", params={"access_token": token}, json={}, timeout=0.1
        )
    assert sandbox.messages_to(host) == []
    # It is written down when it ends; the next test must not find it.
    until(lambda: [call["fault"] for call in sandbox.calls("message/send")] == ["hang"], "the call's end")


def test_half_an_answer_has_had_its_effect(sandbox: Sandbox, host: str) -> None:
    sandbox.fail_next("message/send", kind="truncated")

    with pytest.raises(ValueError, match=r"."):
        send(sandbox, host).json()
    assert len(sandbox.messages_to(host)) == 1


def test_any_call_may_be_meant_and_faults_may_be_cleared(sandbox: Sandbox, host: str) -> None:
    sandbox.fail_next("*", errcode=-1, times=5)
    with pytest.raises(SandboxRefused):
        sandbox.access_token()

    sandbox.clear_faults()
    assert send(sandbox, host).json()["errcode"] == 0


def test_every_call_is_kept_without_its_token(sandbox: Sandbox, host: str) -> None:
    token = sandbox.access_token()
    send(sandbox, host)

    (call,) = sandbox.calls("message/send")
    assert (call["method"], call["errcode"], call["http_status"]) == ("POST", 0, 200)
    assert call["body"]["text"]["content"] == "早"
    assert len(call["body_hash"]) == 64
    assert token not in str(sandbox.calls())


def test_unknown_knobs_and_wrong_values_are_refused_in_words(sandbox: Sandbox) -> None:
    for knobs in ({"nonsense": 1}, {"callback_mode": "chaos"}, {"latency_ms": "x"}, {"retry_delays": "x"}):
        with pytest.raises(SandboxRefused) as refused:
            sandbox.settings(**knobs)
        assert refused.value.status == 400


def login_page(sandbox: Sandbox, **change: str) -> requests.Response:
    query = {
        "appid": sandbox.corp_id,
        "redirect_uri": "http://localhost:8000/wecom/login/?next=/me/",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
        "agentid": str(sandbox.agent_id),
    }
    return sandbox.http.get(f"{sandbox.base_url}/connect/oauth2/authorize", params=query | change, timeout=10)


def test_one_signs_in_as_a_member_with_a_code_that_works_once(sandbox: Sandbox, host: str) -> None:
    page = login_page(sandbox)
    assert "以 林导 登录" in page.text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    back = sandbox.http.post(
        f"{sandbox.base_url}/login/as/",
        data={
            "csrfmiddlewaretoken": token[1],
            "redirect_uri": "http://localhost:8000/wecom/login/?next=/me/",
            "state": "abc123",
            "agentid": str(sandbox.agent_id),
            "userid": host,
        },
        allow_redirects=False,
        timeout=10,
    )

    assert back.status_code == 302
    address = back.headers["Location"]
    assert address.startswith("http://localhost:8000/wecom/login/?next=%2Fme%2F&code=")
    assert address.endswith("&state=abc123")
    code = re.search(r"code=([^&]+)", address)
    assert code is not None
    assert sandbox.api("GET", "auth/getuserinfo", code=code[1])["userid"] == "Lin.Guide"
    assert sandbox.api("GET", "auth/getuserinfo", code=code[1])["errcode"] == 40029


def test_a_foreign_redirect_host_is_50001(sandbox: Sandbox, host: str) -> None:
    page = login_page(sandbox, redirect_uri="https://evil.example/wecom/login/")

    assert page.status_code == 400
    assert "50001" in page.text
    assert "evil.example" in page.text
    assert "以 林导 登录" not in page.text
    assert login_page(sandbox, appid="ww1").status_code == 400


def test_a_login_code_dies_after_five_minutes(sandbox: Sandbox, host: str) -> None:
    code = sandbox.login_code(host)
    sandbox.advance(301)

    assert sandbox.api("GET", "auth/getuserinfo", code=code)["errcode"] == 40029


def test_the_old_name_answers_with_capitals(sandbox: Sandbox, host: str) -> None:
    found = sandbox.api("GET", "user/getuserinfo", code=sandbox.login_code(host))

    assert found["UserId"] == "Lin.Guide"


def test_a_private_scope_brings_a_ticket(sandbox: Sandbox) -> None:
    sandbox.add_member("zhao.owner", mobile="13800000000")
    info = sandbox.api(
        "GET", "auth/getuserinfo", code=sandbox.login_code("zhao.owner", scope="snsapi_privateinfo")
    )

    detail = sandbox.api("POST", "auth/getuserdetail", {"user_ticket": info["user_ticket"]})
    assert detail["mobile"] == "13800000000"
    sandbox.advance(1801)
    again = sandbox.api("POST", "auth/getuserdetail", {"user_ticket": info["user_ticket"]})
    assert again["errcode"] == 84014


def test_visitors_from_outside_have_an_openid(sandbox: Sandbox, host: str) -> None:
    external = sandbox.add_customer(follows=host)
    code = sandbox.control("POST", "login_code", {"external_userid": external})["code"]

    info = sandbox.api("GET", "auth/getuserinfo", code=code)
    assert info["external_userid"] == external
    assert info["openid"].startswith("o")
    assert "userid" not in info
