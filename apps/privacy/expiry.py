"""What ends of the lower apps' rows and of privacy's own."""

from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from django.db.models import Q
from wagtail.admin.models import FormState

from apps.accounts.models import Session
from apps.accounts.services import joining
from apps.console_kit.models import BulkRun
from apps.lib.pii import Kept
from apps.privacy.models import ExportRequest, RightsRequest
from apps.records.declarations import Expiry
from apps.records.expiry import held_relations, of_rows
from apps.records.models import AccessLog, Alert, Consent, ErasedMark


def _requests(before: datetime) -> Any:
    ended = ~Q(state__in=RightsRequest.OPEN)
    return RightsRequest.objects.filter(ended, requested_at__lt=before, finished_at__isnull=False)


def _exports(before: datetime) -> Any:
    return ExportRequest.objects.filter(requested_at__lt=before).exclude(state__in=ExportRequest.OPEN)


def _consents(before: datetime) -> Any:
    return Consent.objects.filter(withdrawn_at__lt=before).exclude(relation_id__in=held_relations())


def _marks(before: datetime) -> Any:
    return ErasedMark.objects.filter(erased_at__lt=before)


def _previews(before: datetime) -> Any:
    return FormState.objects.filter(last_updated_at__lt=before)


def _runs(before: datetime) -> Any:
    return BulkRun.objects.filter(begun_at__lt=before)


def _attempts(before: datetime) -> Any:
    return AccessAttempt.objects.filter(attempt_time__lt=before)


EXPIRIES = (
    of_rows("access", "查看记录", Kept.ACCESS, lambda before: AccessLog.objects.filter(at__lt=before)),
    of_rows("alerts", "隐私提醒", Kept.ACCESS, lambda before: Alert.objects.filter(raised_at__lt=before)),
    of_rows("marks", "删除过的人的记号", Kept.REQUEST, _marks),
    of_rows("consents", "收回的同意", Kept.CONSENT, _consents),
    of_rows("exports", "导出申请", Kept.REQUEST, _exports),
    of_rows("rights", "资料请求", Kept.REQUEST, _requests),
    of_rows(
        "sessions", "过期的登录", Kept.SHORT, lambda before: Session.objects.filter(expire_date__lt=before)
    ),
    of_rows("previews", "预览用的半成品", Kept.SHORT, _previews),
    of_rows("attempts", "输错密码的记录", Kept.SHORT, _attempts),
    of_rows("bulk", "批量操作的记录", Kept.APPLICANT, _runs),
    Expiry("applications", "旧的加入申请", Kept.APPLICANT, joining.count_old, joining.forget_old),
)
