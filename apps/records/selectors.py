"""Reading who looked."""

from django.db.models import QuerySet

from apps.records.models import AccessLog


def looks_at(host_id: int) -> "QuerySet[AccessLog]":
    """Every logged look at this host's customers, newest first."""
    return AccessLog.objects.filter(host_id=host_id).order_by("-at", "-pk")
