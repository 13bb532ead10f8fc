"""From somebody at HQ to what is hers of the lists: nobody sees another's."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from apps.console_kit.models import BulkRun, ListChoice, SavedView


def choices_of(user: Any) -> "QuerySet[ListChoice]":
    return ListChoice.objects.filter(owner_id=user.pk)


def views_of(user: Any, key: str) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(owner_id=user.pk, key=key)


def view_of(user: Any, key: str, public_id: UUID) -> SavedView:
    return get_object_or_404(views_of(user, key), public_id=public_id)


def runs_of(user: Any) -> "QuerySet[BulkRun]":
    return BulkRun.objects.filter(owner_id=user.pk)


def run_of(user: Any, key: str, public_id: UUID) -> BulkRun:
    return get_object_or_404(runs_of(user).filter(key=key), public_id=public_id)
