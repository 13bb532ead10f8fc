"""What came of issues and materials: HQ's report, its file, and each material from every side."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.auth import permission_required

from apps.accounts.models import Host, Organisation
from apps.accounts.scope import EVERYBODY
from apps.console_kit.viewsets import page as frame
from apps.insights import access, selectors, workbooks
from apps.insights.console.adopting import curve
from apps.insights.console.asked import PERMISSION
from apps.insights.periods import Span, last_days
from apps.insights.selectors import IssueReport, Tally
from apps.insights.selectors.tallies import NOTHING
from apps.lib import humanize, money
from apps.library.models import Issue, Material
from apps.tracking.models import Channel

UNDER = ("各期成绩", "insights:issues")
#: A host's, a material's days on its page.
MATERIAL_PERIODS = {"14d": 14, "30d": 30, "90d": 90}
SHOWN_HOSTS = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@permission_required(PERMISSION)
def issues(request: HttpRequest) -> HttpResponse:
    """Every issue that has begun, the newest first, with what came of it."""
    now = timezone.now()
    hosts = access.hosts_counted_for(request.user)
    shown = Paginator(selectors.reported_issues(now), 12).get_page(request.GET.get("page"))
    rows = [
        {
            "issue": issue,
            "funnel": selectors.funnel(selectors.span_of_issue(issue, now), issue=issue, hosts=hosts),
        }
        for issue in shown.object_list
    ]
    context = {"rows": rows, "shown": shown, **frame(UNDER[0], icon="calendar-check")}
    return TemplateResponse(request, "console/results/issues.html", context)


@permission_required(PERMISSION)
def issue(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One issue's report: fit for a screenshot above, every side of it below. Each number opens its rows."""
    found = _report(request, public_id)
    scope = urlencode({"issue": found.issue.public_id})
    context = {
        "report": found,
        "total": found.total,
        "scope": scope,
        "figures": _figures(found, scope),
        "curve": curve(found.issue, found.adoption, found.before.adoption if found.before else None),
        "steps": _steps(found.total, scope),
        "best": [one for one in found.materials if one.tally.reached or one.tally.shares][:3],
        "advice": selectors.advice(found),
        "kinds": found.kinds,
        "channels": _channels(found.tallies.channels),
        "hours": _hours(found.tallies.hours),
        "hours_table": sorted(found.tallies.hours.items()),
        "hosts": found.ranked_hosts[:SHOWN_HOSTS],
        "more_hosts": max(0, len(found.ranked_hosts) - SHOWN_HOSTS),
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        "is_branch": access.hosts_counted_for(request.user) is not EVERYBODY,
        "has_scripts": any(one.material.kind == Material.Kind.SCRIPT for one in found.materials),
        **frame(f"第 {found.issue.number} 期成绩", icon="calendar-check", under=UNDER),
    }
    return TemplateResponse(request, "console/results/issue.html", context)


@permission_required(PERMISSION)
def workbook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same report as a workbook: no customers in it, text as text, numbers as numbers."""
    found = _report(request, public_id)
    answer = HttpResponse(workbooks.of_issue(found, now=timezone.now()), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="issue-{found.issue.number}.xlsx"'
    return answer


@permission_required(PERMISSION)
def materials(request: HttpRequest) -> HttpResponse:
    """Materials by what they brought lately."""
    span, period = _period(request)
    hosts = access.hosts_counted_for(request.user)
    rows = Material.objects.filter(first_published_at__isnull=False)
    words = request.GET.get("q", "").strip()[:60]
    if words:
        rows = rows.matching(words)
    found = selectors.tallies(span, rows.values_list("pk", flat=True), hosts=hosts)
    by_id = rows.in_bulk(found.materials)
    ranked = sorted(
        ((by_id[pk], tally) for pk, tally in found.materials.items()),
        key=lambda row: (-row[1].gmv_fen, -row[1].reached, -row[1].shares, row[0].pk),
    )
    shown = Paginator(ranked, 50).get_page(request.GET.get("page"))
    context = {
        "rows": shown.object_list,
        "shown": shown,
        "words": words,
        "period": period,
        "periods": MATERIAL_PERIODS,
        "span": span,
        **frame("素材成绩", icon="doc-full", under=UNDER),
    }
    return TemplateResponse(request, "console/results/materials.html", context)


@permission_required(PERMISSION)
def material(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One material from every side, over the last days."""
    wanted = Material.objects.filter(public_id=public_id, first_published_at__isnull=False).first()
    if wanted is None:
        raise Http404
    span, period = _period(request)
    found = selectors.tallies(span, [wanted.pk], hosts=access.hosts_counted_for(request.user))
    hosts = Host.objects.select_related("organisation").in_bulk(found.hosts)
    nodes = Organisation.objects.in_bulk(found.organisations)
    ranked = sorted(
        ((hosts[pk], tally) for pk, tally in found.hosts.items()),
        key=lambda row: (-row[1].gmv_fen, -row[1].reached, -row[1].shares, row[0].pk),
    )
    scope = urlencode({"material": wanted.public_id, "period": period})
    context = {
        "material": wanted,
        "total": found.total,
        "scope": scope,
        "figures": _plain_figures(found.total, scope),
        "steps": _steps(found.total, scope),
        "channels": _channels(found.channels),
        "hours": _hours(found.hours),
        "hours_table": sorted(found.hours.items()),
        "organisations": [(nodes[pk], tally) for pk, tally in found.organisations.items()],
        "hosts": ranked[:SHOWN_HOSTS],
        "more_hosts": max(0, len(ranked) - SHOWN_HOSTS),
        "period": period,
        "periods": MATERIAL_PERIODS,
        "span": span,
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        "is_branch": access.hosts_counted_for(request.user) is not EVERYBODY,
        "is_script": wanted.kind == Material.Kind.SCRIPT,
        **frame("素材成绩", icon="doc-full", under=("素材成绩", "insights:materials"), subtitle=wanted.title),
    }
    return TemplateResponse(request, "console/results/material.html", context)


