"""Every host's every day, counted by the projection: what most pages read."""

from apps.insights.metrics.base import Metric, Source, When

DAYS = Source("days", "insights_hostday t", When.DAY, at="t.day")


def column_of(metric: Metric) -> str:
    """The column of a host's day in which a number is kept: the sum over days is the number of the span."""
    return next(rollup.column for rollup in metric.rollups if rollup.source == DAYS)
