"""Rows of an XLSX workbook as text, read as a stream, with an eye on files made to hurt."""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

MAX_ROWS = 1_048_576
MAX_COLUMNS = 200
#: Unpacked, in all. A sheet of 100,000 rows with ten columns takes about 50 MB.
MAX_UNPACKED = 256 << 20
MAX_SHARED_STRINGS = 96 << 20
MAX_RATIO = 300
MAX_ENTRIES = 2_000
#: Excel keeps 15 digits of a number: a longer order number has lost its end already.
_EXACT = 10**15


class UnreadableError(Exception):
    """The file is no table that can be read. The message is a sentence for people, with the mend."""


def check_workbook(path: Path) -> None:
    """Refuse what is no workbook, or one that unpacks to more than it could hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise UnreadableError("这个 XLSX 文件不完整，请重新导出一份。") from None
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise UnreadableError("这个文件不是 Excel 表格，请另存为 .xlsx 或 CSV 再导入。")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    shared = sum(entry.file_size for entry in entries if entry.filename.endswith("sharedStrings.xml"))
    if (
        len(entries) > MAX_ENTRIES
        or unpacked > MAX_UNPACKED
        or shared > MAX_SHARED_STRINGS
        or (unpacked > (8 << 20) and unpacked > packed * MAX_RATIO)
    ):
        raise UnreadableError(
            f"这个 XLSX 解开后有 {unpacked >> 20} MB，太大了：请另存为 CSV（UTF-8）再导入，多大都可以。"
        )


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row of the first visible sheet; formulas give the value Excel computed last."""
    from openpyxl.xml import DEFUSEDXML  # with its writer and charts it takes long to load

    assert DEFUSEDXML, "defusedxml guards against entities in a workbook's XML"
    rows = _raw_rows(path)
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # openpyxl's remarks on styles and extensions it does not know
                found = next(rows, None)
        except UnreadableError:
            raise
        except Exception as error:  # noqa: BLE001 - a broken workbook raises nearly anything from the reader
            raise UnreadableError(
                f"这个 XLSX 文件读到一半出错（{type(error).__name__}），请另存为 CSV 再导入。"
            ) from None
        if found is None:
            return
        yield found


def _raw_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    # Opened here, since openpyxl leaves a file open that it could not read.
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise UnreadableError("这个 XLSX 里没有看得见的工作表。")
        sheet = sheets[0]
        # The size a file claims is not to be trusted: rows are as long as their own cells.
        sheet.reset_dimensions()
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if line > MAX_ROWS:
                return
            texts = [_text(value) for value in values[:MAX_COLUMNS]]
            if any(texts):
                yield line, texts


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value)
        case datetime():
            return (value + timedelta(microseconds=500_000)).strftime("%Y-%m-%d %H:%M:%S")
        case date() | time():
            return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    """Without an exponent, unless digits have been lost: then with one, so that nobody takes it for exact."""
    if value != value or abs(value) >= _EXACT:
        return f"{value:.15G}" if isinstance(value, float) else f"{value:.14E}"
    if value == int(value):
        return str(int(value))
    return f"{value:.9f}".rstrip("0")
