"""Films in the HQ console; pictures have Wagtail's own library."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from apps.console_kit.names import called
from apps.console_kit.viewsets import GuardedViewSet, MomentColumn, SearchedList, searching_chooser
from apps.media.forms import VideoForm
from apps.media.models import Video


def matching(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    return called(rows, words, "title")


class VideoList(SearchedList, generic.IndexView):
    search_hint = "搜标题"
    find = staticmethod(matching)


class VideoViewSet(GuardedViewSet, ModelViewSet):
    model = Video
    icon = "media"
    menu_label = "视频"
    url_prefix = "videos"
    index_view_class = VideoList
    copy_view_enabled = False
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        "title",
        Column("duration", label="时长", accessor="duration_label"),
        Column("size", label="大小", accessor=lambda row: f"{row.size_bytes / 1024 / 1024:.1f} MB"),
        MomentColumn("created_at", label="上传时间", sort_key="created_at"),
    ]

    def get_form_class(self, for_update: bool = False) -> Any:
        return VideoForm


VideoChooser = searching_chooser(
    Video, find=matching, icon="media", choose="选视频", another="换一个视频", hint="搜标题"
)
