"""A cell is understood whole or refused with a sentence; what is understood is what was written."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.customers.imports import columns
from apps.customers.imports.columns import BadCellError
from apps.lib.clock import SHANGHAI

MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59)).map(
    lambda at: at.replace(microsecond=0, tzinfo=SHANGHAI)
)
NEARLY = st.one_of(st.text(max_size=20), st.text(alphabet="0123456789０１-/:.T Z+元¥,￥年月日", max_size=24))


@pytest.mark.parametrize("read", [columns.moment, columns.fen, columns.quantity])
def test_any_cell_is_understood_or_refused_with_a_sentence(read: Callable[[str], object]) -> None:
    @given(NEARLY)
    def holds(text: str) -> None:
        why = ""
        try:
            found = read(text)
        except BadCellError as error:
            why = str(error)
        if why:
            assert any("一" <= letter <= "龥" for letter in why)
        else:
            assert found is not None

    holds()


@given(MOMENT, st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]))
def test_a_moment_is_shanghais_wall_time(at: datetime, form: str) -> None:
    assert columns.moment(at.strftime(form)) == at


@given(MOMENT, st.integers(-12, 14))
def test_a_moment_with_a_zone_is_that_moment(at: datetime, hours: int) -> None:
    text = (at + timedelta(hours=hours - 8)).strftime("%Y-%m-%dT%H:%M:%S")  # Shanghai is 8 hours ahead

    if datetime.fromisoformat(text).year >= 2000:
        assert columns.moment(f"{text}{hours:+03d}:00") == at


@given(st.integers(0, 10**9))
def test_money_is_kept_to_the_fen(fen: int) -> None:
    assert columns.fen(columns.yuan(fen)) == fen
    assert columns.fen(f"¥{fen // 100:,}.{fen % 100:02d}元") == fen


@pytest.mark.parametrize(
    ("cell", "count"), [("12", 12), ("１，２３４", 1_234), ("1,234.0", 1_234), ("3.00", 3)]
)
def test_a_quantity_is_what_was_written(cell: str, count: int) -> None:
    assert columns.quantity(cell) == count


@pytest.mark.parametrize("cell", ["1,5", "1，5", "٣", "1,2,3", "1.5"])
def test_a_quantity_that_may_be_another_is_refused(cell: str) -> None:
    with pytest.raises(BadCellError):
        columns.quantity(cell)


@pytest.mark.parametrize("cell", ["5,5", "１１，８"])
def test_money_with_a_comma_for_the_point_is_refused_with_the_mend(cell: str) -> None:
    with pytest.raises(BadCellError, match="请用小数点写"):
        columns.fen(cell)
