"""From a person to the export requests she may see."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from apps.accounts.models import User
from apps.privacy.models import ExportRequest

#: The rights to ask for an export, and to decide on another person's.
ASK, APPROVE = "privacy.add_exportrequest", "privacy.approve_export"


def exports_visible_to(user: Any) -> "QuerySet[ExportRequest]":
    """Her own; who may approve sees HQ's too. A host's own exports are nobody else's business."""
    if not isinstance(user, User):
        return ExportRequest.objects.none()
    mine = Q(requester=user)
    if user.has_perm(APPROVE):
        mine |= Q(own_host=None)
    return ExportRequest.objects.filter(mine).select_related("requester", "approver", "own_host")


def export_for(user: Any, public_id: UUID) -> ExportRequest:
    """One of them; Http404 for a foreign id as for an absent one."""
    return get_object_or_404(exports_visible_to(user), public_id=public_id)
