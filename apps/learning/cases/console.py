"""Cases in the HQ console: by the template, through the same review as everything else."""

from typing import Any, ClassVar

import django_filters
from django.db.models import F, QuerySet
from django.utils import timezone
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    ObjectList,
    PublishingPanel,
)
from wagtail.admin.ui.tables import Column

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.console_kit.lists.acts import deleting
from apps.console_kit.lists.columns import PictureColumn
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import searching_chooser
from apps.learning.models import Case
from apps.learning.models import cases as rules
from apps.lib import clock
from apps.library.bulk import life, withdrawing
from apps.library.console import (
    CreateView,
    PublishableViewSet,
    StateList,
    state_column,
)
from apps.library.filters import StateFilterSet
from apps.library.forms import CheckedForm
from apps.media.pictures import dress

CASE_LIFE = life(Case)


class CaseForm(CheckedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            self.fields["owner"].queryset = User.objects.filter(
                is_active=True, groups__name__in=roles.ALL
            ).distinct()
            self.fields["owner"].label_from_instance = lambda user: user.name

    def what_is_missing(self) -> list[str]:
        data = self.cleaned_data
        month = data["month"]
        other = Case.objects.filter(month=month, live=True).exclude(pk=self.instance.pk).first()
        figures = self.kept("figures")
        return rules.what_is_missing(
            background=data["background"],
            actions=data["actions"],
            figures=[(row["first"], row["last"]) for row in figures if row.get("first") and row.get("last")],
            lines=len(self.kept("lines")),
            steps=len(self.kept("steps")),
            other=other,
            today=clock.day_of(timezone.now()),
        )


class CaseFilterSet(StateFilterSet):
    owner = django_filters.ModelChoiceFilter(
        queryset=User.objects.filter(pk__in=Case.objects.values("owner")), label="负责人", empty_label="全部"
    )
    month = django_filters.DateFromToRangeFilter(label="月份")

    class Meta:
        model = Case
        fields: ClassVar[list[str]] = ["owner", "month"]


class CaseList(StateList):
    search_hint = "搜标题"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "title")

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset().select_related("host", "owner")
        return rows.annotate(picture_id=F("cover_id"))


class CaseCreateView(CreateView):
    """A new case is for the first month that has none yet."""

    def get_initial_form_instance(self) -> Case:
        month = clock.first_of_month(clock.day_of(timezone.now()))
        taken = set(Case.objects.filter(month__gte=month).values_list("month", flat=True))
        while month in taken:
            month = clock.next_month(month)
        return Case(month=month, owner=self.request.user)


class CaseViewSet(PublishableViewSet):
    model = Case
    icon = "pick"
    menu_label = "案例"
    url_prefix = "cases"
    index_view_class = CaseList
    add_view_class = CaseCreateView
    filterset_class = CaseFilterSet
    list_display: ClassVar[list[Any]] = [
        "title",
        PictureColumn("封面"),
        Column("month", label="月份", accessor=lambda row: f"{row.month:%Y 年 %-m 月}", sort_key="month"),
        Column("host", label="谁的做法", accessor=lambda row: row.host.name if row.host else ""),
        Column("owner", label="负责人", accessor=lambda row: row.owner.name if row.owner else ""),
        state_column(),
    ]
    desk = Desk(
        empty=Empty(
            "还没有案例。挑一位做得好的大C，把她的做法写下来。",
            "写案例",
            "wagtailsnippets_learning_case:add",
            "learning.add_case",
        ),
        acts=(withdrawing("learning.withdraw_case"), deleting(CASE_LIFE)),
        life=CASE_LIFE,
        dress=dress,
    )
    ordering = "-month"
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("month"), FieldPanel("host"), FieldPanel("owner")]),
            FieldPanel("title"),
            FieldPanel("summary"),
            FieldPanel("cover"),
            FieldPanel("background"),
            FieldPanel("actions"),
            InlinePanel(
                "figures",
                [
                    FieldRowPanel([FieldPanel("label"), FieldPanel("metric"), FieldPanel("host")]),
                    FieldRowPanel([FieldPanel("first"), FieldPanel("last")]),
                ],
                label="数字",
                heading="数据：选数字、大C和日期，值由系统算",
                max_num=6,
            ),
            InlinePanel("lines", [FieldPanel("when"), FieldPanel("text")], label="话术", max_num=8),
            InlinePanel(
                "steps",
                [FieldPanel("text"), FieldPanel("hint"), FieldPanel("material")],
                label="步骤",
                heading="可复制步骤",
                max_num=rules.MOST_STEPS,
            ),
            PublishingPanel(),
        ],
        base_form_class=CaseForm,
    )


#: For whoever writes cases: names and places of hosts, nothing else of them.
CaseHostChooser = searching_chooser(
    Host,
    find=lambda rows, words: called(rows, words, "name"),
    rows=lambda: Host.objects.active().select_related("organisation").order_by("organisation__path", "pk"),
    icon="user",
    choose="选大C",
    another="换一位大C",
    hint="搜称呼",
    permission="learning.change_case",
)
