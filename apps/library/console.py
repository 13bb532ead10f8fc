"""Materials and issues in the HQ console."""

from functools import partial
from typing import Any, ClassVar

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import ChecksSidePanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.snippets.action_menu import ActionMenuItem
from wagtail.snippets.views import snippets as views
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.lists.columns import PictureColumn
from apps.console_kit.lists.declaring import Card, Desk, Empty
from apps.console_kit.names import is_called
from apps.console_kit.viewsets import (
    GuardedViewSet,
    MomentColumn,
    SearchedList,
    page,
    searching_chooser,
)
from apps.lib import clock, given
from apps.library import bulk, outcomes, publishing, selectors, services
from apps.library.desk import cells, panels, review_page
from apps.library.desk.cells import state_column
from apps.library.desk.editing import KeepsBoth, SaysWhen
from apps.library.desk.reviewing import ReviewView, decide_from_form
from apps.library.filters import IssueFilterSet, MaterialFilterSet
from apps.library.forms import EntryForm, IssueForm, MaterialForm
from apps.library.models import Issue, IssueQuota, Material
from apps.library.models.publishing import Publishable, State
from apps.library.pictures import with_picture_id
from apps.media.pictures import CARD, dress

#: How Wagtail names the addresses of our lists of snippets: `<this>_<model>:add`.
_URLS = "wagtailsnippets_library"

# --- what both share ----------------------------------------------------------------------------------


class StateList(SearchedList, views.IndexView):
    """A list with where each row stands; without Wagtail's bulk actions, which ignore filters."""

    @property
    def columns(self) -> list[Any]:
        return [column for column in super().columns if column.name != "bulk_actions"]

    def get_edit_url(self, instance: Any) -> Any:
        """What waits for review opens for reviewers where they decide."""
        if instance.state == State.REVIEW and review_page.is_reviewer(self.request.user):
            return review_page.url_of(instance)
        return super().get_edit_url(instance)

    def get_base_queryset(self) -> QuerySet[Any]:
        return selectors.with_state(super().get_base_queryset())

    @property
    def list_display(self) -> list[Any]:
        return list(self._list_display)

    @list_display.setter
    def list_display(self, value: list[Any]) -> None:
        self._list_display = value


def without_checks(panels: MediaContainer) -> MediaContainer:
    """Wagtail's content checks count English words."""
    return MediaContainer([panel for panel in panels if not isinstance(panel, ChecksSidePanel)])


class CreateView(SaysWhen, views.CreateView):
    def get_side_panels(self) -> MediaContainer:
        return without_checks(super().get_side_panels())


class EditView(KeepsBoth):
    """The form. Approving from here acts on what was handed in, never on what is typed in passing."""

    def get_side_panels(self) -> MediaContainer:
        return without_checks(super().get_side_panels())

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Wagtail's, and the ways to a copy and to the posting plan."""
        found: list[Any] = list(super().header_more_buttons)
        user, name = self.request.user, self.model._meta.model_name
        if self.object.workflow_in_progress and review_page.is_reviewer(user):
            found.append(Button("对着手机审核", url=review_page.url_of(self.object), icon_name="mobile-alt"))
        if isinstance(self.object, Issue):
            url = reverse("desk:plan", args=[self.object.pk])
            found.append(Button("排期表", url=url, icon_name="calendar-alt", priority=5))
        may_copy = isinstance(self.object, Issue) or (
            isinstance(self.object, Material) and not self.object.is_story
        )
        if may_copy and user.has_perm(f"{self.model._meta.app_label}.add_{name}"):
            url = reverse(f"desk:copy-{name}", args=[self.object.pk])
            found.append(Button("复制一份", url=url, icon_name="copy", priority=10))
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.action != "workflow-action":
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            return answer
        action = str(request.POST.get("workflow-action-name", ""))
        return decide_from_form(request, self.live_object, action)


