"""What a host, and a consumer with a link, may see of HQ's content."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host, HostQuerySet
from apps.library.models import Issue, IssueEntry, Material
from apps.library.models.materials import MaterialQuerySet


def materials_for(host: Host, now: datetime) -> MaterialQuerySet:
    """The library as this host sees it: live, not past its date, and meant for her.

    A material that published issues plan only for others is not hers; one that no issue plans is everybody's.
    """
    planned = IssueEntry.objects.filter(issue__first_published_at__isnull=False)
    # Two small sets, each made once: plans hold a few hundred materials, the library tens of thousands.
    hers, anybodys = (rows.order_by().values("material") for rows in (planned.for_host(host), planned))
    return Material.objects.live_at(now).filter(Q(pk__in=hers) | ~Q(pk__in=anybodys))


def material_for(host: Host, public_id: Any, now: datetime) -> Material:
    """One material she may see and share; Http404 for one that is expired, foreign or absent alike."""
    return get_object_or_404(materials_for(host, now).with_cards(), public_id=public_id)


def hosts_meant_by(issue: Issue) -> HostQuerySet:
    """Active hosts for whom the plan holds at least one entry: the others are not told of the issue.

    The targets of a plan are few, so this is one condition on hosts, however many hosts there are.
    """
    targets = set(
        IssueEntry.objects.filter(issue=issue).values_list("organisation__path", "host_kind", "min_level")
    )
    meant = Q(pk__in=[])
    for path, kind, level in targets:
        if not path and not kind and not level:
            return Host.objects.active()
        one = Q(level__gte=level)
        if path:
            one &= Q(organisation__path__startswith=path)
        if kind:
            one &= Q(kind=kind)
        meant |= one
    return Host.objects.active().filter(meant)
