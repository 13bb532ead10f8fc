"""The calendar, the posting plan and copies, in the HQ console."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.auth import permission_required

from apps.accounts import access as accounts
from apps.catalog.availability import Availability, availabilities
from apps.console_kit.edit_conflicts import opened_or_sent
from apps.console_kit.viewsets import page as frame
from apps.lib import clock, given
from apps.library import checks, publishing
from apps.library.desk import calendar as calendars
from apps.library.desk import cells, copying, plan
from apps.library.desk.forms import DAY_CHOICES, CopyIssueForm, DayForm, EntryForm
from apps.library.models import Issue, IssueEntry, Material
from apps.library.selectors import with_state
from apps.library.selling import why_not
from apps.outbox import registry
from apps.outbox.progress import PARTS, of_cause
from apps.tracking.models import Subject

SEE, CHANGE = "library.view_issue", "library.change_issue"
#: Materials offered beside the plan; more are found by words.
OFFERED = 40
UNDER = ("内容日历", "desk:calendar")
ROWS = 50
#: What people call the parts of an issue's messages.
PART_WORDS = {
    "created": "全部消息",
    "waiting": "等着发出的消息",
    "unknown": "结果未知的消息",
    "sent": "已发出的消息",
    "refused": "被拒绝的消息",
    "expired": "过了时限的消息",
    "dead": "已放弃的消息",
    "cancelled": "取消了的消息",
}


@permission_required(SEE)
def calendar(request: HttpRequest) -> HttpResponse:
    """Past, current and coming fortnights: state, owner, quotas, gaps, what is late."""
    found = calendars.calendar(timezone.now(), before=given.day(request.GET.get("before", "")))
    context = {
        "calendar": found,
        "before": request.GET.get("before", ""),
        "may_add": request.user.has_perm("library.add_issue"),
        **frame("内容日历", icon="calendar-alt", subtitle="每两周一期"),
    }
    return TemplateResponse(request, "desk/calendar.html", context)


@permission_required(SEE)
def posting_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Fourteen days and what is posted on each; materials to put there beside them."""
    now = timezone.now()
    issue = _issue(pk)
    draft = plan.draft_of(issue)
    [fortnight] = calendars.fortnights([issue], now, drafts=True)
    may_change, may_decide = request.user.has_perm(CHANGE), request.user.has_perm("library.withdraw_issue")
    locked = plan.lock_words(issue, request.user) if may_change else None
    words, kind = request.GET.get("q", "").strip()[:40], request.GET.get("kind", "")
    kind = kind if kind in Material.Kind.values else ""
    days = plan.entries_by_day(draft)
    entries = [entry for of_day in days.values() for entry in of_day]
    known = availabilities(entry.material.product_id for entry in entries)
    planned = {entry.material_id for entry in entries}
    is_open = may_change and locked is None
    looks = {row.pk: row for row in cells.with_looks(Material.objects.filter(pk__in=planned))}
    offered = list(cells.with_looks(plan.materials_to_plan(words, kind, now))[:OFFERED]) if is_open else []
    cells.dress([*looks.values(), *offered], request.user)
    for entry in entries:
        entry.material = looks[entry.material_id]
    context = {
        "issue": issue,
        "draft": draft,
        "fortnight": fortnight,
        "days": [
            {
                "day": day,
                "entries": [
                    _shown(entry, now, day.date, known.get(entry.material.product_id or 0))
                    for entry in days[day.number]
                ],
            }
            for day in fortnight.days
        ],
        "day_choices": DAY_CHOICES,
        "may_change": is_open,
        "locked": locked,
        "empty_days": sum(not of_day for of_day in days.values()),
        "offered": [{"material": material, "is_planned": material.pk in planned} for material in offered],
        "words": words,
        "kind": kind,
        "kinds": Material.Kind.choices,
        "here": _here(request, pk),
        "query": urlencode({name: value for name, value in (("q", words), ("kind", kind)) if value}),
        "progress": publishing.messages_of(issue, now) if issue.first_published_at else None,
        "may_correct": may_decide and publishing.may_correct(issue, now),
        "today_choice": min(max(fortnight.today, 1), 14),
        **frame("排期表", icon="calendar-alt", subtitle=str(draft), under=UNDER),
    }
    return TemplateResponse(request, "desk/plan.html", context)


