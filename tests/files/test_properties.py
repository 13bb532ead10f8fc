"""Any bytes are a table or a sentence, and any table comes back cell by cell."""

import csv
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.files.sheets import workbook
from apps.files.tables import Row, UnreadableError, open_table

#: Letters that CSV can carry in every encoding here: no line ends, NUL or half pairs (hypothesis gives none).
CELL = st.text(alphabet="abc019-.@李雷韩梅梅广州 ，。", max_size=12).map(str.strip)
HEADER = st.lists(
    st.text(alphabet="甲乙丙丁戊abc", min_size=1, max_size=6), min_size=2, max_size=5, unique=True
)


def rows_of(content: bytes, name: str = "rows.csv") -> tuple[list[str], list[Row]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        table = open_table(path)
        return table.header, [row for block in table.blocks() for row in block.parsed()]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    header = draw(HEADER)
    row = st.lists(CELL, min_size=len(header), max_size=len(header)).filter(any)
    return header, draw(st.lists(row, min_size=1, max_size=6))


@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=200).map(str.encode), st.binary().map(b"PK\x03\x04".__add__)
    )
)
def test_any_bytes_are_a_table_or_a_sentence(content: bytes) -> None:
    sentence = ""
    try:
        header, rows = rows_of(content)
    except UnreadableError as error:
        sentence = str(error)
    if sentence:
        assert re.search(r"[一-龥]{4}", sentence)
        return
    assert all(isinstance(cell, str) for row in rows for cell in row.cells)
    assert all(isinstance(cell, str) for cell in header)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_comes_back_as_it_was_written(encoding: str, delimiter: str) -> None:
    @given(tables(), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
    def holds(table: tuple[list[str], list[list[str]]], quoting: int, end: str) -> None:
        header, rows = table
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
        writer.writerows([header, *rows])
        content = text.getvalue().encode(encoding)

        read_header, read = rows_of(content)

        assert read_header == header
        assert [[cell.strip() for cell in row.cells] for row in read] == rows

    holds()


@given(tables(), st.text(alphabet="=+-@＝李", min_size=1, max_size=3))
def test_what_leaves_as_a_workbook_comes_in_again_as_text(
    table: tuple[list[str], list[list[str]]], start: str
) -> None:
    header, rows = table
    rows = [[f"{start}{cell}" for cell in row] for row in rows]

    read_header, read = rows_of(
        workbook(title="客户", columns=header, rows=rows, mark=[("编号", "7")]), "rows.xlsx"
    )

    assert read_header == [*header, "编号"]
    assert [row.cells for row in read] == [[*row, "7"] for row in rows]
