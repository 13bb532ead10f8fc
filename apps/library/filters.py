"""By what HQ narrows its lists of materials, fortnights and whatever else is published."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from wagtail.admin.filters import WagtailFilterSet

from apps.accounts.models import User
from apps.library.models import Issue, Material
from apps.library.models.publishing import State


class StateFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=State.choices, label="状态", empty_label="全部")


class MaterialFilterSet(StateFilterSet):
    has_product = django_filters.ChoiceFilter(
        choices=[("no", "有"), ("yes", "没有")], label="关联商品", empty_label="全部", method="by_product"
    )
    first_published_at = django_filters.DateFromToRangeFilter(label="发布日期")

    class Meta:
        model = Material
        fields: ClassVar[list[str]] = [
            "kind",
            "occasion",
            "stage",
            "festivals",
            "has_product",
            "first_published_at",
        ]

    def by_product(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(product__isnull=value == "yes")


class IssueFilterSet(StateFilterSet):
    owner = django_filters.ModelChoiceFilter(
        queryset=User.objects.filter(pk__in=Issue.objects.values("owner")), label="负责人", empty_label="全部"
    )
    starts_on = django_filters.DateFromToRangeFilter(label="开始日期")

    class Meta:
        model = Issue
        fields: ClassVar[list[str]] = ["owner", "starts_on"]
