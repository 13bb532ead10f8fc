"""导出申请: who asks for what, who decided, and the file for who asked."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
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
from apps.console_kit.lists import exporting
from apps.console_kit.lists.choosing import Choice
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.privacy import access, lists, served
from apps.privacy.files import xlsx
from apps.privacy.forms import DecideForm, ExportForm
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from apps.records import declarations
from apps.records.forms import ReasonField


class ExportFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=ExportRequest.State.choices, label="状态", empty_label="全部")

    requested_at = django_filters.DateFromToRangeFilter(label="申请日期")

    class Meta:
        model = ExportRequest
        fields: ClassVar[list[str]] = ["state", "requested_at"]


class ExportList(SearchedList, DetailList):
    detail_url_name = "export:detail"
    search_hint = "搜编号、申请人、用途"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        number = words.upper().removeprefix("DC-").lower()
        meant = [row.pk for row in rows.order_by() if len(number) == 8 and row.public_id.hex.endswith(number)]
        return rows.filter(pk__in=meant) if meant else called(rows, words, "requester__first_name", "reason")

    @property
    def header_buttons(self) -> list[Any]:
        if not allowed_to(self.request.user):
            return []
        return [HeaderButton("申请导出", url=reverse("export:ask"), icon_name="plus")]


def allowed_to(user: Any) -> list[declarations.Export]:
    return [one for one in served.EXPORTS.values() if exports.may_ask(user, one.what)]


def what_of(row: ExportRequest) -> str:
    label = lists.label_of(row.scope) if row.what == lists.WHAT else served.EXPORTS[row.what].label
    return label + ("（完整）" if row.is_clear else "（打码）")


class ExportViewSet(ListOnlyViewSet):
    model = ExportRequest
    name = "export"
    icon = "download"
    menu_label = "导出"
    url_prefix = "exports"
    index_view_class = ExportList
    filterset_class = ExportFilterSet
    desk = Desk(
        empty=Empty("还没有导出过。", "申请导出", "export:ask", access.ASK),
        personal=frozenset({"requester"}),
    )
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
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:  # noqa: ARG004
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
                messages.error(request, "这份申请刚刚变了，看看最新状态。")
                return redirect("export:detail", public_id)
        is_mine = found.requester_id == user.pk
        is_waiting = found.state == ExportRequest.State.WAITING
        why_not = exports.why_not_decide(user, found, now=timezone.now()) if is_waiting else ""
        answer = TemplateResponse(
            request,
            "console/export.html",
            {
                "export": found,
                "what": what_of(found),
                "span": exports.unpacked(found),
                **(_of_list(found) if found.what == lists.WHAT else {}),
                "is_mine": is_mine,
                "has_broken": exports.has_broken(found),
                "may_decide": why_not is None,
                "why_not": "" if is_mine else why_not,
                "may_fetch": is_mine and found.state == ExportRequest.State.READY,
                "may_withdraw": is_mine and found.state in ExportRequest.OPEN,
                "form": form,
                **page(found.number, icon="download", under=("导出", "export:index")),
            },
        )
        if found.state == ExportRequest.State.APPROVED or (is_mine and is_waiting):
            # The file is being made, or a colleague decides: the page says so by itself.
            answer["Refresh"] = "10"
        return answer

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
            messages.error(request, "文件只给申请的人，24 小时内有效。过期了请重新申请。")
            return redirect("export:detail", public_id)
        return xlsx(found, content)

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("ask/", self.ask_view, name="ask"),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/file/", self.file_view, name="file"),
        ]


def _of_list(found: ExportRequest) -> dict[str, Any]:
    """Which rows and columns of a list, for who decides."""
    return {
        "of_list": lists.scope_of(found.scope, found.requester),
        "columns": "、".join(lists.headings(found.scope, found.requester)),
    }


class ListExportForm(forms.Form):
    is_clear = forms.BooleanField(
        label="要完整的姓名、电话",
        required=False,
        help_text="不勾就和列表里一样打码。只有真的要寄送、要打电话时才勾。",
    )
    reason = ReasonField(
        label="用途",
        help_text="审批的同事和每一位大C都看得到这句话。",
        error_messages={"required": "请写清楚拿来做什么。"},
    )


def ask_for_list(request: HttpRequest, choice: Choice, columns: list[str]) -> HttpResponse:
    """From a list that tells of persons: say what for, then another person decides."""
    of, user = choice.of, request.user
    if not exports.may_ask_for_list(user, lists.packed(choice, columns)):  # type: ignore[arg-type]
        raise PermissionDenied
    back = request.POST.get("back", "")
    # Seeing a list reaches further than asking for it, where each is granted by another role.
    count = lists.unpacked(lists.packed(choice, columns), user).rows.count()  # type: ignore[arg-type]
    if not count:
        messages.error(request, "选的这些不在你能申请导出的范围里，没有提交。")
        return redirect(f"{of.viewset.list_url}?{back}")
    is_filled = "filled" in request.POST
    form = ListExportForm(request.POST if is_filled else None)
    if not of.desk.clear:
        del form.fields["is_clear"]
    if is_filled and form.is_valid():
        made = exports.ask_for_list(
            user,  # type: ignore[arg-type]
            choice,
            columns=columns,
            is_clear=bool(form.cleaned_data.get("is_clear")),
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(request, "申请已提交，等另一位同事审批。")
        return redirect("export:detail", made.public_id)
    return TemplateResponse(
        request,
        "console/lists/ask_export.html",
        {
            "form": form,
            "count": count,
            "label": of.viewset.menu_label,
            "action": request.get_full_path(),
            "carried": [*choice.fields, ("back", back), *(("column", name) for name in columns)],
            "back_url": f"{of.viewset.list_url}?{back}",
            **page("申请导出", icon="download", under=("导出", "export:index")),
        },
    )


exporting.by_two_people[:] = [exporting.TwoPeople(access.ASK, ask_for_list)]


def _visible(request: HttpRequest, public_id: UUID) -> ExportRequest:
    if not request.user.has_perm("privacy.view_exportrequest"):
        raise PermissionDenied
    return access.export_for(request.user, public_id)
