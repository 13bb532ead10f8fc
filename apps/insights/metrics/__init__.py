"""Every number of the product, defined once (docs/metrics.md)."""

from apps.insights.metrics.adoption import (
    ACTIVE_HOSTS,
    ADOPTED,
    COPIER_HOSTS,
    IDLE_HOSTS,
    OPENER_HOSTS,
    SAVER_HOSTS,
    SHARER_HOSTS,
)
from apps.insights.metrics.base import Filter, Metric, Question, Side, UnknownFilterError
from apps.insights.metrics.customers import CUSTOMERS, NEW_CUSTOMERS
from apps.insights.metrics.days import column_of
from apps.insights.metrics.engine import by, of_hosts, sided, totals
from apps.insights.metrics.goods import GOODS_BUYERS
from apps.insights.metrics.money import (
    BUYERS,
    COMMISSION,
    GMV,
    ORDERS,
    PLACED,
    RETURNING_BUYERS,
    TAKEN_BACK,
    WAITING_ORDERS,
)
from apps.insights.metrics.visits import ORDERED, REACHED, READ, SHARES, VISITORS, VISITS

#: In the order in which docs/metrics.md tells them.
ALL = (
    VISITS,
    VISITORS,
    REACHED,
    READ,
    ORDERED,
    SHARES,
    CUSTOMERS,
    NEW_CUSTOMERS,
    BUYERS,
    RETURNING_BUYERS,
    GOODS_BUYERS,
    ORDERS,
    WAITING_ORDERS,
    GMV,
    PLACED,
    TAKEN_BACK,
    COMMISSION,
    ACTIVE_HOSTS,
    OPENER_HOSTS,
    COPIER_HOSTS,
    SAVER_HOSTS,
    SHARER_HOSTS,
    IDLE_HOSTS,
    ADOPTED,
)
BY_NAME = {metric.name: metric for metric in ALL}

__all__ = [
    "ACTIVE_HOSTS",
    "ADOPTED",
    "ALL",
    "BUYERS",
    "BY_NAME",
    "COMMISSION",
    "COPIER_HOSTS",
    "CUSTOMERS",
    "GMV",
    "GOODS_BUYERS",
    "IDLE_HOSTS",
    "NEW_CUSTOMERS",
    "OPENER_HOSTS",
    "ORDERED",
    "ORDERS",
    "PLACED",
    "REACHED",
    "READ",
    "RETURNING_BUYERS",
    "SAVER_HOSTS",
    "SHARER_HOSTS",
    "SHARES",
    "TAKEN_BACK",
    "VISITORS",
    "VISITS",
    "WAITING_ORDERS",
    "Filter",
    "Metric",
    "Question",
    "Side",
    "UnknownFilterError",
    "by",
    "column_of",
    "of_hosts",
    "sided",
    "totals",
]
