"""Two editors on one row: the second one's save is laid beside the first one's, never over it.

What the two changed apart is put together. Where both changed the same field, the first version stays and the
second is kept among the versions, where it can be compared and taken.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Revision

from apps.accounts.models import User
from apps.library.models.publishing import Publishable

#: What the platform writes by itself; no editor's words.
_NOT_WORDS = {
    "pk",
    "public_id",
    "latest_revision",
    "live",
    "live_revision",
    "has_unpublished_changes",
    "first_published_at",
    "last_published_at",
    "expired",
    "locked",
    "locked_at",
    "locked_by",
    "search_text",
    "search_grams",
}


@dataclass(frozen=True)
class Together:
    """What became of two versions: `revision` is the merged one, or mine laid aside if fields clash."""

    revision: Revision
    clash: list[str]
    #: What the other one had changed, in the words of the form.
    theirs: list[str]


def put_together(
    row: Publishable, mine: Publishable, *, base: Revision | None, theirs: Revision, by: User
) -> Together:
    """Keep what `by` wrote (`mine`, begun on `base`) beside `theirs`, which is the newest version by now.

    `base` is None when it is no longer known what she began with: then all that differs counts as a clash.
    """
    wrote = _plain(mine.serializable_data())
    theirs_content: dict[str, Any] = theirs.content
    started = base.content if base is not None else None
    hers = _differences(wrote, started if started is not None else theirs_content)
    others = _differences(theirs_content, started) if started is not None else hers
    clash = {name for name in hers & others if not _same(wrote.get(name), theirs_content.get(name))}
    with transaction.atomic():
        if not clash:
            content = {**theirs_content, **{name: wrote[name] for name in hers}}
            merged: Any = row.with_content_json(content)
            if not merged.live:
                merged.save()
            revision = merged.save_revision(user=by, log_action=True, clean=False)
        else:
            revision = _laid_aside(row, {**theirs_content, **wrote}, theirs, by)
    return Together(revision, _named(row, clash), _named(row, others))


def _laid_aside(row: Publishable, content: dict[str, Any], theirs: Revision, by: User) -> Revision:
    """A version among the others that is not the newest one."""
    revision = Revision.objects.create(
        content_object=row,
        base_content_type=row.get_base_content_type(),
        user=by,
        content=content,
        object_str=str(row),
    )
    # Whoever asks for the newest version by time must find theirs.
    Revision.objects.filter(pk=revision.pk).update(created_at=theirs.created_at - timedelta(microseconds=1))
    log(instance=row, action="wagtail.edit", user=by, revision=revision, content_changed=True)
    return revision


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """As it will be read from the database."""
    found: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return found


def _differences(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    names = (one.keys() | other.keys()) - _NOT_WORDS
    return {name for name in names if not _same(one.get(name), other.get(name))}


def _same(one: Any, other: Any) -> bool:
    return bool(_bare(one) == _bare(other))


def _bare(value: Any) -> Any:
    """A value without the keys that the database gives: of rows below it, and of a body's blocks."""
    if isinstance(value, str) and value[:1] == "[":
        try:
            return _bare(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, list):
        return [_bare(part) for part in value]
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items() if name not in {"pk", "id"}}
    return value


def _named(row: Publishable, names: set[str]) -> list[str]:
    """Fields by the names they bear in the form, in the order of the model."""
    found = []
    for field in row._meta.get_fields():
        if field.is_relation and field.auto_created and not field.concrete:
            accessor: Any = field.get_accessor_name()  # type: ignore[union-attr]
            if accessor in names:
                found.append(str(field.related_model._meta.verbose_name_plural))  # type: ignore[union-attr]
        elif field.name in names:
            found.append(str(field.verbose_name))  # type: ignore[union-attr]
    return found
