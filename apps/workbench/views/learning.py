"""学习: her paths, one lesson at a time, 打卡, and the board of her organisation."""

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.learning.models import Lesson
from apps.learning.models.training import parts_of
from apps.learning.training import access, selectors, services
from apps.lib import clock, given
from apps.lib.forms import WholeNumberField
from apps.media.cleaning import UploadRefusedError
from apps.media.views import show_private
from apps.workbench import pictures
from apps.workbench.forms import H5Form
from apps.workbench.requests import HostRequest


class AnswerForm(forms.Form):
    question = forms.CharField(max_length=36)
    choice = WholeNumberField(min_value=0, max_value=9)


class ProofForm(H5Form):
    picture = forms.FileField(label="截图", error_messages={"required": "请先选一张截图。"})
    note = forms.CharField(label="想说的话", max_length=100, required=False)


class DayForm(forms.Form):
    day = forms.DateField(input_formats=["%Y-%m-%d"], validators=[given.check_day])


@require_safe
@host_required
def learn(request: HostRequest) -> HttpResponse:
    now = timezone.now()
    paths = selectors.paths_of(request.host)
    context = {
        "tab": "me",
        "paths": paths,
        "next": selectors.next_lesson(paths),
        "days": selectors.days_of(request.host, now),
    }
    return render(request, "workbench/learn.html", context)


@require_safe
@host_required
def lesson(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.lesson_for(request.host, public_id)
    if request.method == "GET":
        services.begin(found, request.host, now=now)
    return _lesson_page(request, found, ProofForm())


def _lesson_page(request: HostRequest, found: Lesson, form: ProofForm, *, status: int = 200) -> HttpResponse:
    context = {
        "tab": "me",
        "lesson": found,
        "parts": parts_of(found.body),
        "answers": selectors.answers_of(found, request.host),
        "practices": selectors.practices_of(found, request.host),
        "form": form,
        "left": services.what_is_left(found, request.host),
        "film_cover": pictures.sized([found.video.cover_id], pictures.LARGE).get(found.video.cover_id)
        if found.video
        else None,
    }
    return render(request, "workbench/lesson.html", context, status=status)


@require_POST
@host_required
def answer(request: HostRequest, public_id: UUID) -> HttpResponse:
    """One answer; she learns at once whether it is right, and why."""
    found = access.lesson_for(request.host, public_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.info(request, "先选一个答案。")
        return kept_forms.refused(redirect("workbench:lesson", public_id))
    asked, choice = form.cleaned_data["question"], form.cleaned_data["choice"]
    try:
        verdict = services.answer(found, request.host, question=asked, choice=choice, now=timezone.now())
    except services.NotPossibleError as error:
        messages.info(request, str(error))
        return kept_forms.refused(redirect("workbench:lesson", public_id))
    if request.htmx:
        context = {
            "lesson": found,
            "question": verdict.question,
            "answer": selectors.answers_of(found, request.host).get(asked),
            "chosen": choice,
        }
        return render(request, "workbench/_question.html", context)
    return redirect(f"{reverse('workbench:lesson', args=[public_id])}#q-{asked}")


@require_POST
@host_required
def practise(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.lesson_for(request.host, public_id)
    form = ProofForm(request.POST, request.FILES)
    if not form.is_valid():
        return _lesson_page(request, found, form, status=400)
    data = form.cleaned_data
    try:
        services.hand_in(found, request.host, upload=data["picture"], note=data["note"], now=timezone.now())
    except UploadRefusedError as error:
        form.add_error("picture", str(error))
        return _lesson_page(request, found, form, status=400)
    except services.NotPossibleError as error:
        messages.info(request, str(error))
        return kept_forms.refused(redirect("workbench:lesson", public_id))
    messages.success(request, "交上去了，批改好会在这里告诉你。")
    return redirect("workbench:lesson", public_id)


@require_POST
@host_required
def done(request: HostRequest, public_id: UUID) -> HttpResponse:
    """「学完了，打卡」."""
    found = access.lesson_for(request.host, public_id)
    try:
        is_new = services.finish(found, request.host, now=timezone.now())
    except services.NotYetError as error:
        messages.info(request, str(error))
        return kept_forms.refused(redirect("workbench:lesson", public_id))
    messages.success(request, "打卡成功，今天学过了。" if is_new else "学完了，今天已经打过卡。")
    return redirect("workbench:learn")


@require_POST
@host_required
def make_up(request: HostRequest) -> HttpResponse:
    form = DayForm(request.POST)
    day: date | None = form.cleaned_data["day"] if form.is_valid() else None
    if day is None:
        messages.info(request, "请点要补的那一天。")
        return kept_forms.refused(redirect("workbench:learn"))
    try:
        services.make_up(request.host, day, now=timezone.now())
    except services.NotPossibleError as error:
        messages.info(request, str(error))
        return kept_forms.refused(redirect("workbench:learn"))
    messages.success(request, f"{day:%-m月%-d日}补上了。")
    return redirect("workbench:learn")


@require_safe
@host_required
def board(request: HostRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "tab": "me",
        "places": selectors.board_of(request.host, now),
        "hides_name": selectors.hides_name(request.host),
        "month": clock.day_of(now),
    }
    return render(request, "workbench/board.html", context)


@require_POST
@host_required
def board_name(request: HostRequest) -> HttpResponse:
    services.hide_name(request.host, hides=request.POST.get("hides") == "1", now=timezone.now())
    return redirect("workbench:board")


@require_safe
@never_cache
@host_required
def proof(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Her own proof."""
    own = access.own_practice(request.host, public_id)
    return show_private(request, str(own.file.name))  # type: ignore[return-value]
