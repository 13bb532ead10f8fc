"""隐私说明: every version that people were ever shown, and the way to publish the next."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from apps.accounts.models import User
from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.records.models import Consent, Notice
from apps.records.services import consents

ADD = "records.add_notice"
UNDER = ("隐私说明", "notice:index")


class NoticeForm(forms.Form):
    purpose = forms.ChoiceField(label="用途", choices=Notice.Purpose.choices)
    text = forms.CharField(
        label="内容",
        min_length=20,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="用大白话写清楚：拿什么、给谁、做什么、怎么收回。发布后不能改，只能再发新版本。",
        error_messages={"min_length": "太短了，至少写 20 个字，让人看得明白。"},
    )


class NoticeFilterSet(WagtailFilterSet):
    purpose = django_filters.ChoiceFilter(choices=Notice.Purpose.choices, label="用途", empty_label="全部")
    created_at = django_filters.DateFromToRangeFilter(label="发布日期")

    class Meta:
        model = Notice
        fields: ClassVar[list[str]] = ["purpose", "created_at"]


class NoticeList(SearchedList, DetailList):
    detail_url_name = "notice:detail"
    search_hint = "搜内容"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return rows.filter(text__icontains=words)

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("published_by")

    @property
    def header_buttons(self) -> list[Any]:
        if not self.request.user.has_perm(ADD):
            return []
        return [HeaderButton("发布新版本", url=reverse("notice:publish"), icon_name="plus")]


def _by(notice: Notice) -> str:
    return notice.published_by.name if notice.published_by is not None else "随产品提供"


class NoticeViewSet(ListOnlyViewSet):
    model = Notice
    name = "notice"
    icon = "doc-full"
    menu_label = "隐私说明"
    url_prefix = "notices"
    index_view_class = NoticeList
    filterset_class = NoticeFilterSet
    desk = Desk(empty=Empty("还没有隐私说明。", "发布新版本", "notice:publish", ADD))
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("purpose", label="用途", accessor="get_purpose_display"),
        Column("version", label="版本"),
        Column("by", label="发布人", accessor=_by),
        MomentColumn("created_at", label="发布时间"),
    ]

    def publish_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(ADD) or not isinstance(request.user, User):
            raise PermissionDenied
        form = NoticeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            act = _act_of_publishing(form.cleaned_data["purpose"])
            if not is_confirmed(request, act):
                return ask(request, act, page("发布新版本", icon="doc-full", under=UNDER))
            try:
                made = consents.publish(
                    form.cleaned_data["purpose"],
                    form.cleaned_data["text"].strip(),
                    by=request.user,
                    now=timezone.now(),
                )
            except consents.SameTextError:
                form.add_error("text", "和现在的版本一字不差，不用再发。")
            else:
                messages.success(request, "已发布，从现在起给客户看的就是这一版。")
                return redirect("notice:detail", made.public_id)
        return TemplateResponse(
            request,
            "console/form.html",
            {
                "form": form,
                "submit_label": "发布",
                **page("发布新版本", icon="doc-full", under=UNDER),
            },
        )

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        if not request.user.has_perm("records.view_notice"):
            raise PermissionDenied
        notice = get_object_or_404(Notice.objects.select_related("published_by"), public_id=public_id)
        title = f"{notice.get_purpose_display()} 第 {notice.version} 版"
        return TemplateResponse(
            request,
            "console/notice.html",
            {
                "notice": notice,
                "by": _by(notice),
                "digest": bytes(notice.sha256).hex(),
                "agreed": notice.consent_set.count(),
                **page(title, icon="doc-full", under=("隐私说明", "notice:index")),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("publish/", self.publish_view, name="publish"),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
        ]


def _act_of_publishing(purpose: str) -> Act:
    """What a new version means: for those who will read it, and for those who agreed to the one before."""
    agreed = Consent.objects.filter(notice__purpose=purpose, withdrawn_at=None).count()
    effects = ["从现在起，给每位小c看的都是这一版；发布过的版本谁也改不了、删不了。"]
    if agreed:
        effects.append(f"之前同意过的 {agreed} 份同意照旧有效，记着的仍是当时看的那一版。")
    return Act("发布这一版隐私说明吗？", effects, "发布", back=reverse("notice:index"), keep="先不发布")
