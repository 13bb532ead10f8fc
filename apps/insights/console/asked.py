"""What the address of a page of numbers asks for."""

import re
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from apps.accounts import access as accounts
from apps.accounts.models import Host, Organisation
from apps.accounts.scope import Whose
from apps.insights import access
from apps.insights.periods import SO_FAR, Period, Span, last_days, one_day, so_far, span_of, span_of_issue
from apps.lib import given
from apps.library.models import Issue, Material
from apps.tracking.models import Channel

PERMISSION = access.SEE
FORTNIGHT = "14d"
PERIODS = {
    Period.TODAY.value: "今日",
    Period.WEEK.value: "7 天",
    FORTNIGHT: "14 天",
    Period.MONTH.value: "30 天",
    Period.ISSUE.value: "本期",
}
_LAST_DAYS = re.compile(r"[1-9][0-9]{0,2}d", re.ASCII)


class Asked:
    """Which days, whose, of what, which page. Nonsense is left out; an absent or foreign row is 404."""

    def __init__(self, request: HttpRequest, now: datetime, *, period: str = "") -> None:
        ask = request.GET
        self.day = None if period else given.day(ask.get("day", ""))
        self.ends = given.days(ask.get("from", ""), ask.get("to", ""))
        asked = ask.get("period", "") if ask.get("material") else period or ask.get("period", "")
        is_known = (
            asked in PERIODS
            or (asked == SO_FAR and bool(ask.get("material")))
            or _LAST_DAYS.fullmatch(asked) is not None
        )
        self.period = "" if self.day or self.ends else asked if is_known else FORTNIGHT
        self.page = given.page(ask.get("page", ""))
        self.host = _host(request)
        self.organisation: Organisation | None = _row(Organisation.objects, ask.get("organisation", ""))
        self.issue: Issue | None = _row(
            Issue.objects.filter(first_published_at__isnull=False), ask.get("issue", "")
        )
        self.material: Material | None = _row(
            Material.objects.filter(first_published_at__isnull=False), ask.get("material", "")
        )
        self.channel = ask.get("channel", "") if ask.get("channel", "") in Channel.values else ""
        self.kind = ask.get("kind", "") if ask.get("kind", "") in Material.Kind.values else ""
        self.hour = given.number(ask.get("hour", ""), most=23)
        self.span = self._span(now)
        self.hosts: Whose = self.host or access.hosts_counted_for(request.user)

    @property
    def periods(self) -> dict[str, str]:
        """What days she may choose; of one material, all that came so far too."""
        return {**PERIODS, SO_FAR: "至今"} if self.material else PERIODS

    @property
    def is_fixed(self) -> bool:
        """Its days are part of the question: there is no choosing others."""
        return self.issue is not None or self.ends is not None

    @property
    def narrowed(self) -> list[str]:
        """In words, what it is limited to, besides the days."""
        words = [
            self.host.name if self.host else "",
            self.organisation.name if self.organisation else "",
            f"《{self.material.title}》" if self.material else "",
            Material.Kind(self.kind).label if self.kind else "",
            Channel(self.channel).label if self.channel else "",
            f"{self.hour}—{self.hour + 1} 点" if self.hour is not None else "",
        ]
        return [str(word) for word in words if word]

    def _span(self, now: datetime) -> Span:
        if self.issue is not None and self.ends is None:
            return span_of_issue(self.issue, now)
        if self.ends is not None:
            first, last = self.ends
            end = date.fromordinal(last.toordinal() + 1)
            return Span(first, end, f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}")
        if self.day is not None:
            return one_day(self.day)
        if _LAST_DAYS.fullmatch(self.period):
            return last_days(int(self.period[:-1]), now)
        return so_far(now) if self.period == SO_FAR else span_of(self.period, now)


def _host(request: HttpRequest) -> Host | None:
    """The one host the address names; the 404 of an absent one for whom this person may not see."""
    wanted = request.GET.get("host", "")
    if not wanted:
        return None
    try:
        return accounts.host_for(request.user, wanted, PERMISSION)
    except ValidationError:
        raise Http404 from None


def _row(rows: Any, public_id: str) -> Any:
    if not public_id:
        return None
    wanted = given.uuid(public_id)
    found = rows.filter(public_id=wanted).first() if wanted is not None else None
    if found is None:
        raise Http404
    return found
