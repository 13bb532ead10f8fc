"""What came of materials, for one host or for all."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from apps.accounts.scope import Whose
from apps.insights import metrics
from apps.insights.metrics import Question, Side
from apps.insights.periods import so_far
from apps.tracking.models import Subject

_TOLD = (
    metrics.SHARES,
    metrics.REACHED,
    metrics.READ,
    metrics.ORDERED,
    metrics.ORDERS,
    metrics.GMV,
)


@dataclass(frozen=True, slots=True)
class MaterialResult:
    """`hosts` shared it `shares` times; by link, visitors reached, read, ordered; orders and money too."""

    hosts: int = 0
    shares: int = 0
    reached: int = 0
    read: int = 0
    ordered: int = 0
    orders: int = 0
    gmv_fen: int = 0


def material_results(
    hosts: Whose, material_ids: Iterable[int], *, kind: str = Subject.MATERIAL
) -> dict[int, MaterialResult]:
    """What came of each material so far, in three queries; every asked id is in the answer."""
    wanted = set(material_ids)
    if not wanted:
        return {}
    now = timezone.now()
    told = (*_TOLD, metrics.SHARER_HOSTS) if kind == Subject.MATERIAL else _TOLD
    asked = Question(hosts=hosts, span=so_far(now), now=now, subjects=(kind, tuple(sorted(wanted))))
    found = metrics.by(Side.SUBJECT, told, asked)
    return {pk: _result(found.get(pk, {})) for pk in wanted}


def _result(counts: dict[str, int]) -> MaterialResult:
    return MaterialResult(
        hosts=counts.get(metrics.SHARER_HOSTS.name, 0),
        **{metric.field: counts.get(metric.name, 0) for metric in _TOLD},
    )