class LookView(views.InspectView):
    """「查看」: what is outside now, as on a phone; for those who may see it but not change it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = self.object.make_preview_request(request, self.object.default_preview_mode)
        return answer


class PublishableViewSet(GuardedViewSet, SnippetViewSet):
    keeps_versions = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_class = LookView
    search_backend_name = None
    add_view_class = CreateView
    edit_view_class = EditView
    workflow_action_view_class = ReviewView
    list_per_page = 30

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what taking it down means, and do it when told to."""
        row = get_object_or_404(self.model, pk=pk)
        if not request.user.has_perm(f"{self.app_label}.withdraw_{self.model_name}"):
            raise PermissionDenied
        now, edit_url = timezone.now(), reverse(self.get_url_name("edit"), args=[quote(pk)])
        if not row.live and not row.approved_schedule:
            messages.info(request, f"「{row}」没有对外发布。")
            return redirect(edit_url)
        act = Act(
            question=f"确定下架「{row}」吗？",
            effects=publishing.effects_of_withdrawing(row, now),
            button="下架",
            keep="不下架",
            back=edit_url,
        )
        if not is_confirmed(request, act):
            return ask(request, act, self._frame("下架", row))
        done = publishing.withdraw(row, by=request.user, now=now)  # type: ignore[arg-type]
        if done.did_something:
            messages.success(request, f"「{row}」{publishing.words_of_withdrawal(done)}")
        else:
            messages.info(request, f"「{row}」刚刚已经不在外面了，没有别的改动。")
        return redirect(edit_url)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tell hosts that what is live has changed: once for each version."""
        row = get_object_or_404(self.model, pk=pk)
        if not request.user.has_perm(f"{self.app_label}.withdraw_{self.model_name}"):
            raise PermissionDenied
        now, edit_url = timezone.now(), reverse(self.get_url_name("edit"), args=[quote(pk)])
        if not publishing.may_correct(row, now):
            messages.info(request, "没有要更正的：这一版大C已经知道了，或者它没有对外发布。")
            return redirect(edit_url)
        act = Act(
            question=f"告诉大C「{row}」改过了吗？",
            effects=publishing.effects_of_correcting(row, now),
            button="发更正",
            back=edit_url,
        )
        if not is_confirmed(request, act):
            return ask(request, act, self._frame("告诉大C改过了", row))
        told = publishing.tell_of_change(row, by=request.user, now=now)  # type: ignore[arg-type]
        if told.corrected or told.first:
            unreachable = publishing.words_of_unreachable(publishing.unreachable_by(row, now))
            messages.success(request, f"正在发：{told.corrected} 条更正，{told.first} 条通知。{unreachable}")
        else:
            messages.info(request, "没有要发的：这一版大C已经知道了。")
        return redirect(edit_url)

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return review_page.review(request, self, pk)

    def _frame(self, title: Any, row: Publishable) -> dict[str, Any]:
        return page(
            title, subtitle=str(row), icon=self.icon, under=(self.menu_label, self.get_url_name("list"))
        )

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("review/<int:pk>/", self.review_view, name="review"),
            path("withdraw/<int:pk>/", self.withdraw_view, name="withdraw"),
            path("correct/<int:pk>/", self.correct_view, name="correct"),
        ]


class WithdrawMenuItem(ActionMenuItem):
    """「下架」 among the form's actions, for those who may."""

    name = "action-withdraw"
    label = "下架"
    icon_name = "download"

    def __init__(self, order: int = 90) -> None:
        super().__init__(order)

    def is_shown(self, context: dict[str, Any]) -> bool:
        row = context.get("instance")
        if context["view"] != "edit" or not isinstance(row, Publishable):
            return False
        may = context["request"].user.has_perm(f"{row._meta.app_label}.withdraw_{row._meta.model_name}")
        return bool(may and (row.live or row.approved_schedule))

    def get_url(self, context: dict[str, Any]) -> str:
        row = context["instance"]
        return reverse(row.snippet_viewset.get_url_name("withdraw"), args=[quote(row.pk)])


class CorrectMenuItem(WithdrawMenuItem):
    """「告诉大C改过了」, where what is live has changed since they were told."""

    name = "action-correct"
    label = "告诉大C改过了"
    icon_name = "mail"

    def is_shown(self, context: dict[str, Any]) -> bool:
        return super().is_shown(context) and publishing.may_correct(context["instance"], timezone.now())

    def get_url(self, context: dict[str, Any]) -> str:
        row = context["instance"]
        return reverse(row.snippet_viewset.get_url_name("correct"), args=[quote(row.pk)])


# --- materials ------------------------------------------------------------------------------------------


class MaterialList(StateList):
    search_hint = "搜标题、文案、商品，两个字就行"

    @staticmethod
    def find(rows: Any, words: str) -> Any:
        return rows.matching(words)

    @property
    def columns(self) -> list[Any]:
        may_see = self.request.user.has_perm("insights.view_hostday")
        return [one for one in super().columns if may_see or not isinstance(one, cells.OutcomeColumn)]

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = (
            super().get_base_queryset().select_related("product", "latest_revision", "latest_revision__user")
        )
        return with_picture_id(rows)


def material_chooser(viewset: Any) -> AdminSnippetChooser:
    """Wagtail words its chooser while it is imported, in whatever language holds then; not so here."""
    chooser = AdminSnippetChooser(model=Material, icon="doc-full")
    chooser.choose_one_text = "选素材"
    chooser.choose_another_text = "换一个素材"
    chooser.link_to_chosen_text = "打开这个素材"
    return chooser


