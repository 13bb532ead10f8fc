"""Medians, ratios, and the verdict."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One measured ratio against its limit."""

    name: str
    ratio: float
    limit: float
    at_most: bool
    detail: str

    @property
    def holds(self) -> bool:
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        mark = "好" if self.holds else "没达到"
        return f"{mark}  {self.name}: {self.ratio:.2f}（目标 {sign} {self.limit:g}）  {self.detail}"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def seconds(values: Sequence[float]) -> str:
    return f"中位 {median(values):.2f} 秒（{'、'.join(f'{value:.2f}' for value in values)}）"


Benchmark = Callable[[], list[Verdict]]
