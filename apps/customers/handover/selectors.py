"""Hand-overs as the two hosts see them."""

from django.db.models import Q, QuerySet

from apps.accounts.models import Host
from apps.customers.models import HandOver


def hand_overs_of(host: Host) -> "QuerySet[HandOver]":
    """The acts in which this host gave or took customers, newest first."""
    anybody = Q(moved__gt=0) | Q(others__gt=0)
    rows = HandOver.objects.filter(Q(from_host=host) | Q(to_host=host), anybody)
    return rows.select_related("from_host", "to_host", "actor").order_by("-started_at", "-pk")
