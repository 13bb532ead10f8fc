"""What was sold, as the ledger keeps it."""

from collections import Counter
from collections.abc import Iterable


def goods_of(lines: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Pieces by product (its id, as JSON has it) of an order's lines, given as (product id, pieces)."""
    sold: Counter[str] = Counter()
    for product_id, pieces in lines:
        sold[str(product_id)] += pieces
    return dict(sold)
