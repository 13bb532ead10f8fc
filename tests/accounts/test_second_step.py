"""The second step: app, recovery codes, and that one step never opens what takes two."""

import re
from base64 import b32decode
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from apps.accounts import roles
from apps.accounts.models import AccountEvent, Authenticator, RecoveryCode, User
from apps.accounts.services import second_step
from tests.at_once import at_once
from tests.factories import MORNING, PASSWORD, a_host, a_person_at_hq
from tests.library.desk import confirm
from tests.pages import html_of

STEP, SET_UP = "/second-step/", "/second-step/set-up/"


def code_of(device: Authenticator, at: Any = None) -> str:
    clock = TOTP(bytes.fromhex(device.secret))
    clock.time = (at or timezone.now()).timestamp()
    return f"{clock.token():06d}"


def with_app(user: User) -> tuple[Authenticator, list[str]]:
    """`user` with a confirmed app; no code of it is used yet, as far as a later moment is concerned."""
    now = timezone.now() - timedelta(minutes=5)
    waiting = second_step.begin_set_up(user, now=now)
    return second_step.confirm_set_up(user, code_of(waiting, now), now=now)


def password(
    client: Client, username: str = "staff", url: str = "/hq/login/", next_page: str = "/hq/"
) -> Any:
    return client.post(url, {"username": username, "password": PASSWORD, "next": next_page})


