"""Exports by the API: the same services, and the same second person, as on the pages."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import PermissionDenied, Throttled, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import access as accounts
from apps.accounts.permissions import user_of
from apps.lib import given
from apps.lib.api import ConflictError
from apps.privacy import access
from apps.privacy.files import xlsx
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from apps.records import declarations
from apps.records.services.access_log import ReasonError


class MayExport(BasePermission):
    """A host for her own list, and whoever at HQ may ask or decide."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if getattr(request._request, "host", None) is not None:
            return True
        user = request.user
        return accounts.is_hq(user) and (user.has_perm(access.ASK) or user.has_perm(access.APPROVE))


class ExportOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    what = serializers.CharField()
    is_clear = serializers.BooleanField()
    reason = serializers.CharField()
    state = serializers.CharField()
    requester = serializers.CharField(source="requester.name")
    approver = serializers.CharField(source="approver.name", allow_null=True, default=None)
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)


class ExportInput(serializers.Serializer[Any]):
    what = serializers.ChoiceField(label="导出什么", choices=("customers", "orders"))
    is_clear = serializers.BooleanField(label="完整信息", default=False)
    reason = serializers.CharField(label="用途", max_length=100, default="", allow_blank=True)
    start = serializers.DateField(label="从哪天", allow_null=True, default=None, validators=[given.check_day])
    end = serializers.DateField(label="到哪天", allow_null=True, default=None, validators=[given.check_day])


class DecisionInput(serializers.Serializer[Any]):
    approve = serializers.BooleanField(label="通过")
    note = serializers.CharField(label="意见", max_length=200, allow_blank=True, default="")


class ExportsView(generics.ListAPIView[ExportRequest]):
    permission_classes = (MayExport,)
    serializer_class = ExportOutput

    def get_queryset(self) -> "QuerySet[ExportRequest]":
        if getattr(self, "swagger_fake_view", False):
            return ExportRequest.objects.none()
        return access.exports_visible_to(self.request.user).order_by("-requested_at", "-pk")

    @extend_schema(operation_id="exports")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="ask_for_export", request=ExportInput, responses={201: ExportOutput})
    def post(self, request: Request) -> Response:
        """A host gets her own list. HQ's request waits for another person's approval."""
        form = ExportInput(data=request.data)
        form.is_valid(raise_exception=True)
        data, now = form.validated_data, timezone.now()
        host = getattr(request._request, "host", None)
        try:
            if host is not None:
                made = exports.ask_own(host, what=data["what"], now=now)
            else:
                span = declarations.Span(data["start"], data["end"])
                made = exports.ask(
                    user_of(request),
                    what=data["what"],
                    span=span,
                    is_clear=data["is_clear"],
                    reason=data["reason"],
                    now=now,
                )
        except exports.NotAllowedError as error:
            raise PermissionDenied(str(error)) from None
        except ReasonError as error:
            raise ValidationError({"reason": [str(error)]}) from None
        except exports.TooManyError:
            raise Throttled(3600, f"一天最多导出 {exports.OWN_A_DAY} 次，请明天再来。") from None
        return Response(ExportOutput(made).data, status=status.HTTP_201_CREATED)


class ExportView(APIView):
    permission_classes = (MayExport,)

    @extend_schema(operation_id="export", responses=ExportOutput)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(ExportOutput(access.export_for(request.user, public_id)).data)  # type: ignore[arg-type]


class ExportDecisionView(APIView):
    permission_classes = (MayExport,)

    @extend_schema(operation_id="decide_on_export", request=DecisionInput, responses=ExportOutput)
    def post(self, request: Request, public_id: str) -> Response:
        """Approve or refuse what another person asked for."""
        found = access.export_for(request.user, public_id)  # type: ignore[arg-type]
        form = DecisionInput(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            decided = exports.decide(
                found,
                by=user_of(request),
                approves=form.validated_data["approve"],
                note=form.validated_data["note"],
                now=timezone.now(),
            )
        except exports.NotAllowedError as error:
            raise PermissionDenied(str(error)) from None
        except exports.TooLateError:
            raise ConflictError from None
        return Response(ExportOutput(decided).data)


class ExportFileView(APIView):
    permission_classes = (MayExport,)

    @extend_schema(operation_id="export_file", responses={200: OpenApiTypes.BINARY})
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """The workbook, for who asked and for 24 hours; each download is written down."""
        found = access.export_for(request.user, public_id)  # type: ignore[arg-type]
        try:
            content = exports.fetch(
                found,
                by=user_of(request),
                now=timezone.now(),
                request_id=request.META.get("REQUEST_ID", ""),
            )
        except exports.TooLateError:
            raise ConflictError("文件还没生成好，或已经过期，也可能不是你申请的。") from None
        return xlsx(found, content)


urlpatterns = [
    path("exports/", ExportsView.as_view(), name="exports"),
    path("exports/<uuid:public_id>/", ExportView.as_view(), name="export"),
    path("exports/<uuid:public_id>/decision/", ExportDecisionView.as_view(), name="export-decision"),
    path("exports/<uuid:public_id>/file/", ExportFileView.as_view(), name="export-file"),
]
