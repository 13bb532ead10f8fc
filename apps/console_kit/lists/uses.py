"""Who names a row: rows of any table, newest drafts of whatever is published, and whoever holds its number.

Found by the models, so nobody is forgotten: a room has to say what is a part of the row and goes along
(`Life.parts`), and who knows it by a number without a key (`Life.held`).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, F, ForeignObjectRel, Func, JSONField, OuterRef, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from modelcluster.fields import ParentalKey
from wagtail.models import ReferenceIndex, Revision

from apps.console_kit.lists.declaring import Life, Rows

_MOST_WORDS = 4


class Namer(NamedTuple):
    """Somebody who may name a row: what people call that, and whether it does."""

    words: str
    does: Q


def with_uses(rows: Rows, life: Life) -> Rows:
    """Annotate `used_by_0` and on: whether each of `namers` names the row; `is_used`: whether one does."""
    found = namers(rows.model, life)
    flags = {f"used_by_{number}": one.does for number, one in enumerate(found)}
    anybody = Q(pk__in=[])
    for does in flags.values():
        anybody |= does
    return rows.annotate(**flags, is_used=anybody)


def why_used(row: Any, life: Life) -> str:
    """In words, who names a row of `with_uses`; empty when nobody does."""
    found = namers(type(row), life)
    names = [one.words for number, one in enumerate(found) if getattr(row, f"used_by_{number}")]
    names = list(dict.fromkeys(names))
    more = "等" if len(names) > _MOST_WORDS else ""
    return f"用过了，不能删：有{'、'.join(names[:_MOST_WORDS])}{more}用着它" if names else ""


def namers(model: Any, life: Life) -> list[Namer]:
    return [
        *(Namer(_called(one), does) for one in _pointing(model, life) for does in _by(one, one.field.name)),
        *(
            Namer(_called(one), does)
            for part in parts_of(model, life)
            for one in _relations(part.related_model)
            if label(one) not in life.parts and not isinstance(one.field, ParentalKey)
            for does in _by(one, f"{one.field.name}__{part.field.name}")
        ),
        Namer("正文", Q(Exists(_texts_naming(model)))),
        *(Namer(held.words, Q(Exists(held.rows()))) for held in life.held),
    ]


def label(relation: Any) -> str:
    """`catalog.Product.brand`: how a room names a relation that is part of its row."""
    return f"{relation.related_model._meta.label}.{relation.field.name}"


def _called(relation: Any) -> str:
    model = relation.related_model
    parent = _parent_of(model)
    return str((parent or model)._meta.verbose_name)


def _relations(model: Any) -> Iterator[Any]:
    """Every key of another table that points at `model`, those without a way back included."""
    for one in model._meta.get_fields(include_hidden=True):
        if isinstance(one, ForeignObjectRel) and one.field.model is one.related_model and one.field.concrete:
            through = one.related_model._meta.auto_created
            if not through and one.related_model._meta.managed:
                yield one


def _pointing(model: Any, life: Life) -> list[Any]:
    return [one for one in _relations(model) if not _is_part(one, life)]


def parts_of(model: Any, life: Life) -> list[Any]:
    """The keys by which other rows are a part of one, and go along with it."""
    return [one for one in _relations(model) if _is_part(one, life)]


def _is_part(relation: Any, life: Life) -> bool:
    return isinstance(relation.field, ParentalKey) or label(relation) in life.parts


def _by(relation: Any, name: str) -> Iterator[Q]:
    """Rows that name it, and newest drafts that will."""
    model = relation.related_model
    yield Q(Exists(model._base_manager.filter(**{name: OuterRef("pk")})))
    if name != relation.field.name:
        return
    if hasattr(model, "latest_revision"):
        yield Q(Exists(_drafts_naming(relation)))
    parent = _parent_of(model)
    if parent is not None and hasattr(parent, "latest_revision"):
        yield Q(Exists(_drafts_naming_below(parent, relation)))


def _parent_of(model: Any) -> Any:
    """Of what a row of `model` is a part."""
    return next((one.related_model for one in model._meta.fields if isinstance(one, ParentalKey)), None)


def _newest(model: Any) -> Any:
    return Revision.objects.filter(pk__in=model._default_manager.values("latest_revision_id"))


def _drafts_naming(relation: Any) -> Rows:
    newest = _newest(relation.related_model)
    if relation.many_to_many:
        among = newest.annotate(named=KeyTransform(relation.field.name, "content"))
        return among.filter(
            named__contains=Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
        )
    named = newest.annotate(named=KeyTextTransform(relation.field.name, "content"))
    return named.filter(named=Cast(OuterRef("pk"), CharField()))


def _drafts_naming_below(parent: Any, relation: Any) -> Rows:
    """Drafts whose rows below (`entries`, `steps`) name it."""
    key = next(one for one in relation.related_model._meta.fields if isinstance(one, ParentalKey))
    rows = KeyTransform(key.remote_field.get_accessor_name(), F("content"))
    one = Func(
        Func(
            Value(relation.field.name),
            OuterRef("pk"),
            function="jsonb_build_object",
            output_field=JSONField(),
        ),
        function="jsonb_build_array",
        output_field=JSONField(),
    )
    return _newest(parent).annotate(below=rows).filter(below__contains=one)


def _texts_naming(model: Any) -> Rows:
    """What names it inside a text of blocks."""
    kind = ContentType.objects.get_for_model(model)
    found = ReferenceIndex.objects.filter(
        to_content_type=kind, to_object_id=Cast(OuterRef("pk"), CharField())
    )
    # `entries.item.material` is a key of a row below, asked for as such.
    return found.filter(model_path__contains=".").exclude(model_path__regex=r"^\w+\.item\.\w+$")
