"""Workbooks that leave the house: text stays text, and every sheet says whose copy it is."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from apps.lib.clock import SHANGHAI

#: What a spreadsheet may take for the beginning of a formula, and their full-width twins.
TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")
#: A cell of a sheet holds no more.
_LONGEST = 32_767


def workbook(
    *,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    mark: Sequence[tuple[str, str]],
    marks_rows: bool = True,
) -> bytes:
    """An XLSX of one sheet. `mark` (word, value) stands in header and footer, in a hidden sheet and each row.

    No cell is a formula or a link: what looks like one carries Excel's own mark for text.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )
    head = book.add_format({"bold": True, "bg_color": "#E8F3ED", "bottom": 1})
    quoted = book.add_format({"quote_prefix": True, "num_format": "@"})
    plain = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(title[:31])
    said = "　".join(f"{word} {value}" for word, value in mark).replace("&", "&&")
    sheet.set_header(f"&L{said[:240]}")
    sheet.set_footer(f"&L{said[:220]}&R第 &P / &N 页")
    sheet.freeze_panes(1, 0)
    heading, number = ([mark[0][0]], [mark[0][1]]) if marks_rows else ([], [])
    for place, word in enumerate([*columns, *heading]):
        sheet.write_string(0, place, word, head)
    sheet.set_column(0, len(columns), 16)
    for line, cells in enumerate(rows, start=1):
        for place, cell in enumerate([*cells, *number]):
            text = _text(cell)
            sheet.write_string(line, place, text, quoted if text.startswith(TRIGGERS) else plain)
    about = book.add_worksheet("来源")
    for line, (word, value) in enumerate(mark):
        about.write_string(line, 0, word)
        about.write_string(line, 1, value)
    about.very_hidden()
    book.set_properties({"title": title, "comments": said})
    book.close()
    return out.getvalue()


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
    # Control characters have no place in a workbook's XML; a tab or line end stays, as text.
    return "".join(char for char in str(value) if char >= " " or char in "\t\n\r")[:_LONGEST]


def csv_table(*, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same as CSV: with the mark by which Excel knows UTF-8, and no cell that it takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for cells in rows:
        texts = [_text(cell) for cell in cells]
        writer.writerow([f"'{text}" if text.startswith(TRIGGERS) else text for text in texts])
    return out.getvalue().encode("utf-8-sig")
