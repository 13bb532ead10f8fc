"""Files that people send: every encoding gives the same rows; what is no table is refused with the mend."""

import random
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from apps.files import workbooks
from apps.files.tables import UnreadableError, open_table
from tests import scale

ROWS = [["订单号", "姓名", "金额"], ["1001", "张小雨", "12.50"], ["1002", "王,芳", '5"碗'], ["1003", "", "0"]]


def csv_of(rows: list[list[str]], *, end: str = "\r\n") -> str:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell

    return end.join(",".join(map(quoted, row)) for row in rows) + end


def a_file(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> list[list[str]]:
    table = open_table(path)
    return [table.header, *(row.cells for block in table.blocks() for row in block.parsed())]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_rows(tmp_path: Path, encoding: str, end: str) -> None:
    text = csv_of(ROWS, end=end)
    content = text.encode(encoding)
    if encoding == "utf-16-be":
        content = b"\xfe\xff" + content
    assert rows_of(a_file(tmp_path, content)) == ROWS


@pytest.mark.parametrize("seed", range(scale.of(50, 200)))
def test_any_cells_come_back_as_they_were(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    signs = ["a", "1", "张", "，", ",", '"', "\n", " ", "=", "\t", ";", "é", "，"]
    width = dice.randint(1, 5)
    rows = [[f"列{n}" for n in range(width)]] + [
        ["x", *("".join(dice.choices(signs, k=dice.randint(0, 6))) for _ in range(width - 1))]
        for _ in range(dice.randint(1, 40))
    ]
    content = csv_of(rows, end=dice.choice(["\n", "\r\n"])).encode(
        dice.choice(["utf-8", "utf-8-sig", "gb18030"])
    )
    assert rows_of(a_file(tmp_path, content)) == rows


def test_a_row_knows_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = a_file(tmp_path, b'a,b\n1,2\n\n"x\ny",3\n4,5\n')
    lines = [row.line for block in open_table(path).blocks() for row in block.parsed()]
    assert lines == [2, 4, 6]


def test_lines_are_counted_across_pieces(tmp_path: Path) -> None:
    body = "".join(f"{n},{'x' * 200}\n" for n in range(20_000))
    path = a_file(tmp_path, f"n,text\n{body}".encode())
    rows = [row for block in open_table(path).blocks() for row in block.parsed()]
    assert [row.line for row in rows] == list(range(2, 20_002))
    assert all(int(row.cells[0]) == row.line - 2 for row in rows)


def test_tabs_and_semicolons_separate_cells_too(tmp_path: Path) -> None:
    assert rows_of(a_file(tmp_path, b"a\tb\n1\t2,5\n")) == [["a", "b"], ["1", "2,5"]]
    assert rows_of(a_file(tmp_path, b"a;b\n1;2,5\n")) == [["a", "b"], ["1", "2,5"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"\n\n", "没有表头"),
        (b"a,b\n\xff\xfe\xfa\xff,2\n", "看不懂文件的编码"),
        ("a,b\n张小雨和王芳".encode()[:-1], "只传了一半"),
        (b"\xd0\xcf\x11\xe0 old excel", "旧版 .xls"),
        (b"PK\x03\x04 half a workbook", "不完整"),
    ],
)
def test_what_is_no_table_is_refused_at_once(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableError, match=sentence):
        open_table(a_file(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="打不开文件"):
        open_table(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'a,b\n1,"2\n3,4\n', "第 2 行有一个引号没有闭合"),
        (b'a,b\n1,2\n"' + b"x" * 200_000 + b'",3\n', "第 3 行有一个格子超过"),
        (b"a,b\n" + b"x" * 9_000_000, "长得不像表格"),
    ],
)
def test_a_file_that_breaks_on_the_way_says_where(tmp_path: Path, content: bytes, sentence: str) -> None:
    table = open_table(a_file(tmp_path, content))
    with pytest.raises(UnreadableError, match=sentence):
        list(table.blocks())


# --- workbooks


def a_workbook(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(
        path, {"remove_timezone": True, "default_date_format": "yyyy-mm-dd hh:mm"}
    ) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return path


def test_a_workbook_reads_like_the_same_csv(tmp_path: Path) -> None:
    path = a_workbook(
        tmp_path / "x.xlsx",
        [
            ["订单号", "数量", "金额", "时间"],
            [31198570044, 2, 12.5, datetime(2026, 3, 5, 14, 5)],
            ["007", 0, 0.1 + 0.2, "2026-03-05"],
        ],
    )
    assert rows_of(path) == [
        ["订单号", "数量", "金额", "时间"],
        ["31198570044", "2", "12.5", "2026-03-05 14:05:00"],
        ["007", "0", "0.3", "2026-03-05"],
    ]


def test_a_number_that_lost_its_last_digits_shows_it(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "x.xlsx", [["订单号"], [1234567890123456789]])
    assert "E+18" in rows_of(path)[1][0]


def test_a_formula_gives_its_value_and_never_its_text(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "金额")
        sheet.write_formula(1, 0, "=1+1", value=2)
        sheet.write_string(2, 0, "=1+1")
    assert rows_of(path) == [["金额"], ["2"], ["=1+1"]]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "x.xlsx", [["a"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * (64 << 20))
    with pytest.raises(UnreadableError, match="太大了"):
        open_table(path)


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><worksheet>&a;</worksheet>',
        "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c>",
        "no xml at all",
    ],
)
def test_broken_or_hostile_sheets_are_refused(tmp_path: Path, sheet: str) -> None:
    whole = a_workbook(tmp_path / "whole.xlsx", [["a"], [1]])
    path = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as archive:
        for entry in source.infolist():
            content = source.read(entry)
            archive.writestr(entry, sheet if entry.filename == "xl/worksheets/sheet1.xml" else content)
    with pytest.raises(UnreadableError):
        rows_of(path)


def test_a_sheet_that_lies_about_its_size_costs_nothing(tmp_path: Path) -> None:
    whole = a_workbook(tmp_path / "whole.xlsx", [["a"], [1]])
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as archive:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
                content = content.replace(b"</sheetData>", b'<row r="99999999"/></sheetData>')
            archive.writestr(entry, content)
    assert rows_of(path) == [["a"], ["1"]]


def test_a_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    with pytest.raises(UnreadableError, match="不是 Excel 表格"):
        workbooks.check_workbook(path)
