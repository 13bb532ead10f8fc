"""导出申请: who asks for what, who decided, and the file for who asked."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import HeaderButton

from apps.accounts.models import User
from apps.console_kit.viewsets import DetailList, DetailTitle, ListOnlyViewSet, MomentColumn, page
from apps.privacy import access, served
from apps.privacy.files import xlsx
from apps.privacy.forms import DecideForm, ExportForm
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from apps.records import declarations


class ExportFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=ExportRequest.State.choices, label="状态", empty_label="全部")

    class Meta:
        model = ExportRequest
        fields: ClassVar[list[str]] = ["state"]


class ExportList(DetailList):
    detail_url_name = "export:detail"

    @property
    def header_buttons(self) -> list[Any]:
        if not allowed_to(self.request.user):
            return []
        return [HeaderButton("申请导出", url=reverse("export:ask"), icon_name="plus")]


def allowed_to(user: Any) -> list[declarations.Export]:
    return [one for one in served.EXPORTS.values() if exports.may_ask(user, one.what)]


def what_of(row: ExportRequest) -> str:
    return served.EXPORTS[row.what].label + ("（完整）" if row.is_clear else "（打码）")


class ExportViewSet(ListOnlyViewSet):
    model = ExportRequest
    name = "export"
    icon = "download"
    menu_label = "导出"
    url_prefix = "exports"
    index_view_class = ExportList
    filterset_class = ExportFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("number", label="编号", accessor="number"),
        Column("what", label="内容", accessor=what_of),
        Column("requester", label="申请人", accessor="requester.name"),
        Column("reason", label="用途"),
        MomentColumn("requested_at", label="申请时间"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor="get_state_display",
            primary=lambda row: row.state in {ExportRequest.State.WAITING, ExportRequest.State.READY},
        ),
    ]

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(pk__in=access.exports_visible_to(user).values("pk")).select_related("requester")

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """What, for what, and how much of it."""
        allowed = allowed_to(request.user)
        if not allowed or not isinstance(request.user, User):
            raise PermissionDenied
        form = ExportForm(request.POST or None, allowed=allowed)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            made = exports.ask(
                request.user,
                what=data["what"],
                span=declarations.Span(data["start"], data["end"]),
                is_clear=data["is_clear"],
                reason=data["reason"],
                now=timezone.now(),
            )
            messages.success(request, "申请已提交，等另一位同事审批。")
            return redirect("export:detail", made.public_id)
        return TemplateResponse(
            request,
            "console/form.html",
            {
                "form": form,
                "submit_label": "提交申请",
                **page("申请导出", icon="download", under=("导出", "export:index")),
            },
        )

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """One request; another person's buttons decide, the asker's fetch or withdraw."""
        found = _visible(request, public_id)
        user: Any = request.user
        form = DecideForm(request.POST or None)
        step = request.POST.get("step", "")
        if request.method == "POST" and form.is_valid():
            try:
                if step == "withdraw":
                    exports.withdraw(found, by=user, now=timezone.now())
                    messages.success(request, "已取消。")
                elif step in {"approve", "refuse"}:
                    exports.decide(
                        found,
                        by=user,
                        approves=step == "approve",
                        note=form.cleaned_data["note"],
                        now=timezone.now(),
                    )
                    messages.success(request, "已通过，文件正在生成。" if step == "approve" else "已退回。")
                return redirect("export:detail", public_id)
            except exports.NotAllowedError as error:
                raise PermissionDenied(str(error)) from None
            except exports.TooLateError:
                messages.warning(request, "这份申请刚刚变了，看看最新状态。")
                return redirect("export:detail", public_id)
        is_mine = found.requester_id == user.pk
        is_waiting = found.state == ExportRequest.State.WAITING
        why_not = exports.why_not_decide(user, found, now=timezone.now()) if is_waiting else ""
        return TemplateResponse(
            request,
            "console/export.html",
            {
                "export": found,
                "what": what_of(found),
                "span": exports.unpacked(found),
                "is_mine": is_mine,
                "may_decide": why_not is None,
                "why_not": "" if is_mine else why_not,
                "may_fetch": is_mine and found.state == ExportRequest.State.READY,
                "may_withdraw": is_mine and found.state in ExportRequest.OPEN,
                "form": form,
                **page(found.number, icon="download", under=("导出", "export:index")),
            },
        )

    def file_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        found = _visible(request, public_id)
        try:
            content = exports.fetch(
                found,
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
                request_id=request.META.get("REQUEST_ID", ""),
            )
        except exports.TooLateError:
            messages.warning(request, "文件只给申请的人，24 小时内有效。过期了请重新申请。")
            return redirect("export:detail", public_id)
        return xlsx(found, content)

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("ask/", self.ask_view, name="ask"),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/file/", self.file_view, name="file"),
        ]


def _visible(request: HttpRequest, public_id: UUID) -> ExportRequest:
    if not request.user.has_perm("privacy.view_exportrequest"):
        raise PermissionDenied
    return access.export_for(request.user, public_id)
