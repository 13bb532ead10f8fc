"""HQ's pages of numbers: one module for each subject."""

from apps.insights.console.asked import PERMISSION
from apps.insights.console.urls import urlpatterns

__all__ = ["PERMISSION", "urlpatterns"]
