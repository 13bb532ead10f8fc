"""Which cases and steps a host reaches."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404

from apps.accounts.models import Host
from apps.learning.cases import selectors
from apps.learning.models import AdoptedStep, Adoption, Case


def case_for(host: Host, public_id: Any, now: datetime) -> Case:
    """A case that hosts may read; Http404 for a draft, a withdrawn one and an absent one alike."""
    rows = selectors.live_cases(now).prefetch_related("figures", "lines", "steps__material")
    return get_object_or_404(rows, public_id=public_id)


def adoption_for(host: Host, public_id: Any) -> Adoption:
    """Her own list of steps."""
    return get_object_or_404(Adoption.objects.filter(host=host), public_id=public_id)


def step_for(host: Host, public_id: Any) -> AdoptedStep:
    """A step on a list of hers that is still open."""
    open_lists = AdoptedStep.objects.filter(host=host, adoption__dropped_at=None)
    return get_object_or_404(open_lists.select_related("adoption"), public_id=public_id)
