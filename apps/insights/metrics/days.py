"""Every host's every day, counted by the projection: what most pages read."""

from apps.insights.metrics.base import Source, When

DAYS = Source("days", "insights_hostday t", When.DAY, at="t.day")
