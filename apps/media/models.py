"""Pictures, films and posters: files with what we know of them."""

from pathlib import PurePath
from typing import Any, ClassVar

from django.core.files.base import ContentFile, File
from django.db import models
from taggit.managers import TaggableManager
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.search import index

from apps.accounts.models import Host, User
from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.lib.ids import uuid7
from apps.lib.pii import Kept, Pii, Use


class Image(AbstractImage, PublicIdModel):  # type: ignore[django-manager-missing]
    """A picture as the decoder wrote it: upright, sRGB, no metadata. Its file name can't be guessed."""

    # Named anew, since Wagtail's own Image model would claim the same reverse names.
    uploaded_by_user = models.ForeignKey(
        User,
        models.SET_NULL,
        verbose_name="上传人",
        null=True,
        blank=True,
        editable=False,
        related_name="uploaded_pictures",
    )
    tags = TaggableManager(blank=True, verbose_name="标签", related_name="pictures")
    #: Out of use it is offered no more, and is shown where it was chosen.
    is_active = models.BooleanField("在用", default=True, db_default=True, editable=False)

    admin_form_fields = (
        "title",
        "file",
        "description",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )
    search_fields = (*AbstractImage.search_fields, index.FilterField("id"))
    PII: ClassVar[dict[str, Pii]] = {
        "title": Pii.NONE,
        "file": Pii.NONE,
        "description": Pii.NONE,
        "file_hash": Pii.NONE,
    }

    class Meta(AbstractImage.Meta):
        verbose_name = "图片"
        verbose_name_plural = "图片"
        permissions = [("choose_image", "可以选用图片")]

    def get_upload_to(self, filename: str) -> str:
        """A fresh name: drafts' pictures are not found by guessing, nobody's file name is published."""
        return f"original_images/{uuid7().hex}{PurePath(filename).suffix.lower()}"

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> File:  # noqa: A002 (Wagtail's name)
        """One size of it, in memory: Wagtail would leave its temporary file open until it is garbage."""
        made = super().generate_rendition_file(filter, source=source)
        with made.file as temporary:
            temporary.seek(0)
            return ContentFile(temporary.read(), name=made.name)


class Rendition(AbstractRendition):
    """One size of a picture, made when first asked for."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")

    PII: ClassVar[dict[str, Pii]] = {
        "filter_spec": Pii.NONE,
        "file": Pii.NONE,
        "focal_point_key": Pii.NONE,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="rendition_one_per_size"
            )
        ]


def film_path(instance: "Video", filename: str) -> str:
    return f"videos/{uuid7().hex}.mp4"


class Video(PublicIdModel):
    """A short film that phones play as it is: MP4 with H.264, at most 10 MB, never transcoded."""

    title = PlainCharField("标题", max_length=100)
    file = models.FileField("视频文件", upload_to=film_path)
    cover = models.ForeignKey(
        Image,
        models.PROTECT,
        verbose_name="封面",
        related_name="+",
        blank=True,
        help_text="不选就用视频里的一帧。",
    )
    duration_s = models.DecimalField("时长（秒）", max_digits=7, decimal_places=2, editable=False)
    size_bytes = models.PositiveIntegerField("大小", editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, verbose_name="上传的人", related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    #: Out of use it is offered no more, and plays where it was chosen.
    is_active = models.BooleanField("在用", default=True, db_default=True, editable=False)

    PII: ClassVar[dict[str, Pii]] = {"title": Pii.NONE, "file": Pii.NONE}

    class Meta:
        verbose_name = "视频"
        verbose_name_plural = "视频"

    def __str__(self) -> str:
        return self.title

    @property
    def duration_label(self) -> str:
        """`1:05`"""
        minutes, seconds = divmod(round(self.duration_s or 0), 60)
        return f"{minutes}:{seconds:02d}"


def host_picture_path(instance: "HostPicture", filename: str) -> str:
    return f"hosts/{uuid7().hex}{PurePath(filename).suffix.lower()}"


class HostPicture(PublicIdModel):
    """What a host shows her customers of herself: her face, and the code by which they find her in WeChat."""

    class Kind(models.TextChoices):
        FACE = "face", "头像"
        CODE = "code", "微信码"

    host = models.ForeignKey(Host, models.PROTECT, related_name="pictures")
    kind = models.CharField(max_length=10, choices=Kind)
    file = models.FileField(upload_to=host_picture_path)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: Her code stands on her posters, too.
    on_posters = models.BooleanField("海报上也放", default=False, db_default=False)
    added_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.NONE, "file": Pii.STAFF}
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("客户认得出是谁，找得到她", Kept.STAFF)

    class Meta:
        verbose_name = "大C的头像和微信码"
        verbose_name_plural = "大C的头像和微信码"
        constraints = [models.UniqueConstraint(fields=["host", "kind"], name="host_picture_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def url(self) -> str:
        return str(self.file.url)


def poster_path(instance: "Poster", filename: str) -> str:
    return f"posters/{instance.digest[:2]}/{instance.digest}.jpg"


class Poster(models.Model):
    """One picture made for one host about one subject, with her link in it.

    `digest` covers everything drawn on it, so a changed price or name makes another poster.
    """

    host = models.ForeignKey(Host, models.PROTECT, related_name="posters")
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    file = models.FileField(upload_to=poster_path)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {
        "subject_kind": Pii.NONE,
        "digest": Pii.NONE,
        "file": Pii.NONE,
    }

    class Meta:
        verbose_name = "海报"
        verbose_name_plural = "海报"
        indexes = [models.Index(fields=["host", "subject_kind", "subject_id"], name="poster_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"

    @property
    def url(self) -> str:
        return str(self.file.url)
