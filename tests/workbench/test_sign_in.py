"""Signing in to the workbench."""

import pytest
from django.test import Client

from apps.accounts import roles, services
from apps.accounts.models import Host, Session
from apps.tracking.models import Event
from tests.factories import PASSWORD, a_person_at_hq

URL = "/login/"


def test_the_page_has_two_ways_in(db: None, client: Client) -> None:
    page = client.get(URL).content.decode()
    assert "账号" in page
    assert "/wecom/login/qr/" in page


def test_inside_wecom_its_own_way_comes_first(db: None, client: Client) -> None:
    page = client.get(URL, headers={"user-agent": "Mozilla/5.0 wxwork/4.1 MicroMessenger"}).content.decode()
    assert 'href="/wecom/login/"' in page
    assert "/wecom/login/qr/" not in page


def test_name_and_password_open_the_home_page(lin: Host, client: Client) -> None:
    answer = client.post(URL, {"username": "lin", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert Event.objects.filter(name="host.signed_in", host_id=lin.pk).count() == 1


def test_the_session_is_a_new_one_and_knows_whose_it_is(lin: Host, client: Client) -> None:
    client.session["seen"] = True
    before = client.session.session_key
    client.post(URL, {"username": "lin", "password": PASSWORD})
    assert client.session.session_key != before
    assert Session.objects.get(session_key=client.session.session_key).user_id == lin.user_id


@pytest.mark.parametrize(
    ("username", "password"), [("lin", "wrong"), ("nobody", PASSWORD), ("lin", PASSWORD.upper())]
)
def test_a_wrong_pair_says_not_which_half_is_wrong(
    lin: Host, client: Client, username: str, password: str
) -> None:
    answer = client.post(URL, {"username": username, "password": password})
    assert answer.status_code == 422
    assert "账号或密码不对" in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("missing", "word"), [("username", "请填账号。"), ("password", "请填密码。")])
def test_an_empty_field_is_named(lin: Host, client: Client, missing: str, word: str) -> None:
    data = {"username": "lin", "password": PASSWORD, missing: ""}
    answer = client.post(URL, data)
    assert answer.status_code == 422
    assert word in answer.content.decode()


def test_five_wrong_passwords_lock_even_the_right_one_out(lin: Host, client: Client) -> None:
    for _ in range(5):
        client.post(URL, {"username": "lin", "password": "wrong"})
    answer = client.post(URL, {"username": "lin", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟后" in answer.content.decode()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/customers/?view=new", "/customers/?view=new"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example/", "/"),
        ("http://testserver/me/", "/"),
        ("abc", "/"),
        ("customers", "/"),
        ("wagtailadmin_home", "/"),
        ("workbench:me", "/"),
        ("me/", "/"),
        ("%", "/"),
        ("/%", "/"),
        ("/no/such/page/", "/"),
    ],
)
def test_it_leads_only_to_our_own_pages(lin: Host, client: Client, target: str, expected: str) -> None:
    answer = client.post(URL, {"username": "lin", "password": PASSWORD, "next": target})
    assert answer["Location"] == expected
    # She is signed in now, and opens the page again.
    for door in (URL, "/second-step/"):
        again = client.get(door, {"next": target})
        assert (again.status_code, again["Location"]) == (302, expected), door


def test_who_is_signed_in_goes_on(phone: Client) -> None:
    assert phone.get(URL)["Location"] == "/"


def test_people_at_hq_go_to_the_console(db: None, client: Client) -> None:
    a_person_at_hq(roles.EDITOR, "editor-1")
    answer = client.post(URL, {"username": "editor-1", "password": PASSWORD})
    assert answer["Location"] == "/hq/"


def test_a_suspended_host_is_told_whom_to_ask(lin: Host, client: Client) -> None:
    services.move_host(lin, to=Host.Status.SUSPENDED, actor=lin.user, now=lin.joined_at, reason="休假")
    answer = client.post(URL, {"username": "lin", "password": PASSWORD})
    assert answer.status_code == 422
    assert "请联系总部" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_button_and_ends_the_session(phone: Client) -> None:
    assert phone.get("/logout/").status_code == 405
    assert phone.post("/logout/")["Location"] == "/login/"
    assert phone.get("/")["Location"] == "/login/?next=/"


def test_an_ended_session_is_said_at_the_door(phone: Client) -> None:
    assert "登录到期了" not in phone.get("/login/?next=/me/").content.decode()
    Session.objects.all().delete()

    page = phone.get("/me/", follow=True)

    assert page.redirect_chain == [("/login/?next=/me/&ended=1", 302)]
    assert "登录到期了，或者在别处退出、改过密码。" in page.content.decode()
    # So it is where the browser has thrown the cookie away and sends a form of a page of ours.
    assert Client().post("/me/settings/sign-out-everywhere/")["Location"].endswith("&ended=1")
    # A wrong password is what matters then.
    answer = phone.post("/login/?next=/me/&ended=1", {"username": "lin", "password": "x"})
    assert "登录到期了" not in answer.content.decode()


def test_signing_out_everywhere_ends_the_other_phone_too(lin: Host, phone: Client) -> None:
    other = Client()
    other.force_login(lin.user)
    assert phone.post("/me/settings/sign-out-everywhere/")["Location"] == "/login/"
    assert other.get("/").status_code == 302
