"""What the database tells at a scrape: what waits, what is late, who is alive. One cheap question each."""

from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from apps.outbox import selectors
from apps.outbox.services import heartbeats
from apps.tracking import reader


def families(now: datetime) -> list[Metric]:
    return [_deliveries(now), *_inbox(now), *_leases(now), *_projections(now), _heartbeats(now)]


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dac_{name}", about, labels=labels)


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _deliveries(now: datetime) -> Metric:
    found = _gauge(
        "deliveries",
        "Deliveries: all open ones, and those written in 24 hours that have ended.",
        "kind",
        "state",
    )
    for kind, state, count in selectors.deliveries_by_state(now):
        found.add_metric([kind, state], count)
    return found


def _inbox(now: datetime) -> list[Metric]:
    waiting = _gauge("inbox_waiting", "What arrived and is not handled yet.", "lane")
    lag = _gauge("inbox_lag_seconds", "How long the oldest of it has been due.", "lane")
    for lane, backlog in selectors.inbox_backlog().items():
        waiting.add_metric([lane], backlog.count)
        lag.add_metric([lane], _seconds_since(backlog.since, now))
    return [waiting, lag]


def _leases(now: datetime) -> list[Metric]:
    held = _gauge("leases", "Rows that a worker holds.", "table")
    overdue = _gauge("lease_overdue_seconds", "How long ago the oldest lease ran out, untaken.", "table")
    for table, backlog in selectors.leases().items():
        held.add_metric([table], backlog.count)
        overdue.add_metric([table], _seconds_since(backlog.since, now))
    return [held, overdue]


def _projections(now: datetime) -> list[Metric]:
    waiting = _gauge("projection_waiting", "Events not folded in yet, 10,000 at most.", "projection")
    lag = _gauge("projection_lag_seconds", "How long ago the oldest of them was written.", "projection")
    for one in reader.projections():
        behind = reader.lag(one.name)
        waiting.add_metric([one.name], behind.waiting)
        lag.add_metric([one.name], _seconds_since(behind.since, now))
    return [waiting, lag]


def _heartbeats(now: datetime) -> Metric:
    found = _gauge(
        "heartbeat_age_seconds", "Since a process last said that it lives; +Inf: never.", "process"
    )
    for process, at in heartbeats.heard().items():
        found.add_metric([process], _seconds_since(at, now) if at else float("inf"))
    return found
