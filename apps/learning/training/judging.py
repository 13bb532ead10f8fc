"""Proofs of practice in the HQ console: a list, one proof before one's eyes, and many judged at once."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
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
from apps.console_kit.lists.declaring import Card, Desk, Empty, Given, ListAct, RefusedError, View
from apps.console_kit.names import called
from apps.console_kit.rights import ByOneRight
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.console_kit.waiting import Waiting, declare
from apps.learning.models import Lesson, Practice
from apps.learning.training import access, selectors, services
from apps.media.pictures import Picture
from apps.media.views import show_private

UNDER = ("批改练习", "practice:index")
#: Whose practice it is has to be asked for each of them.
_MOST = 200
_SIDE = 480

declare(
    Waiting(
        UNDER[1],
        "份练习等批改",
        access.REVIEW,
        lambda user: selectors.waiting_practices(access.practices_seen_by(user)),
    )
)

# --- acts on many -------------------------------------------------------------------------------------------


class PassForm(forms.Form):
    reason = forms.CharField(
        label="评语（可以不写）",
        max_length=100,
        required=False,
        error_messages={"max_length": "评语最多 100 个字。"},
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)


class ReturnForm(PassForm):
    reason = forms.CharField(
        label="哪里要改，大C会看到",
        max_length=100,
        error_messages={"required": "退回时请写一句哪里要改。", "max_length": "评语最多 100 个字。"},
    )


def _why_not(practice: Practice, given: Given) -> str:
    return services.what_stops_review(practice, by=given.by, now=given.now)


def _with_whose(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("lesson", "host__user")


def _judging(key: str, label: str, form: Any, means: str, *, passed: bool) -> ListAct:
    def apply(practice: Practice, given: Given) -> None:
        try:
            services.review(practice, passed=passed, reason=given.data["reason"], by=given.by, now=given.now)
        except services.NotPossibleError as error:
            raise RefusedError(str(error)) from None

    def told(rows: list[Any], given: Given) -> list[str]:
        reason = given.data["reason"].strip()
        return [f"{len(rows)} 份{means}", *([f"她们都会看到这句评语：「{reason}」。"] if reason else [])]

    return ListAct(
        key,
        label,
        access.REVIEW,
        apply=apply,
        means=told,
        why_not=_why_not,
        form=form,
        rows=_with_whose,
        most=_MOST,
    )


ACTS = (
    _judging("pass", "通过", PassForm, "练习通过，这一课对她们算学完。批过就不能再改。", passed=True),
    _judging("return", "退回", ReturnForm, "练习退回，她们改好再交一次。批过就不能再改。", passed=False),
)

# --- the list -----------------------------------------------------------------------------------------------


class PracticeFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=Practice.State.choices, label="状态", empty_label="全部")
    lesson = django_filters.ModelChoiceFilter(
        queryset=Lesson.objects.exclude(task="").order_by("title"), label="课", empty_label="全部"
    )
    organisation = TreeFilter(field_name="host__organisation", right=access.REVIEW)
    submitted_at = django_filters.DateFromToRangeFilter(label="交的日期")

    class Meta:
        model = Practice
        fields: ClassVar[list[str]] = ["state", "lesson", "organisation", "submitted_at"]


class PracticeList(SearchedList, DetailList):
    page_title = UNDER[0]
    detail_url_name = "practice:detail"
    search_hint = "搜课、大C称呼、组织"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "lesson__title", "host__name", "host__organisation__name")

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        return rows.select_related("host__organisation", "lesson", "reviewed_by")


def _dress(rows: Iterable[Practice]) -> None:
    for row in rows:
        url = reverse("practice:picture", args=[row.public_id])
        row.list_picture = Picture(url, _SIDE, _SIDE)  # type: ignore[attr-defined]


class PracticeViewSet(ListOnlyViewSet):
    model = Practice
    name = "practice"
    icon = "tick-inverse"
    menu_label = UNDER[0]
    url_prefix = "practices"
    index_view_class = PracticeList
    filterset_class = PracticeFilterSet
    permission_policy = ByOneRight(Practice, access.REVIEW)
    ordering = "-submitted_at"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("lesson", label="课", accessor="lesson.title"),
        PictureColumn("截图"),
        Column("host", label="大C", accessor="host.name"),
        Column("organisation", label="组织", accessor="host.organisation.name"),
        Column("note", label="想说的话", accessor=lambda row: row.note or "—"),
        MomentColumn("submitted_at", label="交的时间", sort_key="submitted_at"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor="get_state_display",
            primary=lambda row: row.state == Practice.State.WAITING,
        ),
        Column(
            "reviewed_by",
            label="批改人",
            accessor=lambda row: row.reviewed_by.name if row.reviewed_by else "—",
        ),
        MomentColumn("reviewed_at", label="批改时间", sort_key="reviewed_at"),
        Column("reason", label="评语", accessor=lambda row: row.reason or "—"),
    ]
    desk = Desk(
        empty=Empty("还没有人交练习。课里写了「练习」，大C学完会交一张截图到这里。"),
        acts=ACTS,
        views=(
            View("等批改", f"state={Practice.State.WAITING}&ordering=submitted_at", "没有等批改的练习。"),
            View("通过的", f"state={Practice.State.PASSED}", "还没有通过的练习。"),
            View("退回的", f"state={Practice.State.RETURNED}", "没有退回的练习。"),
        ),
        off=frozenset({"organisation", "reviewed_by", "reviewed_at", "reason"}),
        personal=frozenset({"host", "note"}),
        host_id_of=lambda row: row.host_id,
        dress=_dress,
        card=Card("console/learning/_practice_card.html", _dress),
    )

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(pk__in=access.practices_seen_by(user, *also).values("pk"))

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<uuid:public_id>/", practice_page, name="detail"),
            path("<uuid:public_id>/picture/", practice_picture, name="picture"),
            path("<uuid:public_id>/judge/", judge, name="judge"),
        ]


# --- one proof ----------------------------------------------------------------------------------------------


class VerdictForm(forms.Form):
    """HQ's word on one proof."""

    passed = forms.ChoiceField(choices=[("1", "通过"), ("0", "退回")])
    reason = forms.CharField(max_length=100, required=False)


