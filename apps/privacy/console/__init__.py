"""HQ's pages about personal data: who looked, exports, people's requests, notices, the data map."""

from apps.privacy.console.datamap import data_map
from apps.privacy.console.exports import ExportViewSet
from apps.privacy.console.looks import AccessLogViewSet, AlertViewSet, reveal_form, revealed
from apps.privacy.console.notices import NoticeViewSet
from apps.privacy.console.rights import RightsViewSet
from apps.privacy.console.todo import todo

__all__ = [
    "AccessLogViewSet",
    "AlertViewSet",
    "ExportViewSet",
    "NoticeViewSet",
    "RightsViewSet",
    "data_map",
    "reveal_form",
    "revealed",
    "todo",
]
