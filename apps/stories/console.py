"""User stories at HQ: read, take as the draft of a material, or send back with the reason."""

from collections import Counter
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import permission_required

from apps.console_kit.viewsets import page as frame
from apps.console_kit.waiting import Waiting, declare
from apps.customers.console import write_down_looks
from apps.media.views import show_private
from apps.stories import access, agreed, services
from apps.stories.models import Story

UNDER = ("用户故事", "stories:list")


def _agreed(user: Any) -> QuerySet[Story]:
    return access.stories_read_by(user).filter(state=Story.State.AGREED)


declare(Waiting("stories:list", "篇用户故事等审核", access.REVIEW, _agreed, is_whole_page=True))


class RefuseForm(forms.Form):
    reason = forms.CharField(
        max_length=100,
        error_messages={
            "required": "请写一句为什么不用，大C会看到。",
            "max_length": "原因最多 100 个字。",
        },
    )


@require_safe
@permission_required(access.REVIEW)
def stories(request: HttpRequest) -> HttpResponse:
    """Stories that wait for HQ, the longest first; or all others, the newest first."""
    rows = access.stories_read_by(request.user)
    waiting = "all" not in request.GET
    found = (
        _agreed(request.user).order_by("answered_at", "pk")
        if waiting
        else rows.exclude(state=Story.State.AGREED).order_by("-asked_at", "-pk")
    )
    context = {
        "shown": Paginator(found, 30).get_page(request.GET.get("page")),
        "waiting": waiting,
        **frame(UNDER[0], icon="group"),
    }
    return TemplateResponse(request, "console/stories/list.html", context)


@require_safe
@permission_required(access.REVIEW)
def story(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One story, with what she agreed to and when; the look is written down for her host to see."""
    found = access.story_for(request.user, public_id)
    if found.text:
        write_down_looks(request, Counter({found.host_id: 1}), fields="用户故事")
    context = {
        "story": found,
        "pictures": found.pictures.all(),
        "against": agreed.what_stands_against(found) if found.text else [],
        "may_add": request.user.has_perm("library.change_material"),
        **_frame(found),
    }
    return TemplateResponse(request, "console/stories/story.html", context)


def _frame(found: Story) -> dict[str, Any]:
    return frame(found.title or str(found), icon="group", under=UNDER)


@require_safe
@permission_required(access.REVIEW)
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.picture_for(request.user, public_id)
    return show_private(request, str(found.file.name))  # type: ignore[return-value]


@require_POST
@permission_required(access.REVIEW)
def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make it the draft of a material."""
    found = access.story_for(request.user, public_id)
    try:
        services.take(found, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已经放进素材草稿。编辑选好场合、提交审核，通过后大C就能发。")
    return redirect("stories:story", public_id)


@require_POST
@permission_required(access.REVIEW)
def refuse(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = access.story_for(request.user, public_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0])
        return redirect("stories:story", public_id)
    try:
        services.refuse(
            found,
            reason=form.cleaned_data["reason"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "没有采用，大C会看到原因。")
    return redirect("stories:story", public_id)


urlpatterns = [
    path("", stories, name="list"),
    path("<uuid:public_id>/", story, name="story"),
    path("<uuid:public_id>/take/", take, name="take"),
    path("<uuid:public_id>/refuse/", refuse, name="refuse"),
    path("pictures/<uuid:public_id>/", picture, name="picture"),
]
