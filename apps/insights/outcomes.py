"""What came of each material of a list, for the person who looks at it (`library.outcomes`)."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from apps.insights import access, metrics
from apps.insights.metrics import Question, Side
from apps.insights.periods import SO_FAR, so_far
from apps.library.models import Material
from apps.library.outcomes import Outcome
from apps.tracking.models import Subject


def outcomes_of(materials: list[Material], user: Any) -> dict[int, Outcome]:
    """Of those ever published, among the hosts whose numbers `user` may see: two queries for all."""
    published = {row.pk: row for row in materials if row.first_published_at is not None}
    if not published or not user.has_perm(access.SEE):
        return {}
    now = timezone.now()
    asked = Question(
        hosts=access.hosts_counted_for(user),
        span=so_far(now),
        now=now,
        subjects=(Subject.MATERIAL, tuple(sorted(published))),
    )
    found = metrics.by(Side.SUBJECT, (metrics.SHARER_HOSTS, metrics.ORDERS), asked)
    return {pk: _outcome(row, found.get(pk, {})) for pk, row in published.items()}


def _outcome(row: Material, counts: dict[str, int]) -> Outcome:
    query = urlencode({"material": row.public_id, "period": SO_FAR})
    hosts, orders = metrics.SHARER_HOSTS.name, metrics.ORDERS.name
    return Outcome(
        hosts=counts.get(hosts, 0),
        orders=counts.get(orders, 0),
        hosts_url=f"{reverse('insights:rows', args=[hosts])}?{query}",
        orders_url=f"{reverse('insights:rows', args=[orders])}?{query}",
    )
