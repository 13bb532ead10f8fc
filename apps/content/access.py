"""What a host, and a consumer with a link, may see of HQ's content."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host
from apps.content.models import IssueEntry, Material
from apps.content.models.materials import MaterialQuerySet


def materials_for(host: Host, now: datetime) -> MaterialQuerySet:
    """The library as this host sees it: live, not past its date, and meant for her.

    A material that published issues plan only for others is not hers; one that no issue plans is everybody's.
    """
    planned = IssueEntry.objects.filter(material=OuterRef("pk"), issue__first_published_at__isnull=False)
    return Material.objects.live_at(now).filter(Exists(planned.for_host(host)) | ~Exists(planned))


def material_for(host: Host, public_id: Any, now: datetime) -> Material:
    """One material she may see and share; Http404 for one that is expired, foreign or absent alike."""
    return get_object_or_404(materials_for(host, now).with_cards(), public_id=public_id)


def shared_material(material_id: int, now: datetime) -> Material:
    """The material behind a link, for whoever holds the link; Http404 once it is archived."""
    material = Material.objects.live_at(now).with_cards().filter(pk=material_id).first()
    if material is None:
        raise Http404
    return material