class MaterialViewSet(PublishableViewSet):
    model = Material
    icon = "doc-full"
    menu_label = "素材"
    url_prefix = "materials"
    index_view_class = MaterialList
    filterset_class = MaterialFilterSet
    list_display: ClassVar[list[Any]] = [
        "title",
        PictureColumn(),
        "kind",
        Column("product", label="商品"),
        state_column(),
        cells.OutcomeColumn(),
        "occasion",
        MomentColumn("updated", label="最近修改", accessor="latest_revision.created_at"),
        Column("editor", label="谁改的", accessor="latest_revision.user.name"),
        MomentColumn("first_published_at", label="首次发布", sort_key="first_published_at"),
    ]
    desk = Desk(
        empty=Empty(
            "还没有素材。写第一篇，交审核通过后大C就能用。",
            "新增素材",
            f"{_URLS}_material:add",
            "library.add_material",
        ),
        acts=bulk.MATERIALS,
        life=bulk.MATERIAL_LIFE,
        off=frozenset({"editor", "get_occasion_display", "first_published_at"}),
        dress=dress,
        count=outcomes.tell,
        card=Card("desk/_material_card.html", partial(dress, spec=CARD)),
    )
    ordering = "-pk"
    chooser_viewset_class = searching_chooser(
        Material,
        find=lambda rows, words: rows.matching(words),  # type: ignore[attr-defined]
        rows=lambda: cells.with_looks(Material.objects.titled()).order_by("-pk"),
        beside=cells.picker_columns,
        dress=cells.dress,
        icon="doc-full",
        choose="选素材",
        another="换一个素材",
        hint="搜标题、文案、商品",
        base=SnippetChooserViewSet,
        widget_class=property(material_chooser),
    )
    edit_handler = ObjectList(panels.MATERIAL, base_form_class=MaterialForm)


# --- issues ---------------------------------------------------------------------------------------------


class IssueList(StateList):
    search_hint = "搜主题或期号"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        if (number := given.number(words, most=10**9)) is not None:
            return rows.filter(number=number)
        meant = [row.pk for row in Issue.objects.only("number", "theme") if is_called(words, str(row))]
        return rows.filter(pk__in=meant)

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("owner").annotate(planned=Count("entries"))


class IssueCreateView(CreateView):
    """A new issue starts where the last one ends, with its quotas."""

    def get_initial_form_instance(self) -> Issue:
        last = Issue.objects.order_by("-starts_on").first()
        today = clock.monday_of(clock.day_of(timezone.now()))
        issue = Issue(
            number=(last.number + 1) if last else 1,
            starts_on=max(last.ends_on, today) if last else today,
            owner=self.request.user,
        )
        quotas = (
            {quota.kind: quota.minimum for quota in last.quotas.all()} if last else services.DEFAULT_QUOTAS
        )
        issue.quotas = [IssueQuota(kind=kind, minimum=minimum) for kind, minimum in quotas.items()]  # type: ignore[misc]
        return issue


class EntriesPanel(InlinePanel):
    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"]["entries"]["form"] = EntryForm
        return options


class IssueViewSet(PublishableViewSet):
    model = Issue
    icon = "calendar-alt"
    menu_label = "双周主题"
    url_prefix = "issues"
    index_view_class = IssueList
    add_view_class = IssueCreateView
    filterset_class = IssueFilterSet
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column(
            "starts_on",
            label="开始",
            accessor=lambda row: f"{row.starts_on:%Y-%m-%d}",
            sort_key="starts_on",
        ),
        Column("last_day", label="结束", accessor=lambda row: f"{row.last_day:%Y-%m-%d}"),
        Column("planned", label="排期"),
        Column("owner", label="负责人", accessor="owner.name"),
        state_column(),
    ]
    desk = Desk(
        empty=Empty("还没有双周主题。", "新增一期", f"{_URLS}_issue:add", "library.add_issue"),
        acts=bulk.ISSUES,
        life=bulk.ISSUE_LIFE,
    )
    ordering = "-starts_on"
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("number"), FieldPanel("starts_on"), FieldPanel("owner")]),
                    FieldPanel("theme"),
                    FieldPanel("intro"),
                    InlinePanel(
                        "quotas",
                        [FieldRowPanel([FieldPanel("kind"), FieldPanel("minimum")])],
                        label="配额",
                        heading="配额：每类至少几个",
                    ),
                    HelpPanel(template="desk/_checks_panel.html", heading="提交前检查"),
                    PublishingPanel(),
                ],
                heading="这一期",
            ),
            ObjectList(
                [
                    EntriesPanel(
                        "entries",
                        [
                            FieldPanel("material"),
                            FieldRowPanel([FieldPanel("day"), FieldPanel("best_time")]),
                            FieldPanel("tip"),
                            MultiFieldPanel(
                                [
                                    FieldRowPanel(
                                        [
                                            FieldPanel("organisation"),
                                            FieldPanel("host_kind"),
                                            FieldPanel("min_level"),
                                        ]
                                    )
                                ],
                                heading="只给一部分大C（不填就是所有人）",
                                classname="collapsed",
                            ),
                        ],
                        label="排期",
                        heading="排期：第几天发什么",
                    )
                ],
                heading="排期",
            ),
        ],
        base_form_class=IssueForm,
    )
