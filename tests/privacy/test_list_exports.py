"""A list of persons leaves by two people, with the filtered rows that the asker may see at that time."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models.functions import Now
from django.utils import timezone
from openpyxl import load_workbook

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.console_kit.lists import registry
from apps.customers.models import HandOver
from apps.lib.ids import uuid7
from apps.outbox.leases import MAX_FAILURES
from apps.outbox.models import Job
from apps.outbox.services import jobs
from apps.privacy.models import ExportRequest, RightsRequest
from apps.records.models import AccessLog
from config import storage
from tests.console import desk
from tests.factories import a_host
from tests.library.desk import a_person, browser
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> desk.House:
    return desk.furnish()


def asked_for(asker: User, key: str, **data: Any) -> ExportRequest:
    browser(asker).post(f"/hq/lists/{key}/export/", {"filled": "1", "reason": "核对花名册上的人", **data})
    return ExportRequest.objects.get()


def approve(request: ExportRequest) -> None:
    other = browser(a_person(roles.ADMIN, "approver", "另一位"))
    page = other.get(f"/hq/exports/{request.public_id}/")
    assert "由你决定" in text_of(page)
    other.post(f"/hq/exports/{request.public_id}/", {"step": "approve", "note": ""})
    jobs.drain()


def rows_of(asker: User, request: ExportRequest) -> list[list[Any]]:
    answer = browser(asker).get(f"/hq/exports/{request.public_id}/file/")
    assert answer.status_code == 200, text_of(answer)
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [list(line) for line in sheet.iter_rows(values_only=True)]


def test_the_file_holds_the_filtered_rows_and_no_others(house: desk.House) -> None:
    boss = a_person(roles.ADMIN, "boss")
    a_host("stopped", "停用的", status=Host.Status.SUSPENDED)

    request = asked_for(boss, "hosts", query="status=suspended", column=["status", "username"])
    assert request.state == ExportRequest.State.WAITING
    approve(request)

    heading, *rows = rows_of(boss, request)
    assert heading[:3] == ["对外称呼", "状态", "登录账号"]
    assert [row[:3] for row in rows] == [["停用的", "停用", "stopped"]]


def test_it_is_made_as_the_asker_sees_the_list_when_it_is_made(house: desk.House) -> None:
    manager = desk.everybody()[roles.REGION_MANAGER]
    late = a_host("late", "后来的", organisation=house.host.organisation)

    request = asked_for(manager, "hosts", everything="on")
    Host.objects.filter(pk=late.pk).update(organisation=house.elsewhere.organisation)
    approve(request)

    assert {row[0] for row in rows_of(manager, request)[1:]} == {house.host.name}


def test_customers_are_masked_unless_it_was_approved_so_and_each_host_reads_of_it(house: desk.House) -> None:
    boss = a_person(roles.ADMIN, "boss")
    request = asked_for(boss, "customers", everything="on")
    approve(request)

    told = str(rows_of(boss, request))
    assert desk.NAME not in told
    assert desk.PHONE not in told
    logged = AccessLog.objects.filter(action=AccessLog.Action.EXPORT).values_list("host_id", flat=True)
    assert set(logged) == {house.host.pk, house.elsewhere.pk}


def test_whole_names_and_phones_for_who_asked_for_them_and_was_let(house: desk.House) -> None:
    boss = a_person(roles.ADMIN, "boss")
    request = asked_for(boss, "customers", row=[house.relation.pk], is_clear="on")
    approve(request)

    rows = rows_of(boss, request)[1:]
    assert [row[:2] for row in rows] == [[desk.NAME, desk.PHONE]]


def test_who_lost_the_right_meanwhile_gets_no_file(house: desk.House) -> None:
    asker = a_person(roles.OPERATOR, "asker")
    request = asked_for(asker, "hosts", everything="on")
    asker.groups.clear()
    approve(request)

    request.refresh_from_db()
    assert request.state == ExportRequest.State.CANCELLED


def test_what_for_is_asked_and_nothing_is_there_before(house: desk.House) -> None:
    boss = a_person(roles.ADMIN, "boss")
    answer = browser(boss).post("/hq/lists/hosts/export/", {"everything": "on", "filled": "1", "reason": ""})

    assert "请写清楚拿来做什么" in text_of(answer)
    assert not ExportRequest.objects.exists()


@pytest.mark.parametrize("key", ["customers", "orders", "hosts", "rights"])
@pytest.mark.parametrize("other", [roles.SUPPORT, roles.ANALYST])
def test_it_reaches_as_far_as_the_right_to_ask(house: desk.House, key: str, other: str) -> None:
    """A region manager sees more of a list by another role, which grants no asking."""
    manager = desk.everybody()[roles.REGION_MANAGER]
    manager.groups.add(Group.objects.get(name=other))
    manager = User.objects.get(pk=manager.pk)
    for host in (house.host, house.elsewhere):
        a_request_about(host)
    if (key, other) == ("rights", roles.ANALYST):
        assert browser(manager).get("/hq/rights/").status_code in {302, 403}
        return
    listed = registry.view_of(registry.every()[key], manager, "").get_queryset()
    assert listed.exists()

    asking = text_of(browser(manager).post(f"/hq/lists/{key}/export/", {"everything": "on"}))
    request = asked_for(manager, key, everything="on")
    approve(request)

    request.refresh_from_db()
    here = [row for row in listed if (row.pk if key == "hosts" else row.host_id) == house.host.pk]
    assert request.rows == len(here) >= 1
    assert f"：{len(here)} 条" in asking
    logged = AccessLog.objects.filter(action=AccessLog.Action.EXPORT).values_list("host_id", flat=True)
    assert set(logged) <= {house.host.pk, None}


def test_hand_overs_leave_as_far_as_the_right_to_ask_reaches_too(house: desk.House) -> None:
    """Whoever sees them by a role without asking gets those alone that her other role lets her ask for."""
    manager = desk.everybody()[roles.REGION_MANAGER]
    support = Group.objects.get(name=roles.SUPPORT)
    support.permissions.add(Permission.objects.get(codename="view_handover"))
    manager.groups.add(support)
    manager = User.objects.get(pk=manager.pk)
    here, elsewhere = house.host.organisation, house.elsewhere.organisation
    hers = handed_over(house.host, a_host("a", "阿珍", organisation=here))
    foreign = handed_over(house.elsewhere, a_host("b", "阿芳", organisation=elsewhere))
    # It concerns her own host as well, wherever the customers came from.
    across = handed_over(a_host("c", "阿兰", organisation=elsewhere), house.host)
    listed = registry.view_of(registry.every()["hand-overs"], manager, "").get_queryset()
    assert set(listed) == {hers, foreign, across}

    request = asked_for(manager, "hand-overs", everything="on")
    approve(request)

    told = {row[0] for row in rows_of(manager, request)[1:]}
    assert told == {f"{one.from_host.name} → {one.to_host.name}" for one in (hers, across)}


def test_what_is_not_hers_to_ask_for_is_not_asked_for(house: desk.House) -> None:
    manager = desk.everybody()[roles.REGION_MANAGER]
    manager.groups.add(Group.objects.get(name=roles.SUPPORT))

    ticked = {"row": [house.elsewhere.pk], "filled": "1", "reason": "核对花名册上的人"}
    answer = browser(manager).post("/hq/lists/hosts/export/", ticked, follow=True)

    assert "不在你能申请导出的范围里" in text_of(answer)
    assert not ExportRequest.objects.exists()


def test_who_approves_reads_which_rows_and_how_many(house: desk.House) -> None:
    boss = a_person(roles.ADMIN, "boss")
    a_host("stopped", "停用的", status=Host.Status.SUSPENDED)
    request = asked_for(boss, "hosts", query="status=suspended&q=停用", column=["username"])

    other = browser(a_person(roles.ADMIN, "approver", "另一位"))
    told = text_of(other.get(f"/hq/exports/{request.public_id}/"))

    for words in ("搜「停用」", "状态：停用", "现在有 1 条"):
        assert words in told


def test_a_file_that_can_not_be_made_is_said(house: desk.House, settings: Any, tmp_path: Path) -> None:
    boss = a_person(roles.ADMIN, "boss")
    request = asked_for(boss, "hosts", everything="on")
    (tmp_path / "exports").write_text("a file where the folder should be")
    settings.STORAGES = {**settings.STORAGES, "default": storage.from_url(f"file://{tmp_path}")}
    address = f"/hq/exports/{request.public_id}/"

    approve(request)
    told = text_of(browser(boss).get(address))
    assert "系统会自动再试几次" in told
    assert "一分钟内" not in told
    for _ in range(MAX_FAILURES):
        Job.objects.update(not_before=Now())
        jobs.drain()

    told = text_of(browser(boss).get(address))
    assert "没有生成出来。请重新申请" in told
    assert "正在生成" not in told


def handed_over(giver: Host, taker: Host) -> HandOver:
    return HandOver.objects.create(from_host=giver, to_host=taker, reason="换人", started_at=timezone.now())


def a_request_about(host: Host) -> None:
    RightsRequest.objects.create(
        kind=RightsRequest.Kind.EXPORT,
        phone="13812348001",
        host_id=host.pk,
        view_digest=uuid7().bytes * 2,
        view_until=timezone.now() + timedelta(days=1),
        requested_at=timezone.now(),
        due_at=timezone.now() + timedelta(days=15),
    )
