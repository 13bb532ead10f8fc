"""People as an outside shop numbers them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from apps.customers import erasure, services
from apps.customers.imports.bulk import Key, NewRelation, add_relations
from apps.customers.models import Identity
from apps.lib.ids import share_code
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
    indexes = {
        services.identity_index(Identity.Kind.SHOP, issuer=source, value=key): key
        for key in dict.fromkeys(keys)
    }
    found = Identity.objects.filter(
        kind=Identity.Kind.SHOP, issuer=source, value_index__in=list(indexes)
    ).values_list("value_index", "customer_id")
    return {indexes[bytes(index or b"")]: customer_id for index, customer_id in found}


@transaction.atomic
def make_relations(source: str, rows: Sequence[tuple[int, str, datetime]], *, now: datetime) -> list[int]:
    """Relations known by nothing but the shop's number: (host id, number, since when). Their ids."""
    people = known_people(source, [key for _, key, _ in rows])
    ids = add_relations(
        [
            NewRelation(
                host_id=host_id,
                joined_at=joined_at,
                source_key=source_key(source, key),
                customer_id=people.get(key),
                person=key,
                keys=(Key(Identity.Kind.SHOP, source, key),),
            )
            for host_id, key, joined_at in rows
        ],
        now=now,
        learned_at=now,
    )
    by_mark = [(host_id, marks.of_shop_number(source_key(source, key))) for host_id, key, _ in rows]
    gone = marks.erased(by_mark)
    for relation_id, mark in zip(ids, by_mark, strict=True):
        if mark in gone:
            # What she bought counts; who she is stays forgotten.
            erasure.erase(erasure.subject([relation_id], False, f"用户{share_code(6)}"), now)
    return ids
