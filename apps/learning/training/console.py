"""Training in the HQ console: lessons and paths through the same review."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList, PublishingPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from apps.console_kit.lists.acts import deleting
from apps.console_kit.lists.columns import PictureColumn
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import searching_chooser
from apps.learning.models import Lesson, Path
from apps.learning.models.training import lesson_problems, path_problems
from apps.library.bulk import life, withdrawing
from apps.library.console import PublishableViewSet, StateList, state_column
from apps.library.filters import StateFilterSet
from apps.library.forms import CheckedForm
from apps.media.pictures import dress

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
