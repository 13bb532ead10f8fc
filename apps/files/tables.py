"""Files with rows that people send us: CSV in the encodings of this country, and XLSX.

`open_table` looks at the whole file once (digest, encoding) and refuses what is no table with a sentence for
people; `blocks` then reads it piece by piece, so that a file of any length needs little memory.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from apps.files.workbooks import UnreadableError, check_workbook, read_rows

__all__ = ["Block", "Row", "Table", "UnreadableError", "open_table"]

_PIECE = 1 << 20
#: A line longer than this is no line; a quoted cell that runs on longer was never closed.
_LONGEST_LINE = 4 << 20
_LONGEST_CELL = 131_072
_SHEET_ROWS = 2_000
#: So many letters of three bytes are no accident: the file is UTF-8, whole or broken.
_SURELY_UTF8 = 4
_DELIMITERS = ",\t;"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
#: Ends a piece of CSV that is parsed by itself: it comes out as a row of its own unless a quote is open.
_END = "\x1eend"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, and the line of the file (or sheet) on which it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive rows.

    `plain` holds them as whole lines of UTF-8 with commas when no cell is quoted, so that they can be checked
    and copied in one go; else it is empty and `rows` has them parsed.
    """

    line: int
    plain: bytes
    rows: list[Row]
    #: How much of the file is behind us, from 0 to 1.
    share: float
    #: The file ends here in the middle of a line: whole, or cut off.
    ends_abruptly: bool = False

    def parsed(self) -> list[Row]:
        """The rows; blank lines are none."""
        if not self.plain:
            return self.rows
        lines = self.plain.decode().split("\n")[:-1]
        return [
            Row(line, cells)
            for line, cells in enumerate((text.split(",") for text in lines), start=self.line)
            if any(cells)
        ]


@dataclass(slots=True)
class Table:
    """A file whose header is read. Its rows begin on `first_line`."""

    path: Path
    header: list[str]
    first_line: int
    sha256: bytes
    #: Empty for a workbook.
    encoding: str
    delimiter: str = ","
    _size: int = field(default=1, repr=False)

    def blocks(self) -> Iterator[Block]:
        """The rows below the header. UnreadableError when the file turns out to be no table after all."""
        return self._text_blocks() if self.encoding else self._sheet_blocks()

    def _text_blocks(self) -> Iterator[Block]:
        line, to_skip, unfinished = 1, self.first_line - 1, b""
        with self.path.open("rb") as file:
            for piece, is_last in _pieces(file, self.encoding):
                rest, skipped = _without_lines(piece, to_skip)
                to_skip -= skipped
                line += skipped
                text = unfinished + rest
                unfinished = b""
                if not text:
                    continue
                abrupt = is_last and not text.endswith(b"\n")
                text += b"\n" * abrupt
                share = min(1.0, file.tell() / self._size)
                if b'"' not in text and self.delimiter == ",":
                    yield Block(line, text, [], share, abrupt)
                else:
                    rows, open_line = _parse(text.decode(), self.delimiter, line)
                    if open_line:
                        if is_last or len(text) > _LONGEST_LINE:
                            raise UnreadableError(
                                f"第 {open_line} 行有一个引号没有闭合，文件可能不完整：请重新导出一份。"
                            )
                        unfinished = text
                        continue
                    yield Block(line, b"", rows, share, abrupt)
                line += text.count(b"\n")

    def _sheet_blocks(self) -> Iterator[Block]:
        batch: list[Row] = []
        for line, cells in read_rows(self.path):
            if line < self.first_line:
                continue
            # A sheet's row ends with its last filled cell: what is missing is blank, not lost.
            batch.append(Row(line, cells + [""] * (len(self.header) - len(cells))))
            if len(batch) == _SHEET_ROWS:
                yield Block(batch[0].line, b"", batch, 0.0)
                batch = []
        if batch:
            yield Block(batch[0].line, b"", batch, 1.0)


