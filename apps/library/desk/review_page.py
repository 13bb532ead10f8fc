"""The page on which a reviewer decides: what she reads beside the phone, and her two answers in sight."""

from typing import Any

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.models import TaskState

from apps.accounts import access as accounts
from apps.console_kit.confirming import FIELD, is_confirmed
from apps.console_kit.viewsets import page as frame
from apps.library import checks
from apps.library.desk import cells
from apps.library.desk.reviewing import APPROVE, REJECT, act_of_approving, decide
from apps.library.models import Issue, Material
from apps.library.models.publishing import Publishable
from apps.library.review import APPROVERS

#: The version that lay before her.
VERSION = "version"
_SHOWN_LENGTH = 500


def url_of(row: Publishable) -> str:
    viewset: Any = row.snippet_viewset
    return reverse(viewset.get_url_name("review"), args=[quote(row.pk)])


def is_reviewer(user: Any) -> bool:
    """Whether this person decides on what others hand in."""
    return bool(accounts.role_names(user) & set(APPROVERS))


def review(request: HttpRequest, viewset: Any, pk: int) -> HttpResponse:
    """Read and decide. What she typed stays when it could not be done; afterwards comes what waits next."""
    row = get_object_or_404(viewset.model, pk=pk)
    if not request.user.has_perm(f"{viewset.app_label}.change_{viewset.model_name}"):
        raise PermissionDenied
    task = row.current_workflow_task
    if task is None:
        messages.info(request, f"「{row}」不在等审核。")
        return redirect(reverse(viewset.get_url_name("edit"), args=[quote(pk)]))
    may = {name for name, _label, _modal in task.get_actions(row, request.user)}
    trouble = ""
    if request.method == "POST":
        trouble = _decided(request, row, may)
        if not trouble:
            return redirect(_next(request.user) or reverse("wagtailadmin_home"))
    return TemplateResponse(request, "desk/review.html", _told(request, viewset, row, may, trouble))


def _decided(request: HttpRequest, row: Publishable, may: set[str]) -> str:
    """Do what she said; why not, in words, else empty."""
    action = request.POST.get("decision", "")
    comment = request.POST.get("comment", "").strip()
    if action not in may:
        return "没有办成：这一条要由提交人和最后修改人以外的审核人来定。"
    if len(comment) > _SHOWN_LENGTH:
        return f"写得太长了，最多 {_SHOWN_LENGTH} 个字。"
    if action == REJECT and not comment:
        return "没有退回：请写一句原因，提交的人才知道怎么改。"
    if request.POST.get(VERSION) != str(row.latest_revision_id):
        return "内容刚才被改过了，现在看到的是新的一版，请再看一眼。"
    if action == APPROVE and not is_confirmed(request, act_of_approving(row, back="")):
        return "通过以后会怎样，刚才变了，请再看一眼。"
    # Why it was not done is told by `decide` itself.
    return "" if decide(request, row, action, comment=comment) else " "


def _next(user: Any) -> str:
    """The page of what waits for her longest; empty when nothing does."""
    tasks = TaskState.objects.reviewable_by(user).select_related("revision").order_by("started_at")
    for state in tasks:
        row = state.revision.content_object
        if isinstance(row, Publishable) and state.task.specific.get_actions(row, user):
            return url_of(row)
    return ""


def _told(
    request: HttpRequest, viewset: Any, row: Publishable, may: set[str], trouble: str
) -> dict[str, Any]:
    draft: Any = row.get_latest_revision_as_object()
    state: Any = row.current_workflow_task_state
    name, key = viewset.get_url_name, quote(row.pk)
    look = reverse(name("revisions_view"), args=[key, row.latest_revision_id])
    is_material = isinstance(draft, Material)
    if is_material:
        cells.dress_drafts([draft], request.user)
    act = act_of_approving(row, back="")
    return {
        "row": row,
        "draft": draft,
        "is_material": is_material,
        "state": state,
        "workflow": row.current_workflow_state,
        "act": act,
        "field": FIELD,
        "version": VERSION,
        "may": may,
        "trouble": trouble.strip(),
        "has_failed": bool(trouble),
        "comment": request.POST.get("comment", ""),
        "effects": act.effects,
        "findings": _findings(draft),
        "problems": draft.problems(timezone.now()),
        "looks": [(mode, label, f"{look}?mode={mode}") for mode, label in draft.preview_modes],
        "edit_url": reverse(name("edit"), args=[key]),
        "compare_url": reverse(name("revisions_compare"), args=[key, "live", row.latest_revision_id])
        if row.live
        else "",
        **frame("审核", icon=viewset.icon, subtitle=str(draft), under=(viewset.menu_label, name("list"))),
    }


def _findings(draft: Any) -> list[checks.Finding]:
    if isinstance(draft, Material):
        return checks.check(checks.Draft.of_material(draft))
    if isinstance(draft, Issue):
        tips = [(entry.day, entry.tip) for entry in draft.entries.all()]
        return checks.check_words(checks.Draft.of_issue(theme=draft.theme, intro=draft.intro, tips=tips))
    return []
