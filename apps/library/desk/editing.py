"""What the editor's form does beyond Wagtail's: nobody's words are lost, and a refusal shows its reason."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.models import TaskState
from wagtail.snippets.views import snippets as views

from apps.lib import given, humanize
from apps.library.desk import conflicts


class SaysWhen:
    """First base of a view whose form hands in: the sentence afterwards says when it goes out if approved."""

    object: Any
    action: str
    view_name: str

    def get_success_message(self, instance: Any = None) -> Any:
        if self.action != "submit":
            return super().get_success_message(instance)  # type: ignore[misc]
        now, instance = timezone.now(), instance or self.object
        at = instance.get_latest_revision_as_object().goes_live_at(now)
        when = f" {humanize.name_moment(at, now=now)} " if at is not None else ""
        done = "已新增并提交审核" if self.view_name == "create" else "已提交审核"
        return f"{instance._meta.verbose_name}「{instance}」{done}，通过后{when}对外可见。"


class KeepsBoth(SaysWhen, views.EditView):
    """An edit view in which who saves on top of a version that she has not seen overwrites nothing."""

    object: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            # Two that save at once come one after the other, and the second sees what the first wrote.
            list(self.model._default_manager.select_for_update().filter(pk=kwargs["pk"]).values_list("pk"))
        super().setup(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(self.object, self.object.CALLED_BY) and self.view_name == "edit":
            messages.warning(request, "还没有标题：内容都存着，写上标题才能排期、选用和提交审核。")
        refused = last_refusal(self.object)
        if refused is not None and self.view_name == "edit":
            messages.warning(
                request,
                "{who}退回了：{reason}".format(
                    who=refused.finished_by.name if refused.finished_by else "", reason=refused.comment
                ),
            )
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_save = self.view_name == "edit" and self.action in {"edit", "submit"}
        if is_save and not self.expects_json_response and self.is_out_of_date and not self.locked_for_user:
            return self.keep_both(request)
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer

    def keep_both(self, request: HttpRequest) -> HttpResponseBase:
        """Somebody saved since this form was opened: lay both versions together, or side by side."""
        row: Any = self.object
        theirs = self.latest_revision
        begun = request.POST.get("overwrite_revision_id") or request.POST.get("loaded_revision_id", "")
        base = row.revisions.filter(pk=given.number(begun)).first()
        if base is not None and base.pk == theirs.pk:
            base = None  # it was written over since: nobody knows any more how it read
        if base is not None:
            self.object = base.as_object()
            self.object.latest_revision = base
        form = self.get_form()
        if not self.is_valid(form):
            return self.form_invalid(form)
        together = conflicts.put_together(
            row,
            form.save(commit=False),
            base=base,
            theirs=theirs,
            by=request.user,  # type: ignore[arg-type]
        )
        who = theirs.user.name if theirs.user else "系统"
        if together.clash:
            name, pk, aside = row.snippet_viewset.get_url_name, quote(row.pk), together.revision.pk
            compare = reverse(name("revisions_compare"), args=[pk, theirs.pk, aside])
            take = reverse(name("revisions_revert"), args=[pk, aside])
            messages.error(
                request,
                (
                    "{who}在你之后也存了一版，你们都改了：{fields}。现在留着的是{who}的，你写的另存成了一份，一个字没丢。"
                ).format(who=who, fields="、".join(together.clash)),
                buttons=[
                    messages.button(compare, "对比两份"),
                    messages.button(take, "用我的那份"),
                ],
            )
            return redirect(self.get_edit_url())
        messages.success(
            request,
            "{who}刚才也改了（{fields}），和你的改动不冲突，两边都保存好了。".format(
                who=who, fields="、".join(together.theirs) or "别处"
            ),
        )
        if self.action == "submit":
            messages.warning(request, "还没有提交审核：先看一眼合在一起的样子，再提交。")
        return redirect(self.get_edit_url())


def last_refusal(row: Any) -> TaskState | None:
    """The refusal that the row still waits to be mended for."""
    state = row.current_workflow_state
    if state is None or state.status != state.STATUS_NEEDS_CHANGES:
        return None
    task: TaskState | None = state.current_task_state
    return task if task is not None and task.status == TaskState.STATUS_REJECTED and task.comment else None
