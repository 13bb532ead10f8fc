"""People as an outside shop numbers them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from apps.customers import services
from apps.customers.imports.bulk import Key, NewRelation, add_relations
from apps.customers.models import HandOverItem, Identity, Relation
from apps.records.services import marks


def source_key(source: str, key: str) -> str:
    """How a shop's number of a customer or product is kept: two shops may both know a number 900."""
    return f"{source}:{key}"


def known_people(source: str, keys: Sequence[str]) -> dict[str, int]:
    """Number in the shop → customer, for the numbers met before, under whatever host.

    Imports alone look across hosts, and what they find goes into `customer_id`: no host sees it. Until the
    transaction ends no other import meets people of this shop: of two that met one at the same moment, each
    would make her anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"people:{source}"])
    return numbered(source, keys)


def numbered(source: str, keys: Sequence[str]) -> dict[str, int]:
    """`known_people` for whoever makes nobody: it waits for no other import."""
    indexes = {
        services.identity_index(Identity.Kind.SHOP, issuer=source, value=key): key
        for key in dict.fromkeys(keys)
    }
    found = Identity.objects.filter(
        kind=Identity.Kind.SHOP, issuer=source, value_index__in=list(indexes)
    ).values_list("value_index", "customer_id")
    return {indexes[bytes(index or b"")]: customer_id for index, customer_id in found}


def handed_over(host_ids: Iterable[int], who: Q) -> dict[int, list[Relation]]:
    """By the host who had them once, those of these relations that another host has now, the last first."""
    moved = (
        HandOverItem.objects.filter(
            state=HandOverItem.State.MOVED,
            hand_over__from_host__in=set(host_ids),
            relation__in=Relation.objects.open().filter(who),
        )
        .exclude(relation__host=F("hand_over__from_host"))
        .select_related("relation", "hand_over")
        .order_by("-moved_at", "-pk")
    )
    found: dict[int, list[Relation]] = {}
    for item in moved:
        found.setdefault(item.hand_over.from_host_id, []).append(item.relation)
    return found


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom an order names by the shop's number alone."""

    host_id: int
    number: str
    since: datetime


@transaction.atomic
def buyers_of(source: str, buyers: Sequence[Buyer], *, now: datetime) -> tuple[list[int], int]:
    """The relations of buyers whom their hosts do not have by this number, and how many of them are new.

    Whoever was handed over is with her new host. Whoever was erased comes back by nothing that she bought:
    that counts, on the row that was emptied for her; who she is stays forgotten.
    """
    people = known_people(source, [one.number for one in buyers])
    keys = [source_key(source, one.number) for one in buyers]
    by_mark = [(one.host_id, marks.of_shop_number(key)) for one, key in zip(buyers, keys, strict=True)]
    emptied = marks.emptied(by_mark)
    parted = handed_over(
        (one.host_id for one in buyers), Q(source_key__in=keys) | Q(customer__in=people.values())
    )
    ids: list[int | None] = []
    made: list[NewRelation] = []
    for one, key, mark in zip(buyers, keys, by_mark, strict=True):
        hers = (
            relation.pk
            for relation in parted.get(one.host_id, ())
            if relation.source_key == key or relation.customer_id == people.get(one.number)
        )
        known = emptied.get(mark) or next(hers, None)
        ids.append(known)
        if known is None:
            made.append(
                NewRelation(
                    host_id=one.host_id,
                    joined_at=one.since,
                    source_key=key,
                    customer_id=people.get(one.number),
                    person=one.number,
                    keys=(Key(Identity.Kind.SHOP, source, one.number),),
                )
            )
    fresh = add_relations(made, now=now, learned_at=now)
    rest = iter(fresh)
    return [next(rest) if known is None else known for known in ids], len(made)
