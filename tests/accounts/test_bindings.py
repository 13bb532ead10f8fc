"""Another WeCom account, another name to sign in with: acts of an administrator, told to the person."""

from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.imports import hosts as imports
from apps.accounts.models import AccountEvent, ApiToken, Host, Session, User
from apps.accounts.services import binding
from apps.outbox.models import Delivery
from tests.factories import a_company, a_host, a_person_at_hq, api_of

pytestmark = pytest.mark.django_db
#: Fields by which somebody comes in, or by which it is decided what she may do.
WAYS_IN = {
    "username",
    "password",
    "is_active",
    "is_staff",
    "is_superuser",
    "groups",
    "roles",
    "user_permissions",
    "wecom_userid",
    "user",
    "secret",
}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(db: None) -> User:
    return a_person_at_hq(roles.ADMIN, "boss")


@pytest.fixture
def admin(boss: User) -> Client:
    return browser(boss)


def page_of(user: User) -> str:
    return f"/hq/ways-in/{user.public_id}/"


def test_rebinding_ends_everything_of_before_is_written_down_and_told_to_the_old_account(
    admin: Client,
) -> None:
    host = a_host("lin")
    phone, api = browser(host.user), api_of(host)
    act = {"act": "wecom", "wecom_userid": "lin2", "reason": "换了手机号"}

    page = admin.post(page_of(host.user), act, follow=True).content.decode()

    assert "换绑好了" in page
    host.refresh_from_db()
    assert host.wecom_userid == "lin2"
    assert services.find_host_by_wecom("lin") is None
    assert (phone.get("/").status_code, api.get("/api/v1/me/").status_code) == (302, 401)
    assert not Session.objects.filter(user_id=host.user_id).exists()
    event = AccountEvent.objects.get()
    assert (event.kind, event.actor, event.detail) == (
        "wecom_bound",
        User.objects.get(username="boss"),
        "lin → lin2，换了手机号",
    )
    # She reads it where she looks, and WeCom carries it to the account that was hers, not to the new one.
    mine = browser(host.user).get("/me/access-log/").content.decode()
    assert "lin → lin2，换了手机号" in mine
    letter = Delivery.objects.get(kind="wecom.account_notice").letter.body
    assert '"to": "lin"' in letter
    assert "换绑企业微信" in letter


def test_the_first_binding_of_an_account_is_told_to_the_new_one(admin: Client) -> None:
    host = a_host("lin", wecom_userid=None)

    admin.post(page_of(host.user), {"act": "wecom", "wecom_userid": "lin", "reason": "开通企业微信"})

    assert AccountEvent.objects.get().detail == "没有绑定 → lin，开通企业微信"
    assert '"to": "lin"' in Delivery.objects.get(kind="wecom.account_notice").letter.body


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"wecom_userid": "MEI"}, "wecom_userid", "已绑定另一位大C"),
        ({"wecom_userid": "lin"}, "wecom_userid", "没有要改的"),
        ({"wecom_userid": "林姐"}, "wecom_userid", "企业微信"),
        ({"wecom_userid": "new", "reason": " "}, "reason", ""),
    ],
)
def test_a_binding_that_can_not_be_is_refused_with_what_was_typed(
    admin: Client, fields: dict[str, str], field: str, sentence: str
) -> None:
    host = a_host("lin")
    a_host("mei", "小美")
    phone = browser(host.user)

    answer = admin.post(page_of(host.user), {"act": "wecom", "reason": "换号", **fields})

    assert sentence in " ".join(answer.context["wecom"].errors[field])
    assert f'value="{fields["wecom_userid"]}"' in answer.content.decode()
    host.refresh_from_db()
    assert host.wecom_userid == "lin"
    assert phone.get("/").status_code == 200
    assert not AccountEvent.objects.exists()


def test_another_name_to_sign_in_with_is_an_act_too(admin: Client) -> None:
    host = a_host("lin")
    phone = browser(host.user)

    taken = admin.post(page_of(host.user), {"act": "rename", "username": "BOSS", "reason": "改名"})
    assert "已经有人用了" in str(taken.context["rename"].errors)
    admin.post(page_of(host.user), {"act": "rename", "username": "linjie", "reason": "改名"})

    assert User.objects.get(pk=host.user_id).username == "linjie"
    assert phone.get("/").status_code == 302
    assert AccountEvent.objects.get().detail == "lin → linjie，改名"


@pytest.mark.parametrize("role", [role for role in roles.ALL if role != roles.ADMIN])
def test_nobody_but_an_administrator_binds_or_renames(role: str) -> None:
    host = a_host("lin")
    client = browser(a_person_at_hq(role))

    client.post(page_of(host.user), {"act": "wecom", "wecom_userid": "thief", "reason": "换号"})
    client.post(page_of(host.user), {"act": "rename", "username": "thief", "reason": "换号"})

    host.refresh_from_db()
    assert (host.wecom_userid, User.objects.get(pk=host.user_id).username) == ("lin", "lin")


