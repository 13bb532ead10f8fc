"""What came of a material, told beside it in HQ's lists: insights, which stands above, counts it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from apps.lib import humanize


@dataclass(frozen=True, slots=True)
class Outcome:
    """So far: different hosts who shared it, orders that came by its links, and where their rows are."""

    hosts: int
    orders: int
    hosts_url: str
    orders_url: str

    @property
    def hosts_words(self) -> str:
        return f"{humanize.say_count(self.hosts)} 人转发"

    @property
    def orders_words(self) -> str:
        return f"{humanize.say_count(self.orders)} 单"

    @property
    def words(self) -> str:
        """`12 人转发 · 8 单`."""
        return f"{self.hosts_words} · {self.orders_words}"


#: From materials and the person who looks to outcomes by the material's key: of those that were ever
#: published, as far as her right to numbers reaches; none without it.
Counter = Callable[[list[Any], Any], dict[int, Outcome]]
_counter: list[Counter] = []


def fill(counter: Counter) -> None:
    """Insights says what came of materials."""
    _counter[:] = [counter]


def tell(materials: Iterable[Any], user: Any) -> None:
    """Put `outcome` on each of these materials, None where there is none to tell: two queries for all."""
    rows = list(materials)
    found = _counter[0](rows, user) if rows else {}
    for row in rows:
        row.outcome = found.get(row.pk)
