"""Exports: nobody at HQ gets a file alone, whichever way is tried; what leaves is marked, text, soon gone."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.customers import services as customers
from apps.files import sheets
from apps.outbox import tasks
from apps.outbox.models import Job
from apps.outbox.services import jobs
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from apps.records.models import AccessLog
from tests.console import desk
from tests.factories import api_of
from tests.library.desk import a_person, browser
from tests.pages import text_of

pytestmark = pytest.mark.django_db
ASKED = {"what": "customers", "is_clear": "on", "reason": "春节礼盒寄送", "start": "", "end": ""}
PERSONAL = (desk.NAME, desk.PHONE, desk.ADDRESS)


@pytest.fixture
def house() -> desk.House:
    return desk.furnish()


@pytest.fixture
def asker(house: desk.House) -> User:
    return a_person(roles.OPERATOR, "asker", "运营小王")


@pytest.fixture
def other(house: desk.House) -> User:
    return a_person(roles.ADMIN, "other", "管理员老李")


def token_of(user: User) -> Client:
    text, _ = accounts.issue_token(user, is_verified=False, now=timezone.now())
    return Client(headers={"authorization": f"Bearer {text}"})


def ask(user: User, **changes: str) -> ExportRequest:
    answer = browser(user).post("/hq/exports/ask/", {**ASKED, **changes})
    assert answer.status_code == 302, answer.context["form"].errors
    return ExportRequest.objects.latest("pk")


def decide(user: User, request: ExportRequest, step: str = "approve") -> int:
    client = browser(user)
    return client.post(f"/hq/exports/{request.public_id}/", {"step": step, "note": "同意"}).status_code


def built(request: ExportRequest) -> ExportRequest:
    jobs.drain(seconds=30)
    request.refresh_from_db()
    return request


def opened(content: bytes) -> tuple[list[list[str]], str]:
    """The rows of the visible sheet, and everything else in the file as text."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    rows = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
    rest = f"{sheet.oddHeader.left.text} {sheet.oddFooter.left.text} "
    rest += " ".join(str(cell.value) for row in book["来源"].iter_rows() for cell in row)
    return rows, rest


# --- with a second person ---------------------------------------------------------------------------------


def test_a_request_approved_by_another_becomes_a_marked_file(
    house: desk.House, asker: User, other: User
) -> None:
    request = ask(asker)
    assert "春节礼盒寄送" in browser(other).get(f"/hq/exports/{request.public_id}/").content.decode()
    decide(other, request)

    assert built(request).state == "ready"
    answer = browser(asker).get(f"/hq/exports/{request.public_id}/file/")

    rows, rest = opened(answer.content)
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert "no-store" in answer["Cache-Control"]
    assert desk.PHONE in str(rows)
    assert {row[-1] for row in rows[1:]} == {request.number}
    for word in (request.number, "运营小王", "管理员老李", "完整信息"):
        assert word in rest
    looks = AccessLog.objects.filter(host_id=house.host.pk, action="export")
    [look] = looks
    assert (look.actor_name, look.count, look.is_hq) == ("运营小王", 1, True)
    assert "春节礼盒寄送" in look.purpose
    assert "管理员老李审批" in look.purpose
    assert AccessLog.objects.filter(action="download", actor_id=asker.pk).count() == 1


def test_masked_unless_asked_and_approved_as_clear(house: desk.House, asker: User, other: User) -> None:
    for what in ("customers", "orders"):
        request = ask(asker, what=what, is_clear="")
        decide(other, request)
        built(request)
        rows, _ = opened(browser(asker).get(f"/hq/exports/{request.public_id}/file/").content)
        assert [value for value in PERSONAL if value in str(rows)] == []
        assert "138****8000" in str(rows)


def test_the_file_lies_sealed_and_is_fetched_by_its_asker_alone(
    house: desk.House, asker: User, other: User
) -> None:
    request = ask(asker)
    decide(other, request)
    with default_storage.open(built(request).file) as file:
        stored = file.read()

    assert not stored.startswith(b"PK")
    assert desk.PHONE.encode() not in stored
    assert browser(other).get(f"/hq/exports/{request.public_id}/file/").status_code == 302
    assert browser(asker).get(f"/media/{request.file}").status_code == 404
    assert token_of(other).get(f"/api/v1/exports/{request.public_id}/file/").status_code == 409


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("name", ["start", "end"])
def test_a_day_that_nothing_can_be_counted_from_is_refused_where_it_is_typed(
    house: desk.House, asker: User, name: str, day: str
) -> None:
    page = browser(asker).post("/hq/exports/ask/", {**ASKED, name: day})
    answer = token_of(asker).post(
        "/api/v1/exports/",
        {**ASKED, "is_clear": True, "end": None, "start": None, name: day},
        content_type="application/json",
    )

    assert "年份要在 1900 到 2199 之间" in text_of(page)
    assert answer.status_code == 400
    assert "年份要在 1900 到 2199 之间" in answer.json()["fields"][name][0]
    assert not ExportRequest.objects.exists()


