"""Filters of HQ's lists by place in the tree."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet

from apps.accounts import access
from apps.accounts.models import Organisation


class TreeFilter(django_filters.ModelChoiceFilter):
    """A node stands for everything below it; one may choose among one's own."""

    def __init__(
        self, field_name: str = "organisation", *, right: str = access.SEE_HOSTS, **kwargs: Any
    ) -> None:
        known = {"label": "组织", "empty_label": "全部", "queryset": _nodes_of(right)}
        super().__init__(field_name=field_name, **{**known, **kwargs})

    def filter(self, qs: QuerySet[Any], value: Organisation | None) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__path__startswith": value.path}) if value else qs


def _nodes_of(right: str) -> Callable[[Any], QuerySet[Organisation]]:
    """Those at which the person of a request has this right."""
    return lambda request: access.organisations_of(request.user, right)
