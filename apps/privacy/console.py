"""Who looked at whose data: read-only for the administrator."""

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic

from apps.lib.console import ListOnlyViewSet, MomentColumn
from apps.privacy.models import AccessLog


class AccessFilterSet(WagtailFilterSet):
    action = django_filters.ChoiceFilter(
        choices=AccessLog.Action.choices, label=_("操作"), empty_label=_("全部")
    )
    actor_name = django_filters.CharFilter(label=_("操作人"))

    class Meta:
        model = AccessLog
        fields: ClassVar[list[str]] = ["action", "actor_name"]


class AccessList(generic.IndexView):
    def get_edit_url(self, instance: AccessLog) -> None:
        return None

    def get_list_buttons(self, instance: AccessLog) -> list[Any]:
        return []


class AccessLogViewSet(ListOnlyViewSet):
    model = AccessLog
    name = "access_log"
    icon = "view"
    menu_label = _("查看记录")
    url_prefix = "access-log"
    index_view_class = AccessList
    filterset_class = AccessFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        Column("actor_name", label=_("操作人")),
        Column("action", label=_("操作"), accessor="get_action_display"),
        Column("fields", label=_("内容")),
        Column("purpose", label=_("原因")),
        Column("count", label=_("人数")),
        MomentColumn("at", label=_("时间")),
    ]
