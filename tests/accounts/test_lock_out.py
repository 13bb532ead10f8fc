"""Wrong passwords: counted by name and address, alike for known and unknown names, exact under a crowd."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import AccountEvent
from apps.accounts.services import rate_limits
from tests.at_once import at_once
from tests.factories import MORNING, PASSWORD, a_host, a_person_at_hq

URL = "/login/"


def attempt(username: str, password: str, address: str = "10.0.0.1") -> Any:
    # In front of the tests stands one proxy; what a caller writes left of it is not believed.
    forwarded = f"6.6.6.6, {address}"
    return Client().post(
        URL, {"username": username, "password": password}, headers={"x-forwarded-for": forwarded}
    )


@pytest.mark.django_db
def test_known_and_unknown_names_get_the_same_answers_all_the_way_into_the_lock() -> None:
    a_host("lin")

    def answers(name: str) -> list[tuple[int, str]]:
        found = []
        for _ in range(7):
            page = attempt(name, "wrong")
            errors = page.context["form"].non_field_errors()
            found.append((page.status_code, " ".join(errors)))
        return found

    with time_machine.travel(MORNING, tick=False):
        known, unknown = answers("lin"), answers("nobody")

    assert known == unknown
    assert [status for status, _ in known] == [422] * 4 + [429] * 3
    assert known[-1][1] == "密码连续错了 5 次，先锁上了。请在 15 分钟后（09:15）再试。"


@pytest.mark.django_db
def test_the_lock_is_of_one_address() -> None:
    a_host("lin")
    for _ in range(5):
        attempt("lin", "wrong")

    assert attempt("lin", PASSWORD).status_code == 429
    assert attempt("lin", PASSWORD, "10.0.0.2").status_code == 302


@pytest.mark.django_db
def test_the_right_password_takes_back_the_count() -> None:
    a_host("lin")
    for _ in range(4):
        attempt("lin", "wrong")
    assert attempt("lin", PASSWORD).status_code == 302
    for _ in range(4):
        assert attempt("lin", "wrong").status_code == 422


@pytest.mark.django_db
def test_page_console_and_api_count_together() -> None:
    a_person_at_hq("内容编辑", "editor")
    forwarded = {"x-forwarded-for": "10.0.0.1"}
    for url in (URL, "/hq/login/", "/api/v1/auth/token/", URL, "/hq/login/"):
        Client().post(url, {"username": "editor", "password": "wrong"}, headers=forwarded)

    answer = Client().post(
        "/api/v1/auth/token/", {"username": "editor", "password": PASSWORD}, headers=forwarded
    )

    assert answer.status_code == 401
    assert "先锁上了" in answer.json()["message"]


@pytest.mark.django_db
def test_no_password_is_kept_with_the_count() -> None:
    attempt("lin", "a-secret-password")

    row = AccessAttempt.objects.get()
    assert "a-secret-password" not in f"{row.get_data}{row.post_data}"


@pytest.mark.django_db
def test_an_administrator_unlocks_and_it_is_written_down() -> None:
    host, admin = a_host("lin"), a_person_at_hq("管理员")
    for _ in range(5):
        attempt("lin", "wrong")
    desk = Client()
    desk.force_login(admin)
    assert "林姐" in desk.get("/hq/locked-names/").content.decode()

    desk.post("/hq/locked-names/", {"username": "lin"})

    assert attempt("lin", PASSWORD).status_code == 302
    event = AccountEvent.objects.get(user=host.user)
    assert (event.kind, event.actor) == (AccountEvent.Kind.UNLOCKED, admin)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\x00", "x" * 149, "'; DROP TABLE", "林 姐", "lin\nadmin"])
def test_odd_names_are_wrong_names(name: str) -> None:
    assert attempt(name, "wrong").status_code == 422


@pytest.mark.django_db
def test_one_address_tries_so_many_names_a_minute() -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        for number in range(settings.SIGN_INS_A_MINUTE):
            assert attempt(f"name{number}", "wrong").status_code == 422

        assert attempt("another", "wrong").status_code == 429
        answer = Client().post(
            "/api/v1/auth/token/",
            {"username": "a", "password": "b"},
            headers={"x-forwarded-for": "10.0.0.1"},
        )
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert attempt("another", "wrong", "10.0.0.2").status_code == 422
        clock.shift(timedelta(seconds=61))
        assert attempt("another", "wrong").status_code == 422
        assert rate_limits.forget(now=timezone.now() + timedelta(hours=2)) > 0


def test_of_64_wrong_passwords_at_once_exactly_five_are_tried(committed: None) -> None:
    a_host("lin")
    request = RequestFactory().post(URL, headers={"x-forwarded-for": "10.0.0.1"})

    def one() -> Any:
        fresh = RequestFactory().post(URL, headers=dict(request.headers))
        return services.check_password(fresh, username="lin", password="wrong", now=timezone.now())

    results = at_once([one] * 64)

    # The fifth locks and says so; nobody after it is tried.
    assert Counter(map(type, results)) == {services.WrongCredentialsError: 4, services.LockedOutError: 60}
    assert sum(AccessAttempt.objects.values_list("failures_since_start", flat=True)) == 5


def test_of_64_right_passwords_at_once_all_get_in_with_sessions_of_their_own(committed: None) -> None:
    host = a_host("lin")

    answers = at_once([lambda n=n: attempt("lin", PASSWORD, f"10.0.1.{n}") for n in range(64)])

    assert Counter(answer.status_code for answer in answers) == {302: 64}
    assert len({answer.cookies["sessionid"].value for answer in answers}) == 64
    assert not AccessAttempt.objects.exists()
    host.user.refresh_from_db()
    assert host.user.last_login is not None


def test_a_right_password_in_a_crowd_of_wrong_ones_never_unlocks_them(committed: None) -> None:
    a_host("lin")

    acts = [lambda: attempt("lin", "wrong").status_code] * 20
    statuses = Counter(at_once(acts))

    assert statuses[422] == 4
    assert statuses[429] == 16
    assert attempt("lin", PASSWORD).status_code == 429
