"""Signing in with WeCom: for this browser, once, within five minutes, and only for hosts."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host, Session
from apps.accounts.services import joining
from apps.tracking.models import Event
from apps.wecom.models import LoginState
from apps.wecom.services.logins import safe_next
from tests.accounts.applying import an_invitation, applied
from tests.library.desk import a_person
from tests.outbox.people import a_host
from tests.sandbox_fixture import Sandbox

LOGIN, QR, BACK = "/wecom/login/", "/wecom/login/qr/", "/wecom/login/callback/"


@pytest.fixture
def lin(wecom: Sandbox) -> Host:
    wecom.add_member("Lin.Guide", "林导")
    return a_host("Lin.Guide", name="林姐")


def begin(client: Client, *, path: str = LOGIN, **query: str) -> dict[str, str]:
    """Where the browser is sent, taken apart."""
    answer = client.get(path, query)
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    return {
        "address": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "fragment": parts.fragment,
        **{name: values[0] for name, values in parse_qs(parts.query).items()},
    }


def come_back(client: Client, **query: str) -> HttpResponse:
    return client.get(BACK, query)  # type: ignore[return-value]


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_inside_wecom_the_browser_is_sent_to_authorize(client: Client, wecom: Sandbox) -> None:
    sent = begin(client)

    assert sent["address"] == f"{wecom.base_url}/connect/oauth2/authorize"
    assert sent["fragment"] == "wechat_redirect"
    assert sent["appid"] == wecom.corp_id
    assert sent["agentid"] == str(wecom.agent_id)
    assert sent["redirect_uri"] == f"{django_settings.SITE_URL}{BACK}"
    assert (sent["scope"], sent["response_type"]) == ("snsapi_base", "code")
    assert sent["state"].isalnum()


def test_on_a_computer_the_browser_is_sent_to_the_qr_page(client: Client, wecom: Sandbox) -> None:
    sent = begin(client, path=QR)

    assert sent["address"] == f"{wecom.base_url}/wwlogin/sso/login"
    assert (sent["login_type"], sent["lang"]) == ("CorpApp", "zh")


@pytest.mark.parametrize("path", [LOGIN, QR])
def test_a_host_comes_back_signed_in(client: Client, wecom: Sandbox, lin: Host, path: str) -> None:
    sent = begin(client, path=path, next="/hq/?tab=1")
    before = client.session.session_key
    answer = come_back(client, state=sent["state"], code=wecom.login_code("lin.guide"))

    assert (answer.status_code, answer["Location"]) == (302, "/hq/?tab=1")
    assert client.session["_auth_user_id"] == str(lin.user_id)
    assert client.session.session_key != before
    assert "wecom_login" not in client.session
    assert list(Session.objects.values_list("user_id", flat=True)) == [lin.user_id]
    event = Event.objects.get()
    assert (event.name, event.host_id, event.props) == ("host.signed_in", lin.pk, {"by": "wecom"})


def test_the_whole_way_through_wecoms_own_page(
    client: Client, listening: Sandbox, lin: Host, web: str, settings: object
) -> None:
    settings.SITE_URL = web  # type: ignore[attr-defined]
    listening.set_app(redirect_host=urlsplit(web).netloc)
    answer = client.get(LOGIN)
    page = listening.http.get(answer["Location"].partition("#")[0], allow_redirects=False)

    assert page.status_code == 200
    assert "林导" in page.text


def test_a_session_fixed_beforehand_is_worth_nothing(client: Client, wecom: Sandbox, lin: Host) -> None:
    state = begin(client)["state"]
    fixed = client.cookies["sessionid"].value
    come_back(client, state=state, code=wecom.login_code("lin.guide"))

    attacker = Client()
    attacker.cookies["sessionid"] = fixed
    assert not signed_in(attacker)


def test_the_first_sign_in_ends_the_way_to_a_password_from_the_applicant_s_page(
    client: Client, wecom: Sandbox
) -> None:
    wecom.add_member("xiaoman", "林小满")
    by = a_person(roles.ADMIN)
    secret, _ = an_invitation(by=by)
    address, application = applied(secret)
    organisation = application.invitation.organisation
    joining.approve(
        application,
        username="xm",
        organisation=organisation,
        level=1,
        wecom_userid="xiaoman",
        by=by,
        now=timezone.now(),
    )
    assert "设密码，开始使用" in Client().get(address).content.decode()

    come_back(client, state=begin(client)["state"], code=wecom.login_code("xiaoman"))

    assert signed_in(client)
    assert "设密码，开始使用" not in Client().get(address).content.decode()
    assert Client().post(f"{address}begin/")["Location"] == address


def test_anothers_state_is_refused(client: Client, wecom: Sandbox, lin: Host) -> None:
    state = begin(Client())["state"]
    begin(client)
    answer = come_back(client, state=state, code=wecom.login_code("lin.guide"))

    assert answer.status_code == 403
    assert not signed_in(client)
    assert wecom.calls("auth/getuserinfo") == []


@pytest.mark.parametrize("state", ["", "nonsense", "x" * 3000])
def test_an_invented_state_is_refused(client: Client, wecom: Sandbox, lin: Host, state: str) -> None:
    begin(client)
    answer = come_back(client, state=state, code=wecom.login_code("lin.guide"))

    assert answer.status_code == 403
    assert "这次登录已失效" in answer.content.decode()


def test_a_state_works_once(client: Client, wecom: Sandbox, lin: Host) -> None:
    state = begin(client)["state"]
    come_back(client, state=state, code=wecom.login_code("lin.guide"))
    client.logout()
    begin(client)
    answer = come_back(client, state=state, code=wecom.login_code("lin.guide"))

    assert answer.status_code == 403
    assert not signed_in(client)


def test_a_state_works_for_five_minutes(client: Client, wecom: Sandbox, lin: Host) -> None:
    state = begin(client)["state"]
    LoginState.objects.update(expires_at=F("expires_at") - timedelta(minutes=5))

    assert come_back(client, state=state, code=wecom.login_code("lin.guide")).status_code == 403


@pytest.mark.parametrize("code", ["", "nonsense"])
def test_a_wrong_code_is_refused_kindly(client: Client, wecom: Sandbox, lin: Host, code: str) -> None:
    answer = come_back(client, state=begin(client)["state"], code=code)

    assert answer.status_code == 403
    assert "重新登录" in answer.content.decode()


def test_a_code_works_once(client: Client, wecom: Sandbox, lin: Host) -> None:
    code = wecom.login_code("lin.guide")
    come_back(client, state=begin(client)["state"], code=code)
    client.logout()

    assert come_back(client, state=begin(client)["state"], code=code).status_code == 403
    assert not signed_in(client)


def test_a_member_who_is_no_host_is_told_kindly(client: Client, wecom: Sandbox, lin: Host) -> None:
    wecom.add_member("boss")
    answer = come_back(client, state=begin(client)["state"], code=wecom.login_code("boss"))

    assert answer.status_code == 403
    assert "还没有绑定大C账号" in answer.content.decode()
    assert not signed_in(client)


def test_a_suspended_host_does_not_get_in(client: Client, wecom: Sandbox, lin: Host) -> None:
    Host.objects.update(status=Host.Status.SUSPENDED)

    answer = come_back(client, state=begin(client)["state"], code=wecom.login_code("lin.guide"))
    assert answer.status_code == 403
    assert not signed_in(client)


def test_when_wecom_is_away_the_page_says_so(client: Client, wecom: Sandbox, lin: Host) -> None:
    wecom.fail_next("auth/getuserinfo", errcode=-1)
    answer = come_back(client, state=begin(client)["state"], code=wecom.login_code("lin.guide"))

    assert answer.status_code == 503
    assert "企业微信暂时没有回应" in answer.content.decode()


def test_old_states_are_cleared_away(client: Client, wecom: Sandbox) -> None:
    begin(client)
    LoginState.objects.update(expires_at=F("expires_at") - timedelta(hours=1))
    begin(client)

    assert LoginState.objects.count() == 1


@pytest.mark.parametrize("path", [LOGIN, QR, BACK])
def test_logins_are_read_only_requests(client: Client, wecom: Sandbox, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/", "/hq/", "/hq/?a=b#c"])
def test_a_page_of_ours_is_a_target(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example/",
        "/\\evil.example",
        "/hq/\\..\\evil",
        "https://evil.example/",
        "javascript:alert(1)",
        "/hq/\r\nSet-Cookie: a=b",
        "/wecom/login/",
        "/wecom/login/callback/?code=1",
        "/api/v1/",
        "/no/such/page/of/ours/",
        "/" + "x" * 600,
        " /hq/",
        "\t//evil.example",
    ],
)
def test_anything_else_leads_home(path: str) -> None:
    assert safe_next(path) == "/"
