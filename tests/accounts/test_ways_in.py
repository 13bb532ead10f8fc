"""Passwords by a link, tokens on a page, out everywhere; and who may do it for whom."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import AccountEvent, ApiToken, Session, User
from tests.factories import PASSWORD, a_host, a_person_at_hq, api_of

pytestmark = pytest.mark.django_db
NEW = "quite-another-phrase-9"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(db: None) -> Client:
    return browser(a_person_at_hq(roles.ADMIN, "boss"))


def link_for(admin: Client, user: User) -> str:
    answer = admin.post(f"/hq/ways-in/{user.public_id}/", {"act": "link"})
    assert answer.status_code == 200
    return urlsplit(answer.context["link"]).path


def choose(path: str, password: str = NEW) -> Any:
    return Client().post(path, {"new_password1": password, "new_password2": password})


def test_a_new_password_by_a_link_ends_everything_of_before(admin: Client) -> None:
    host = a_host("lin")
    phone, api = browser(host.user), api_of(host)
    path = link_for(admin, host.user)

    page = Client().get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    assert phone.get("/").status_code == 200  # looking used nothing up
    assert choose(path)["Location"] == "/login/"

    assert phone.get("/").status_code == 302
    assert api.get("/api/v1/me/").status_code == 401
    assert Client().post("/login/", {"username": "lin", "password": PASSWORD}).status_code == 422
    assert Client().post("/login/", {"username": "lin", "password": NEW}).status_code == 302
    kinds = list(
        AccountEvent.objects.filter(user=host.user).order_by("pk").values_list("kind", "actor__username")
    )
    assert kinds == [("link_made", "boss"), ("password_chosen", "lin")]


def test_the_link_works_once_and_for_a_day(admin: Client) -> None:
    host = a_host("lin")
    path = link_for(admin, host.user)
    choose(path)
    assert choose(path, "some-third-phrase-3").status_code == 404

    late = link_for(admin, host.user)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert Client().get(late).status_code == 404
    invented = Client().get("/password/4vJ9JU1bJJE96FWSJKvHsm/")
    assert invented.status_code == 404
    assert "这个链接不能用了" in invented.content.decode()


def test_a_weak_password_does_not_use_the_link_up(admin: Client) -> None:
    path = link_for(admin, a_host("lin").user)

    assert choose(path, "12345").status_code == 422
    assert choose(path).status_code == 302


@pytest.mark.parametrize("role", [role for role in roles.ALL if role != roles.ADMIN])
def test_only_an_administrator_helps_others(role: str) -> None:
    host = a_host("lin")
    client = browser(a_person_at_hq(role))
    path = f"/hq/ways-in/{host.user.public_id}/"

    for act in ("link", "unlock", "sign-out", "reset", "tokens"):
        client.post(path, {"act": act})
    client.post("/hq/locked-names/", {"username": "lin"})

    assert client.get(path).status_code == 302
    assert not AccountEvent.objects.exists()


def test_a_superuser_and_an_absent_one_are_404(admin: Client) -> None:
    root = User.objects.create_superuser("root")

    assert admin.get(f"/hq/ways-in/{root.public_id}/").status_code == 404
    assert admin.post(f"/hq/ways-in/{root.public_id}/", {"act": "link"}).status_code == 404
    assert admin.post(f"/hq/ways-in/{a_host('lin').user.public_id}/", {"act": "??"}).status_code == 404


def test_an_administrator_signs_somebody_out(admin: Client) -> None:
    host = a_host("lin")
    phone, api = browser(host.user), api_of(host)

    admin.post(f"/hq/ways-in/{host.user.public_id}/", {"act": "sign-out"})

    assert (phone.get("/").status_code, api.get("/api/v1/me/").status_code) == (302, 401)
    assert AccountEvent.objects.get().actor.username == "boss"  # type: ignore[union-attr]


def test_a_host_makes_a_token_sees_it_once_and_ends_it() -> None:
    host = a_host("lin")
    phone = browser(host.user)

    answer = phone.post("/me/settings/tokens/", {"name": "收银系统", "days": "7"})
    text = answer.context["text"]
    token = ApiToken.objects.get()
    bearer = {"authorization": f"Bearer {text}"}

    assert text in answer.content.decode()
    assert token.expires_at - token.created_at == timedelta(days=7)
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 200
    page = phone.get("/me/settings/tokens/").content.decode()
    assert "收银系统" in page
    assert f"/tokens/{token.public_id}/revoke/" in page
    assert "还没用过" not in page
    assert text not in page

    phone.post(f"/me/settings/tokens/{token.public_id}/revoke/")
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401
    assert "还没有令牌" in phone.get("/me/settings/tokens/").content.decode()


def test_nobody_ends_anothers_token(admin: Client) -> None:
    lin, mei = a_host("lin"), a_host("mei", "小美")
    _, token = services.issue_token(lin.user, is_verified=False, now=timezone.now(), name="收银系统")

    assert browser(mei.user).post(f"/me/settings/tokens/{token.public_id}/revoke/").status_code == 404
    assert admin.post("/hq/my-sign-in/", {"act": "revoke", "token": str(token.public_id)}).status_code == 404
    assert admin.post("/hq/my-sign-in/", {"act": "revoke", "token": "x"}).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_hq_has_the_same_on_a_page_of_its_own(admin: Client) -> None:
    answer = admin.post("/hq/my-sign-in/", {"act": "token", "name": "报表", "days": "30"})
    text, token = answer.context["text"], ApiToken.objects.get()

    assert Client().get("/api/v1/me/", headers={"authorization": f"Bearer {text}"}).json()["roles"] == [
        "管理员"
    ]
    admin.post("/hq/my-sign-in/", {"act": "revoke", "token": str(token.public_id)})
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert admin.post("/hq/my-sign-in/", {"act": "sign-out"})["Location"] == "/hq/login/"
    assert not Session.objects.filter(user_id=token.user_id).exists()
    assert "/hq/my-sign-in/" in browser(token.user).get("/hq/account/").content.decode()


def test_a_changed_password_ends_the_other_phone_and_keeps_this_one_under_a_new_id() -> None:
    host = a_host("lin")
    phone, other = browser(host.user), browser(host.user)
    before = phone.session.session_key

    phone.post(
        "/me/settings/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    )

    assert phone.get("/").status_code == 200
    assert phone.session.session_key != before
    assert other.get("/").status_code == 302
