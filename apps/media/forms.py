"""Fields that take an upload only as a clean copy, and the forms around them."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.images.forms import BaseImageForm

from apps.media import cleaning, services
from apps.media.models import Video

PICTURE_ACCEPT = ".jpg,.jpeg,.png,.webp,.heic,.heif,image/jpeg,image/png,image/webp,image/heic,image/heif"
_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


class PictureField(forms.FileField):
    """An uploaded picture, cleaned in the child process; with the attributes Wagtail's uploader reads."""

    max_upload_size = cleaning.MAX_PICTURE_BYTES
    kind = "picture"
    default_error_messages = {
        "required": "请选一张图片。",
        "empty": "这个文件是空的，请重新选一张图片。",
        "file_too_large_unknown_size": "图片最多 20 MB。请压缩后再上传。",
        "invalid_image_extension": "只收 JPG、PNG、WebP、HEIC 图片。请另存为其中一种再上传。",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text", "JPG、PNG、WebP、HEIC，最多 20 MB、4000 万像素。拍摄地点等信息会自动去掉。"
        )
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> Any:
        upload = super().to_python(data)
        if upload is None:
            return None
        try:
            clean = cleaning.clean_picture(upload, kind=self.kind)
        except cleaning.UploadRefusedError as refused:
            raise ValidationError(str(refused), code="refused") from refused
        stem = PurePath(upload.name or "").stem[:60] or "picture"
        return SimpleUploadedFile(f"{stem}.{clean.extension}", clean.content, _TYPES[clean.extension])

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": PICTURE_ACCEPT}


class FaceField(PictureField):
    """A person's own picture, small."""

    kind = "face"


class CodeField(PictureField):
    """A picture of a code by which somebody is found."""

    kind = "code"


class CleanImageForm(BaseImageForm):
    """Wagtail's image form with our field in place of its own (WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # What was approved, or agreed to, shows this very picture: another one is another row.
            self.fields.pop("file", None)
        elif "file" in self.fields:
            theirs = self.fields["file"]
            self.fields["file"] = PictureField(
                label="图片文件", required=theirs.required, widget=theirs.widget
            )


class VideoForm(WagtailAdminModelForm):
    """A film: checked and given its cover when it is uploaded."""

    class Meta:
        model = Video
        fields = ["title", "file", "cover"]
        help_texts = {"file": "MP4（H.264），最多 10 MB、10 分钟。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clean_film: cleaning.CleanFilm | None = None
        self.fields["cover"].required = False
        if self.instance.pk:
            del self.fields["file"]  # as with a picture: another film is another row
        else:
            self.fields["file"].widget = forms.FileInput(attrs={"accept": "video/mp4,.mp4"})

    def clean_file(self) -> Any:
        upload = self.cleaned_data.get("file")
        if "file" not in self.changed_data or not upload:
            return upload
        try:
            self.clean_film = cleaning.clean_film(upload)
        except cleaning.UploadRefusedError as refused:
            raise ValidationError(str(refused), code="refused") from refused
        return ContentFile(self.clean_film.content, name="film.mp4")

    def save(self, commit: bool = True) -> Video:
        video: Video = self.instance
        by = self.for_user
        if self.clean_film is not None:
            services.fill_from_film(video, self.clean_film, by=by, keep_cover="cover" in self.changed_data)
        return super().save(commit)

    def _get_validation_exclusions(self) -> set[str]:
        # The cover is made in `save()` when none was chosen.
        return {*super()._get_validation_exclusions(), "cover"}
