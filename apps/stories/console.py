"""User stories at HQ: read, take as the draft of a material, or send back with the reason."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import permission_required
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn

from apps.accounts.filters import TreeFilter
from apps.console_kit.lists.columns import PictureColumn
from apps.console_kit.lists.declaring import Card, Desk, Empty, View
from apps.console_kit.names import called
from apps.console_kit.rights import ByOneRight
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
)
from apps.console_kit.viewsets import page as frame
from apps.console_kit.waiting import Waiting, declare
from apps.customers.console import write_down_looks
from apps.lib.pinyin import is_called
from apps.media.pictures import Picture
from apps.media.views import show_private
from apps.stories import access, agreed, bulk, services
from apps.stories.models import Story, StoryPicture

UNDER = ("用户故事", "story:index")
#: How HQ calls where a story stands; its host's words are the model's.
STATES = {
    Story.State.AGREED: "等审核",
    Story.State.TAKEN: "采用了",
    Story.State.RETURNED: "没有采用",
    Story.State.DECLINED: "她没有同意",
    Story.State.WITHDRAWN: "已撤回",
}
_SIDE = 480


def _agreed(user: Any) -> QuerySet[Story]:
    return access.stories_read_by(user).filter(state=Story.State.AGREED)


declare(Waiting(UNDER[1], "篇用户故事等审核", access.REVIEW, _agreed))


# --- the list -----------------------------------------------------------------------------------------------


class StoryFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=list(STATES.items()), label="状态", empty_label="全部")
    pictures = django_filters.ChoiceFilter(
        choices=[("yes", "有图片"), ("no", "没有图片")],
        label="图片",
        empty_label="全部",
        method="by_pictures",
    )
    organisation = TreeFilter(field_name="host__organisation", right=access.REVIEW)
    answered_at = django_filters.DateFromToRangeFilter(label="她回答的日期")

    class Meta:
        model = Story
        fields: ClassVar[list[str]] = ["state", "pictures", "organisation", "answered_at"]

    def by_pictures(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        having = StoryPicture.objects.values("story_id")
        return rows.filter(pk__in=having) if value == "yes" else rows.exclude(pk__in=having)


class StoryList(SearchedList, DetailList):
    detail_url_name = "story:detail"
    search_hint = "搜标题、商品、大C称呼"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Titles are sealed: each is opened to be compared."""
        plain = called(rows, words, "product__title", "host__name")
        bare = rows.select_related(None).order_by().only("public_id", "title")
        found = [one.pk for one in bare if is_called(words, one.title)]
        return rows.filter(Q(pk__in=plain.values("pk")) | Q(pk__in=found))

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        return rows.select_related("host__organisation", "product", "material", "reviewed_by")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        looked_at = Counter(story.host_id for story in context["object_list"] if story.title)
        write_down_looks(self.request, looked_at, fields="用户故事（标题和图片）")
        return context


def _state(story: Story) -> str:
    """Where it stands; of a story that HQ took, how far its material is."""
    if story.state != Story.State.TAKEN:
        return STATES[Story.State(story.state)]
    if story.is_shown:
        return "已发布"
    return "已下架" if story.material is not None and story.material.expired else "素材草稿"


def _dress(rows: Sequence[Story]) -> None:
    first: dict[int, UUID] = {}
    pictures = StoryPicture.objects.filter(story__in=[row.pk for row in rows]).order_by("story", "position")
    for story_id, public_id in pictures.values_list("story_id", "public_id"):
        first.setdefault(story_id, public_id)
    for row in rows:
        found = first.get(row.pk)
        url = found and reverse("story:picture", args=[found])
        row.list_picture = Picture(url, _SIDE, _SIDE) if url else None  # type: ignore[attr-defined]
        row.state_word = _state(row)  # type: ignore[attr-defined]


class StoryViewSet(ListOnlyViewSet):
    model = Story
    name = "story"
    icon = "group"
    menu_label = UNDER[0]
    url_prefix = "stories"
    index_view_class = StoryList
    filterset_class = StoryFilterSet
    permission_policy = ByOneRight(Story, access.REVIEW)
    ordering = "-answered_at"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("title", label="故事", accessor=lambda row: row.title or str(row)),
        PictureColumn(),
        Column("host", label="大C", accessor="host.name"),
        Column("organisation", label="组织", accessor="host.organisation.name"),
        Column("product", label="商品", accessor=lambda row: row.product.title if row.product else "—"),
        MomentColumn("answered_at", label="她回答的时间", sort_key="answered_at"),
        StatusTagColumn(
            "state", label="状态", accessor=_state, primary=lambda row: row.state == Story.State.AGREED
        ),
        Column(
            "reviewed_by",
            label="审核人",
            accessor=lambda row: row.reviewed_by.name if row.reviewed_by else "—",
        ),
        MomentColumn("reviewed_at", label="审核时间", sort_key="reviewed_at"),
        Column("reason", label="没有采用的原因", accessor=lambda row: row.reason or "—"),
    ]
    desk = Desk(
        empty=Empty("还没有用户故事。大C收集、顾客本人同意以后会到这里。"),
        acts=bulk.ACTS,
        views=(
            View(
                "等审核",
                f"state={Story.State.AGREED}&ordering=answered_at",
                "没有等审核的故事。大C收集、顾客本人同意以后会到这里。",
            ),
            View("采用了的", f"state={Story.State.TAKEN}", "还没有采用过故事。"),
        ),
        off=frozenset({"organisation", "reviewed_by", "reviewed_at", "reason"}),
        personal=frozenset({"title", "host"}),
        host_id_of=lambda row: row.host_id,
        dress=_dress,
        card=Card("console/stories/_story_card.html", _dress),
    )

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(pk__in=access.stories_read_by(user, *also).values("pk"))

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<uuid:public_id>/", story, name="detail"),
            path("<uuid:public_id>/take/", take, name="take"),
            path("<uuid:public_id>/refuse/", refuse, name="refuse"),
            path("pictures/<uuid:public_id>/", picture, name="picture"),
        ]


# --- one story ----------------------------------------------------------------------------------------------


@require_safe
@permission_required(access.REVIEW)
def story(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One story, with what she agreed to and when; the look is written down for her host to see."""
    found = access.story_for(request.user, public_id)
    if found.text:
        write_down_looks(request, Counter({found.host_id: 1}), fields="用户故事")
    context = {
        "story": found,
        "state": _state(found),
        "pictures": found.pictures.all(),
        "against": agreed.what_stands_against(found) if found.text else [],
        "may_add": request.user.has_perm("library.change_material"),
        **_frame(found),
    }
    return TemplateResponse(request, "console/stories/story.html", context)


def _frame(found: Story) -> dict[str, Any]:
    return frame(found.title or str(found), icon="group", under=UNDER)


@require_safe
@permission_required(access.REVIEW)
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.picture_for(request.user, public_id)
    return show_private(request, str(found.file.name))  # type: ignore[return-value]


@require_POST
@permission_required(access.REVIEW)
def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make it the draft of a material."""
    found = access.story_for(request.user, public_id)
    try:
        services.take(found, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已经放进素材草稿。编辑选好场合、提交审核，通过后大C就能发。")
    return redirect("story:detail", public_id)


@require_POST
@permission_required(access.REVIEW)
def refuse(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.story_for(request.user, public_id)
    form = bulk.RefuseForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0])
        return redirect("story:detail", public_id)
    try:
        services.refuse(
            found,
            reason=form.cleaned_data["reason"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "没有采用，大C会看到原因。")
    return redirect("story:detail", public_id)
