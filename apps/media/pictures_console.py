"""Pictures in the HQ console: a list like the others, before Wagtail's own pages of one picture."""

from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.urls import reverse
from taggit.models import Tag
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton
from wagtail.images.permissions import permission_policy
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex

from apps.console_kit.lists.acts import OFF, ON, deleting, switching
from apps.console_kit.lists.columns import PictureColumn, in_use_column
from apps.console_kit.lists.declaring import Card, Desk, Empty, Given, Life, ListAct, TakingBack
from apps.console_kit.lists.filters import InUseFilter
from apps.console_kit.lists.uses import with_uses
from apps.console_kit.names import called
from apps.console_kit.viewsets import ListOnlyViewSet, MomentColumn, SearchedList
from apps.lib.words import plain
from apps.media.models import Image
from apps.media.pictures import CARD, dress

_LONGEST_TAG = 20


def may_change(user: Any) -> bool:
    """Rights to pictures are rights to their collection."""
    return bool(permission_policy.user_has_permission(user, "change"))


def may_add(user: Any) -> bool:
    return bool(permission_policy.user_has_permission(user, "add"))


LIFE = Life(may_change, parts=frozenset({"media.Rendition.image"}), retire=OFF, bring_back=ON)

# --- acts ---------------------------------------------------------------------------------------------------


class TagForm(forms.Form):
    tag = forms.CharField(
        label="哪个标签",
        max_length=_LONGEST_TAG,
        error_messages={"required": "写一个标签，比如「早餐」。", "max_length": "标签最多 20 个字。"},
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)

    def clean_tag(self) -> str:
        tag = plain(self.cleaned_data["tag"])
        if not tag or "," in tag:
            raise forms.ValidationError("写一个标签，里面不要有逗号。")
        return tag


def _names(image: Image) -> list[str]:
    return sorted(tag.name for tag in image.tags.all())


def _set(image: Image, names: list[str]) -> None:
    image.tags.set(names)
    log(instance=image, action="wagtail.edit", content_changed=True)


_TAKING_BACK = TakingBack(
    lambda image: {"tags": _names(image)}, lambda image, before, given: _set(image, before["tags"])
)


def _tagged(image: Image, given: Given) -> bool:
    return given.data["tag"] in _names(image)


TAG = ListAct(
    "tag",
    "加标签",
    may_change,
    apply=lambda image, given: _set(image, [*_names(image), given.data["tag"]]),
    means=lambda rows, given: [f"{len(rows)} 张图片加上标签「{given.data['tag']}」。"],
    why_not=lambda image, given: "已经有这个标签" if _tagged(image, given) else "",
    form=TagForm,
    rows=lambda rows: rows.prefetch_related("tags"),
    taking_back=_TAKING_BACK,
)
UNTAG = ListAct(
    "untag",
    "去掉标签",
    may_change,
    apply=lambda image, given: _set(image, [one for one in _names(image) if one != given.data["tag"]]),
    means=lambda rows, given: [f"{len(rows)} 张图片去掉标签「{given.data['tag']}」。"],
    why_not=lambda image, given: "" if _tagged(image, given) else "没有这个标签",
    form=TagForm,
    rows=lambda rows: rows.prefetch_related("tags"),
    taking_back=_TAKING_BACK,
)

# --- the list -----------------------------------------------------------------------------------------------


def _tags() -> list[tuple[str, str]]:
    names = Tag.objects.filter(pictures__isnull=False).distinct().order_by("name").values_list("name")
    return [(name, name) for (name,) in names]