def _report(request: HttpRequest, public_id: UUID) -> IssueReport:
    now = timezone.now()
    wanted: Issue | None = Issue.objects.filter(
        public_id=public_id, first_published_at__isnull=False, starts_on__lte=timezone.localdate(now)
    ).first()
    if wanted is None:
        raise Http404
    return selectors.issue_report(wanted, now, hosts=access.hosts_counted_for(request.user))


def _period(request: HttpRequest) -> tuple[Span, str]:
    asked = request.GET.get("period", "")
    period = asked if asked in MATERIAL_PERIODS else "30d"
    return last_days(MATERIAL_PERIODS[period], timezone.now()), period


def _rows(name: str, scope: str) -> str:
    return f"{reverse('insights:rows', args=[name])}?{scope}"


def _figures(report: IssueReport, scope: str) -> list[dict[str, Any]]:
    """The seven numbers on top, each beside the issue before over as many days."""
    total, before = report.total, report.before
    old = before.total if before else None
    adoption = report.adoption
    rows: list[tuple[str, str, int, int | None]] = [
        ("orders", "单", total.orders, old.orders if old else None),
        ("reached", "人次打开", total.reached, old.reached if old else None),
        ("read", "人次阅读", total.read, old.read if old else None),
        ("opener_hosts", "位大C打开", adoption.opened, before.adoption.opened if before else None),
        ("sharer_hosts", "位大C转发", adoption.shared, before.adoption.shared if before else None),
        ("shares", "次转发", total.shares, old.shares if old else None),
    ]
    figures: list[dict[str, Any]] = [
        {
            "word": word,
            "shown": humanize.say_count(count),
            "href": _rows(name, scope),
            "change": _change(count, was, humanize.say_count),
        }
        for name, word, count, was in rows
    ]
    figures.insert(
        0,
        {
            "word": "成交金额",
            "shown": money.show_yuan(total.gmv_fen),
            "href": _rows("gmv", scope),
            "is_money": True,
            "change": _change(total.gmv_fen, old.gmv_fen if old else None, money.show_yuan),
        },
    )
    return figures


def _plain_figures(total: Tally, scope: str) -> list[dict[str, Any]]:
    rows = [
        ("opener_hosts", "位大C打开", total.openers),
        ("copier_hosts", "位复制", total.copiers),
        ("saver_hosts", "位保存", total.savers),
        ("sharer_hosts", "位转发", total.sharers),
        ("shares", "次转发", total.shares),
        ("orders", "单", total.orders),
    ]
    figures: list[dict[str, Any]] = [
        {"word": word, "shown": humanize.say_count(count), "href": _rows(name, scope)}
        for name, word, count in rows
    ]
    figures.append(
        {
            "word": "成交金额",
            "shown": money.show_yuan(total.gmv_fen),
            "href": _rows("gmv", scope),
            "is_money": True,
        }
    )
    return figures


def _change(count: int, was: int | None, say: Any) -> dict[str, str] | None:
    """In words against the issue before; None when there was none. A share of few is not told."""
    if was is None:
        return None
    if count == was:
        return {"tone": "even", "text": "和上期一样"}
    tone, more = ("up", "多") if count > was else ("down", "少")
    percent = abs(count - was) * 100 // abs(was) if abs(was) >= 10 else 0
    share = f"（{percent}%）" if percent else ""
    return {"tone": tone, "text": f"比上期{more} {say(abs(count - was))}{share}"}


def _steps(total: Tally, scope: str) -> list[dict[str, Any]]:
    rows = (
        ("reached", "打开", total.reached),
        ("read", "阅读", total.read),
        ("ordered", "下单", total.ordered),
    )
    return [
        {
            "word": word,
            "count": count,
            "shown": humanize.say_count(count),
            "href": _rows(name, scope),
            "share": round(100 * count / total.reached) if total.reached else 0,
        }
        for name, word, count in rows
    ]


def _channels(found: dict[str, Tally]) -> list[tuple[Channel, Tally]]:
    return [(channel, found[channel]) for channel in Channel if channel in found]


def _hours(found: dict[int, Tally]) -> dict[str, Any]:
    hours = range(24)
    return {
        "labels": [f"{hour}点" for hour in hours],
        "series": [
            {
                "name": "打开",
                "unit": "人次",
                "kind": "bar",
                "values": [found.get(hour, NOTHING).reached for hour in hours],
            },
            {
                "name": "转发",
                "unit": "次",
                "kind": "line",
                "values": [found.get(hour, NOTHING).shares for hour in hours],
            },
        ],
    }
