"""The columns of a file to import: by which names they go, and what a sound cell of each holds."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.files.tables import UnreadableError
from apps.lib import clock
from apps.lib.money import GROUPED, CommaError, NotMoneyError, comma_mend, parse_yuan
from apps.lib.words import plain as one_line

#: Longest number of an order, a customer, a product or a store.
MAX_KEY = 50
MAX_QUANTITY = 999_999_999
MAX_FEN = 999_999_999_999

_SPACE = re.compile(r"[\s_\-（）()/：:]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LOST_DIGITS = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_WHOLE = re.compile(rf"([0-9]{{1,9}}|{GROUPED})(\.0+)?")

_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
    r"(Z|[+-]\d{2}:?\d{2})?"
)
#: What a spreadsheet takes for a formula; our own files put an apostrophe before it.
FORMULA_STARTS = tuple("=+-@\t\r\x00＝＋－＠")


class BadCellError(ValueError):
    """The cell can't be taken. The message says why, for people, without the column's name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing we read: its name in code, what people call it, and other headers it goes by."""

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False


def plain_name(text: str) -> str:
    """A header without what people vary: case, spaces, brackets, full width."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).lower()


def match_columns(
    header: Sequence[str], columns: Sequence[Column], renamed: Mapping[str, str]
) -> dict[str, int]:
    """Which cell holds each column; `renamed` says so for headers we do not know. UnreadableError."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(header):
        places.setdefault(plain_name(text), []).append(place)
    by_name = {plain_name(name): column for column in columns for name in (column.name, column.label)}
    asked = {}
    for key, text in renamed.items():
        if plain_name(key) not in by_name:
            raise UnreadableError(
                f"--map 里的“{key}”不是我们认识的列。可以写：{'、'.join(c.label for c in columns)}。"
            )
        asked[by_name[plain_name(key)].name] = text
    found: dict[str, int] = {}
    for column in columns:
        names = [asked[column.name]] if column.name in asked else [column.label, column.name, *column.aliases]
        hits = [place for name in dict.fromkeys(map(plain_name, names)) for place in places.get(name, ())]
        if len(hits) > 1:
            twice = "”“".join(header[place] for place in hits)
            raise UnreadableError(
                f"有 {len(hits)} 列都像“{column.label}”（“{twice}”），请只留一列，或用 --map 指明。"
            )
        if hits:
            found[column.name] = hits[0]
        elif column.name in asked:
            raise UnreadableError(f"文件里没有 --map 指明的“{asked[column.name]}”一列。{_seen(header)}")
        elif column.is_required:
            also = "、".join((column.name, *column.aliases))
            raise UnreadableError(
                f"缺少“{column.label}”一列（也可以叫 {also}）。{_seen(header)}"
                f"请补上这一列，或用 --map {column.label}=文件里的列名 指明。"
            )
    return found


def _seen(header: Sequence[str]) -> str:
    shown = "、".join(text[:20] for text in header[:12] if text)
    return f"文件里的列是：{shown}{'……' if len(header) > 12 else ''}。"


def clean(text: str) -> str:
    """A cell without the spaces around it and the apostrophe our own files put before a formula's sign."""
    text = text.strip(" \u3000\u00a0")
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text


def key(text: str) -> str:
    """A number or code by which a shop knows something."""
    if not text:
        raise BadCellError("没有填")
    if _LOST_DIGITS.fullmatch(text):
        raise BadCellError(f"“{text}”已被 Excel 改成科学计数法，请把这一列设为文本后重新导出")
    if len(text) > MAX_KEY:
        raise BadCellError(f"超过 {MAX_KEY} 个字")
    if _CONTROL.search(text):
        raise BadCellError("含有看不见的字符")
    return text


def words(text: str, *, longest: int) -> str:
    """Something people read, in one line."""
    text = one_line(text)
    if len(text) > longest:
        raise BadCellError(f"超过 {longest} 个字")
    return text


def quantity(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        raise BadCellError("没有填")
    found = _WHOLE.fullmatch(plain)
    if found is None and "," in plain:
        raise BadCellError(f"“{text[:20]}”是多少？{comma_mend(plain)}")
    if found is None or (count := int(found[1].replace(",", ""))) > MAX_QUANTITY:
        raise BadCellError(f"“{text[:20]}”不是 0 或更大的整数")
    return count


def fen(text: str) -> int:
    """Yuan with at most two decimals, not below zero."""
    if not text:
        raise BadCellError("没有填")
    try:
        amount = parse_yuan(text)
    except CommaError as error:
        raise BadCellError(f"“{text[:20]}”是多少？{error}") from None
    except NotMoneyError:
        raise BadCellError(f"“{text[:20]}”不是金额，应是最多两位小数的元") from None
    if amount < 0:
        raise BadCellError("不能小于 0")
    if amount > MAX_FEN:
        raise BadCellError("太大了")
    return amount


def yuan(amount_fen: int) -> str:
    return str(Decimal(amount_fen) / 100)


def moment(text: str) -> datetime:
    """A point in time; without a zone it is Shanghai's wall time."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        raise BadCellError("没有填")
    match = _MOMENT.fullmatch(plain)
    try:
        if match is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        at = datetime(year, month, day, hour, minute, second, tzinfo=clock.SHANGHAI)
        if zone := match[7]:
            at = datetime.fromisoformat(
                f"{at:%Y-%m-%dT%H:%M:%S}{zone if zone == 'Z' or ':' in zone else f'{zone[:3]}:{zone[3:]}'}"
            )
    except ValueError:
        raise BadCellError(f"“{text[:20]}”不是时间，应像 2026-03-05 14:05:00") from None
    if at.year < 2000:
        raise BadCellError("早于 2000 年")
    return at
