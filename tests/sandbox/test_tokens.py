"""gettoken, the life of a token, and the order in which a call is checked."""

import re
import threading

import requests

from tests.sandbox_fixture import Sandbox, SandboxServer


def raw(sandbox: Sandbox, path: str, **query: object) -> dict[str, object]:
    return sandbox.http.get(f"{sandbox.base_url}/cgi-bin/{path}", params=query, timeout=10).json()


def test_the_secret_is_checked_first(sandbox: Sandbox) -> None:
    assert raw(sandbox, "gettoken")["errcode"] == 41004
    assert raw(sandbox, "gettoken", corpsecret="x")["errcode"] == 41002
    assert raw(sandbox, "gettoken", corpsecret=sandbox.secret, corpid="ww1")["errcode"] == 40013
    assert raw(sandbox, "gettoken", corpsecret="wrong", corpid=sandbox.corp_id)["errcode"] == 40001


def test_many_wrong_secrets_close_the_door_for_an_hour(sandbox: Sandbox) -> None:
    sandbox.settings(wrong_secrets_per_hour=3)
    wrong = {"corpid": sandbox.corp_id, "corpsecret": "wrong"}

    assert [raw(sandbox, "gettoken", **wrong)["errcode"] for _ in range(4)] == [40001, 40001, 40001, 45009]

    sandbox.advance(3601)
    assert sandbox.access_token()


def test_a_token_stays_the_same_while_it_is_valid(sandbox: Sandbox) -> None:
    first = raw(sandbox, "gettoken", corpid=sandbox.corp_id, corpsecret=sandbox.secret)
    sandbox.advance(100)
    again = raw(sandbox, "gettoken", corpid=sandbox.corp_id, corpsecret=sandbox.secret)

    assert first["errcode"] == 0
    assert first["errmsg"] == "ok"
    assert first["expires_in"] == 7200
    assert again["access_token"] == first["access_token"]
    assert 7090 <= int(str(again["expires_in"])) <= 7100


def test_an_expired_token_is_42001_and_a_new_one_comes(sandbox: Sandbox) -> None:
    old = sandbox.access_token()
    sandbox.advance(7201)

    assert raw(sandbox, "getcallbackip", access_token=old)["errcode"] == 42001
    assert sandbox.access_token() != old


def test_a_token_that_is_taken_back_early_is_40014(sandbox: Sandbox) -> None:
    old = sandbox.access_token()
    sandbox.expire_tokens()

    assert raw(sandbox, "getcallbackip", access_token=old)["errcode"] == 40014
    assert raw(sandbox, "getcallbackip", access_token=sandbox.access_token())["errcode"] == 0


def test_the_token_counts_only_in_the_query(sandbox: Sandbox) -> None:
    token = sandbox.access_token()
    bearer = {"Authorization": f"Bearer {token}"}
    url = f"{sandbox.base_url}/cgi-bin/message/send"

    assert (
        requests.post(url, json={"access_token": token}, headers=bearer, timeout=10).json()["errcode"]
        == 41001
    )


def test_a_bad_token_is_told_before_a_bad_body(sandbox: Sandbox) -> None:
    url = f"{sandbox.base_url}/cgi-bin/message/send"
    bad = {"access_token": "nonsense"}

    assert requests.post(url, params=bad, data=b"{not json", timeout=10).json()["errcode"] == 40014


def test_broken_json_is_said_to_be_broken(sandbox: Sandbox) -> None:
    url = f"{sandbox.base_url}/cgi-bin/message/send"
    answer = requests.post(
        url, params={"access_token": sandbox.access_token()}, data=b"{not json", timeout=10
    ).json()

    assert answer["errcode"] == 40058
    assert answer["errmsg"].startswith("Warning: wrong json format. ")


def test_the_body_is_read_whatever_the_content_type_says(sandbox: Sandbox, host: str) -> None:
    body = '{"touser":"lin.guide","msgtype":"text","agentid":1000002,"text":{"content":"早"}}'
    answer = requests.post(
        f"{sandbox.base_url}/cgi-bin/message/send",
        params={"access_token": sandbox.access_token()},
        data=body.encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    ).json()

    assert answer["errcode"] == 0


