"""Are the numbers just being counted anew? Then they are too low, and whoever shows them says so."""

import time

from apps.insights.projection import PROJECTION
from apps.insights.replica import cursor
from apps.tracking import reader

BEING_RECOUNTED = "数字正在重新计算，稍等几分钟再看"
#: For how many seconds a process believes that nothing is counted anew; that something is, it asks each time.
_BELIEVED_S = 5
_all_was_well_at = 0.0


def recounting() -> str:
    """The sentence while numbers are counted from zero, else nothing: rarely a query, for every role."""
    global _all_was_well_at
    if abs(time.time() - _all_was_well_at) < _BELIEVED_S:
        return ""
    if is_recounting():
        return BEING_RECOUNTED
    _all_was_well_at = time.time()
    return ""


def is_recounting() -> bool:
    """The same, asked of the database: one small query."""
    with cursor() as asking:
        return reader.is_beginning_anew(PROJECTION, asking)


def forget() -> None:
    """Ask again at once: for tests."""
    global _all_was_well_at
    _all_was_well_at = 0.0
