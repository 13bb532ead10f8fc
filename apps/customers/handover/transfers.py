"""What WeCom says about its own transfer of contacts, written on the items of a hand-over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from apps.customers.models import HandOverItem, Relation

#: A transfer that WeCom has not ended by then is not coming any more (24 hours are its own limit).
GIVEN_UP_AFTER = timedelta(days=7)


def under_way_for(former_indexes: Iterable[bytes]) -> set[bytes]:
    """Of these blind indexes of a former host, those whose contact is on its way to another.

    Until WeCom has moved her she still shows as the former host's contact: she is not a new customer.
    """
    return {
        bytes(index)
        for index in HandOverItem.objects.filter(
            transfer__in=HandOverItem.UNDER_WAY, former_external_index__in=list(former_indexes)
        ).values_list("former_external_index", flat=True)
        if index is not None
    }


def is_under_way(relation: Relation) -> bool:
    """Whether WeCom is still moving this contact, so that it does not show her with the new host yet."""
    return relation.hand_overs.filter(transfer__in=HandOverItem.UNDER_WAY).exists()


def external_ids(item_ids: Iterable[int]) -> dict[str, int]:
    """The WeCom ids of the contacts of these items while they are under way: id → item."""
    items = HandOverItem.objects.filter(
        pk__in=list(item_ids), transfer__in=HandOverItem.UNDER_WAY
    ).select_related("relation")
    return {item.relation.external_userid: item.pk for item in items if item.relation.external_userid}


def write(item_ids: Iterable[int], transfer: str, *, note: str = "", now: datetime) -> int:
    """Write down how far the transfer of these items is; an end is never overwritten. How many changed.

    Whoever did not go with it is no WeCom friend of the new host: she is not found as one, until they become
    friends by another road (`services.attach_external_contact`).
    """
    with transaction.atomic():
        items = HandOverItem.objects.filter(pk__in=list(item_ids), transfer__in=HandOverItem.UNDER_WAY)
        if transfer in {HandOverItem.Transfer.REFUSED, HandOverItem.Transfer.FAILED}:
            Relation.objects.filter(hand_overs__in=items).update(external_index=None)
        return items.update(transfer=transfer, transfer_note=note[:200], transfer_at=now)
