"""HQ's list of words that hosts should not post, in the console."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from apps.console_kit.lists.acts import OFF, ON, deleting, switching
from apps.console_kit.lists.declaring import Desk, Empty, Life
from apps.console_kit.names import called
from apps.console_kit.viewsets import GuardedViewSet, SearchedList
from apps.library.models import ForbiddenWord

WORD_LIFE = Life("library.change_forbiddenword", retire=OFF, bring_back=ON)


class WordFilterSet(WagtailFilterSet):
    level = django_filters.ChoiceFilter(
        choices=ForbiddenWord.Level.choices, label="遇到时", empty_label="全部"
    )

    is_active = django_filters.ChoiceFilter(
        choices=[("True", "启用"), ("False", "停用")], label="启用", empty_label="全部"
    )

    class Meta:
        model = ForbiddenWord
        fields: ClassVar[list[str]] = ["level", "is_active"]


class WordList(SearchedList, generic.IndexView):
    search_hint = "搜词或原因"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "word", "reason")


class ForbiddenWordViewSet(GuardedViewSet, ModelViewSet):
    model = ForbiddenWord
    icon = "warning"
    menu_label = "广告法用词"
    url_prefix = "words"
    index_view_class = WordList
    filterset_class = WordFilterSet
    copy_view_enabled = False
    ordering = "word"
    list_per_page = 50
    form_fields: ClassVar[list[str]] = ["word", "level", "reason", "instead", "fine_in", "is_active"]
    list_display: ClassVar[list[Any]] = [
        "word",
        Column("level", label="遇到时", accessor="get_level_display"),
        "reason",
        "instead",
        Column("fine_in", label="这些词里不算"),
        BooleanColumn("is_active", label="启用"),
    ]
    desk = Desk(
        empty=Empty(
            "还没有禁用词。加上以后，交审核前会自动检查。",
            "新增词",
            "forbiddenword:add",
            "library.add_forbiddenword",
        ),
        acts=(
            *switching(
                "library.change_forbiddenword",
                on=("启用", "从现在起检查文案时会拦下或提醒。"),
                off=("停用", "从现在起不再检查，词还留在列表里。"),
            ),
            deleting(WORD_LIFE),
        ),
        life=WORD_LIFE,
        off=frozenset({"fine_in"}),
    )