def test_after_a_day_the_file_is_gone(house: desk.House, asker: User, other: User) -> None:
    request = ask(asker)
    decide(other, request)
    name = built(request).file

    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=True):
        # Refused by the clock even before the job comes by.
        assert browser(asker).get(f"/hq/exports/{request.public_id}/file/").status_code == 302
        exports.tidy({}, timezone.now())

    request.refresh_from_db()
    assert (request.state, request.file) == ("expired", "")
    assert not default_storage.exists(name)


def test_it_ends_when_its_asker_leaves(house: desk.House, asker: User, other: User) -> None:
    ready, approved, waiting = ask(asker), ask(asker), ask(asker)
    decide(other, ready)
    name = built(ready).file
    decide(other, approved)
    client = browser(asker)
    User.objects.filter(pk=asker.pk).update(is_active=False)

    assert client.get(f"/hq/exports/{ready.public_id}/file/").status_code == 302
    jobs.drain(seconds=30)  # what was approved is not built any more
    exports.tidy({}, timezone.now())

    states = {row.pk: row.state for row in ExportRequest.objects.all()}
    assert states == dict.fromkeys((ready.pk, approved.pk, waiting.pk), "cancelled")
    assert not default_storage.exists(name)
    assert not default_storage.exists(f"exports/{approved.public_id}")


def test_a_region_manager_gets_her_region_alone(house: desk.House, other: User) -> None:
    region = desk.everybody()[roles.REGION_MANAGER]
    request = ask(region)
    decide(other, request)
    built(request)

    rows, _ = opened(browser(region).get(f"/hq/exports/{request.public_id}/file/").content)

    assert desk.PHONE in str(rows)
    assert "13900000001" not in str(rows)
    assert len(rows) == 2


@pytest.mark.parametrize(
    "role", [roles.ANALYST, roles.EDITOR, roles.REVIEWER, roles.MERCHANDISER, roles.SUPPORT]
)
def test_other_roles_may_not_ask(house: desk.House, role: str) -> None:
    person = a_person(role)

    browser(person).post("/hq/exports/ask/", ASKED)
    answer = token_of(person).post("/api/v1/exports/", ASKED, content_type="application/json")

    assert answer.status_code == 403
    assert not ExportRequest.objects.exists()


# --- without a second person --------------------------------------------------------------------------------


def nothing_came_of(request: ExportRequest) -> None:
    request.refresh_from_db()
    assert request.state in {"waiting", "cancelled"}
    assert (request.approver_id, request.file, request.rows) == (None, "", None)
    assert not default_storage.exists(f"exports/{request.public_id}")
    assert not AccessLog.objects.filter(action="export").exists()


def test_not_by_a_page(house: desk.House) -> None:
    admin = a_person(roles.ADMIN)  # who has the right to approve, but not her own
    request = ask(admin, approver=str(admin.pk), state="approved")

    assert decide(admin, request) in {302, 403}
    assert "由你决定" not in browser(admin).get(f"/hq/exports/{request.public_id}/").content.decode()
    jobs.drain(seconds=30)

    nothing_came_of(request)


