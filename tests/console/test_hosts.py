"""Hosts, the tree they hang in, and HQ's own people."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.accounts import roles, services
from apps.accounts.models import Host, Organisation, User
from tests.factories import PASSWORD, a_branch, a_company, a_host, api_of
from tests.library.desk import a_person, browser, confirm, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Any:
    return browser(a_person(roles.ADMIN, "boss", "陈总"))


def page_of(host: Host, step: str = "") -> str:
    return f"/hq/hosts/{host.public_id}/{step}"


def test_suspending_a_host_says_what_it_means_and_ends_her_sessions(admin: Any) -> None:
    host = a_host()
    phone, api = browser(host.user), api_of(host)

    assert "她马上退出登录" in admin.get(page_of(host, "suspended/")).content.decode()
    assert Host.objects.get(pk=host.pk).is_active

    admin.post(page_of(host, "suspended/"), {"reason": "长期不响应"})  # without having read the page
    assert Host.objects.get(pk=host.pk).is_active

    answer = confirm(admin, page_of(host, "suspended/"), {"reason": "长期不响应"})

    host.refresh_from_db()
    assert host.status == Host.Status.SUSPENDED
    assert "已完成" in said(answer)
    assert host.transitions.get(to_status="suspended").reason == "长期不响应"
    assert phone.get("/").status_code == 302
    assert api.get("/api/v1/auth/me/").status_code in {401, 404}


def test_a_reason_is_needed_to_suspend(admin: Any) -> None:
    host = a_host()

    confirm(admin, page_of(host, "suspended/"), {"reason": " "})

    host.refresh_from_db()
    assert host.is_active


def test_a_step_that_does_not_lead_on_is_refused_kindly(admin: Any) -> None:
    host = a_host()
    services.move_host(host, to="left", actor=User.objects.get(username="boss"), now=host.joined_at)

    answer = admin.post(page_of(host, "active/"), {}, follow=True)

    assert "现在不能这样操作" in said(answer)
    host.refresh_from_db()
    assert host.status == Host.Status.LEFT


def test_a_new_host_chooses_her_own_password_by_a_link_shown_once(admin: Any, client: Any) -> None:
    east = a_branch("华东")
    form = {
        "username": "xiaomei",
        "password": PASSWORD,  # nobody at HQ chooses it: the field is not there
        "name": "小美",
        "kind": "guide",
        "organisation": east.pk,
        "level": 2,
        "wecom_userid": "xiaomei",
    }

    answer = admin.post("/hq/hosts/add/", form)

    assert "已新增「小美」" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    host = Host.objects.get()
    assert (host.organisation, host.user.has_usable_password()) == (east, False)
    link = urlsplit(answer.context["link"]["url"]).path
    assert client.post("/login/", {"username": "xiaomei", "password": PASSWORD}).status_code == 422
    assert client.post(link, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302
    assert client.get("/").status_code == 200
    assert client.post(link, {"new_password1": "x", "new_password2": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "LIN", "这个账号已经有人用了，请换一个。"),
        ("wecom_userid", "Lin", "这个企业微信账号已绑定另一位大C。"),
        ("organisation", "999", "请重新选"),
        ("level", "0", "1"),
    ],
)
def test_a_new_host_is_refused_with_the_field_named(
    admin: Any, field: str, value: str, sentence: str
) -> None:
    a_host("lin")
    form = {
        "username": "new",
        "name": "新人",
        "kind": "guide",
        "organisation": a_company().pk,
        "level": 1,
        "wecom_userid": "new",
        field: value,
    }

    answer = admin.post("/hq/hosts/add/", form)

    assert sentence in " ".join(answer.context["form"].errors[field])
    assert Host.objects.count() == 1


def test_the_ordinary_form_shows_the_wecom_account_and_never_changes_it(admin: Any) -> None:
    mei = a_host("mei", "小美")
    form = {"name": "小美姐", "kind": "owner", "tagline": "", "wecom_userid": "thief", "username": "thief"}

    assert "请管理员在她的「登录与安全」里办" in admin.get(page_of(mei)).content.decode()
    assert admin.post(page_of(mei), form).status_code == 302

    mei.refresh_from_db()
    assert (mei.name, mei.wecom_userid, mei.user.username) == ("小美姐", "mei", "mei")


def test_a_branch_grows_under_its_parent(admin: Any) -> None:
    east = a_branch("华东")

    admin.post("/hq/organisations/new/", {"name": "徐汇店", "kind": "store", "code": "", "parent": east.pk})

    store = Organisation.objects.get(name="徐汇店")
    assert store.get_parent() == east
    assert "徐汇店" in admin.get("/hq/organisations/").content.decode()


def test_a_second_root_is_refused(admin: Any) -> None:
    a_company()

    admin.post("/hq/organisations/new/", {"name": "另一家", "kind": "company", "code": "", "parent": ""})

    assert Organisation.objects.count() == 1


def test_a_branch_can_be_renamed(admin: Any) -> None:
    east = a_branch("华东")

    admin.post(f"/hq/organisations/edit/{east.pk}/", {"name": "华东大区", "kind": "region", "code": "E1"})

    east.refresh_from_db()
    assert (east.name, east.code) == ("华东大区", "E1")


def staff_form(**changes: Any) -> dict[str, Any]:
    from django.contrib.auth.models import Group

    role = changes.pop("role", roles.EDITOR)
    return {
        "username": "newcomer",
        "name": "小何",
        "roles": [Group.objects.get(name=role).pk],
        "organisation": "",
        "is_active": "on",
        **changes,
    }


def test_a_new_person_at_hq_gets_a_role_and_chooses_her_password_by_a_link(admin: Any, client: Any) -> None:
    answer = admin.post("/hq/staff/new/", staff_form())

    user = User.objects.get(username="newcomer")
    assert (user.name, user.is_superuser, user.is_staff) == ("小何", False, False)
    assert [group.name for group in user.groups.all()] == [roles.EDITOR]
    assert not user.has_usable_password()
    link = admin.post(answer["Location"], {"act": "link"}).context["link"]
    client.post(urlsplit(link).path, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert client.post("/hq/login/", {"username": "newcomer", "password": PASSWORD})["Location"] == "/hq/"


def test_a_region_manager_needs_a_region(admin: Any) -> None:
    answer = admin.post("/hq/staff/new/", staff_form(role=roles.REGION_MANAGER))

    assert "区域经理要选一个组织。" in said(answer)


def test_nobody_is_made_a_superuser_here(admin: Any) -> None:
    admin.post("/hq/staff/new/", staff_form(is_superuser="on", is_staff="on", user_permissions=[1, 2, 3]))

    user = User.objects.get(username="newcomer")
    assert (user.is_superuser, user.is_staff, user.user_permissions.count()) == (False, False, 0)


def test_superusers_and_hosts_are_not_edited_as_staff(admin: Any) -> None:
    root = User.objects.create_superuser("root")
    host = a_host()

    for user in (root, host.user):
        assert admin.get(f"/hq/staff/edit/{user.pk}/").status_code == 404
        assert admin.post(f"/hq/staff/edit/{user.pk}/", staff_form()).status_code == 404


def test_switching_somebody_off_signs_her_out(admin: Any) -> None:
    editor = a_person(roles.EDITOR, "editor", "小文")
    desk = browser(editor)
    form = staff_form(username="editor", name="小文")
    del form["is_active"]

    admin.post(f"/hq/staff/edit/{editor.pk}/", form)

    assert desk.get("/hq/").status_code == 302