def _shown(entry: IssueEntry, now: datetime, on: date, availability: Availability | None) -> dict[str, Any]:
    material = entry.material
    if material.is_open(now):
        trouble = why_not(material, on, availability) if on >= clock.day_of(now) else ""
    elif material.expired or (material.expire_at is not None and material.expire_at <= now):
        trouble = "已到期"
    else:
        trouble = "未发布"
    targets = [
        entry.organisation.name if entry.organisation_id and entry.organisation else "",
        str(entry.get_host_kind_display()) if entry.host_kind else "",
        f"{entry.min_level} 级起" if entry.min_level else "",
    ]
    return {
        "entry": entry,
        "material": material,
        "trouble": trouble,
        "target": " · ".join(target for target in targets if target),
    }


@require_POST
@permission_required(CHANGE)
def put(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a material for a day."""
    _issue(pk)
    day = _day(request)
    material_id = given.number(request.POST.get("material", ""))
    if day is None or material_id is None:
        messages.error(request, "请选一个素材和第几天。")
        return _back(request, pk)
    try:
        material = plan.put(pk, material_id, day=day, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except plan.PlanError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"「{material.title}」排到了第 {day} 天。")
    return _back(request, pk)


@require_POST
@permission_required(CHANGE)
def move(request: HttpRequest, pk: int, day: int, material: int) -> HttpResponse:
    """Move an entry to another day."""
    _issue(pk)
    to = _day(request)
    if to is None:
        messages.error(request, "一期只有第 1 到第 14 天。")
        return _back(request, pk)
    try:
        plan.move(pk, plan.Place(day, material), day=to, by=request.user)  # type: ignore[arg-type]
    except plan.PlanError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已移到第 {to} 天。")
    return _back(request, pk)


@require_POST
@permission_required(CHANGE)
def remove(request: HttpRequest, pk: int, day: int, material: int) -> HttpResponse:
    """Take an entry out of the plan."""
    _issue(pk)
    try:
        plan.remove(pk, plan.Place(day, material), by=request.user)  # type: ignore[arg-type]
    except plan.PlanError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已从第 {day} 天去掉，素材还在素材库里。")
    return _back(request, pk)


@permission_required(CHANGE)
def entry(request: HttpRequest, pk: int, day: int, material: int) -> HttpResponse:
    """When, with which hint and for whom one entry is."""
    issue = _issue(pk)
    draft = plan.draft_of(issue)
    found = [one for one in plan.entries_by_day(draft).get(day, []) if one.material_id == material]
    if not found:
        raise Http404
    form, is_sound = opened_or_sent(
        request,
        lambda data: EntryForm(data) if data is not None else EntryForm.of(found[0]),
        rows=Issue.objects.filter(pk=pk),
    )
    if is_sound:
        try:
            plan.change(pk, plan.Place(day, material), form.wish, by=request.user)  # type: ignore[arg-type]
        except plan.PlanError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "这一条已改好。")
            return redirect("desk:plan", pk)
    context = {
        "form": form,
        "submit_label": "保存",
        **frame(
            "排期里的一条",
            icon="calendar-alt",
            subtitle=found[0].material.title,
            under=UNDER,
        ),
    }
    return TemplateResponse(request, "desk/entry.html", {**context, "back": reverse("desk:plan", args=[pk])})


@permission_required("library.add_issue")
def copy_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Duplicate an issue into a fortnight of its own."""
    now = timezone.now()
    issue = _issue(pk)
    number, starts_on = copying.next_free(clock.day_of(now))
    new = f"新的第 {number} 期（{starts_on:%-m月%-d日}开始）"
    form = CopyIssueForm(
        request.POST or None, rooms=copying.empty_drafts(clock.day_of(now)), new=new, initial={"into": ""}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = copying.copy_issue(
                issue,
                into=form.cleaned_data["into"],
                by=request.user,  # type: ignore[arg-type]
                now=now,
            )
        except copying.NoRoomError:
            form.add_error(None, "那一期刚刚有了内容，请重新选。")
        else:
            messages.success(request, f"复制好了，这是新的草稿「{made}」。")
            return redirect("desk:plan", made.pk)
    context = {
        "form": form,
        "rows": _about_copy(copying.left_behind(issue, now)),
        "back": reverse("desk:plan", args=[pk]),
        "submit_label": "复制",
        **frame("复制一期", icon="copy", subtitle=str(issue), under=UNDER),
    }
    return TemplateResponse(request, "desk/copy.html", context)


def _about_copy(left: list[Material]) -> list[str]:
    rows = ["主题、给大C的一句话、配额和排期都会带过去，日期按天数顺延；负责人是你。"]
    if left:
        names = "、".join(f"「{material.title}」" for material in left[:5])
        rows.append(f"已归档或到期的素材不带：{names}{f'等 {len(left)} 个' if len(left) > 5 else ''}。")
    return rows


@permission_required("library.add_material")
def copy_material(request: HttpRequest, pk: int) -> HttpResponse:
    """Duplicate a material as a draft."""
    material = get_object_or_404(Material, pk=pk)
    if material.is_story:
        messages.error(request, "这是一位顾客的故事，她只同意了这一条，不能复制。")
        return redirect(reverse("wagtailsnippets_library_material:list"))
    if request.method == "POST":
        made = copying.copy_material(material, by=request.user)  # type: ignore[arg-type]
        messages.success(request, "复制好了，这是新的草稿，改完再提交审核。")
        return redirect(reverse("wagtailsnippets_library_material:edit", args=[made.pk]))
    context = {
        "rows": ["文字、图片、视频和关联商品都会带过去，状态是草稿；发布时间和到期时间要重新定。"],
        "back": reverse("wagtailsnippets_library_material:list"),
        "submit_label": "复制",
        **frame(
            "复制素材",
            icon="copy",
            subtitle=material.title,
            under=("素材", "wagtailsnippets_library_material:list"),
        ),
    }
    return TemplateResponse(request, "desk/copy.html", context)


@permission_required(SEE)
def messages_of(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """The rows behind a number of the issue's messages: to whom, since when, what became of it."""
    issue = _issue(pk)
    if part != "created" and part not in PARTS:
        raise Http404
    rows = of_cause(registry.cause(Subject.ISSUE, pk)).order_by("pk")
    if part != "created":
        rows = rows.filter(PARTS[part])
    seen = accounts.hosts_visible_to(request.user, SEE)
    rows = rows.filter(host_id__in=seen.values("pk"))
    shown = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    names = dict(seen.filter(pk__in=[row.host_id for row in shown]).values_list("pk", "name"))
    context = {
        "rows": [{"row": row, "host": names.get(row.host_id or 0, "—")} for row in shown],
        "shown": shown,
        "part": part,
        **frame(PART_WORDS[part], icon="mail", subtitle=str(issue), under=UNDER),
    }
    return TemplateResponse(request, "desk/messages.html", context)


@permission_required("library.change_material")
def check_material(request: HttpRequest, pk: int) -> HttpResponse:
    """What the checks say of a material's newest draft: a part of the form's page."""
    draft = get_object_or_404(Material, pk=pk).get_latest_revision_as_object()
    return _findings(request, checks.check(checks.Draft.of_material(draft)))


@permission_required(CHANGE)
def check_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """What the checks say of the words of an issue's newest draft."""
    draft = get_object_or_404(Issue, pk=pk).get_latest_revision_as_object()
    tips = [(entry.day, entry.tip) for entry in draft.entries.all()]
    words = checks.Draft.of_issue(theme=draft.theme, intro=draft.intro, tips=tips)
    return _findings(request, checks.check_words(words))


def _findings(request: HttpRequest, found: list[checks.Finding]) -> HttpResponse:
    context = {"findings": found, "blocking": sum(finding.blocks for finding in found)}
    return TemplateResponse(request, "desk/checks.html", context)


def _issue(pk: int) -> Issue:
    """The issue with its state, owner and latest revision."""
    rows = with_state(Issue.objects.filter(pk=pk)).select_related("owner", "latest_revision")
    return get_object_or_404(rows)


def _here(request: HttpRequest, pk: int) -> str:
    return reverse("desk:plan", args=[pk])


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the plan, with the search that was open beside it."""
    form = {name: request.POST.get(name, "") for name in ("q", "kind")}
    query = urlencode({name: value for name, value in form.items() if value})
    return redirect(f"{_here(request, pk)}{'?' if query else ''}{query}")


def _day(request: HttpRequest) -> int | None:
    form = DayForm(request.POST)
    return form.cleaned_data["day"] if form.is_valid() else None


urlpatterns = [
    path("", calendar, name="calendar"),
    path("<int:pk>/", posting_plan, name="plan"),
    path("<int:pk>/put/", put, name="put"),
    path("<int:pk>/<int:day>/<int:material>/", entry, name="entry"),
    path("<int:pk>/<int:day>/<int:material>/move/", move, name="move"),
    path("<int:pk>/<int:day>/<int:material>/remove/", remove, name="remove"),
    path("<int:pk>/messages/<slug:part>/", messages_of, name="messages"),
    path("<int:pk>/copy/", copy_issue, name="copy-issue"),
    path("<int:pk>/check/", check_issue, name="check-issue"),
    path("materials/<int:pk>/check/", check_material, name="check-material"),
    path("materials/<int:pk>/copy/", copy_material, name="copy-material"),
]
