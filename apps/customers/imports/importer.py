"""What an import of one kind of row must say, so that `runs` can stage, check and apply it."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from apps.customers.imports.columns import BadCellError, Column, clean, match_columns
from apps.customers.imports.staging import Staging
from apps.customers.models import ImportChunk
from apps.files.tables import Row, Table, UnreadableError

#: The largest number of orders, or of rows of another kind, that one transaction takes.
CHUNK = 5_000
_SOURCE = re.compile(r"[\w.-]{1,20}")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a chunk's rows."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


class Cells:
    """One row's cells by the names of their columns; problems are collected, not raised."""

    def __init__(self, row: Row, places: Mapping[str, int], labels: Mapping[str, str]) -> None:
        self._row = row
        self._places = places
        self._labels = labels
        self.line = row.line
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """The cell's cleaned text; empty when the file has no such column."""
        place = self._places.get(name)
        return clean(self._row.cells[place]) if place is not None and place < len(self._row.cells) else ""

    def read(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(self.text(name))
        except BadCellError as error:
            self.problems.append(f"{self._labels[name]}：{error}")
            return None

    def read_if_given(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        return self.read(name, parse) if self.text(name) else None


class Import(ABC):
    """One file being imported. `source` names the shop it comes from and is part of every key."""

    kind: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    #: Columns of the staging table and their SQL types.
    staged: ClassVar[dict[str, str]]
    #: What one step of the progress bar counts.
    unit: ClassVar[str] = "行"

    def __init__(
        self, table: Table, *, source: str, now: datetime, renamed: Mapping[str, str] | None = None
    ) -> None:
        if not _SOURCE.fullmatch(source):
            raise UnreadableError("来源（--source）应是 1 到 20 个字母、数字或汉字，比如 tmall。")
        self.table = table
        self.source = source
        self.now = now
        #: Whatever makes two runs of one file differ: a paused run is resumed only with the same.
        self.options: dict[str, str] = dict(renamed or {})
        self.places = match_columns(table.header, self.columns, renamed or {})
        self._labels = {column.name: column.label for column in self.columns}
        self.staging: Staging

    def digest(self) -> bytes:
        """By which a paused run is found again: the file's SHA-256, mixed with the options if any."""
        if not self.options:
            return self.table.sha256
        return hashlib.sha256(self.table.sha256 + json.dumps(self.options, sort_keys=True).encode()).digest()

    def cells(self, row: Row) -> Cells:
        cells = Cells(row, self.places, self._labels)
        surplus = [text for text in row.cells[len(self.table.header) :] if text.strip()]
        if surplus or len(row.cells) <= max(self.places.values()):
            cells.problems.append(f"这一行有 {len(row.cells)} 列，表头有 {len(self.table.header)} 列")
        return cells

    #: What a cell of each column looks like that needs no second look; without it every row is looked at.
    sound: ClassVar[dict[str, bytes]] = {}

    def sound_line(self, *, capture: bool = False) -> bytes:
        """A regular expression for a line of sound cells; with `capture` a group for each column we stage."""
        names = {place: name for name, place in self.places.items()}
        cells = [
            (b"(" if capture else b"(?:") + self.sound[names[place]] + b")"
            if place in names
            else rb"[^,\n]*+"
            for place in range(len(self.table.header))
        ]
        return b",".join(cells) + rb"\n"

    def columns_in_file(self) -> list[str]:
        """The staged columns in the order of the file."""
        return sorted(self.places, key=lambda name: self.places[name])

    @abstractmethod
    def check(self, cells: Cells) -> Sequence[Any]:
        """The values to stage, one for each staged column; problems go into `cells`."""

    def reject_key(self, cells: Cells) -> str | None:
        """The key whose every line goes back together with this one, if any."""
        return None

    def reject_whole(self) -> None:  # noqa: B027 - not every kind has something to do here
        """Look at the staged file as a whole and reject what does not fit together."""

    @abstractmethod
    def plan(self) -> Iterator[tuple[str, str]]:
        """Cut the staged keys into chunks: after which, up to which."""

    def prepare(self) -> None:  # noqa: B027
        """Make what the rows refer to. Runs before the first chunk, and again on resuming."""

    @abstractmethod
    def write(self, chunk: ImportChunk) -> Counts:
        """Write one chunk, inside its transaction."""

    def rejected_of(self, after: str, up_to: str) -> int:
        """How many staged rows of a chunk `reject_whole` sends back."""
        return 0

    def notes(self) -> list[str]:
        """Sentences for the summary, such as how many placeholders were made."""
        return []