@pytest.mark.django_db
def test_the_password_alone_opens_nothing_once_the_app_is_set_up(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, _ = with_app(user)

    answer = password(client)
    assert answer["Location"] == f"{STEP}?next=%2Fhq%2F"
    assert "_auth_user_id" not in client.session
    assert client.get("/hq/").status_code == 302
    assert client.get("/api/v1/me/").status_code == 401

    before = client.session.session_key
    answer = client.post(STEP, {"code": code_of(device), "next": "/hq/"})
    assert answer["Location"] == "/hq/"
    assert client.get("/hq/").status_code == 200
    assert client.session.session_key != before


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/login/", "/hq/login/"])
def test_both_doors_lead_to_the_second_step(client: Client, url: str) -> None:
    with_app(a_person_at_hq(roles.EDITOR))

    assert password(client, url=url)["Location"].startswith(STEP)


@pytest.mark.django_db
def test_a_host_may_have_one_too(client: Client) -> None:
    host = a_host("lin")
    device, _ = with_app(host.user)

    assert password(client, "lin", "/login/", "/")["Location"].startswith(STEP)
    assert client.get("/")["Location"] == "/login/?next=/"
    client.post(STEP, {"code": code_of(device)})
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_a_code_works_once_and_an_old_one_never(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, _ = with_app(user)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = code_of(device)
        assert second_step.check_code(user, code, now=timezone.now()) == device
        with pytest.raises(second_step.WrongCodeError):
            second_step.check_code(user, code, now=timezone.now())
        clock.shift(timedelta(minutes=3))
        with pytest.raises(second_step.WrongCodeError):
            second_step.check_code(user, code, now=timezone.now())


@pytest.mark.django_db
def test_wrong_codes_wait_longer_and_longer(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, _ = with_app(user)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        password(client)
        assert client.post(STEP, {"code": "000000"}).status_code == 422
        assert client.post(STEP, {"code": code_of(device)}).status_code == 429
        clock.shift(timedelta(seconds=2))
        assert client.post(STEP, {"code": "000000"}).status_code == 422
        clock.shift(timedelta(seconds=1))
        answer = client.post(STEP, {"code": code_of(device)})
        assert answer.status_code == 429
        assert "再试" in html_of(answer)
        clock.shift(timedelta(seconds=2))
        assert client.post(STEP, {"code": code_of(device)}).status_code == 302


@pytest.mark.django_db
def test_ten_minutes_after_the_password_it_must_be_typed_again(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, _ = with_app(user)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        password(client)
        clock.shift(timedelta(minutes=11))
        answer = client.post(STEP, {"code": code_of(device)})
        assert answer["Location"] == "/login/"
        assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_without_a_password_the_page_leads_to_the_door(client: Client) -> None:
    for url in (STEP, SET_UP):
        assert client.get(url)["Location"] == "/login/"
        assert client.post(url, {"code": "123456"})["Location"] == "/login/"


@pytest.mark.django_db
def test_digits_of_a_chinese_keyboard_are_read_and_others_count_as_no_try() -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, _ = with_app(user)
    now = timezone.now()

    with pytest.raises(second_step.WrongCodeError):
        second_step.check_code(user, "٣٣٣٣٣٣", now=now)
    device.refresh_from_db()
    assert device.throttling_failure_count == 0
    wide = code_of(device, now).translate({ord(str(one)): 0xFF10 + one for one in range(10)})
    assert second_step.check_code(user, f"{wide[:3]}　{wide[3:]}", now=now) == device


@pytest.mark.django_db
def test_a_recovery_code_works_once(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    _, codes = with_app(user)
    assert len(set(codes)) == 10

    password(client)
    assert client.post(STEP, {"code": codes[3]}).status_code == 302
    other = Client()
    password(other)
    assert other.post(STEP, {"code": codes[3]}).status_code == 422
    assert second_step.codes_left(user) == 9
    assert AccountEvent.objects.filter(kind=AccountEvent.Kind.CODE_USED, actor=user).count() == 1
    # Nothing in the table is the code, nor a plain hash of it.
    rows = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert codes[0].replace("-", "").encode() not in rows


@pytest.mark.django_db
def test_the_secret_is_sealed_at_rest() -> None:
    from django.db import connection

    device, _ = with_app(a_person_at_hq(roles.ADMIN))
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        stored = bytes(cursor.fetchone()[0])

    assert device.secret.encode() not in stored
    assert bytes.fromhex(device.secret) not in stored


@pytest.mark.django_db
def test_production_demands_it_of_everybody_at_hq(client: Client, settings: Any) -> None:
    settings.HQ_SECOND_STEP_REQUIRED = True
    a_person_at_hq(roles.ANALYST)

    assert password(client)["Location"].startswith(STEP)
    page = client.get(STEP, {"next": "/hq/"}, follow=True)
    assert page.redirect_chain[-1][0] == f"{SET_UP}?next=%2Fhq%2F"
    secret = re.search(r'set-up__secret">([A-Z2-7 ]+)<', html_of(page))
    assert secret is not None
    assert "data:image/svg+xml" in html_of(page)

    clock = TOTP(b32decode(secret[1].replace(" ", "")))
    clock.time = timezone.now().timestamp()
    answer = client.post(SET_UP, {"code": f"{clock.token():06d}", "next": "/hq/"})

    assert len(re.findall(r"<li>\w{4}-\w{4}-\w{4}", html_of(answer))) == 10
    assert client.get("/hq/").status_code == 200
    assert client.get("/hq/my-sign-in/").status_code == 200


@pytest.mark.django_db
def test_a_session_of_one_step_has_no_rights_where_two_are_due(client: Client, settings: Any) -> None:
    user = a_person_at_hq(roles.ADMIN)
    client.force_login(user)
    assert client.get("/hq/").status_code == 200
    assert client.get("/api/v1/me/").json()["roles"] == [roles.ADMIN]

    settings.HQ_SECOND_STEP_REQUIRED = True

    for page in ("/hq/", "/hq/customers/", "/hq/account/", "/hq/api/main/pages/"):
        assert client.get(page)["Location"].startswith(STEP), page
    assert client.get("/api/v1/me/").json()["roles"] == []
    assert client.get("/api/v1/hq/numbers/").status_code in {403, 404}
    assert client.post("/hq/logout/").status_code in {200, 302}


@pytest.mark.django_db
def test_hosts_are_not_asked_where_hq_is(client: Client, settings: Any) -> None:
    settings.HQ_SECOND_STEP_REQUIRED = True
    a_host("lin")

    assert password(client, "lin", "/login/", "/")["Location"] == "/"


@pytest.mark.django_db
def test_a_password_alone_cannot_replace_the_app(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    with_app(user)

    password(client)
    assert client.get(SET_UP)["Location"] == STEP
    waiting = second_step.begin_set_up(user, now=timezone.now())
    assert client.post(SET_UP, {"code": code_of(waiting)})["Location"] == STEP
    assert Authenticator.objects.filter(user=user, confirmed=True).count() == 1


@pytest.mark.django_db
def test_a_new_phone_takes_the_place_of_the_old(client: Client) -> None:
    user = a_person_at_hq(roles.ADMIN)
    old, _ = with_app(user)
    password(client)
    client.post(STEP, {"code": code_of(old)})

    client.get(SET_UP)
    new = Authenticator.objects.get(user=user, confirmed=False)
    answer = client.post(SET_UP, {"code": code_of(new)})

    assert answer.status_code == 200
    assert second_step.authenticator_of(user) == new
    assert client.get("/hq/").status_code == 200


@pytest.mark.django_db
def test_the_api_asks_for_the_code_as_well() -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, _ = with_app(user)

    def token(**more: str) -> Any:
        return Client().post("/api/v1/auth/token/", {"username": "staff", "password": PASSWORD, **more})

    refused = token()
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert "code" in refused.json()["message"]
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        given = token(code=code_of(device))
        assert given.status_code == 200
        bearer = {"authorization": f"Bearer {given.json()['token']}"}
        assert Client().get("/api/v1/me/", headers=bearer).json()["roles"] == [roles.ADMIN]


def a_host_who_works_at_hq() -> User:
    user = a_host("lin").user
    user.groups.add(Group.objects.get(name=roles.ADMIN))
    return user


def rights_of(client: Client, token: str = "") -> tuple[list[str], int]:
    """The roles of a session or token, and what a page of numbers for HQ answers it."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    me = client.get("/api/v1/me/", headers=headers).json()["roles"]
    return me, client.get("/api/v1/hq/overview/", headers=headers).status_code


@pytest.mark.django_db
def test_neither_a_new_password_nor_a_token_takes_the_second_step(client: Client) -> None:
    """A host with a role at HQ came in by WeCom: one step."""
    user = a_host_who_works_at_hq()
    device, _ = with_app(user)
    one_step, both_steps = ([], 403), ([roles.ADMIN], 200)
    client.force_login(user)
    assert rights_of(client) == one_step
    in_front = client.get("/me/settings/").wsgi_request.user
    assert not in_front.has_perm("privacy.approve_export")
    assert not in_front.has_module_perms("privacy")

    new = "quite-another-phrase-9"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/me/settings/password/", form).status_code == 302
    assert client.get("/").status_code == 200  # still herself
    assert rights_of(client) == one_step

    page = client.post("/me/settings/tokens/", {"name": "报表", "days": "7"})
    assert "不带总部权限" in html_of(page)
    assert rights_of(Client(), page.context["text"]) == one_step

    assert client.post(STEP, {"code": code_of(device)}).status_code == 302
    assert rights_of(client) == both_steps
    assert client.get("/me/settings/").wsgi_request.user.has_perm("privacy.approve_export")
    page = client.post("/me/settings/tokens/", {"name": "对账", "days": "7"})
    assert rights_of(Client(), page.context["text"]) == both_steps
    listed = html_of(client.get("/me/settings/tokens/"))
    assert (listed.count("不带总部权限"), listed.count("带总部权限")) == (1, 2)
    # A password changed by whoever took both steps leaves her where she was.
    form = {"old_password": new, "new_password1": PASSWORD, "new_password2": PASSWORD}
    client.post("/me/settings/password/", form)
    assert rights_of(client) == both_steps


@pytest.mark.django_db
def test_a_token_of_one_step_loses_hq_once_two_are_due(settings: Any) -> None:
    user = a_host_who_works_at_hq()
    given = Client().post("/api/v1/auth/token/", {"username": "lin", "password": PASSWORD}).json()
    assert given["carries_roles"] is True
    assert rights_of(Client(), given["token"])[0] == [roles.ADMIN]

    settings.HQ_SECOND_STEP_REQUIRED = True
    assert rights_of(Client(), given["token"]) == ([], 403)
    device, _ = with_app(user)
    given = (
        Client()
        .post("/api/v1/auth/token/", {"username": "lin", "password": PASSWORD, "code": code_of(device)})
        .json()
    )
    assert given["carries_roles"] is True
    assert rights_of(Client(), given["token"])[0] == [roles.ADMIN]


@pytest.mark.django_db
def test_an_administrator_clears_it_and_it_is_written_down(client: Client) -> None:
    user, admin = a_person_at_hq(roles.EDITOR, "editor"), a_person_at_hq(roles.ADMIN, "boss")
    device, _ = with_app(user)
    password(client, "editor")
    client.post(STEP, {"code": code_of(device)})
    desk = Client()
    desk.force_login(admin)

    confirm(desk, f"/hq/ways-in/{user.public_id}/", {"act": "reset"})

    assert client.get("/hq/").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    event = AccountEvent.objects.get(kind=AccountEvent.Kind.SECOND_STEP_OFF)
    assert (event.user, event.actor) == (user, admin)


def test_of_64_with_one_code_at_once_one_gets_in(committed: None) -> None:
    user = a_person_at_hq(roles.ADMIN)
    device, codes = with_app(user)
    now = timezone.now()
    code = code_of(device, now)

    results = at_once([lambda: second_step.check_code(user, code, now=now)] * 64)
    kinds = Counter(map(type, results))
    assert kinds[Authenticator] == 1
    assert sum(kinds.values()) == 64
    assert set(kinds) <= {Authenticator, second_step.WrongCodeError, second_step.WaitError}

    Authenticator.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    results = at_once([lambda: second_step.check_code(user, codes[0], now=now)] * 64)
    assert Counter(map(type, results))[Authenticator] == 1
    assert second_step.codes_left(user) == 9


def test_of_64_who_set_up_at_once_one_app_and_one_set_of_codes_remain(committed: None) -> None:
    user = a_person_at_hq(roles.ADMIN)
    now = MORNING
    device = second_step.begin_set_up(user, now=now)
    code = code_of(device, now)

    results = at_once([lambda: second_step.confirm_set_up(user, code, now=now)] * 64)

    assert sum(isinstance(result, tuple) for result in results) == 1
    assert Authenticator.objects.filter(user=user, confirmed=True).count() == 1
    assert second_step.codes_left(user) == 10
