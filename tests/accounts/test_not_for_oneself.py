"""Who is a host and has a role at HQ as well does nothing there for herself: another person does."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.imports import hosts as files
from apps.accounts.models import Host, OneTimeLink, Organisation, User
from apps.console_kit.confirming import FIELD
from apps.console_kit.models import BulkItem
from apps.records.models import Alert
from tests.console.listing import Acting, hidden
from tests.factories import a_branch, a_company, a_host
from tests.library.desk import a_person, browser
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NOT_SHE = "自己要由别人来恢复、调等级和组织"


@pytest.fixture
def lin() -> Host:
    """A host who is an operator and an administrator, too."""
    host = a_host("lin", organisation=a_branch("华东"))
    host.user.groups.set(Group.objects.filter(name__in=[roles.ADMIN, roles.OPERATOR]))
    return host


def suspended(host: Host) -> Host:
    return accounts.move_host(host, to=Host.Status.SUSPENDED, actor=None, now=timezone.now(), reason="查")


def steps_of(host: Host) -> tuple[Any, ...]:
    host.refresh_from_db()
    return host.status, host.level, host.organisation_id


def confirmed(client: Client, address: str, form: dict[str, Any]) -> Any:
    asked = client.post(address, form)
    return client.post(address, {**form, FIELD: hidden(asked)[FIELD][0]}, follow=True)


def resumes_by_her_page(host: Host, by: User) -> str:
    suspended(host)
    address = f"/hq/hosts/{host.public_id}/active/"
    return text_of(confirmed(browser(by), address, {"reason": ""}))


def resumes_in_the_list(host: Host, by: User) -> str:
    suspended(host)
    return in_the_list(host, by, "resume")


def is_placed_by_her_page(host: Host, by: User) -> str:
    form = {"organisation": a_branch("华南").pk, "level": 9, "reason": "调整"}
    return text_of(browser(by).post(f"/hq/hosts/{host.public_id}/place/", form, follow=True))


def is_moved_in_the_list(host: Host, by: User) -> str:
    return in_the_list(host, by, "move", organisation=a_branch("华南").pk, reason="调整")


def gets_a_level_in_the_list(host: Host, by: User) -> str:
    return in_the_list(host, by, "level", level=9, reason="调整")


def in_the_list(host: Host, by: User, act: str, **filled: Any) -> str:
    """The preview's reason, or that of the row when the act was confirmed."""
    acting = Acting(browser(by), "hosts", act)
    shown = acting.preview(ids=[host.pk], **filled)
    told = text_of(shown)
    if "不做：" in told:
        return told
    acting.confirm(shown)
    return BulkItem.objects.latest("pk").why


def gets_a_level_by_a_file(host: Host, by: User) -> str:
    text = f"登录账号,称呼,组织,身份,等级\n{host.user.username},{host.name},{host.organisation.name},导购,9\n"
    with TemporaryDirectory() as folder:
        (path := Path(folder) / "hosts.csv").write_text(text, encoding="utf-8")
        nodes = Organisation.objects.all()
        done = files.import_hosts(path, nodes=nodes, by=by, now=timezone.now())
    return "".join(one.reason for one in done.rejected)


STEPS = [
    resumes_by_her_page,
    resumes_in_the_list,
    is_placed_by_her_page,
    is_moved_in_the_list,
    gets_a_level_in_the_list,
    gets_a_level_by_a_file,
]


@pytest.mark.parametrize("step", STEPS)
def test_a_host_does_not_raise_herself(step: Callable[[Host, User], str], lin: Host) -> None:
    a_company()
    before = steps_of(lin)

    told = step(lin, lin.user)

    after = steps_of(lin)
    assert NOT_SHE in told
    assert after[1:] == before[1:]
    assert lin.status == (Host.Status.SUSPENDED if "resumes" in step.__name__ else Host.Status.ACTIVE)


@pytest.mark.parametrize("step", STEPS)
def test_nor_by_an_account_to_which_she_made_the_link(step: Callable[[Host, User], str], lin: Host) -> None:
    between, other = a_person(roles.ADMIN, "between"), a_person(roles.ADMIN, "other")
    accounts.make_password_link(between, by=lin.user, now=timezone.now())
    accounts.make_password_link(other, by=between, now=timezone.now())
    before = steps_of(lin)

    told = step(lin, other)

    assert NOT_SHE in told
    assert steps_of(lin)[1:] == before[1:]


@pytest.mark.parametrize("step", STEPS)
def test_a_colleague_does_it_even_one_who_opened_her_account(
    step: Callable[[Host, User], str], lin: Host
) -> None:
    colleague = a_person(roles.ADMIN, "colleague")
    accounts.make_password_link(lin.user, by=colleague, now=timezone.now())
    before = steps_of(lin)

    told = step(lin, colleague)

    after = steps_of(lin)
    assert NOT_SHE not in told
    assert after[0] == Host.Status.ACTIVE
    assert (after[1:] == before[1:]) == ("resumes" in step.__name__)


# --- alerts ------------------------------------------------------------------------------------------------


def an_alert(about: User) -> Alert:
    now = timezone.now()
    return Alert.objects.create(
        kind=Alert.Kind.MANY_REVEALS,
        actor_id=about.pk,
        actor_name=about.name,
        day=now.date(),
        count=60,
        raised_at=now,
    )


def closes_by_its_page(alert: Alert, by: User) -> str:
    form = {"conclusion": "电话回访老客户，正常"}
    return text_of(browser(by).post(f"/hq/privacy-alerts/{alert.public_id}/", form, follow=True))


def closes_in_the_list(alert: Alert, by: User) -> str:
    acting = Acting(browser(by), "privacy-alerts", "handle")
    shown = acting.preview(ids=[alert.pk], conclusion="电话回访老客户，正常")
    if "不做：" in text_of(shown):
        return text_of(shown)
    acting.confirm(shown)
    return BulkItem.objects.latest("pk").why


@pytest.mark.parametrize("closes", [closes_by_its_page, closes_in_the_list])
def test_an_alert_is_closed_by_another_than_whom_it_is_about(
    closes: Callable[[Alert, User], str], lin: Host
) -> None:
    opener, colleague = a_person(roles.ADMIN, "opener"), a_person(roles.ADMIN, "colleague")
    accounts.make_password_link(lin.user, by=opener, now=timezone.now())
    alert = an_alert(lin.user)

    for one in (lin.user, opener):  # she may have been it who looked
        assert "要由别人来处理" in closes(alert, one)
        alert.refresh_from_db()
        assert alert.handled_at is None

    closes(alert, colleague)
    alert.refresh_from_db()
    assert alert.handled_by == colleague


# --- ways in -----------------------------------------------------------------------------------------------


def test_nobody_makes_herself_a_way_round_her_password_or_second_step(lin: Host, settings: Any) -> None:
    settings.HQ_SECOND_STEP_REQUIRED = False
    client, address = browser(lin.user), f"/hq/ways-in/{lin.user.public_id}/"

    told = text_of(client.post(address, {"act": "link"}, follow=True))
    assert "自己的密码用旧密码来改" in told
    assert not OneTimeLink.objects.exists()

    settings.HQ_SECOND_STEP_REQUIRED = True
    with pytest.raises(accounts.OneselfError, match="另一位管理员"):
        accounts.second_step.reset_second_step(lin.user, by=lin.user, now=timezone.now())