@require_safe
@permission_required(access.REVIEW)
def practice_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One proof as large as it is, and the verdict beside it."""
    found = access.practice_for(request.user, public_id)
    waiting = selectors.waiting_practices(access.practices_seen_by(request.user))
    context = {
        "practice": found,
        "others": waiting.exclude(pk=found.pk).count(),
        **page(found.lesson.title, icon="tick-inverse", under=UNDER),
    }
    return TemplateResponse(request, "console/learning/practice.html", context)


@require_safe
@permission_required(access.REVIEW)
def practice_picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The proof itself, for whoever may judge it."""
    found = access.practice_for(request.user, public_id)
    return show_private(request, str(found.file.name))  # type: ignore[return-value]


@require_POST
@permission_required(access.REVIEW)
def judge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Pass it or send it back; then the next one that waits, the oldest first."""
    found = access.practice_for(request.user, public_id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请点「通过」或「退回」，评语最多 100 个字。")
        return redirect("practice:detail", public_id)
    passed = form.cleaned_data["passed"] == "1"
    try:
        services.review(
            found,
            passed=passed,
            reason=form.cleaned_data["reason"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except services.NotPossibleError as error:
        messages.error(request, str(error))
        return redirect("practice:detail", public_id)
    words = "%(who)s的练习通过了。" if passed else "退回给%(who)s了，她会看到你的评语。"
    messages.success(request, words % {"who": found.host.name})
    following = selectors.waiting_practices(access.practices_seen_by(request.user)).first()
    return redirect("practice:detail", following.public_id) if following else redirect("practice:index")
