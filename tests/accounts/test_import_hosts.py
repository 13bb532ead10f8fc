"""Hosts by the file: checked whole, written once, turned back with the reason."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts import access, roles, services
from apps.accounts.imports import hosts
from apps.accounts.models import Host, HostImport, User
from tests.factories import a_branch, a_company, a_host
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
HEADER = "登录账号,称呼,组织,身份,等级,企业微信账号"


@pytest.fixture(autouse=True)
def company() -> None:
    a_company()
    a_branch("华东")


def file(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "大C.csv"
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def bring(path: Path, **more: Any) -> hosts.Outcome:
    more.setdefault("nodes", access.organisations())
    return hosts.import_hosts(path, by=None, now=timezone.now(), **more)


def counts(outcome: hosts.Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.rejected)


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = file(tmp_path, "xm,小满,华东,群主,2,xiaoman", "aq,阿琴,山野集,,,")

    assert counts(bring(path, dry_run=True)) == (2, 0, 0, 0)
    assert not Host.objects.exists()
    assert counts(bring(path)) == (2, 0, 0, 0)
    assert counts(bring(path)) == (0, 0, 2, 0)

    xm, aq = Host.objects.get(user__username="xm"), Host.objects.get(user__username="aq")
    assert (xm.name, xm.kind, xm.level, xm.wecom_userid) == ("小满", "owner", 2, "xiaoman")
    assert (aq.kind, aq.level, aq.wecom_userid, aq.is_active) == ("guide", 1, None, True)
    assert services.find_host_by_wecom("XIAOMAN") == xm
    assert [run.rows_in for run in HostImport.objects.all()] == [2, 2]


def test_a_changed_row_is_a_step_of_her_life(tmp_path: Path) -> None:
    bring(file(tmp_path, "xm,小满,华东,群主,1,xm"))

    assert counts(bring(file(tmp_path, "XM,小满姐,山野集,群主,3,"))) == (0, 1, 0, 0)

    host = Host.objects.get()
    assert (host.name, host.level, host.organisation.name, host.wecom_userid) == ("小满姐", 3, "山野集", "xm")
    assert [row.words for row in host.transitions.order_by("pk")] == [
        "开通，成为大C",
        "等级 1 → 3",
        "从「华东」转到「山野集」",
    ]


def test_rows_that_can_not_be_used_come_back_with_line_and_reason(tmp_path: Path) -> None:
    a_person(roles.EDITOR, "boss")
    a_host("lin")
    gone = a_host("gone")
    services.move_host(gone, to="left", actor=None, now=timezone.now())
    path = file(
        tmp_path,
        ",小满,华东,,,",
        "b,,华东,,,",
        "c,小满,火星,,,",
        "d,小满,华东,店长,,",
        "e,小满,华东,,100,",
        "f,小满,华东,,,LIN",
        "boss,小满,华东,,,",
        "gone,小满,华东,,,",
        "g,小满,华东,,,",
        "G,小满,华东,,,",
        "h 1,=1+1,华东,,,",
    )

    outcome = bring(path)

    assert counts(outcome) == (1, 0, 0, 10)
    assert {row.line: row.reason for row in outcome.rejected} == {
        2: "没有写登录账号",
        3: "没有写称呼",
        4: "没有（或不归你管）编号或名称是“火星”的组织",
        5: "身份要写“群主”或“导购”",
        6: "等级要是 1 到 99 的整数",
        7: "这个企业微信账号已绑定另一位大C",
        8: "这个登录账号是总部人员的",
        9: "这位大C已经离开，不能再改",
        11: "登录账号在文件里出现了两次",
        12: "登录账号只能用字母、数字和 @ . + - _，最多 150 位",
    }
    text = outcome.rejected_csv()
    assert "行号,原因" in text
    assert "'=1+1" in text


@pytest.mark.parametrize(
    ("header", "rows", "sentence"),
    [
        ("账号,组织", ["a,华东"], "缺少这些列：称呼"),
        (HEADER, [], "只有表头"),
    ],
)
def test_a_file_that_is_no_list_of_hosts_is_refused_whole(
    tmp_path: Path, header: str, rows: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("import_hosts", file(tmp_path, *rows, header=header))
    assert not Host.objects.exists()
    assert not HostImport.objects.exists()


def test_the_command_tells_what_came_of_it(tmp_path: Path) -> None:
    out = StringIO()
    path = file(tmp_path, "xm,小满,华东,,,", "x,,华东,,,", encoding="gbk")

    call_command("import_hosts", path, stdout=out)

    assert "共 2 行 = 新增 1 + 更新 0 + 未变 0 + 退回 1" in out.getvalue()
    assert "没有写称呼" in (tmp_path / "大C.csv.rejected.csv").read_text(encoding="utf-8-sig")


def sent(client: Any, content: bytes, name: str = "大C.csv", **form: Any) -> str:
    answer = client.post("/hq/hosts/import/", {"file": SimpleUploadedFile(name, content), **form})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_hq_checks_first_and_then_writes() -> None:
    client = browser(a_person(roles.OPERATOR))
    content = f"{HEADER}\nxm,小满,华东,群主,2,\nx,,华东,,,\n".encode()

    checked = sent(client, content, dry_run="on")
    assert "检查完了，什么也没写" in checked
    assert "没有写称呼" in checked
    assert not Host.objects.exists()

    assert "导入完成" in sent(client, content)
    assert Host.objects.get().name == "小满"
    run = HostImport.objects.get()
    back = client.get(f"/hq/hosts/import/{run.public_id}/rejected/")
    assert back["Content-Type"].startswith("text/csv")
    assert "没有写称呼" in back.content.decode()
    other = browser(a_person(roles.ADMIN, "other"))
    assert other.get(f"/hq/hosts/import/{run.public_id}/rejected/").status_code == 404


def test_a_workbook_does_as_well() -> None:
    from openpyxl import Workbook

    book, out = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append(["xm", "小满", "华东", "群主", 2, ""])
    book.save(out)

    assert "新增 1" in sent(browser(a_person(roles.OPERATOR)), out.getvalue(), "大C.xlsx")


def test_what_is_no_table_is_refused_with_a_sentence() -> None:
    client = browser(a_person(roles.OPERATOR))

    assert "缺少这些列" in sent(client, b"hello\nworld\n")
    many = "\n".join([HEADER, *(f"u{n},小满,华东,,," for n in range(501))])
    assert "一次最多 500 行" in sent(client, many.encode())
    assert not User.objects.filter(username__startswith="u1").exclude(host=None).exists()


def test_whoever_may_not_change_hosts_imports_none() -> None:
    client = browser(a_person(roles.SUPPORT))
    answer = client.post(
        "/hq/hosts/import/", {"file": SimpleUploadedFile("a.csv", f"{HEADER}\nxm,小满,华东,,,\n".encode())}
    )
    assert answer.status_code == 302
    assert not Host.objects.exists()
