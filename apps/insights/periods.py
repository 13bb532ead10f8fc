"""Which days a number is about."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices

from apps.lib import clock
from apps.library import selectors as content
from apps.library.models import Issue

#: An order untouched for so long is a customer waiting.
WAITING_AFTER = timedelta(hours=24)
#: How an address says `so_far`.
SO_FAR = "all"


class Period(TextChoices):
    TODAY = "today", "今日"
    WEEK = "7d", "7 天"
    MONTH = "30d", "30 天"
    ISSUE = "issue", "本期"


@dataclass(frozen=True, slots=True)
class Span:
    """The Shanghai days from `first` to before `end`."""

    first: date
    end: date
    label: str

    @property
    def starts_at(self) -> datetime:
        return clock.start_of(self.first)

    @property
    def ends_at(self) -> datetime:
        return clock.start_of(self.end)

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.end - self.first).days)]


def last_days(count: int, now: datetime, label: str = "") -> Span:
    """`count` days, today the last of them."""
    today = clock.day_of(now)
    return Span(today - timedelta(days=count - 1), today + timedelta(days=1), label or f"近 {count} 天")


def span_before(span: Span) -> Span:
    """As many days, just before `span`."""
    length = span.end - span.first
    return Span(span.first - length, span.first, f"之前 {length.days} 天")


def fortnight_before(span: Span) -> Span:
    """The same days of the fortnight before: a Monday beside a Monday."""
    back = timedelta(days=14)
    return Span(span.first - back, span.end - back, f"{span.first - back:%-m月%-d日} 起同样的几天")


def one_day(day: date, label: str = "") -> Span:
    return Span(day, day + timedelta(days=1), label or f"{day:%-m月%-d日}")


def so_far(now: datetime) -> Span:
    """Everything up to today: for what has no beginning of its own."""
    return Span(date(1970, 1, 1), clock.day_of(now) + timedelta(days=1), "至今")


def span_of(period: str, now: datetime) -> Span:
    """The span of a period; an unknown one is today, and between two issues 本期 is the last 14 days."""
    match period:
        case Period.WEEK:
            return last_days(7, now)
        case Period.MONTH:
            return last_days(30, now)
        case Period.ISSUE:
            issue = content.current_issue(now)
            return span_of_issue(issue, now) if issue else last_days(14, now)
        case _:
            return one_day(clock.day_of(now), "今日")


def span_of_issue(issue: Issue, now: datetime) -> Span:
    """The issue's fortnight as far as it has come; before it begins, its first day."""
    end = min(issue.ends_on, clock.day_of(now) + timedelta(days=1))
    return Span(issue.starts_on, max(end, issue.starts_on + timedelta(days=1)), f"第 {issue.number} 期")
