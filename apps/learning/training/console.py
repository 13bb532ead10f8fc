"""Training in the HQ console: lessons and paths through the same review, and proofs of practice."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import permission_required
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList, PublishingPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from apps.console_kit.lists.acts import deleting
from apps.console_kit.lists.columns import PictureColumn
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import page as frame
from apps.console_kit.viewsets import searching_chooser
from apps.console_kit.waiting import Waiting, declare
from apps.learning.models import Lesson, Path
from apps.learning.models.training import lesson_problems, path_problems
from apps.learning.training import access, selectors, services
from apps.library.bulk import life, withdrawing
from apps.library.console import PublishableViewSet, StateList, state_column
from apps.library.filters import StateFilterSet
from apps.library.forms import CheckedForm
from apps.media.pictures import dress
from apps.media.views import show_private

LESSON_LIFE, PATH_LIFE = life(Lesson), life(Path)


class LessonForm(CheckedForm):
    def what_is_missing(self) -> list[str]:
        data = self.cleaned_data
        return lesson_problems(has_video=data["video"] is not None, body=data["body"])


class PathForm(CheckedForm):
    def what_is_missing(self) -> list[str]:
        lessons = [row["lesson"] for row in self.kept("lessons") if row.get("lesson")]
        return path_problems(lessons, timezone.now())


class LessonFilterSet(StateFilterSet):
    with_task = django_filters.ChoiceFilter(
        choices=[("yes", "有练习"), ("no", "没有练习")], label="练习", empty_label="全部", method="by_task"
    )

    class Meta:
        model = Lesson
        fields: ClassVar[list[str]] = ["with_task"]

    def by_task(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.exclude(task="") if value == "yes" else rows.filter(task="")


class PathFilterSet(StateFilterSet):
    class Meta:
        model = Path
        fields: ClassVar[list[str]] = []


class TitledList(StateList):
    search_hint = "搜标题"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "title")


class LessonList(TitledList):
    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().annotate(picture_id=F("video__cover_id"))


class PathList(TitledList):
    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().annotate(count=Count("lessons"))


def lesson_chooser(viewset: Any) -> AdminSnippetChooser:
    """Worded while it is used, not while it is imported."""
    chooser = AdminSnippetChooser(model=Lesson, icon="openquote")
    chooser.choose_one_text, chooser.choose_another_text = "选课", "换一课"
    chooser.link_to_chosen_text = "打开这一课"
    return chooser


class LessonViewSet(PublishableViewSet):
    model = Lesson
    icon = "openquote"
    menu_label = "课"
    url_prefix = "lessons"
    index_view_class = LessonList
    filterset_class = LessonFilterSet
    list_display: ClassVar[list[Any]] = [
        "title",
        PictureColumn("封面"),
        Column("minutes", label="分钟"),
        Column("task", label="练习", accessor=lambda row: "有" if row.task else ""),
        state_column(),
    ]
    desk = Desk(
        empty=Empty("还没有课。", "新增一课", "wagtailsnippets_learning_lesson:add", "learning.add_lesson"),
        acts=(withdrawing("learning.withdraw_lesson"), deleting(LESSON_LIFE)),
        life=LESSON_LIFE,
        dress=dress,
    )
    ordering = "-pk"
    chooser_viewset_class = searching_chooser(
        Lesson,
        rows=lambda: Lesson.objects.filter(expired=False).exclude(title="").order_by("-pk"),
        find=TitledList.find,
        icon="openquote",
        choose="选课",
        another="换一课",
        hint="搜标题",
        base=SnippetChooserViewSet,
        widget_class=property(lesson_chooser),
    )
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("title"), FieldPanel("minutes")]),
            FieldPanel("video"),
            FieldPanel("body"),
            FieldPanel("task"),
            PublishingPanel(),
        ],
        base_form_class=LessonForm,
    )


class PathViewSet(PublishableViewSet):
    model = Path
    icon = "list-ol"
    menu_label = "学习路径"
    url_prefix = "paths"
    index_view_class = PathList
    filterset_class = PathFilterSet
    list_display: ClassVar[list[Any]] = [
        "title",
        Column("levels", label="给谁"),
        Column("count", label="几课"),
        state_column(),
    ]
    desk = Desk(
        empty=Empty(
            "还没有学习路径。先有几课，再排成一条路。",
            "新增路径",
            "wagtailsnippets_learning_path:add",
            "learning.add_path",
        ),
        acts=(withdrawing("learning.withdraw_path"), deleting(PATH_LIFE)),
        life=PATH_LIFE,
    )
    ordering = "position"
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("title"), FieldPanel("position")]),
            FieldPanel("intro"),
            FieldRowPanel([FieldPanel("min_level"), FieldPanel("max_level")]),
            InlinePanel("lessons", [FieldPanel("lesson")], label="课", heading="按顺序的课"),
            PublishingPanel(),
        ],
        base_form_class=PathForm,
    )


# --- proofs of practice ------------------------------------------------------------------------------------


class VerdictForm(forms.Form):
    """HQ's word on one proof."""

    passed = forms.ChoiceField(choices=[("1", "通过"), ("0", "退回")])
    reason = forms.CharField(label="评语", max_length=100, required=False)


declare(
    Waiting(
        "training:practices",
        "份练习等批改",
        access.REVIEW,
        lambda user: selectors.waiting_practices(access.practices_seen_by(user)),
        is_whole_page=True,
    )
)


@require_safe
@permission_required(access.REVIEW)
def practices(request: HttpRequest) -> HttpResponse:
    """Proofs that wait, the oldest first; or those that were judged."""
    rows = access.practices_seen_by(request.user)
    judged = "judged" in request.GET
    found = (
        rows.exclude(reviewed_at=None).order_by("-reviewed_at")
        if judged
        else selectors.waiting_practices(rows)
    )
    context = {
        "shown": Paginator(found, 12).get_page(request.GET.get("page")),
        "judged": judged,
        **frame("批改练习", icon="tick-inverse"),
    }
    return TemplateResponse(request, "console/learning/practices.html", context)


@require_safe
@permission_required(access.REVIEW)
def practice_picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The proof itself, for whoever may judge it."""
    return picture_of(request, access.practice_for(request.user, public_id))


def picture_of(request: HttpRequest, practice: Any) -> HttpResponse:
    return show_private(request, str(practice.file.name))  # type: ignore[return-value]


@require_POST
@permission_required(access.REVIEW)
def judge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    practice = access.practice_for(request.user, public_id)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请点「通过」或「退回」。")
        return redirect("training:practices")
    passed = form.cleaned_data["passed"] == "1"
    try:
        services.review(
            practice,
            passed=passed,
            reason=form.cleaned_data["reason"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except services.NotPossibleError as error:
        messages.error(request, str(error))
    else:
        words = "%(who)s的练习通过了。" if passed else "退回给%(who)s了，她会看到你的评语。"
        messages.success(request, words % {"who": practice.host.name})
    return redirect("training:practices")


urlpatterns = [
    path("practices/", practices, name="practices"),
    path("practices/<uuid:public_id>/picture/", practice_picture, name="practice-picture"),
    path("practices/<uuid:public_id>/judge/", judge, name="judge"),
]
