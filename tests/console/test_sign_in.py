"""The console's door: in Chinese, with a lock, for HQ alone."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from apps.accounts import roles
from tests.factories import PASSWORD, a_host, a_person_at_hq
from tests.library import desk

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str = "staff", password: str = PASSWORD) -> str:
    answer = client.post("/hq/login/", {"username": username, "password": password, "next": "/hq/"})
    if answer.status_code == 302:
        return str(answer["Location"])
    return " ".join(str(error) for error in answer.context["form"].non_field_errors())


def test_the_right_password_opens_the_console(client: Client) -> None:
    a_person_at_hq(roles.EDITOR)

    assert sign_in(client) == "/hq/"
    assert client.get("/hq/").status_code == 200


def test_the_session_is_a_new_one(client: Client) -> None:
    a_person_at_hq(roles.EDITOR)
    client.get("/hq/login/")
    before = client.session.session_key

    sign_in(client)

    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(client: Client) -> None:
    a_person_at_hq(roles.EDITOR)

    wrong = "账号或密码不对，请再试一次。"
    assert sign_in(client, password="x") == wrong
    assert sign_in(client, username="nobody") == wrong


def test_five_wrong_passwords_lock_the_account_for_a_while(client: Client) -> None:
    a_person_at_hq(roles.EDITOR)
    with time_machine.travel(desk.NOW, tick=False) as clock:
        for _ in range(5):
            answer = sign_in(client, password="x")

        assert answer == "密码连续错了太多次，先锁一会儿，09:15 以后再试。"
        assert sign_in(client) == answer
        clock.shift(timedelta(minutes=15, seconds=1))
        assert sign_in(client) == "/hq/"


def test_a_host_is_shown_her_own_door(client: Client) -> None:
    a_host("lin")

    assert sign_in(client, "lin") == "这个账号不能进总部后台。大C请在手机上打开工作台登录。"


def test_somebody_who_left_does_not_come_in(client: Client) -> None:
    a_person_at_hq(roles.EDITOR, is_active=False)

    assert sign_in(client) == "账号或密码不对，请再试一次。"
