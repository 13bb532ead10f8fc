"""The data map: every field of every table, with its class; computed from the models themselves.

What Wagtail's and other packages' models hold is said for them in `foreign.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from apps.database.fields import EncryptedTextField
from apps.lib.pii import PERSONAL, Pii, Use
from apps.records.foreign import HARMLESS, HELD

#: Columns that hold the id of a person's row without a key to it, by the way they are named.
POINTERS = {"relation_id", "relation_ids", "customer_id", "customer_ids", "visitor_id"}
#: Models that a key to says whose row this is.
_PERSONS = {"customers.relation", "customers.customer", "tracking.visitor", "trade.order"}
_CAN_HOLD_TEXT = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    EncryptedTextField,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One field; `pii` is None when nobody has said what it is and no rule can prove it harmless."""

    field: Any
    pii: Pii | None

    @property
    def is_personal(self) -> bool:
        return self.pii in PERSONAL

    @property
    def is_sealed(self) -> bool:
        return isinstance(self.field, EncryptedTextField)


@dataclass(frozen=True, slots=True)
class Table:
    model: type[models.Model]
    columns: list[Column]
    use: Use | None

    @property
    def is_personal(self) -> bool:
        """Whether anything in it says something of a person: more than that a row points at one of ours."""
        return any(column.is_personal for column in self.columns)


def our_models() -> list[type[models.Model]]:
    return sorted(
        (model for model in apps.get_models() if model.__module__.startswith("apps.")),
        key=lambda model: model._meta.label_lower,
    )


def foreign_models() -> list[type[models.Model]]:
    return sorted(
        (model for model in apps.get_models() if not model.__module__.startswith("apps.")),
        key=lambda model: model._meta.label_lower,
    )


def tables() -> Iterator[Table]:
    for model in our_models():
        yield table_of(model)


def foreign_tables() -> Iterator[Table]:
    for model in foreign_models():
        yield table_of(model)


def table_of(model: type[models.Model]) -> Table:
    said = said_of(model)
    foreign = HELD.get(model._meta.label_lower)
    rest: Pii | None = foreign.rest if foreign else getattr(model, "PII_REST", None)
    fields = model._meta.local_concrete_fields
    # About a person: then a date or a number says something of her too, and must be classified.
    is_about = any(said.get(field.name) in PERSONAL or points_at_person(field) for field in fields)
    columns = [Column(field, _class_of(field, said, rest, is_about=is_about)) for field in fields]
    return Table(model, columns, foreign.use if foreign else getattr(model, "PII_USE", None))


def said_of(model: type[models.Model]) -> dict[str, Pii]:
    """What the model and its bases say of their fields, or we say of one that is not ours."""
    label = model._meta.label_lower
    if label in HELD:
        return HELD[label].pii
    if label in HARMLESS:
        return {field.name: Pii.NONE for field in model._meta.local_concrete_fields if can_hold_text(field)}
    found: dict[str, Pii] = {}
    for base in reversed(model.__mro__):
        found.update(base.__dict__.get("PII", {}))
    return found


def points_at_person(field: Any) -> bool:
    if field.is_relation:
        target = field.related_model
        return isinstance(target, type) and target._meta.label_lower in _PERSONS  # type: ignore[attr-defined]
    return field.name in POINTERS


def can_hold_text(field: Any) -> bool:
    return isinstance(field, _CAN_HOLD_TEXT)


def _class_of(field: Any, said: dict[str, Pii], rest: Pii | None, *, is_about: bool) -> Pii | None:
    if field.name in said:
        return said[field.name]
    if can_hold_text(field):
        return None  # words can hold anything: somebody must say
    if points_at_person(field):
        return Pii.IDENTIFIER
    if field.is_relation or field.primary_key or field.name in {"public_id", "id"} or _is_counter(field):
        return Pii.NONE  # a number that we gave a row; whom it leads to is that row's class
    if is_about:
        return rest
    # No field of this row says or leads to who somebody is: its numbers and dates are about things.
    return Pii.NONE


def _is_counter(field: Any) -> bool:
    return bool(field.name.endswith("_id"))
