"""Money is whole fen (1/100 yuan) in `int`; people see yuan."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

#: Commas before groups of exactly three digits; anywhere else one may be meant for the decimal point.
GROUPED = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+"
_YUAN = re.compile(rf"(-?)(?:¥\s*)?([0-9]{{1,12}}|{GROUPED})(\.[0-9]{{1,2}})?\s*元?")
_COMMA_FOR_POINT = re.compile(r"[^0-9]*([0-9]{1,12}),([0-9]{1,2})[^0-9]*")
_MOST_DIGITS = 12


class NotMoneyError(ValueError):
    """The text is not an amount in yuan with at most two decimals."""


class CommaError(NotMoneyError):
    """A comma stands where none groups thousands. The message is the mend, for people."""


def parse_yuan(text: str) -> int:
    """`"1,234.50"`, `"¥1234.5元"` or `"４９．９"` in fen; NotMoneyError otherwise. No float is involved."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _YUAN.fullmatch(plain)
    if found is None:
        raise CommaError(comma_mend(plain)) if "," in plain else NotMoneyError(text)
    sign, whole, decimals = found.groups()
    whole = whole.replace(",", "")
    if len(whole) > _MOST_DIGITS:
        raise NotMoneyError(text)
    return int((Decimal(f"{sign}{whole}{decimals or ''}") * 100).to_integral_value())


def comma_mend(plain: str) -> str:
    """What to say about a number whose comma may be a decimal point."""
    if found := _COMMA_FOR_POINT.fullmatch(plain):
        whole, rest = found.groups()
        return f"{whole}.{rest} 还是 {whole}{rest}？请用小数点写，例如 5.50。"
    return "逗号的位置不对：后面要正好三位数字，小数请用点写，例如 1,234.50。"


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
