"""What a consumer may know of other consumers: how many, never who, and never of a few."""

from collections.abc import Iterable
from datetime import datetime

from apps.accounts.models import Host
from apps.insights import metrics
from apps.insights.metrics import Question, Side
from apps.insights.periods import so_far
from apps.tracking.models import Subject

#: Fewer than so many could be told apart by somebody who knows them; no page of consumers says less.
FEWEST_TOLD = 10


def bought_by_many(host: Host, products: Iterable[int], now: datetime) -> dict[int, int]:
    """How many of this host's customers bought each of these products, where that is enough to be told.

    Who asks stands as the host.
    """
    wanted = tuple(products)
    asked = Question(hosts=host, span=so_far(now), now=now, subjects=(Subject.PRODUCT, wanted))
    found = metrics.by(Side.SUBJECT, [metrics.GOODS_BUYERS], asked) if wanted else {}
    counts = {product: numbers[metrics.GOODS_BUYERS.name] for product, numbers in found.items()}
    return {product: count for product, count in counts.items() if count >= FEWEST_TOLD}
