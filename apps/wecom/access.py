"""From a host to what she had WeCom prepare, and to nothing else."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host
from apps.wecom.models import MassSend


def mass_sends_of(host: Host) -> "QuerySet[MassSend]":
    """Hers, the newest first."""
    return MassSend.objects.filter(host=host).order_by("-created_at", "-pk")


def mass_send_for(host: Host, public_id: Any) -> MassSend:
    """One of hers; Http404 for another host's as for an absent one."""
    return get_object_or_404(mass_sends_of(host), public_id=public_id)
