"""What a host asks about her customers. One module for each question."""

from apps.profiles.selectors.care import Care, who_to_care_for, why_now
from apps.profiles.selectors.fitting import Fit, fitting
from apps.profiles.selectors.rows import (
    PAGE_SIZE,
    SORTS,
    VIEWS,
    CustomerRow,
    View,
    customer_rows,
    row_of,
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
    "Fit",
    "Timeline",
    "View",
    "customer_rows",
    "fitting",
    "row_of",
    "timeline",
    "view_counts",
    "who_to_care_for",
    "why_now",
]