def test_a_refusal_has_the_servers_long_tail(sandbox: Sandbox) -> None:
    message = str(raw(sandbox, "user/get", access_token="x")["errmsg"])

    assert re.fullmatch(
        r"invalid access_token, hint: \[\d+\], from ip: 127\.0\.0\.1, "
        r"more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=40014",
        message,
    )


def test_a_failed_answer_still_carries_its_empty_fields(sandbox: Sandbox) -> None:
    assert raw(sandbox, "externalcontact/list", access_token="x")["external_userid"] == []
    assert raw(sandbox, "externalcontact/get_follow_user_list", access_token="x")["follow_user"] == []
    assert raw(sandbox, "department/simplelist", access_token="x")["department_id"] == []
    failed = raw(sandbox, "user/get", access_token="x")
    assert failed["department"] == failed["order"] == []


def test_an_unknown_path_is_an_empty_404(sandbox: Sandbox) -> None:
    answer = sandbox.http.get(f"{sandbox.base_url}/cgi-bin/no/such/path", timeout=10)

    assert answer.status_code == 404
    assert answer.content == b""


def test_two_apps_keep_separate_tokens_and_rights(sandbox: Sandbox, host: str) -> None:
    sandbox.set_app(agent_id=1000009, secret="other-secret", name="另一个应用", has_customer_api=False)
    other = sandbox.access_token("other-secret")

    assert other != sandbox.access_token()
    listed = raw(sandbox, "externalcontact/get_follow_user_list", access_token=other)
    assert listed["errcode"] == 48002
    body = {"touser": host, "msgtype": "text", "agentid": sandbox.agent_id, "text": {"content": "x"}}
    sent = requests.post(
        f"{sandbox.base_url}/cgi-bin/message/send", params={"access_token": other}, json=body, timeout=10
    )
    assert sent.json()["errcode"] == 301002


def test_an_address_outside_the_trusted_list_is_refused(sandbox: Sandbox) -> None:
    sandbox.set_app(trusted_ips=["10.0.0.1"])

    assert sandbox.api("GET", "getcallbackip")["errcode"] == 60020


def test_too_many_calls_block_the_path_for_a_minute(sandbox: Sandbox) -> None:
    sandbox.settings(rate_per_minute=3)
    sandbox.access_token()
    token = sandbox.access_token()

    codes = [raw(sandbox, "getcallbackip", access_token=token)["errcode"] for _ in range(5)]
    assert codes == [0, 0, 0, 45009, 45009]
    assert raw(sandbox, "get_api_domain_ip", access_token=token)["errcode"] == 0

    sandbox.advance(61)
    assert raw(sandbox, "getcallbackip", access_token=token)["errcode"] == 0


def test_too_many_calls_at_once_are_45033(sandbox: Sandbox, sandbox_server: SandboxServer) -> None:
    sandbox.settings(parallel_limit=0)

    assert (
        sandbox.http.get(
            f"{sandbox.base_url}/cgi-bin/gettoken", params={"corpid": "x", "corpsecret": "y"}, timeout=10
        ).json()["errcode"]
        == 45033
    )


def test_parallel_callers_get_one_token(sandbox: Sandbox) -> None:
    sandbox.settings(parallel_limit=50)
    found: list[str] = []

    def fetch() -> None:
        answer = requests.get(
            f"{sandbox.base_url}/cgi-bin/gettoken",
            params={"corpid": sandbox.corp_id, "corpsecret": sandbox.secret},
            timeout=10,
        ).json()
        found.append(answer["access_token"])

    callers = [threading.Thread(target=fetch) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_jsapi_tickets_belong_to_corp_and_app_and_run_out(sandbox: Sandbox) -> None:
    corp = sandbox.api("GET", "get_jsapi_ticket")
    app = sandbox.api("GET", "ticket/get", type="agent_config")

    assert corp["ticket"] != app["ticket"]
    assert corp["ticket"] == sandbox.api("GET", "get_jsapi_ticket")["ticket"]
    assert sandbox.api("GET", "ticket/get", type="else")["errcode"] == 91040
    sandbox.advance(7201)
    assert corp["ticket"] != sandbox.api("GET", "get_jsapi_ticket")["ticket"]
