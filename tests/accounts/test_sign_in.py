"""Signing in to the API, and being out at once."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session as DjangoSession
from django.test import Client
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import ApiToken, Host, HostTransition, Session
from tests.factories import PASSWORD, a_host, a_person_at_hq, api_of

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token/"


def _sign_in(username: str, password: str) -> tuple[int, dict[str, object]]:
    answer = Client().post(
        TOKEN, {"username": username, "password": password}, content_type="application/json"
    )
    return answer.status_code, answer.json()


def test_name_and_password_give_a_token_that_works() -> None:
    a_host("lin")

    status, body = _sign_in("lin", PASSWORD)
    me = Client().get("/api/v1/me/", headers={"authorization": f"Bearer {body['token']}"})

    assert status == 200
    assert set(body) == {"token", "expires_at", "carries_roles"}
    assert me.json()["host"]["name"] == "林姐"


def test_the_token_is_stored_as_a_hash_only() -> None:
    a_host("lin")

    _, body = _sign_in("lin", PASSWORD)

    assert str(body["token"]).encode() not in bytes(ApiToken.objects.get().digest)


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer() -> None:
    a_host("lin")

    assert _sign_in("lin", "wrong-password") == _sign_in("nobody", "wrong-password")
    assert _sign_in("lin", "wrong-password")[0] == 401


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour() -> None:
    a_host("lin")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(services.MAX_FAILURES):
            _sign_in("lin", "wrong-password")

        assert _sign_in("lin", PASSWORD)[0] == 401
        clock.shift(services.LOCKED_FOR + timedelta(seconds=1))
        assert _sign_in("lin", PASSWORD)[0] == 200


def test_a_missing_field_is_named() -> None:
    answer = Client().post(TOKEN, {"username": "lin"}, content_type="application/json")

    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "fields"}
    assert set(answer.json()["fields"]) == {"password"}


@pytest.mark.parametrize("header", ["Bearer nothing", "Bearer", "Bearer a b", "Bearer " + "x" * 5_000])
def test_a_token_that_is_none_is_refused(header: str) -> None:
    answer = Client().get("/api/v1/me/", headers={"authorization": header})

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_a_token_ends_with_its_life_and_when_it_is_given_back() -> None:
    host = a_host("lin")
    client = api_of(host)
    assert client.delete(TOKEN).status_code == 204
    assert client.get("/api/v1/me/").status_code == 401

    client = api_of(host)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert client.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize("status", [Host.Status.SUSPENDED, Host.Status.LEFT])
def test_a_host_who_is_stopped_is_out_with_the_next_request(status: str) -> None:
    host = a_host("lin")
    api, web = api_of(host), Client()
    web.force_login(host.user)
    hq = a_person_at_hq(roles.OPERATOR)
    assert api.get("/api/v1/me/").status_code == 200
    assert Session.objects.filter(user_id=host.user_id).exists()

    services.move_host(host, to=status, actor=hq, now=timezone.now(), reason="合作结束")

    assert api.get("/api/v1/me/").status_code == 401
    assert not Session.objects.filter(user_id=host.user_id).exists()
    step = HostTransition.objects.latest("pk")
    assert (step.from_status, step.to_status, step.actor, step.reason) == ("active", status, hq, "合作结束")


def test_steps_that_lead_nowhere_are_refused() -> None:
    host = a_host("lin")
    hq = a_person_at_hq(roles.OPERATOR)
    services.move_host(host, to=Host.Status.LEFT, actor=hq, now=timezone.now())

    with pytest.raises(services.TransitionNotAllowedError):
        services.move_host(host, to=Host.Status.ACTIVE, actor=hq, now=timezone.now())

    host.refresh_from_db()
    assert host.status == Host.Status.LEFT


def test_signing_in_changes_the_session_id() -> None:
    host = a_host("lin")
    client = Client()
    client.get("/login/")
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    fixed = session.session_key

    client.post("/login/", {"username": "lin", "password": PASSWORD})

    assert client.cookies["sessionid"].value != fixed
    assert client.session.get("_auth_user_id") == str(host.user_id)
    assert not Session.objects.filter(session_key=fixed).exists()
    assert DjangoSession.objects.count() == 0


def test_everything_is_closed_to_strangers() -> None:
    for address in ("me", "customers", "orders", "products", "shelf", "links", "materials", "issues/current"):
        assert Client().get(f"/api/v1/{address}/").status_code == 401, address


def test_people_at_hq_are_no_hosts() -> None:
    client = Client()
    client.force_login(a_person_at_hq(roles.ADMIN))

    for address in ("customers", "orders", "shelf", "materials"):
        answer = client.get(f"/api/v1/{address}/")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied"), address
