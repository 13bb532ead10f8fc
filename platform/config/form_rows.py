"""Forms with rows in the console: what no browser sends is bad input, before a form reads it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from apps.lib import given

#: More rows than any form of the console needs. Each is built and drawn anew when a form is shown again.
MOST_ROWS = 200
_COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS")


def are_malformed(sent: Mapping[str, str]) -> bool:
    """Whether a count, a row's id or its place is no number, or a row that is counted was not sent."""
    totals: dict[str, int] = {}
    rows: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for name, value in sent.items():
        if name.endswith(_COUNTS):
            prefix, _, which = name.rpartition("-")
            count = given.number(value, most=MOST_ROWS)
            if count is None:
                return True
            if which == "TOTAL_FORMS":
                totals[prefix] = count
        elif len(parts := name.rsplit("-", 2)) == 3:
            rows[parts[0]].append((parts[1], parts[2], value))
    return any(_are_odd(rows[prefix], count) for prefix, count in totals.items())


def _are_odd(fields: Iterable[tuple[str, str, str]], count: int) -> bool:
    found = set()
    for row, name, value in fields:
        found.add(row)
        if row.isdigit() and name in {"id", "ORDER"} and value and given.number(value) is None:
            return True
    return any(str(row) not in found for row in range(count))
