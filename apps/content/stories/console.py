"""User stories at HQ: read, take as a material with a title, or send back with the reason."""

from collections import Counter
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import permission_required

from apps.content.models import Story, StoryPicture
from apps.content.stories import access, services
from apps.content.training.console import picture_of
from apps.customers.console import write_down_looks
from apps.lib.console import page as frame

REVIEW = "content.review_story"
UNDER = (_("用户故事"), "stories:list")


class TakeForm(forms.Form):
    title = forms.CharField(
        label=_("标题"), max_length=60, error_messages={"required": _("请写一个标题。")}
    )


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("原因"), max_length=100, error_messages={"required": _("请写一句为什么不用，大C会看到。")}
    )


@require_safe
@permission_required(REVIEW)
def stories(request: HttpRequest) -> HttpResponse:
    """Stories that wait for HQ first, then the others; nothing of an unanswered one is shown."""
    rows = access.stories_seen_by(request.user)
    waiting = "all" not in request.GET
    found = (
        rows.filter(state=Story.State.AGREED).order_by("answered_at")
        if waiting
        else rows.exclude(state=Story.State.AGREED).order_by("-asked_at")
    )
    context = {
        "shown": Paginator(found, 30).get_page(request.GET.get("page")),
        "waiting": waiting,
        **frame(UNDER[0], icon="group"),
    }
    return TemplateResponse(request, "console/stories/list.html", context)


@require_safe
@permission_required(REVIEW)
def story(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One story, with what she agreed to and when; the look is written down for her host to see."""
    found = access.story_for(request.user, public_id)
    if found.state == Story.State.ASKED:
        # Before her yes it is between her and her host.
        return TemplateResponse(request, "console/stories/waiting.html", {"story": found, **_frame(found)})
    write_down_looks(request, Counter({found.host_id: 1}), fields="用户故事")
    context = {
        "story": found,
        "against": services.what_stands_against(found) if found.state not in Story.EMPTY else [],
        **_frame(found),
    }
    return TemplateResponse(request, "console/stories/story.html", context)


def _frame(found: Story) -> dict[str, Any]:
    return frame(str(found), icon="group", under=UNDER)


@require_safe
@permission_required(REVIEW)
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    seen = access.stories_seen_by(request.user).exclude(state=Story.State.ASKED)
    return picture_of(request, get_object_or_404(StoryPicture, public_id=public_id, story__in=seen))


@require_POST
@permission_required(REVIEW)
def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Publish it as a material."""
    found = access.story_for(request.user, public_id)
    form = TakeForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("stories:story", public_id)
    try:
        services.publish(found, title=form.cleaned_data["title"], by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已发布，大C现在能在素材里找到它。"))
    return redirect("stories:story", public_id)


@require_POST
@permission_required(REVIEW)
def refuse(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.story_for(request.user, public_id)
    form = RefuseForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.refuse(found, reason=reason, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("没有采用，大C会看到原因。"))
    return redirect("stories:story", public_id)


urlpatterns = [
    path("", stories, name="list"),
    path("<uuid:public_id>/", story, name="story"),
    path("<uuid:public_id>/take/", take, name="take"),
    path("<uuid:public_id>/refuse/", refuse, name="refuse"),
    path("pictures/<uuid:public_id>/", picture, name="picture"),
]