class ImageFilterSet(WagtailFilterSet):
    used = django_filters.ChoiceFilter(
        choices=[("yes", "用到了"), ("no", "没用过")], label="用处", empty_label="全部", method="by_use"
    )
    in_use = InUseFilter()
    shape = django_filters.ChoiceFilter(
        choices=[("wide", "横图"), ("tall", "竖图"), ("square", "方图")],
        label="形状",
        empty_label="全部",
        method="by_shape",
    )
    tag = django_filters.ChoiceFilter(
        choices=_tags, label="标签", empty_label="全部", field_name="tags__name"
    )
    mine = django_filters.ChoiceFilter(
        choices=[("yes", "我上传的")], label="上传的人", empty_label="全部", method="by_uploader"
    )
    created_at = django_filters.DateFromToRangeFilter(label="上传日期")

    class Meta:
        model = Image
        fields: ClassVar[list[str]] = ["used", "in_use", "shape", "tag", "mine", "created_at"]

    def by_use(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return with_uses(rows, LIFE).filter(is_used=value == "yes")

    def by_shape(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "wide":
            return rows.filter(width__gt=F("height"))
        return rows.filter(width__lt=F("height")) if value == "tall" else rows.filter(width=F("height"))

    def by_uploader(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(uploaded_by_user=self.request.user)


class ImageList(SearchedList, generic.IndexView):
    any_permission_required: ClassVar[list[str]] = ["add", "change", "delete"]
    search_hint = "搜标题、说明"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "title", "description")

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset().select_related("uploaded_by_user").prefetch_related("tags")
        return rows.annotate(picture_id=F("pk"))

    def get_edit_url(self, instance: Any) -> str | None:
        """Wagtail's page of the picture, which leads back to where the list was left."""
        url = super().get_edit_url(instance)
        place = self._place()
        back = self.viewset.list_url + (f"?{place}" if place else "")
        return f"{url}?{urlencode({'next': back})}" if url else None

    @property
    def header_buttons(self) -> list[Any]:
        if not may_add(self.request.user):
            return []
        return [HeaderButton("上传图片", url=reverse("wagtailimages:add_multiple"), icon_name="plus")]


def _weight(image: Image) -> str:
    size = image.file_size or 0
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"


def _count(rows: list[Any], user: Any) -> None:
    found = ReferenceIndex.get_count_references_to_in_bulk(rows)
    for row in rows:
        row.use_count = found.get(row, 0)


class ImageViewSet(ListOnlyViewSet):
    """The list alone; Wagtail's pages of one picture, its upload and its chooser stay as they are."""

    model = Image
    name = "picture"
    icon = "image"
    menu_label = "图片"
    url_prefix = "images"
    index_view_class = ImageList
    filterset_class = ImageFilterSet
    permission_policy = permission_policy
    ordering = "-created_at"
    list_display: ClassVar[list[Any]] = [
        "title",
        PictureColumn(),
        Column("size", label="尺寸", accessor=lambda row: f"{row.width} × {row.height}"),
        Column("weight", label="大小", accessor=_weight, sort_key="file_size"),
        Column("tags", label="标签", accessor=lambda row: "、".join(_names(row)) or "—"),
        Column("uses", label="用在几处", accessor=lambda row: row.use_count),
        Column("description", label="说明"),
        Column(
            "uploaded_by",
            label="上传的人",
            accessor=lambda row: row.uploaded_by_user.name if row.uploaded_by_user else "—",
        ),
        MomentColumn("created_at", label="上传时间", sort_key="created_at"),
        in_use_column(),
    ]
    desk = Desk(
        empty=Empty(
            "还没有图片。可以一次传很多张，拍摄地点等信息会自动去掉。",
            "上传图片",
            "wagtailimages:add_multiple",
            may_add,
        ),
        acts=(
            TAG,
            UNTAG,
            *switching(
                may_change,
                on=("启用", "重新可以选。"),
                off=("停用", "不能再选，已经用上的照常显示。"),
            ),
            deleting(LIFE),
        ),
        life=LIFE,
        off=frozenset({"description", "uploaded_by"}),
        dress=dress,
        count=_count,
        card=Card("console/media/_image_card.html", lambda rows: dress(rows, CARD)),
    )

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:  # noqa: ARG004 - tells of nobody
        hers = permission_policy.instances_user_has_any_permission_for(user, ["change", "delete"])
        return rows.filter(pk__in=hers.values("pk"))

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_common_view_kwargs(**kwargs), "edit_url_name": "wagtailimages:edit"}
