"""HQ's pages about personal data: exports, people's requests, what waits."""

from apps.privacy.console.data_requests import RightsViewSet
from apps.privacy.console.exports import ExportViewSet
from apps.privacy.console.todo import RIGHTS

__all__ = [
    "RIGHTS",
    "ExportViewSet",
    "RightsViewSet",
]
