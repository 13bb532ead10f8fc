"""Acts that several lists have: deleting what was never used, switching on and off."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import SET_NULL, ProtectedError
from wagtail.log_actions import log

from apps.console_kit.lists.declaring import Given, Life, ListAct, RefusedError, Right, TakingBack
from apps.console_kit.lists.uses import parts_of, why_used, with_uses

#: The keys of `switching`, for `Life`.
ON, OFF = "switch-on", "switch-off"
USED = "用过了，不能删"


def deleting(life: Life) -> ListAct:
    """Deletes for good the rows that nobody names (`uses.py`)."""

    def why_not(row: Any, given: Given) -> str:
        return life.unless(row) or why_used(row, life)

    def apply(row: Any, given: Given) -> None:
        log(instance=row, action="wagtail.delete", user=given.by, deleted=True)
        try:
            for part in parts_of(type(row), life):
                if part.on_delete is SET_NULL:
                    continue
                part.related_model._default_manager.filter(**{part.field.name: row}).delete()
            row.delete()
            with connection.cursor() as cursor:
                # Keys are asked for now, not when the whole request has ended.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except (ProtectedError, IntegrityError):
            raise RefusedError(USED) from None

    return ListAct(
        "delete",
        "删除",
        life.permission,
        apply=apply,
        means=lambda rows, given: [f"{len(rows)} 条从列表里删掉，找不回来。"],
        why_not=why_not,
        rows=lambda rows: with_uses(rows, life),
        is_serious=True,
    )


def _set_active(row: Any, value: bool) -> None:
    row.is_active = value
    row.save(update_fields=["is_active"])


def switching(
    permission: Right,
    *,
    on: tuple[str, str],
    off: tuple[str, str],
    change: Callable[[Any, bool], None] = _set_active,
    unless: Callable[[Any, bool], str] = lambda row, value: "",
) -> tuple[ListAct, ListAct]:
    """Two acts that set `is_active` by `change`; each is a label and what it means. `unless`: why not."""

    def one(key: str, label: str, meaning: str, *, value: bool) -> ListAct:
        def set_to(row: Any, value: bool) -> None:
            change(row, value)
            log(instance=row, action="wagtail.edit", content_changed=True)

        return ListAct(
            key,
            label,
            permission,
            apply=lambda row, given: set_to(row, value),
            means=lambda rows, given: [f"{len(rows)} 条{meaning}"],
            why_not=lambda row, given: f"已经{label}了" if row.is_active == value else unless(row, value),
            taking_back=TakingBack(
                lambda row: {"is_active": row.is_active},
                lambda row, before, given: set_to(row, before["is_active"]),
            ),
        )

    return one(ON, *on, value=True), one(OFF, *off, value=False)
