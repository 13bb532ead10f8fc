"""Marks of who was erased: so that no file or sync brings her back without a word."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from apps.database import crypto, db_role
from apps.records.declarations import Subject
from apps.records.models import ErasedMark

_SCOPE = "privacy:erased"


def of_phone(phone: str) -> bytes:
    """The mark of a phone in its stored form, the extension included: behind another is somebody else."""
    return crypto.blind_index(f"phone:{phone}", scope=_SCOPE)


def of_account(external_userid: str) -> bytes:
    return crypto.blind_index(f"account:{external_userid}", scope=_SCOPE)


def of_shop_number(source_key: str) -> bytes:
    """The mark of `source:number`."""
    return crypto.blind_index(f"shop:{source_key}", scope=_SCOPE)


@db_role.as_worker()
def remember(subject: Subject, *, now: datetime) -> None:
    """She asked to be erased: by these she is recognised.

    Everywhere by what she proved, and at her hosts by what they know of her: a shop's number that one host
    has beside a phone of her own choice must not turn back another's customer.
    """
    proved = {of_phone(one) for one in subject.proved}
    said = {of_phone(one) for one in subject.phones} - proved
    said |= {of_account(one) for one in subject.accounts}
    rows = [ErasedMark(mark=one, erased_at=now) for one in sorted(proved)]
    rows += [
        ErasedMark(mark=one, host_id=host_id, erased_at=now)
        for one in sorted(said)
        for host_id in subject.host_ids
    ]
    rows += [
        ErasedMark(mark=of_shop_number(key), host_id=host_id, relation_id=relation_id, erased_at=now)
        for (key, host_id), relation_id in _rows_of_numbers(subject).items()
    ]
    # Who came back and asks again is erased as of now, and her number leads to the row emptied now.
    ErasedMark.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["mark", "host_id"],
        update_fields=["erased_at", "relation_id"],
    )


def _rows_of_numbers(subject: Subject) -> dict[tuple[str, int], int]:
    """By number and host, her relation at that host; where a former host has none, the one that she had."""
    found: dict[tuple[str, int], int] = {}
    for one in subject.shop_numbers:
        found.setdefault((one.key, one.host_id), one.relation_id)
    for one in subject.shop_numbers:
        for host_id in subject.host_ids:
            found.setdefault((one.key, host_id), one.relation_id)
    return found


@db_role.as_worker()
def erased(pairs: Iterable[tuple[int, bytes]]) -> dict[tuple[int, bytes], datetime]:
    """Of these (host id, mark) those of erased people, with the last time that she asked for it."""
    wanted = set(pairs)
    found: dict[tuple[int, bytes], datetime] = {}
    rows = ErasedMark.objects.filter(mark__in={mark for _, mark in wanted}).order_by("erased_at")
    by_mark: dict[bytes, list[ErasedMark]] = {}
    for row in rows:
        by_mark.setdefault(bytes(row.mark), []).append(row)
    for host_id, mark in wanted:
        for row in by_mark.get(mark, ()):
            if row.host_id in (None, host_id):
                found[host_id, mark] = row.erased_at
    return found


@db_role.as_worker()
def emptied(pairs: Iterable[tuple[int, bytes]]) -> dict[tuple[int, bytes], int]:
    """Of these (host id, mark of a shop's number) the relations that were emptied for erased people."""
    wanted = set(pairs)
    rows = ErasedMark.objects.filter(mark__in={mark for _, mark in wanted})
    told = {(row.host_id, bytes(row.mark)): row.relation_id for row in rows}
    return {pair: found for pair in wanted if (found := told.get(pair)) is not None}


@db_role.as_worker()
def forget(pairs: Iterable[tuple[int, bytes]]) -> None:
    """Somebody decided, with a reason, that she is back."""
    gone = Q(pk=None)
    for host_id, mark in pairs:
        gone |= Q(mark=mark) & (Q(host_id=host_id) | Q(host_id=None))
    ErasedMark.objects.filter(gone).delete()
