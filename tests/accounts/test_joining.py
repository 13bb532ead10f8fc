"""Invite, apply, decide, begin: who may what, and what a wrong link shows."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import AccountEvent, Application, Host, Invitation, OneTimeLink, User
from apps.accounts.services import joining
from apps.records.models import Consent, Notice
from apps.records.services import consents
from tests.accounts.applying import an_invitation, applied, approval, send, words_of
from tests.factories import PASSWORD, a_branch, a_company, a_host
from tests.library.desk import a_person, browser
from tests.pages import lasting_of
from tests.storefront.pages import hidden_fields

pytestmark = pytest.mark.django_db

# --- the link ------------------------------------------------------------------------------------------


def test_the_link_is_shown_once_and_kept_as_a_hash() -> None:
    client = browser(a_person(roles.OPERATOR))
    form = {
        "organisation": a_company().pk,
        "kind": "owner",
        "level": 2,
        "uses": 3,
        "days": "7",
        "label": "静安",
    }

    page = client.post("/hq/invitations/add/", form)

    [secret] = re.findall(r"/join/([1-9A-HJ-NP-Za-km-z]{20,24})/", page.content.decode())
    assert "<svg" in page.content.decode()
    assert page["Cache-Control"].find("no-store") >= 0
    made = Invitation.objects.get()
    assert secret.encode() not in bytes(made.digest)
    assert secret not in client.get(f"/hq/invitations/{made.public_id}/").content.decode()
    assert secret not in client.get("/hq/invitations/").content.decode()
    assert Client().get(f"/join/{secret}/").status_code == 200


def test_every_wrong_link_shows_the_same_page() -> None:
    by = a_person(roles.OPERATOR)
    now = timezone.now()
    revoked, gone = an_invitation(by=by)
    joining.revoke_invitation(gone, by=by, now=now)
    expired, _ = an_invitation(by=by, now=now - timedelta(days=8))
    used, _ = an_invitation(by=by)
    applied(used)
    client = Client()

    pages = [
        client.get(f"/join/{secret}/") for secret in (revoked, expired, used, "nobody-knows-it", "x" * 80)
    ]

    assert {page.status_code for page in pages} == {404}
    assert len({lasting_of(page) for page in pages}) == 1
    assert "这个链接用不了了" in words_of(pages[0])
    assert client.get("/join/state/unknown/").status_code == 404
    assert client.get("/join/start/unknown/").status_code == 404


def test_a_link_for_two_lets_two_in() -> None:
    secret, invitation = an_invitation(uses=2)

    assert [send(secret, phone=f"1380000800{n}").status_code for n in range(3)] == [302, 302, 404]
    invitation.refresh_from_db()
    assert invitation.uses == 2


def test_the_way_back_after_applying_leads_on_to_the_application() -> None:
    """The invitation is used up, by her: nobody is told that it leads nowhere but a browser that did not."""
    secret, _ = an_invitation()
    client = Client()
    answer = send(secret, client=client)
    assert answer.status_code == 302

    back = client.get(f"/join/{secret}/")

    assert (back.status_code, back["Location"]) == (302, answer["Location"])
    assert Client().get(f"/join/{secret}/").status_code == 404
    client.cookies["a"] = answer["Location"].split("/")[-2]
    assert client.get(f"/join/{secret}/").status_code == 404


# --- the application -----------------------------------------------------------------------------------


def test_an_application_is_sealed_and_consented_to() -> None:
    secret, _ = an_invitation()

    _address, application = applied(secret)

    assert (application.name, application.phone) == ("林小满", "+8613800008000")
    notice = Notice.objects.get(purpose="join")
    assert bytes(application.notice_sha256) == bytes(notice.sha256)
    consent = Consent.objects.get()
    assert consent.evidence == {"application": str(application.public_id)}
    assert consent.recipient == "山野集"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "写一个称呼吧"),
        ("phone", "12345", "手机号不对"),
        ("phone", "l3800008000", "请把 l 改成数字 1"),
        ("phone", "", "留个手机号"),
        ("why", "话" * 301, "最多 300 个字"),
        ("consent", "", "请先勾选同意"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(field: str, value: str, sentence: str) -> None:
    secret, invitation = an_invitation()

    answer = send(secret, **{field: value})

    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert not Application.objects.exists()
    invitation.refresh_from_db()
    assert invitation.uses == 0


def test_one_phone_waits_once() -> None:
    secret, invitation = an_invitation(uses=5)
    applied(secret)

    again = send(secret, phone="+86 138-0000-8000")

    assert again.status_code == 409
    assert "已经有一份申请" in words_of(again)
    invitation.refresh_from_db()
    assert invitation.uses == 1


def test_an_address_that_sends_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = an_invitation(uses=100)
    statuses = [send(secret, phone=f"138000080{n:02}").status_code for n in range(21)]

    assert statuses[:20] == [302] * 20
    assert statuses[20] == 429
    assert send(secret)["Retry-After"]


def test_she_sees_how_it_stands_and_may_take_it_back() -> None:
    secret, _ = an_invitation()
    address, application = applied(secret)
    page = Client().get(address)

    assert "申请收到了" in words_of(page)
    assert "138****8000" in words_of(page)
    assert "13800008000" not in page.content.decode()
    assert page["Referrer-Policy"] == "strict-origin"

    Client().post(f"{address}withdraw/")

    application.refresh_from_db()
    assert application.state == Application.State.WITHDRAWN
    assert (application.name, application.phone, application.why, application.phone_index) == (
        "",
        "",
        "",
        None,
    )
    assert "申请已撤回" in words_of(Client().get(address))


def test_applications_are_forgotten_as_promised() -> None:
    by = a_person(roles.OPERATOR)
    secret, _ = an_invitation(by=by, uses=3)
    refused, approved, waiting = (applied(secret, phone=f"1380000800{n}")[1] for n in range(3))
    now = timezone.now()
    joining.refuse(refused, reason="人满了", by=by, now=now)
    joining.approve(
        approved, username="xm", organisation=a_company(), level=1, wecom_userid="", by=by, now=now
    )

    assert joining.count_old(now - joining.shown_for()) == 0
    past = now + timedelta(days=1)
    assert joining.count_old(past) == joining.forget_old(past) == 3  # two go, the approved one's words do
    assert joining.count_old(past) == joining.forget_old(past) == 0

    assert [row.pk for row in Application.objects.all()] == [approved.pk]
    approved.refresh_from_db()
    assert (approved.phone, approved.why, approved.name) == ("", "", "林小满")
    assert waiting.pk


# --- the decision --------------------------------------------------------------------------------------


def test_from_application_to_her_first_page() -> None:
    operator = browser(a_person(roles.OPERATOR, "op", "运营小何"))
    secret, _ = an_invitation()
    address, application = applied(secret)
    page = operator.get(f"/hq/applications/{application.public_id}/")
    assert "13800008000" in words_of(page)
    assert 'value="linxiaoman"' in page.content.decode()

    answer = operator.post(f"/hq/applications/{application.public_id}/approve/", approval())

    [start] = re.findall(r"/join/start/[1-9A-HJ-NP-Za-km-z]{20,24}/", answer.content.decode())[:1]
    host = Host.objects.get()
    assert (host.name, host.level, host.status, host.wecom_userid) == ("林小满", 3, "active", "xiaoman")
    assert [row.words for row in host.transitions.all()] == ["开通，成为大C"]
    assert "通过了，欢迎你" in words_of(Client().get(address))

    phone = Client()
    weak = phone.post(start, {"new_password1": "12345", "new_password2": "12345"})
    assert weak.status_code == 422
    begun = phone.post(start, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert begun["Location"] == "/"
    assert phone.get("/").status_code == 200
    assert Client().get(start).status_code == 404
    assert Client().post("/login/", {"username": "xiaoman", "password": PASSWORD}).status_code == 302


def test_her_own_page_leads_to_a_password_until_she_has_one() -> None:
    by = a_person(roles.OPERATOR)
    secret, _ = an_invitation(by=by)
    address, application = applied(secret)
    assert Client().post(f"{address}begin/")["Location"] == address
    joining.approve(
        application,
        username="xm",
        organisation=a_company(),
        level=1,
        wecom_userid="",
        by=by,
        now=timezone.now(),
    )

    start = Client().post(f"{address}begin/")["Location"]
    Client().post(start, {"new_password1": PASSWORD, "new_password2": PASSWORD})

    assert Client().post("/login/", {"username": "xm", "password": PASSWORD}).status_code == 302
    assert Client().post(f"{address}begin/")["Location"] == address
    assert OneTimeLink.objects.filter(used_at=None, ended_at=None).count() == 0


def rebound(host: Host, by: User) -> None:
    act = {"act": "wecom", "wecom_userid": "somebody-else", "reason": "换了手机"}
    assert "换绑好了" in words_of(browser(by).post(f"/hq/ways-in/{host.user.public_id}/", act, follow=True))


def renamed(host: Host, by: User) -> None:
    act = {"act": "rename", "username": "xm2", "reason": "拼错了"}
    assert "改好了" in words_of(browser(by).post(f"/hq/ways-in/{host.user.public_id}/", act, follow=True))


def signed_out_everywhere(host: Host, by: User) -> None:
    answer = browser(by).post(f"/hq/ways-in/{host.user.public_id}/", {"act": "sign-out"}, follow=True)
    assert "在所有设备上都退出了" in words_of(answer)


def suspended_and_back(host: Host, by: User) -> None:
    for to in ("suspended", "active"):
        services.move_host(host, to=to, actor=by, now=timezone.now(), reason="查一下")


def gone(host: Host, by: User) -> None:
    services.move_host(host, to="left", actor=by, now=timezone.now(), reason="不做了")


@pytest.mark.parametrize("ends", [rebound, renamed, signed_out_everywhere, suspended_and_back, gone])
def test_the_applicant_s_page_opens_nothing_once_her_ways_in_were_changed(ends: Any) -> None:
    by = a_person(roles.ADMIN)
    secret, _ = an_invitation(by=by)
    address, application = applied(secret)
    host = joining.approve(
        application,
        username="xm",
        organisation=a_company(),
        level=1,
        wecom_userid="xiaoman",
        by=by,
        now=timezone.now(),
    ).host
    start = Client().post(f"{address}begin/")["Location"]
    assert [(row.kind, row.actor) for row in AccountEvent.objects.filter(user=host.user)] == [
        ("link_made", None)
    ]

    ends(host, by)

    assert Client().get(start).status_code == 404
    page = words_of(Client().get(address))
    assert "设密码，开始使用" not in page
    assert "随时可以登录" not in page
    assert Client().post(f"{address}begin/")["Location"] == address
    assert not OneTimeLink.objects.filter(used_at=None, ended_at=None).exists()


def test_a_refusal_is_read_by_the_applicant() -> None:
    operator = browser(a_person(roles.OPERATOR))
    secret, _ = an_invitation()
    address, application = applied(secret)

    operator.post(f"/hq/applications/{application.public_id}/refuse/", {"reason": " "})
    assert Application.objects.get().state == Application.State.WAITING
    operator.post(f"/hq/applications/{application.public_id}/refuse/", {"reason": "静安店这个月招满了"})

    assert "静安店这个月招满了" in words_of(Client().get(address))
    assert not Host.objects.exists()
    again = operator.post(f"/hq/applications/{application.public_id}/approve/", approval(), follow=True)
    assert "刚刚有同事处理过了" in words_of(again)
    assert not Host.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": "LIN"}, "这个账号已经有人用了"),
        ({"wecom_userid": "Lin"}, "已绑定另一位大C"),
        ({"wecom_userid": "林小满"}, "不是姓名"),
        ({"level": "0"}, "1"),
        ({"organisation": "99999"}, "请重新选"),
    ],
)
def test_an_approval_with_a_mistake_changes_nothing(changes: dict[str, Any], sentence: str) -> None:
    a_host("lin")
    operator = browser(a_person(roles.OPERATOR))
    secret, _ = an_invitation()
    _address, application = applied(secret)

    answer = operator.post(f"/hq/applications/{application.public_id}/approve/", approval(**changes))

    assert sentence in words_of(answer)
    assert Host.objects.count() == 1
    assert Application.objects.get().state == Application.State.WAITING


def test_the_wecom_account_of_somebody_who_left_is_free_again() -> None:
    by = a_person(roles.OPERATOR)
    old = a_host("lin")
    services.move_host(old, to="left", actor=by, now=timezone.now(), reason="不做了")
    secret, _ = an_invitation(by=by)
    _address, application = applied(secret)

    made = joining.approve(
        application,
        username="lin2",
        organisation=a_company(),
        level=1,
        wecom_userid="LIN",
        by=by,
        now=timezone.now(),
    )

    old.refresh_from_db()
    assert (old.wecom_userid, made.host.wecom_userid) == (None, "LIN")


def test_no_personal_value_lies_open_in_the_database() -> None:
    from django.db import connection

    secret, _ = an_invitation()
    applied(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_application::text FROM accounts_application")
        [(row,)] = cursor.fetchall()
    # The name to sign in at WeCom is a working identity and stays readable.
    for value in ("林小满", "13800008000", "宝妈群", secret):
        assert value not in row
        assert value.encode().hex() not in row


def test_levels_and_places_are_steps_with_a_reason() -> None:
    operator = browser(a_person(roles.OPERATOR, "op", "运营小何"))
    host, east = a_host(level=1), a_branch("华东")
    before: datetime = timezone.now()

    answer = operator.post(
        f"/hq/hosts/{host.public_id}/place/",
        {"organisation": east.pk, "level": 3, "reason": "三月业绩达标，转去华东"},
        follow=True,
    )

    host.refresh_from_db()
    assert (host.level, host.organisation) == (3, east)
    told = list(host.transitions.filter(at__gte=before).order_by("pk"))
    assert [row.words for row in told] == ["等级 1 → 3", "从「山野集」转到「华东」"]
    assert {(row.actor.name, row.reason) for row in told if row.actor} == {
        ("运营小何", "三月业绩达标，转去华东")
    }
    page = words_of(answer)
    assert "等级 1 → 3" in page
    assert "从「山野集」转到「华东」" in page
    assert (
        operator.post(f"/hq/hosts/{host.public_id}/place/", {"organisation": east.pk, "level": 3}).status_code
        == 200
    )
    assert host.transitions.filter(at__gte=before).count() == 2


def test_what_she_agrees_to_is_what_she_read() -> None:
    secret, _ = an_invitation()
    seen = hidden_fields(Client().get(f"/join/{secret}/").content.decode())["seen"]
    consents.publish("join", "第二版：给谁看。", by=a_person(roles.ADMIN), now=timezone.now())

    answer = send(secret, seen=seen)

    assert answer.status_code == 409
    assert "第二版" in answer.content.decode()
    assert not Application.objects.exists()
    assert send(secret).status_code == 302
    assert Consent.objects.get().notice.text.startswith("第二版")
