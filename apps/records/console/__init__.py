"""HQ's pages about who looked at personal data, what people were told, and how each field is classified."""

from apps.records.console.access_log import AccessLogViewSet, AlertViewSet, reveal_form, revealed
from apps.records.console.classification import data_map
from apps.records.console.notices import NoticeViewSet

__all__ = ["AccessLogViewSet", "AlertViewSet", "NoticeViewSet", "data_map", "reveal_form", "revealed"]
