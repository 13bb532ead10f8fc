"""What an act does to each of many rows, told together."""

import re
from collections.abc import Iterable

#: A count in a sentence of the house stands between blanks; the numbers of a date do not.
_COUNT = re.compile(r"(?<= )\d+(?= )")
_ONE = re.compile(r"([它她])(?!们)")


def together(each: Iterable[list[str]]) -> list[str]:
    """One list of sentences for all rows: alike ones once, their counts added up."""
    kept = list(each)
    if len(kept) == 1:
        return kept[0]
    sums: dict[str, list[int]] = {}
    for sentence in (one for sentences in kept for one in sentences):
        shape = _COUNT.sub("{}", sentence)
        counts = [int(one) for one in _COUNT.findall(sentence)]
        known = sums.setdefault(shape, [0] * len(counts))
        sums[shape] = [one + other for one, other in zip(known, counts, strict=True)]
    return [_ONE.sub(r"\1们", _filled(shape, counts)) for shape, counts in sums.items()]


def _filled(shape: str, counts: list[int]) -> str:
    parts = iter(counts)
    return re.sub(r"\{\}", lambda found: str(next(parts)), shape)