def test_not_by_the_api(house: desk.House) -> None:
    admin = a_person(roles.ADMIN)
    client = token_of(admin)
    body = {
        "what": "customers",
        "is_clear": True,
        "reason": "春节礼盒寄送",
        "state": "approved",
        "own_host": house.host.pk,
        "approver": admin.pk,
    }
    made = client.post("/api/v1/exports/", body, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    address = f"/api/v1/exports/{made.json()['id']}"

    own = client.post(f"{address}/decision/", {"approve": True}, content_type="application/json")
    file = client.get(f"{address}/file/")
    jobs.drain(seconds=30)

    assert (own.status_code, file.status_code) == (403, 409)
    nothing_came_of(ExportRequest.objects.get())


def test_not_by_a_command(house: desk.House, asker: User) -> None:
    request = ask(asker)
    Job.objects.create(name=exports.JOB, key=f"{exports.JOB}:forged", payload={"id": request.pk})

    call_command("work_outbox")

    assert Job.objects.get().outcome == "不用生成：等待审批"
    nothing_came_of(request)


def test_not_by_a_task(house: desk.House, asker: User) -> None:
    request = ask(asker)
    Job.objects.create(name=exports.JOB, key=f"{exports.JOB}:forged", payload={"id": request.pk})

    tasks.run_jobs()
    exports.build({"id": request.pk}, timezone.now())

    nothing_came_of(request)


def test_not_by_a_slip_of_ours(house: desk.House, asker: User) -> None:
    request = ask(asker)

    for approver in (None, asker.pk):
        for state in ("approved", "ready"):
            with pytest.raises(IntegrityError), transaction.atomic():
                ExportRequest.objects.filter(pk=request.pk).update(state=state, approver=approver)


def test_two_who_decide_at_once_decide_once(house: desk.House, asker: User, other: User) -> None:
    request = ask(asker)
    exports.decide(request, by=other, approves=False, note="太多", now=timezone.now())

    with pytest.raises(exports.TooLateError):
        exports.decide(request, by=other, approves=True, note="", now=timezone.now())


# --- her own ------------------------------------------------------------------------------------------------


def test_a_host_takes_her_own_list_and_nothing_else(house: desk.House) -> None:
    customers.add_note(house.relation, text="秘密", by=house.host.user, now=timezone.now())
    page = Client()
    page.force_login(house.host.user)

    page.post("/me/exports/", {"what": "customers"})
    request = built(ExportRequest.objects.get())
    assert "可以下载" in page.get("/me/exports/").content.decode()
    rows, rest = opened(page.get(f"/me/exports/{request.public_id}/file/").content)

    assert desk.PHONE in str(rows)
    assert "13900000001" not in str(rows)
    assert "林姐" in rest
    log = AccessLog.objects.filter(host_id=house.host.pk, is_hq=False)
    assert [look.action for look in log.order_by("pk")][-2:] == ["export", "download"]
    foreign = Client()
    foreign.force_login(house.elsewhere.user)
    assert foreign.get(f"/me/exports/{request.public_id}/file/").status_code == 404
    assert api_of(house.elsewhere).get(f"/api/v1/exports/{request.public_id}/").status_code == 404
    admin = browser(a_person(roles.ADMIN))
    assert admin.get(f"/hq/exports/{request.public_id}/").status_code == 404


def test_a_host_exports_five_times_a_day(house: desk.House) -> None:
    client = api_of(house.host)

    answers = [
        client.post("/api/v1/exports/", {"what": "orders"}, content_type="application/json").status_code
        for _ in range(6)
    ]

    assert answers == [201] * 5 + [429]


def test_a_departed_host_gets_nothing(house: desk.House, other: User) -> None:
    page = Client()
    page.force_login(house.host.user)
    page.post("/me/exports/", {"what": "customers"})
    request = built(ExportRequest.objects.get())
    name = request.file
    accounts.move_host(house.host, to="left", actor=other, now=timezone.now(), reason="离职")

    assert page.get(f"/me/exports/{request.public_id}/file/").status_code != 200

    request.refresh_from_db()
    assert request.state == "cancelled"
    assert not default_storage.exists(name)


# --- what leaves is text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", list(sheets.TRIGGERS))
def test_nothing_that_leaves_is_a_formula(trigger: str) -> None:
    evil = f'{trigger}HYPERLINK("http://x.cn","点我")'
    content = sheets.workbook(title="客户", columns=["姓名"], rows=[[evil]], mark=[("编号", "DC-1")])

    book = load_workbook(io.BytesIO(content))
    cell = book.worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.hyperlink is None
    # A line end is a line end in the workbook's XML.
    assert str(cell.value).replace("_x000D_", "\r").replace("\n", "\r") == evil.replace("\n", "\r")


def test_days_to_come_are_refused_and_the_page_goes_on_by_itself(
    house: desk.House, asker: User, other: User
) -> None:
    later = (timezone.now() + timedelta(days=2)).date().isoformat()
    page = browser(asker).post("/hq/exports/ask/", {**ASKED, "end": later})
    assert "还没有到，最晚填今天" in text_of(page)
    assert not ExportRequest.objects.exists()

    request = ask(asker)
    address = f"/hq/exports/{request.public_id}/"
    assert browser(asker).get(address)["Refresh"] == "10"
    assert "Refresh" not in browser(other).get(address)
