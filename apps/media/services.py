"""Storing pictures, films and posters."""

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image as Pillow
from wagtail.models import Collection

from apps.accounts.models import Host, User
from apps.media import cleaning
from apps.media.models import HostPicture, Image, Poster, Video
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

BATCH = 200
#: Longer than anything waits that has a poster with it, and than a page with one stays open.
POSTERS_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class GeneratedPicture:
    """A picture that our own code drew."""

    title: str
    content: bytes
    description: str = ""


def add_picture(
    *, title: str, upload: "File[bytes] | bytes", by: User | None, description: str = ""
) -> Image:
    """Store one picture that somebody gave us; UploadRefusedError when it is not one."""
    clean = cleaning.clean_picture(upload)
    return _store_picture(title, clean.content, clean.extension, by=by, description=description)


def add_film(*, title: str, upload: "File[bytes] | bytes", by: User | None) -> Video:
    """Store one film that somebody gave us, with a cover taken from it."""
    film = cleaning.clean_film(upload)
    video = Video(title=title)
    fill_from_film(video, film, by=by, keep_cover=False)
    video.file = ContentFile(film.content, name="film.mp4")
    video.save()
    return video


def fill_from_film(video: Video, film: cleaning.CleanFilm, *, by: User | None, keep_cover: bool) -> None:
    """Copy onto `video` what the decoder found; a cover of one's own choosing is kept."""
    video.duration_s = film.duration_s
    video.size_bytes = len(film.content)
    video.width, video.height = film.width, film.height
    if video.pk is None:
        video.uploaded_by = by
    if not (keep_cover and video.cover_id):
        video.cover = _store_picture(f"{video.title} 封面", film.cover, "jpg", by=by)


def add_generated_pictures(pictures: Iterable[GeneratedPicture], *, by: User | None) -> list[Image]:
    """Store many pictures that our own code drew: no child process each, rows in batches.

    Only for bytes that never came from outside.
    """
    rows: list[Image] = []
    root = Collection.get_first_root_node()
    for picture in pictures:
        with Pillow.open(io.BytesIO(picture.content), formats=["JPEG", "PNG", "WEBP"]) as opened:
            width, height = opened.size
            extension = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}[opened.format or ""]
        row = Image(
            title=picture.title,
            description=picture.description,
            collection=root,
            uploaded_by_user=by,
            file_size=len(picture.content),
            file_hash=hashlib.sha1(picture.content, usedforsecurity=False).hexdigest(),
            created_at=timezone.now(),
        )
        name = default_storage.save(row.get_upload_to(f"picture.{extension}"), ContentFile(picture.content))
        row.file.name = name
        row.width, row.height = width, height
        rows.append(row)
    return Image.objects.bulk_create(rows, batch_size=BATCH)


def poster(
    *,
    host: Host,
    subject_kind: str,
    subject_id: int,
    digest: str,
    draw: Callable[[], bytes],
    now: datetime,
) -> Poster:
    """The poster with this digest, drawn (as JPEG bytes) only when it does not exist yet.

    Two taps at once may draw it twice; one row stays.
    """
    existing = Poster.objects.filter(digest=digest).first()
    if existing is not None:
        return existing
    content = draw()
    with Pillow.open(io.BytesIO(content), formats=["JPEG"]) as opened:
        width, height = opened.size
    row = Poster(
        host=host,
        subject_kind=subject_kind,
        subject_id=subject_id,
        digest=digest,
        width=width,
        height=height,
        created_at=now,
    )
    try:
        with transaction.atomic():
            row.file.save("poster.jpg", ContentFile(content), save=False)
            row.save()
    except IntegrityError:
        default_storage.delete(str(row.file.name))
        return Poster.objects.get(digest=digest)
    _drop_old_posters(row, now)
    return row


def _drop_old_posters(new: Poster, now: datetime) -> None:
    """A price brings another poster each day: those before stay while somebody may still want them."""
    rows = Poster.objects.filter(
        host=new.host,
        subject_kind=new.subject_kind,
        subject_id=new.subject_id,
        created_at__lt=now - POSTERS_KEPT,
    )
    for old in rows:
        _forget_file(str(old.file.name))
        old.delete()


@transaction.atomic
def show_of_host(
    host: Host, kind: HostPicture.Kind, content: "File[bytes]", *, by: User, now: datetime
) -> HostPicture:
    """Show her customers this picture, which came through the decoder, in the place of the one before."""
    earlier = HostPicture.objects.select_for_update().filter(host=host, kind=kind).first()
    row = earlier or HostPicture(host=host, kind=kind)
    if earlier is not None:
        _forget_file(str(earlier.file.name))
    content.seek(0)
    with Pillow.open(content, formats=["JPEG", "PNG", "WEBP"]) as opened:
        row.width, row.height = opened.size
    content.seek(0)
    row.added_at = now
    row.file.save(content.name or "picture.jpg", content, save=False)
    row.save()
    tracking.record(
        Fact.HOST_PICTURE_SHOWN, at=now, host_id=host.pk, actor_id=by.pk, props={"kind": str(kind)}
    )
    return row


@transaction.atomic
def hide_of_host(host: Host, kind: HostPicture.Kind, *, by: User, now: datetime) -> bool:
    """Take it down; False when there was none."""
    row = HostPicture.objects.select_for_update().filter(host=host, kind=kind).first()
    if row is None:
        return False
    _forget_file(str(row.file.name))
    row.delete()
    tracking.record(
        Fact.HOST_PICTURE_HIDDEN, at=now, host_id=host.pk, actor_id=by.pk, props={"kind": str(kind)}
    )
    return True


def put_code_on_posters(host: Host, *, is_on: bool, by: User, now: datetime) -> None:
    """Whether her code stands on her posters, from the next one drawn."""
    codes = HostPicture.objects.filter(host=host, kind=HostPicture.Kind.CODE)
    if codes.exclude(on_posters=is_on).update(on_posters=is_on):
        tracking.record(
            Fact.HOST_PICTURE_SHOWN,
            at=now,
            host_id=host.pk,
            actor_id=by.pk,
            props={"kind": str(HostPicture.Kind.CODE), "on_posters": is_on},
        )


def _forget_file(name: str) -> None:
    transaction.on_commit(lambda: default_storage.delete(name))


def _store_picture(
    title: str, content: bytes, extension: str, *, by: User | None, description: str = ""
) -> Image:
    image = Image(
        title=title[:255],
        description=description[:255],
        uploaded_by_user=by,
        collection=Collection.get_first_root_node(),
        file=ContentFile(content, name=f"picture.{extension}"),
    )
    image._set_image_file_metadata()
    image.save()
    return image
