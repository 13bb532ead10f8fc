"""From a host to her own relations, and to nothing else."""

from typing import Any

from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host
from apps.customers.models import Relation, RelationQuerySet, Tag
from apps.lib import given


def relations_of(host: Host) -> RelationQuerySet:
    """The relations a host sees: her own, ended ones too."""
    return Relation.objects.of(host)


def relation_for(host: Host, public_id: Any) -> Relation:
    """One of her relations; Http404 for another host's as for an absent one."""
    return get_object_or_404(relations_of(host).select_related("customer"), public_id=public_id)


def relations_for(host: Host, public_ids: list[Any]) -> list[Relation]:
    """All of the named relations, or Http404 when any is not hers; which one is not said."""
    wanted = {given.uuid(str(one)) for one in public_ids}
    found = list(relations_of(host).filter(public_id__in=[one for one in wanted if one is not None]))
    if len(found) != len(wanted):
        raise Http404
    return found


def tags_of(host: Host) -> "models.QuerySet[Tag]":
    """Her own tags and those HQ gives everyone."""
    return Tag.objects.filter(models.Q(host=host) | models.Q(host=None)).order_by("name")
