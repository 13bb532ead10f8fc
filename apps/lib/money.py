"""Money is whole fen (1/100 yuan) in `int`; people see yuan."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

_YUAN = re.compile(r"(-?)(?:¥\s*)?([0-9]{1,12}(?:\.[0-9]{1,2})?)\s*元?")


class NotMoneyError(ValueError):
    """The text is not an amount in yuan with at most two decimals."""


def parse_yuan(text: str) -> int:
    """`"1,234.50"`, `"¥1234.5元"` or `"４９．９"` in fen; NotMoneyError otherwise. No float is involved."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    found = _YUAN.fullmatch(plain)
    if found is None:
        raise NotMoneyError(text)
    return int((Decimal(found[1] + found[2]) * 100).to_integral_value())


def decimal_yuan(fen: int) -> str:
    """The API's form: `123450` is `"1234.50"`."""
    sign, value = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{value // 100}.{value % 100:02d}"


def show_yuan(fen: int) -> str:
    """What people read: `123450` is `¥1,234.50`."""
    sign, value = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}¥{value // 100:,}.{value % 100:02d}"


def share_of(fen: int, basis_points: int) -> int:
    """`fen × basis_points / 10,000`, rounded half up to whole fen."""
    return int((Decimal(fen) * basis_points / 10_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def part_of(fen: int, part: int, whole: int) -> int:
    """`fen × part / whole`, none of them negative, rounded half up to whole fen."""
    return (2 * fen * part + whole) // (2 * whole)
