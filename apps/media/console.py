"""Films in the HQ console; pictures have Wagtail's own library."""

from typing import Any, ClassVar

import django_filters
from django.db.models import F, QuerySet
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from apps.console_kit.lists.acts import OFF, ON, deleting, switching
from apps.console_kit.lists.columns import PictureColumn, in_use_column
from apps.console_kit.lists.declaring import Desk, Empty, Life
from apps.console_kit.lists.filters import InUseFilter
from apps.console_kit.lists.uses import with_uses
from apps.console_kit.names import called
from apps.console_kit.viewsets import GuardedViewSet, MomentColumn, SearchedList, searching_chooser
from apps.media.forms import VideoForm
from apps.media.models import Video
from apps.media.pictures import dress


def matching(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    return called(rows, words, "title")


CHANGE = "media.change_video"
VIDEO_LIFE = Life(CHANGE, retire=OFF, bring_back=ON)


class VideoFilterSet(WagtailFilterSet):
    used = django_filters.ChoiceFilter(
        choices=[("yes", "用到了"), ("no", "没用过")], label="用处", empty_label="全部", method="by_use"
    )
    in_use = InUseFilter()
    created_at = django_filters.DateFromToRangeFilter(label="上传日期")

    class Meta:
        model = Video
        fields: ClassVar[list[str]] = ["used", "in_use", "created_at"]

    def by_use(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return with_uses(rows, VIDEO_LIFE).filter(is_used=value == "yes")


class VideoList(SearchedList, generic.IndexView):
    search_hint = "搜标题"
    find = staticmethod(matching)

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("uploaded_by").annotate(picture_id=F("cover_id"))


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
        PictureColumn("封面"),
        Column("duration", label="时长", accessor="duration_label"),
        Column("size", label="大小", accessor=lambda row: f"{row.size_bytes / 1024 / 1024:.1f} MB"),
        Column("uploaded_by", label="上传的人", accessor="uploaded_by.name"),
        MomentColumn("created_at", label="上传时间", sort_key="created_at"),
        in_use_column(),
    ]
    filterset_class = VideoFilterSet
    desk = Desk(
        empty=Empty("还没有视频。传一段 10 MB 以内的 MP4。", "上传视频", "video:add", "media.add_video"),
        acts=(
            *switching(
                CHANGE,
                on=("启用", "重新可以选到素材和课里。"),
                off=("停用", "不能再选，已经用上的照常播放。"),
            ),
            deleting(VIDEO_LIFE),
        ),
        life=VIDEO_LIFE,
        off=frozenset({"uploaded_by"}),
        dress=dress,
    )

    def get_form_class(self, for_update: bool = False) -> Any:
        return VideoForm


VideoChooser = searching_chooser(
    Video,
    find=matching,
    rows=lambda: Video.objects.filter(is_active=True).order_by("-pk"),
    icon="media",
    choose="选视频",
    another="换一个视频",
    hint="搜标题",
)