def open_table(path: Path) -> Table:
    """The table in this file: its header is read, its rows are not. UnreadableError says what is wrong."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise UnreadableError(f"打不开文件 {path}（{error.strerror}）：请检查路径和权限。") from None
    if not size:
        raise UnreadableError("文件是空的，请重新导出一份。")
    if start == _OLD_EXCEL:
        raise UnreadableError("这是旧版 .xls 或加了密码的文件，请另存为不带密码的 .xlsx 或 CSV 再导入。")
    if start == _ZIP:
        return _open_workbook(path)
    digest, encoding = _look_through(path)
    with path.open("rb") as file:
        piece = next((piece for piece, _ in _pieces(file, encoding)), b"")
    header, first_line, delimiter = _header(piece)
    return Table(path, header, first_line, digest, encoding, delimiter, size)


def _open_workbook(path: Path) -> Table:
    check_workbook(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    for line, cells in read_rows(path):
        return Table(path, [cell.strip() for cell in cells], line + 1, digest, "")
    raise UnreadableError("这个 XLSX 的第一张工作表是空的。")


def _look_through(path: Path) -> tuple[bytes, str]:
    """SHA-256 and encoding, from every byte of the file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        file.seek(0)
        while chunk := file.read(_PIECE):
            digest.update(chunk)
    for encoding in ("utf-16",) if marked else ("utf-8", "gb18030"):
        decodes, hanzi = _decodes(path, encoding)
        if decodes:
            return digest.digest(), encoding
        if encoding == "utf-8" and hanzi >= _SURELY_UTF8:
            raise UnreadableError("文件里有坏掉的字，可能只传了一半：请重新导出一份。")
    raise UnreadableError(
        "看不懂文件的编码：它既不是 UTF-8 也不是 GBK，或者文件不完整。请另存为“CSV UTF-8”再导入。"
    )


def _decodes(path: Path, encoding: str) -> tuple[bool, int]:
    """Whether the whole file is in this encoding, and how many letters of three bytes came before it was not.

    GBK read as UTF-8 fails almost at once; a UTF-8 file that is cut in the middle of a letter fails late, and
    GBK would take it for other letters.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    hanzi = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_PIECE)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, errors="ignore")
                return False, hanzi + _count_hanzi(good)
            if hanzi < _SURELY_UTF8:
                hanzi += _count_hanzi(text)
            if not chunk:
                return True, hanzi


def _count_hanzi(text: str) -> int:
    return 0 if text.isascii() else sum(letter >= "\u0800" for letter in text)


def _pieces(file: BinaryIO, encoding: str) -> Iterator[tuple[bytes, bool]]:
    """The file in pieces of whole lines, as UTF-8 with line feeds, and whether it is the last piece."""
    decoder = codecs.getincrementaldecoder(encoding)() if encoding != "utf-8" else None
    rest, is_first = b"", True
    while True:
        chunk = file.read(_PIECE)
        is_last = not chunk
        text = decoder.decode(chunk, is_last).encode() if decoder else chunk
        if is_first:
            text = text.removeprefix(codecs.BOM_UTF8)
            is_first = False
        rest += text
        if b"\r" in rest:
            # A carriage return at the end may be half of a line's end: it waits for the next chunk.
            half = rest.endswith(b"\r") and not is_last
            rest = rest[: len(rest) - half].replace(b"\r\n", b"\n").replace(b"\r", b"\n") + b"\r" * half
        if is_last:
            yield rest, True
            return
        cut = rest.rfind(b"\n") + 1
        if cut:
            yield rest[:cut], False
            rest = rest[cut:]
        elif len(rest) > _LONGEST_LINE:
            raise UnreadableError("文件里有一行长得不像表格：请确认它是 CSV，再导入。")


def _without_lines(piece: bytes, count: int) -> tuple[bytes, int]:
    """`piece` without its first `count` lines, and how many were dropped."""
    for dropped in range(count):
        end = piece.find(b"\n")
        if end < 0:
            return b"", dropped + bool(piece)
        piece = piece[end + 1 :]
    return piece, count


def _header(piece: bytes) -> tuple[list[str], int, str]:
    """Names of the columns, the line below them, and what separates cells."""
    text = piece.decode()
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                return [cell.strip() for cell in cells], reader.line_num + 1, delimiter
    except csv.Error:
        pass
    raise UnreadableError("文件里没有表头：第一行应该是各列的名字。")


def _parse(text: str, delimiter: str, line: int) -> tuple[list[Row], int]:
    """Rows of a piece that begins on `line`; and the line on which a quote was left open, or 0."""
    reader = csv.reader(io.StringIO(f"{text}{_END}\n", newline=""), delimiter=delimiter)
    rows: list[Row] = []
    start = 1
    try:
        for cells in reader:
            if any(cells):
                rows.append(Row(line + start - 1, cells))
            start = reader.line_num + 1
    except csv.Error:
        raise UnreadableError(
            f"第 {line + start - 1} 行有一个格子超过 {_LONGEST_CELL} 个字，多半是引号没有闭合：请重新导出。"
        ) from None
    last = rows.pop()
    return rows, 0 if last.cells == [_END] else last.line
