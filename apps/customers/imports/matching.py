"""One chunk of imported customers against what their hosts know already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.customers import services
from apps.customers.imports.bulk import Key, NewRelation, add_relations
from apps.customers.imports.people import handed_over, known_people, numbered, source_key
from apps.customers.models import HandOver, Identity, Relation


@dataclass(frozen=True, slots=True)
class FileRow:
    """A sound row of the file. What is empty was not given."""

    line: int
    host_id: int
    customer: str = ""
    phone: str = ""
    name: str = ""
    remark: str = ""
    stage: str = ""
    birthday: tuple[int, int] | None = None
    joined_at: str = ""


class Clash(Exception):
    """The row would make two of a host's customers one. The message says so, for people."""


@dataclass(slots=True)
class Match:
    """What becomes of a chunk: rows without a relation, relations with new values, rows to send back.

    `parted`: rows of customers whom their hosts have handed over. Nothing is changed by them.
    """

    new: list[FileRow]
    changed: list[Relation]
    unchanged: int
    parted: int
    clashes: list[tuple[int, str]]


def match_rows(rows: Sequence[FileRow], *, source: str) -> Match:
    """Find each row's relation within its own host: by the shop's number first, then by phone."""
    relations = _relations_of(rows, source)
    by_key = {(r.host_id, r.source_key): r for r in relations if r.source_key}
    by_phone = {(r.host_id, bytes(r.phone_index)): r for r in relations if r.phone_index}
    found = Match([], [], 0, 0, [])
    for row in rows:
        key = source_key(source, row.customer) if row.customer else ""
        index = services.phone_index(row.host_id, row.phone) if row.phone else None
        holder = by_phone.get((row.host_id, index)) if index else None
        relation = by_key.get((row.host_id, key)) if key else None
        try:
            if relation is None and holder is not None:
                if key and holder.source_key:
                    raise Clash("这位大C的另一位客户已用这个手机号")
                relation = holder
            if relation is None:
                found.new.append(row)
                continue
            if holder is not None and holder is not relation:
                raise Clash("这位大C的另一位客户已用这个手机号")
        except Clash as clash:
            found.clashes.append((row.line, str(clash)))
            continue
        before = bytes(relation.phone_index or b"")
        if _update(relation, row, key) or not relation.is_customer:
            found.changed.append(relation)
            by_phone.pop((row.host_id, before), None)
            if relation.phone_index:
                by_phone[row.host_id, bytes(relation.phone_index)] = relation
        else:
            found.unchanged += 1
    still_new = _without_parted(found.new, source)
    found.parted = len(found.new) - len(still_new)
    found.new = still_new
    return found


def _without_parted(rows: list[FileRow], source: str) -> list[FileRow]:
    """The rows whose customers have not gone to another host by a hand-over.

    She is known there by the number, by the person who has it, or by her phone where no other number speaks
    against it.
    """
    hosts = {row.host_id for row in rows}
    takers = HandOver.objects.filter(from_host__in=hosts).values_list("to_host", flat=True).distinct()
    if not takers:
        return rows
    people = numbered(source, [row.customer for row in rows if row.customer])
    # By the last digits: an equal phone that came with a hand-over has no index of its own.
    last4 = [services.last4_index(taker, row.phone) for taker in takers for row in rows if row.phone]
    parted = handed_over(
        hosts,
        Q(source_key__in=[source_key(source, row.customer) for row in rows if row.customer])
        | Q(customer__in=people.values())
        | Q(phone_last4_index__in=last4),
    )

    def is_hers(row: FileRow, relation: Relation) -> bool:
        key = source_key(source, row.customer) if row.customer else ""
        if key and (relation.source_key == key or relation.customer_id == people.get(row.customer)):
            return True
        return bool(row.phone) and relation.phone == row.phone and not (key and relation.source_key)

    return [row for row in rows if not any(is_hers(row, one) for one in parted.get(row.host_id, ()))]


def make_new(rows: Sequence[FileRow], *, source: str, now: datetime) -> None:
    people = known_people(source, [row.customer for row in rows if row.customer])
    add_relations(
        [
            NewRelation(
                host_id=row.host_id,
                joined_at=datetime.fromisoformat(row.joined_at) if row.joined_at else now,
                source_key=source_key(source, row.customer) if row.customer else "",
                name=row.name,
                remark=row.remark,
                phone=row.phone,
                imported_stage=row.stage,
                birthday_month=row.birthday[0] if row.birthday else None,
                birthday_day=row.birthday[1] if row.birthday else None,
                customer_id=people.get(row.customer),
                person=row.customer,
                keys=(Key(Identity.Kind.SHOP, source, row.customer),) if row.customer else (),
            )
            for row in rows
        ],
        now=now,
        learned_at=now,
    )


def _relations_of(rows: Sequence[FileRow], source: str) -> list[Relation]:
    hosts = {row.host_id for row in rows}
    keys = {source_key(source, row.customer) for row in rows if row.customer}
    indexes = [services.phone_index(row.host_id, row.phone) for row in rows if row.phone]
    return list(
        Relation.objects.filter(host__in=hosts)
        .filter(Q(source_key__in=keys - {""}) | Q(phone_index__in=indexes))
        .select_for_update()
        .order_by("pk")
    )


def _update(relation: Relation, row: FileRow, key: str) -> bool:
    """Put the file's values on the relation; whether any is new.

    The shop knows name, phone and birthday, and its word on the stage is kept as its word. The remark is the
    host's own: a file only fills a blank.
    """
    wanted: dict[str, Any] = {"name": row.name, "phone": row.phone, "imported_stage": row.stage}
    if row.birthday:
        wanted["birthday_month"], wanted["birthday_day"] = row.birthday
    if key and not relation.source_key:
        wanted["source_key"] = key
    if not relation.remark:
        wanted["remark"] = row.remark
    changed = {name: value for name, value in wanted.items() if value and getattr(relation, name) != value}
    phone = changed.pop("phone", None)
    for name, value in changed.items():
        setattr(relation, name, value)
    if phone:
        services.set_phone(relation, phone)
    return bool(changed or phone)
