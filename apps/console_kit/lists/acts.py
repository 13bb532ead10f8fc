"""Acts that several lists have: deleting what was never used, switching on and off."""

from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, Func, JSONField, OuterRef, ProtectedError, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex, Revision

from apps.console_kit.lists.declaring import Given, ListAct, RefusedError, Rows, TakingBack

USED = "用过了，不能删"


def with_use(rows: Rows) -> Rows:
    """Annotate `is_used`: whether a row of anything, or a draft of anything, names this one."""
    uses = Q(pk__in=[])
    for relation in rows.model._meta.related_objects:
        if relation.one_to_one or relation.on_delete is None:
            continue
        named = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        uses |= Q(Exists(named))
        if hasattr(relation.related_model, "latest_revision"):
            uses |= Q(Exists(_drafts_naming(relation)))
    kind = ContentType.objects.get_for_model(rows.model)
    drafts = ReferenceIndex.objects.filter(
        to_content_type=kind, to_object_id=Cast(OuterRef("pk"), CharField())
    )
    return rows.annotate(is_used=Exists(drafts) | uses if uses else Value(False))


def _drafts_naming(relation: Any) -> Rows:
    """The newest drafts in which a field names this row: they are no rows of it yet."""
    newest = Revision.objects.filter(
        pk__in=relation.related_model._default_manager.values("latest_revision_id")
    )
    if relation.many_to_many:
        among = newest.annotate(named=KeyTransform(relation.field.name, "content"))
        return among.filter(
            named__contains=Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
        )
    named = newest.annotate(named=KeyTextTransform(relation.field.name, "content"))
    return named.filter(named=Cast(OuterRef("pk"), CharField()))


def deleting(
    permission: str, *, only_unused: bool = True, unless: Callable[[Any], str] = lambda row: ""
) -> ListAct:
    """Deletes rows for good; with `only_unused` those alone that nothing names. `unless`: why else not."""

    def why_not(row: Any, given: Given) -> str:
        return USED if only_unused and row.is_used else unless(row)

    def apply(row: Any, given: Given) -> None:
        log(instance=row, action="wagtail.delete", user=given.by)
        try:
            row.delete()
        except ProtectedError:
            raise RefusedError(USED) from None

    return ListAct(
        "delete",
        "删除",
        permission,
        apply=apply,
        means=lambda rows, given: [f"{len(rows)} 条从列表里删掉，找不回来。"],
        why_not=why_not,
        rows=with_use if only_unused else lambda rows: rows,
        is_serious=True,
    )


def switching(permission: str, *, on: tuple[str, str], off: tuple[str, str]) -> tuple[ListAct, ListAct]:
    """Two acts that set `is_active`; each is a label and what it means."""
    return (
        _switch("switch-on", *on, permission, value=True),
        _switch("switch-off", *off, permission, value=False),
    )


def _switch(key: str, label: str, meaning: str, permission: str, *, value: bool) -> ListAct:
    def set_to(row: Any, value: bool) -> None:
        row.is_active = value
        row.save(update_fields=["is_active"])
        log(instance=row, action="wagtail.edit", content_changed=True)

    return ListAct(
        key,
        label,
        permission,
        apply=lambda row, given: set_to(row, value),
        means=lambda rows, given: [f"{len(rows)} 条{meaning}"],
        why_not=lambda row, given: f"已经{label}了" if row.is_active == value else "",
        taking_back=TakingBack(
            lambda row: {"is_active": row.is_active},
            lambda row, before, given: set_to(row, before["is_active"]),
        ),
    )
