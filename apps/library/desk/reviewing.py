"""Approving and sending back in the console: asked before, and said afterwards as it came out."""

import json
from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.models import TaskState
from wagtail.snippets.views import snippets as views

from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.viewsets import page
from apps.lib import humanize
from apps.library import publishing
from apps.library.models.publishing import NotPublishableError, Publishable, ReasonMissingError

APPROVE, REJECT = "approve", "reject"


def act_of_approving(row: Publishable, *, back: str) -> Act:
    """What approving the newest draft of `row` will do, to be read before."""
    draft = row.get_latest_revision_as_object()
    return Act(
        question=f"通过「{draft}」吗？",
        effects=publishing.effects_of_publishing(row, timezone.now()),
        button="通过",
        keep="先不通过",
        back=back,
        remarks={"comment": "想对提交的人说的话（可以不填）"},
    )


def ask_to_approve(request: HttpRequest, row: Publishable, viewset: Any) -> HttpResponseBase:
    """The page before approving: its button goes to the address that decides."""
    act, decide = _approval(row)
    under = (viewset.menu_label, viewset.get_url_name("list"))
    return ask(request, act, page("通过", subtitle=str(row), icon=viewset.icon, under=under), action=decide)


def _approval(row: Publishable) -> tuple[Act, str]:
    viewset: Any = row.snippet_viewset
    state = row.current_workflow_task_state
    decide = reverse(viewset.get_url_name("workflow_action"), args=[quote(row.pk), APPROVE, state.pk])
    return act_of_approving(row, back=reverse(viewset.get_url_name("edit"), args=[quote(row.pk)])), decide


def decide(request: HttpRequest, row: Publishable, action: str, **said: Any) -> bool:
    """Approve or send back, and say what came of it; whether the review went on.

    Nothing is called done that the review itself does not say is done.
    """
    state: Any = row.current_workflow_task_state
    try:
        row.current_workflow_task.on_action(state, request.user, action, **said)
    except NotPublishableError as error:
        messages.error(request, "还不能发布。" + " ".join(error.reasons))
        return False
    except ReasonMissingError:
        messages.error(request, "没有退回：请写一句原因，提交的人才知道怎么改。")
        return False
    row.refresh_from_db()
    status = TaskState.objects.get(pk=state.pk).status
    if status == TaskState.STATUS_REJECTED:
        messages.success(request, f"已退回「{row}」，提交的人会在首页看到。")
    elif status == TaskState.STATUS_APPROVED:
        messages.success(request, f"已通过「{row}」，{_then(row)}")
    else:
        messages.error(request, f"没有办成：「{row}」还在等审核。")
        return False
    return True


def _then(row: Publishable) -> str:
    now = timezone.now()
    scheduled = row.revisions.filter(approved_go_live_at__isnull=False).first()
    if scheduled is not None:
        return f"{humanize.name_moment(scheduled.approved_go_live_at, now=now)} 发布。"
    told = publishing.messages_of(row, now)
    if told is None or not told.waiting:
        return "现在对外可见。"
    beside = publishing.words_of_unreachable(publishing.unreachable_by(row, now))
    return f"现在对外可见。给大C的 {told.waiting} 条消息正在发。{beside}"


class ReviewView(views.WorkflowActionView):
    """Approve or send back, from the home page or a dialog."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.action_name == APPROVE:
            return ask_to_approve(request, self._row(), self._row().snippet_viewset)
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row, is_dialog = self._row(), request.headers.get("x-requested-with") == "XMLHttpRequest"
        if self.action_name == APPROVE:
            act, _decide = _approval(row)
            if not is_confirmed(request, act):
                return ask_to_approve(request, row, row.snippet_viewset)
        form = self.form_class(request.POST)
        if not form.is_valid():
            if is_dialog:
                answer: HttpResponseBase = self.render_modal_form(request, form)
                return answer
            reasons = " ".join(str(error) for errors in form.errors.values() for error in errors)
            messages.error(request, f"没有办成：{reasons}")
            return redirect(self.redirect_url)
        decide(request, row, self.action_name, **form.cleaned_data)
        if is_dialog:
            said: HttpResponseBase = self.render_modal_json(
                request, {"step": "success", "redirect": self.redirect_url}
            )
            return said
        return redirect(self.redirect_url)

    def _row(self) -> Publishable:
        found: Publishable = self.model._default_manager.get(pk=self.object.pk)
        return found


def decide_from_form(request: HttpRequest, row: Publishable, action: str) -> HttpResponseBase:
    """The same from the editor's form: what was handed in counts, never what is typed there in passing."""
    viewset: Any = row.snippet_viewset
    edit = redirect(reverse(viewset.get_url_name("edit"), args=[quote(row.pk)]))
    if row.current_workflow_task_state is None:
        messages.error(request, f"「{row}」已经不在等审核了。")
        return edit
    if action not in {
        name for name, _label, _modal in row.current_workflow_task.get_actions(row, request.user)
    }:
        messages.error(request, "没有办成：这一条要由提交人和最后修改人以外的审核人来定。")
        return edit
    if action == APPROVE:
        return ask_to_approve(request, row, viewset)
    decide(request, row, action, **_said(request))
    return edit


def _said(request: HttpRequest) -> dict[str, str]:
    """What was typed in the dialog beside the form."""
    try:
        typed = json.loads(request.POST.get("workflow-action-extra-data") or "{}")
    except ValueError:
        return {}
    comment = typed.get("comment", "") if isinstance(typed, dict) else ""
    return {"comment": comment} if isinstance(comment, str) else {}
