"""What a host asks about her customers. One module for each question."""

from apps.profiles.selectors.care import Care, who_to_care_for
from apps.profiles.selectors.rows import (
    PAGE_SIZE,
    SORTS,
    VIEWS,
    CustomerRow,
    View,
    customer_rows,
    view_counts,
)
from apps.profiles.selectors.timelines import Entry, Timeline, timeline

__all__ = [
    "PAGE_SIZE",
    "SORTS",
    "VIEWS",
    "Care",
    "CustomerRow",
    "Entry",
    "Timeline",
    "View",
    "customer_rows",
    "timeline",
    "view_counts",
    "who_to_care_for",
]
