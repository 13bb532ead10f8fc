"""Changing keys: every sealed value to the newest FIELD_KEY, every blind index to the present INDEX_KEY.

Fields: put the new key first (`FIELD_KEY=2:new,1:old`), restart, run `manage.py rotate_field_key`, then take
the old key out. Nothing stops meanwhile: both open. A batch is committed with its mark, so a killed run goes
on.

Blind indexes have a root of their own, INDEX_KEY (unset: the lowest-numbered FIELD_KEY), since equal values
must find each other: two keys at once would let one phone in twice. So it changes only while the platform
stands still: `manage.py rotate_field_key --indexes`. The database remembers by which key its indexes were
made, and a platform with another refuses to start (`privacy.E010`): nobody would be found.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from apps.database import crypto
from apps.database.fields import EncryptedTextField
from apps.privacy import served
from apps.privacy.models import KeyState, Rotation
from apps.records import declarations

BATCH = 500


def sealed_models() -> list[tuple[type[models.Model], list[EncryptedTextField]]]:
    """Every model with sealed fields, and those fields."""
    found = []
    for model in apps.get_models():
        fields = [one for one in model._meta.local_concrete_fields if isinstance(one, EncryptedTextField)]
        if fields:
            found.append((model, fields))
    return sorted(found, key=lambda one: one[0]._meta.label)


def rotate_fields(*, now: datetime, batch: int = BATCH) -> Iterator[tuple[str, int]]:
    """Reseal what is not under the first key, table by table; yields (table, rows resealed) per batch."""
    key_id = crypto.current_key_id()
    for model, fields in sealed_models():
        name = f"field:{key_id}:{model._meta.label}"
        # What was written by a process with the old keys, after we passed by, is met in a second round.
        Rotation.objects.filter(name=name, finished_at__isnull=False).update(after=0, finished_at=None)
        while True:
            changed, is_done = _field_batch(model, fields, name=name, key_id=key_id, batch=batch, now=now)
            if changed:
                yield model._meta.label, changed
            if is_done:
                break


@transaction.atomic
def _field_batch(
    model: type[models.Model],
    fields: list[EncryptedTextField],
    *,
    name: str,
    key_id: int,
    batch: int,
    now: datetime,
) -> tuple[int, bool]:
    Rotation.objects.get_or_create(name=name)
    mark = Rotation.objects.select_for_update().get(name=name)
    table, columns = model._meta.db_table, [str(field.column) for field in fields]
    old = " OR ".join(f"(length({one}) > 0 AND get_byte({one}, 0) <> %s)" for one in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, public_id, {', '.join(columns)} FROM {table} WHERE id > %s AND ({old})"  # noqa: S608
            " ORDER BY id LIMIT %s FOR UPDATE",
            [mark.after, *([key_id] * len(columns)), batch],
        )
        rows = cursor.fetchall()
        for pk, public_id, *values in rows:
            resealed = [
                _resealed(value, context=f"{table}:{column}:{public_id}", key_id=key_id)
                for column, value in zip(columns, values, strict=True)
            ]
            sets = ", ".join(f"{column} = %s" for column in columns)
            cursor.execute(f"UPDATE {table} SET {sets} WHERE id = %s", [*resealed, pk])  # noqa: S608
    mark.changed += len(rows)
    if len(rows) < batch:
        mark.finished_at = now
    else:
        mark.after = rows[-1][0]
    mark.save()
    return len(rows), len(rows) < batch


def _resealed(value: Any, *, context: str, key_id: int) -> bytes | None:
    if value is None:
        return None
    stored = bytes(value)
    if not stored or stored[0] == key_id:
        return stored
    return crypto.encrypt(crypto.decrypt(stored, context=context), context=context)


def under_old_keys() -> dict[str, int]:
    """How many values of each table are not under the first key; nothing when the old ones may go."""
    key_id = crypto.current_key_id()
    found = {}
    for model, fields in sealed_models():
        table = model._meta.db_table
        old = " OR ".join(
            f"(length({field.column}) > 0 AND get_byte({field.column}, 0) <> %s)" for field in fields
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {old}", [key_id] * len(fields))  # noqa: S608
            count = cursor.fetchone()[0]
        if count:
            found[model._meta.label] = count
    return found


# --- indexes ------------------------------------------------------------------------------------------------


def remember_index_key() -> None:
    """After the first migration: by which key this database's indexes are made."""
    KeyState.objects.get_or_create(pk=1, defaults={"index_fingerprint": crypto.index_fingerprint()})


def is_index_key_known() -> bool:
    """Whether the key in the settings is the one by which the indexes were made."""
    state = KeyState.objects.filter(pk=1).first()
    return state is None or bytes(state.index_fingerprint) == crypto.index_fingerprint()


def rotate_indexes(*, now: datetime, batch: int = BATCH) -> Iterator[tuple[str, int]]:
    """Compute every blind index anew from its sealed value. The platform stands still meanwhile."""
    mark = crypto.index_fingerprint().hex()
    for one in sorted(served.INDEXES, key=lambda one: one.model._meta.label):
        name = f"index:{mark}:{one.model._meta.label}"
        while True:
            count, is_done = _index_batch(one, name=name, batch=batch, now=now)
            yield one.model._meta.label, count
            if is_done:
                break
    with transaction.atomic():
        KeyState.objects.update_or_create(pk=1, defaults={"index_fingerprint": crypto.index_fingerprint()})
        Rotation.objects.filter(name__startswith=f"index:{mark}:").delete()


@transaction.atomic
def _index_batch(one: declarations.Index, *, name: str, batch: int, now: datetime) -> tuple[int, bool]:
    mark, _ = Rotation.objects.select_for_update().get_or_create(name=name)
    if mark.finished_at is not None:
        return 0, True
    rows = list(one.model._default_manager.filter(pk__gt=mark.after).order_by("pk")[:batch])
    for row in rows:
        one.model._default_manager.filter(pk=row.pk).update(**one.compute(row))
    mark.changed += len(rows)
    if len(rows) < batch:
        mark.finished_at = now
    else:
        mark.after = rows[-1].pk
    mark.save()
    return len(rows), len(rows) < batch
