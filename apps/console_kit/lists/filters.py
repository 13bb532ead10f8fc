"""Filters that many lists have."""

from typing import Any

import django_filters


class InUseFilter(django_filters.ChoiceFilter):
    """Whether a row may still be chosen."""

    def __init__(self, **kwargs: Any) -> None:
        known = {
            "field_name": "is_active",
            "choices": [("True", "在用"), ("False", "停用")],
            "label": "在用",
            "empty_label": "全部",
        }
        super().__init__(**{**known, **kwargs})
