"""Many relations at once, by COPY: for imports and demo data. The rules are those of `customers.services`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.customers import services
from apps.customers.models import Customer, Identity, Relation
from apps.database.copying import copy_rows, take_ids
from apps.lib.ids import uuid7
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event, Subject


@dataclass(frozen=True, slots=True)
class Key:
    """One identity of a new customer: how `issuer` knows the person."""

    kind: str
    issuer: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRelation:
    """A relation to be made. The caller knows that the host has none with this phone, contact or key.

    `phone` is E.164. `customer_id` names a customer who exists; without it the row makes a new one, and rows
    of one call with the same `person` share it. `keys` are identities of that new customer; phone and WeCom
    contact are among them by themselves.
    """

    host_id: int
    joined_at: datetime
    source: str = Relation.Source.IMPORT
    source_key: str = ""
    name: str = ""
    remark: str = ""
    phone: str = ""
    external_userid: str = ""
    imported_stage: str = ""
    birthday_month: int | None = None
    birthday_day: int | None = None
    last_contact_at: datetime | None = None
    is_customer: bool = True
    ended_at: datetime | None = None
    customer_id: int | None = None
    person: str = ""
    keys: tuple[Key, ...] = ()


_RELATION_COLUMNS = (
    "id",
    "public_id",
    "host_id",
    "customer_id",
    "name",
    "remark",
    "phone",
    "phone_index",
    "phone_last4_index",
    "external_userid",
    "external_index",
    "source_key",
    "imported_stage",
    "source",
    "is_customer",
    "birthday_month",
    "birthday_day",
    "joined_at",
    "last_contact_at",
    "next_action",
    "ended_at",
)
_IDENTITY_COLUMNS = (
    "public_id",
    "customer_id",
    "issuer",
    "kind",
    "value",
    "value_index",
    "main_index",
    "created_at",
)


@transaction.atomic
def add_relations(
    rows: Sequence[NewRelation], *, now: datetime, learned_at: datetime | None = None
) -> list[int]:
    """Make customers, identities, relations, and for each customer one `customer.joined`. Relation ids."""
    relation_ids = take_ids(Relation._meta.db_table, len(rows))
    customer_ids, strangers = _customers_of(rows)
    copy_rows(
        Customer._meta.db_table,
        ("id", "public_id", "created_at"),
        ((customer_id, uuid7(), now) for customer_id in strangers),
    )
    copy_rows(
        Identity._meta.db_table,
        _IDENTITY_COLUMNS,
        (
            _identity_row(customer_id, key, now)
            for customer_id, keys in strangers.items()
            for key in dict.fromkeys(keys)
        ),
    )
    copy_rows(
        Relation._meta.db_table,
        _RELATION_COLUMNS,
        (
            _relation_row(relation_id, customer_id, row)
            for relation_id, customer_id, row in zip(relation_ids, customer_ids, rows, strict=True)
        ),
    )
    tracking.record_many(
        Event(
            name=Fact.CUSTOMER_JOINED,
            occurred_at=row.joined_at,
            host_id=row.host_id,
            relation_id=relation_id,
            subject_kind=Subject.RELATION,
            subject_id=relation_id,
            props=services.joined_props(row.source, at=row.joined_at, learned_at=learned_at),
        )
        for relation_id, row in zip(relation_ids, rows, strict=True)
        if row.is_customer
    )
    return relation_ids


def _customers_of(rows: Sequence[NewRelation]) -> tuple[list[int], dict[int, list[Key]]]:
    """Whose each row is, and the customers to be made with the keys they are known by."""
    people: dict[str, int] = {}
    strangers: dict[int, list[Key]] = {}
    fresh = iter(take_ids(Customer._meta.db_table, sum(row.customer_id is None for row in rows)))
    customer_ids = []
    for row in rows:
        customer_id = row.customer_id
        if customer_id is None:
            customer_id = next(fresh) if not row.person else people.get(row.person) or next(fresh)
            if row.person:
                people[row.person] = customer_id
            strangers.setdefault(customer_id, []).extend(_keys_of(row))
        customer_ids.append(customer_id)
    return customer_ids, strangers


def _keys_of(row: NewRelation) -> list[Key]:
    keys = list(row.keys)
    if row.phone:
        keys.append(Key(Identity.Kind.PHONE, "", row.phone))
    if row.external_userid:
        keys.append(Key(Identity.Kind.EXTERNAL, "wecom", row.external_userid))
    return keys


_SEALED: dict[str, Any] = {
    name: Relation._meta.get_field(name) for name in ("name", "remark", "phone", "external_userid")
}
_SEALED_VALUE: Any = Identity._meta.get_field("value")


def _identity_row(customer_id: int, key: Key, now: datetime) -> list[Any]:
    public_id = uuid7()
    lender = Identity(public_id=public_id)
    return [
        public_id,
        customer_id,
        key.issuer,
        str(key.kind),
        _SEALED_VALUE.seal(lender, key.value),
        services.identity_index(key.kind, issuer=key.issuer, value=key.value),
        services.main_index(key.kind, issuer=key.issuer, value=key.value),
        now,
    ]


def _relation_row(relation_id: int, customer_id: int, row: NewRelation) -> list[Any]:
    lender = Relation(public_id=uuid7())

    def seal(name: str) -> bytes:
        sealed: bytes = _SEALED[name].seal(lender, getattr(row, name))
        return sealed

    return [
        relation_id,
        lender.public_id,
        row.host_id,
        customer_id,
        seal("name"),
        seal("remark"),
        seal("phone"),
        services.phone_index(row.host_id, row.phone) if row.phone else None,
        services.last4_index(row.host_id, row.phone) if row.phone else None,
        seal("external_userid"),
        services.external_index(row.host_id, row.external_userid) if row.external_userid else None,
        row.source_key,
        str(row.imported_stage),
        str(row.source),
        row.is_customer,
        row.birthday_month,
        row.birthday_day,
        row.joined_at,
        row.last_contact_at,
        b"",
        row.ended_at,
    ]
