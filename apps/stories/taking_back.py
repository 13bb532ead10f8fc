"""Her no, at any time: every use ends in one transaction, and what she told is deleted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.fields.reverse_related import ForeignObjectRel
from wagtail.admin.models import FormState
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision, WorkflowState

from apps.database import db_role
from apps.library.models import HostVariant, Material, MaterialPicture
from apps.library.models.publishing import Publishable
from apps.media.models import Image, Poster
from apps.records.models import Consent
from apps.records.services import consents as agreements
from apps.stories.models import Story
from apps.stories.services import NotPossibleError, locked, record
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

TITLE = "已撤回的用户故事"


@transaction.atomic
def decline(story: Story, *, now: datetime) -> Story:
    """She does not agree: words and pictures are gone at once. NotPossibleError once she has agreed."""
    row = locked(story)
    if row.state in Story.EMPTY:
        return row
    if row.state != Story.State.ASKED:
        raise NotPossibleError("你已经同意过了。不想分享了，请点「撤回我的故事」。")
    row.state, row.answered_at = Story.State.DECLINED, now
    _empty(row)
    record(Fact.STORY_DECLINED, row, now)
    return row


@transaction.atomic
def withdraw(story: Story, *, now: datetime) -> Story:
    """Take it back, in whatever state: off every page with this transaction, words and pictures deleted."""
    row = locked(story)
    if row.state in Story.EMPTY:
        return row
    _end_uses(row)
    row.state, row.withdrawn_at = Story.State.WITHDRAWN, now
    _empty(row)
    record(Fact.STORY_WITHDRAWN, row, now)
    # Last: the end of a consent is told to `consent_withdrawn` below too, which finds it done.
    if row.consent_id is not None:
        agreements.end(row.consent_id, now=now)
    return row


def consent_withdrawn(sender: Any, consents: list[Consent], now: datetime, **kwargs: Any) -> None:
    """She took her consent back where she sees all of them: the stories end with it."""
    with db_role.as_worker():
        for story in Story.objects.filter(consent__in=consents).order_by("pk"):
            withdraw(story, now=now)


@transaction.atomic
def hide(stories: Iterable[Story]) -> None:
    """Take down what was made of them, and keep the rest: their consumer asked for all of it to be erased."""
    with db_role.as_worker():
        for story in stories:
            material = (
                Material.objects.select_for_update(of=("self",)).filter(pk=story.material_id or 0).first()
            )
            if material is not None:
                material.revisions.update(approved_go_live_at=None)
                if material.live:
                    material.unpublish()


@transaction.atomic
def forget(stories: Iterable[Story]) -> int:
    """Nothing of these stories stays, the rows neither; how many."""
    count = 0
    with db_role.as_worker():
        for story in stories:
            row = locked(story)
            _end_uses(row)
            _delete_pictures(row)
            row.delete()
            count += 1
    return count


def _empty(story: Story) -> None:
    story.title = story.called = story.text = story.reason = ""
    story.save()
    _delete_pictures(story)


def _delete_pictures(story: Story) -> None:
    for picture in story.pictures.all():
        delete_file(str(picture.file.name))
    story.pictures.all().delete()


def _end_uses(story: Story) -> None:
    """Everything made of it goes offline: as the worker, since it is HQ's and other hosts' too."""
    with db_role.as_worker():
        images = list(Image.objects.filter(story_picture__story=story))
        for row in _showing(images):
            row.unpublish(set_expired=True)
        if story.material_id is not None:
            _take_down(Material.objects.select_for_update(of=("self",)).get(pk=story.material_id))
        _delete_images(images)


def _showing(images: list[Image]) -> list[Publishable]:
    """Whatever is live and shows one of these pictures, wherever somebody put it."""
    places = {
        (place.base_content_type_id, place.object_id)
        for image in images
        for place in ReferenceIndex.get_references_to(image)
    }
    found: list[Publishable] = []
    for content_type, pk in sorted(places):
        model = ContentType.objects.get_for_id(content_type).model_class()
        if model is not None and issubclass(model, Publishable):
            found += model._base_manager.select_for_update(of=("self",)).filter(pk=pk, live=True)
    return found


def _take_down(material: Material) -> None:
    """The material stays as a row that links lead to; nothing of hers is in it, its versions or previews."""
    if material.live:
        material.unpublish(set_expired=True)
    WorkflowState.objects.for_instance(material).delete()
    FormState.objects.for_instance(material).delete()
    Revision.objects.for_instance(material).delete()
    ModelLogEntry.objects.for_instance(material).update(label=TITLE)
    HostVariant.objects.filter(material=material).delete()
    MaterialPicture.objects.filter(material=material).delete()
    material.texts.model.objects.filter(material=material).delete()
    fresh = Material.objects.get(pk=material.pk)
    fresh.title, fresh.summary, fresh.share_text, fresh.body = TITLE, "", "", []
    fresh.cover = fresh.product = None
    fresh.expired, fresh.go_live_at = True, None
    fresh.has_unpublished_changes = False
    fresh.latest_revision = fresh.live_revision = None
    fresh.save()
    for poster in Poster.objects.filter(subject_kind=Subject.MATERIAL, subject_id=material.pk):
        delete_file(str(poster.file.name))
        poster.delete()


def _delete_images(images: list[Image]) -> None:
    """Out of whatever shows them, then the pictures themselves, every size of them."""
    for relation in Image._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.many_to_many:
            continue
        field: Any = relation.field
        rows = field.model._base_manager.filter(**{f"{field.name}__in": images})
        if field.null:
            rows.update(**{field.name: None})
        elif field.model is not Image.get_rendition_model():
            rows.delete()
    for image in images:
        for rendition in image.renditions.all():
            delete_file(str(rendition.file.name))
        name = str(image.file.name)
        image.delete()
        delete_file(name)


def delete_file(name: str) -> None:
    """Once the transaction holds: a file can't come back."""
    transaction.on_commit(lambda: default_storage.delete(name))
