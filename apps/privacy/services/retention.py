"""Nothing is kept longer than `settings.RETENTION` says: a daily job, and a report of what it would do.

What somebody put a hold on stays (LegalHold). Each app says what of its own is past its time; the moment up
to which things are past it is the period before now.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Session
from apps.accounts.services import joining, rate_limits
from apps.lib.pii import Kept
from apps.privacy.models import ExportRequest, RightsRequest
from apps.records import registry
from apps.records.declarations import Expiry
from apps.records.expiry import held_relations, of_rows
from apps.records.models import AccessLog, Alert, Consent, ErasedMark

#: Rounds of one rule in one run: what is left is done tomorrow, and no run lasts for ever.
ROUNDS = 1_000


class Line(NamedTuple):
    """One rule in a report: what it is about, up to when, and how much."""

    label: str
    before: datetime
    amount: int


def report(*, now: datetime) -> list[Line]:
    """What is past its time now."""
    return [Line(one.label, before, one.due(before)) for one, before in _rules(now)]


def apply(*, now: datetime) -> list[Line]:
    """End what is past its time; each batch is a transaction of its own, so a killed run goes on."""
    found = []
    for one, before in _rules(now):
        total = 0
        for _ in range(ROUNDS):
            with transaction.atomic():
                count = one.clear(before)
            total += count
            if not count:
                break
        found.append(Line(one.label, before, total))
    return found


def _rules(now: datetime) -> Iterator[tuple[Expiry, datetime]]:
    for one in registry.expiries():
        period = settings.RETENTION[one.kept]
        if period is not None:
            yield one, now - period


def job(payload: dict[str, Any], now: datetime) -> str:
    done = [f"{line.label} {line.amount}" for line in apply(now=now) if line.amount]
    return ("到期清理：" + "，".join(done))[:200] if done else "没有到期的资料"


def _requests(before: datetime) -> Any:
    ended = ~Q(state__in=RightsRequest.OPEN)
    return RightsRequest.objects.filter(ended, requested_at__lt=before, finished_at__isnull=False)


def _exports(before: datetime) -> Any:
    return ExportRequest.objects.filter(requested_at__lt=before).exclude(state__in=ExportRequest.OPEN)


def _consents(before: datetime) -> Any:
    return Consent.objects.filter(withdrawn_at__lt=before).exclude(relation_id__in=held_relations())


def _marks(before: datetime) -> Any:
    return ErasedMark.objects.filter(erased_at__lt=before)


OWN = (
    of_rows("access", "查看记录", Kept.ACCESS, lambda before: AccessLog.objects.filter(at__lt=before)),
    of_rows("alerts", "隐私提醒", Kept.ACCESS, lambda before: Alert.objects.filter(raised_at__lt=before)),
    of_rows("marks", "删除过的人的记号", Kept.REQUEST, _marks),
    of_rows("consents", "收回的同意", Kept.CONSENT, _consents),
    of_rows("exports", "导出申请", Kept.REQUEST, _exports),
    of_rows("rights", "资料请求", Kept.REQUEST, _requests),
    of_rows(
        "sessions", "过期的登录", Kept.SHORT, lambda before: Session.objects.filter(expire_date__lt=before)
    ),
    Expiry(
        "applications",
        "没有通过的申请",
        Kept.SHORT,
        lambda before: 0,  # how long is the notice's promise (accounts.services.joining)
        lambda before: joining.forget_old(now=before + _period(Kept.SHORT)),
    ),
    Expiry(
        "knocks",
        "敲门的计数",
        Kept.SHORT,
        lambda before: 0,
        lambda before: rate_limits.forget(now=before + _period(Kept.SHORT)),
    ),
)


def _period(kept: Kept) -> Any:
    return settings.RETENTION[kept]