def test_a_file_never_rebinds_a_host(tmp_path: Path) -> None:
    root = a_company()
    bound, unbound = a_host("lin"), a_host("mei", "小美", wecom_userid=None)
    path = tmp_path / "hosts.csv"
    path.write_text(
        "登录账号,称呼,组织,企业微信账号\n"
        f"lin,林姐姐,{root.name},thief\nmei,小美姐,{root.name},thief2\nnew,新人,{root.name},new\n"
    )

    outcome = imports.import_hosts(
        path, nodes=type(root).objects.all(), by=a_person_at_hq(roles.OPERATOR), now=timezone.now()
    )

    assert [(row.line, "请管理员在她的「登录与安全」里办" in row.reason) for row in outcome.rejected] == [
        (2, True),
        (3, True),
    ]
    for host, userid in ((bound, "lin"), (unbound, None)):
        host.refresh_from_db()
        assert (host.wecom_userid, host.name[-1]) == (userid, {"lin": "姐", None: "美"}[userid])
    assert Host.objects.get(user__username="new").wecom_userid == "new"


def test_a_sign_in_by_wecom_that_began_before_the_binding_changed_ends_outside(boss: User) -> None:
    """`hold_bound` looks again, under the lock that a change of the binding takes."""
    found = services.find_host_by_wecom(a_host("lin").wecom_userid or "")
    assert found is not None
    assert binding.hold_bound(found) == found

    binding.bind_wecom(Host.objects.get(), "lin2", by=boss, now=timezone.now(), reason="换号")

    assert binding.hold_bound(found) is None


def test_who_came_in_by_wecom_has_no_open_link_for_a_first_password(client: Client) -> None:
    host = a_host("lin")
    text, _ = services.make_link(host.user, purpose="activation", by=None, now=timezone.now())
    assert client.get(f"/join/start/{text}/").status_code == 200

    request = client.get("/login/").wsgi_request
    services.sign_in(request, host.user)

    assert Client().get(f"/join/start/{text}/").status_code == 404


def test_the_form_for_colleagues_leaves_ways_in_to_their_acts(admin: Client) -> None:
    from django.contrib.auth.models import Group

    root = a_company()
    editor = a_person_at_hq(roles.EDITOR, "editor")
    desk = browser(editor)
    form = {
        "username": "thief",
        "name": "小文",
        "roles": [Group.objects.get(name=roles.EDITOR).pk],
        "organisation": root.pk,
        "is_active": "on",
    }

    admin.post(f"/hq/staff/edit/{editor.pk}/", form)

    editor.refresh_from_db()
    assert (editor.username, editor.name, editor.organisation) == ("editor", "小文", root)
    event = AccountEvent.objects.get()
    assert (event.kind, event.detail) == ("placed", "没有 → 山野集")
    assert desk.get("/hq/").status_code == 302  # she sees other rows than before: signed in anew


def _model_forms() -> set[type[forms.BaseModelForm]]:
    """Every model form that our own code or the console's account page defines."""
    import apps.accounts.console
    import apps.console.urls  # noqa: F401 - brings all forms of the console into being

    found, waiting = set(), [forms.BaseModelForm]
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if getattr(one, "_meta", None) is not None and one._meta.model in {User, Host, ApiToken}:
                found.add(one)
    return {one for one in found if one.__module__.startswith(("apps.", "wagtail.admin.forms.account"))}


def test_no_form_saves_a_way_in_by_itself() -> None:
    """StaffForm alone names some: each goes by its act (`staff.switch`, `set_roles`), or is only shown."""
    loose = {
        (form.__name__, name)
        for form in _model_forms()
        for name, field in form.base_fields.items()
        if name in WAYS_IN and not field.disabled
    }

    assert loose == {("StaffForm", "username"), ("StaffForm", "is_active"), ("StaffForm", "roles")}


def test_passwords_and_bindings_are_written_in_one_place_each() -> None:
    import re

    home = {
        r"\.set_password\(": {"services/passwords.py"},
        r"update\([^)]*(wecom_userid|username|password)=": {"services/binding.py", "services/hosts.py"},
        r"\b(host|user|person)\.(wecom_userid|username|is_active) = ": {
            "services/binding.py",
            "services/staff.py",
        },
    }
    root = Path(services.__file__).parents[2]
    for pattern, places in home.items():
        found = {
            str(path.relative_to(root / "accounts")) if path.is_relative_to(root / "accounts") else str(path)
            for path in root.rglob("*.py")
            if "migrations" not in path.parts
            and "sandbox" not in path.parts
            and re.search(pattern, path.read_text())
        }
        assert found <= places, pattern


def test_a_suspended_host_is_told_nothing_new_but_it_is_written_down(admin: Client) -> None:
    host: Any = a_host("lin")
    services.move_host(host, to="left", actor=None, now=timezone.now())

    answer = admin.post(page_of(host.user), {"act": "wecom", "wecom_userid": "x", "reason": "换号"})

    assert "她已经离开" in answer.content.decode()
    assert not Delivery.objects.exists()
