"""What the HQ console's pages of all apps share: who may open a row, how lists are searched."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import unquote

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import IntegerField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from apps.console_kit import counted, waiting
from apps.console_kit.edit_conflicts import ToldOfOthers
from apps.console_kit.lists import registry
from apps.console_kit.lists.columns import PictureColumn
from apps.console_kit.lists.declaring import Desk
from apps.console_kit.lists.page import PLACE, DeskList, KeepsPlace
from apps.lib.forms import WholeNumberField
from apps.lib.words import folded

#: What somebody may type into a search.
LONGEST_WORDS = 100
Rows = QuerySet[Any]
View = Callable[..., HttpResponseBase]


def page(
    title: Any, *, icon: str, under: tuple[Any, str] | None = None, subtitle: Any = ""
) -> dict[str, Any]:
    """What Wagtail's frame wants to know of a page of our own: its name, and the list it belongs to."""
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": "首页"}]
    if under is not None:
        crumbs.append({"url": reverse(under[1]), "label": under[0]})
    crumbs.append({"url": "", "label": title, "sublabel": subtitle})
    return {
        "page_title": title,
        "page_subtitle": subtitle,
        "header_title": f"{title} {subtitle}".strip(),
        "header_icon": icon,
        "breadcrumbs_items": crumbs,
    }


class GuardedViewSet:
    """First base of a viewset: every one of its views keeps to `scope`.

    Lists show only the rows in it; a row outside it answers 404 by whatever URL it is asked for, like a row
    that does not exist. Who saves on top of what somebody else changed meanwhile is told
    (edit_conflicts.py), unless the rows keep versions and the edit view lays those together.
    """

    keeps_versions: ClassVar[bool] = False
    #: The list's acts, empty state and the rest of its furniture (`lists/`).
    desk: ClassVar[Desk] = Desk()
    index_template_name: Any = "console/lists/index.html"
    index_results_template_name: Any = "console/lists/results.html"

    def on_register(self) -> None:
        super().on_register()  # type: ignore[misc]
        registry.add(self)

    @property
    def key(self) -> str:
        """The list's name for the console, and its place in the address."""
        return str(self.url_prefix)  # type: ignore[attr-defined]

    @property
    def list_url(self) -> str:
        return reverse(self.get_common_view_kwargs()["index_url_name"])  # type: ignore[attr-defined]

    def with_place(self, request: HttpRequest, url: str) -> str:
        """The list's address as she left it, for its bare one; other addresses as they are."""
        place = unquote(request.COOKIES.get(PLACE, ""))
        return f"{url}?{place}" if place and url == self.list_url else url

    def row_url(self, view: Any, row: Any) -> str:
        """The page of a row, for who may open one; empty for none."""
        url = row and (view.get_edit_url(row) or view.get_inspect_url(row))
        return str(url or "")

    def formfield_for_dbfield(self, db_field: Any, **kwargs: Any) -> Any:
        """Wagtail builds fields that take `1_0` for ten, as Python does; ours do not."""
        if isinstance(db_field, IntegerField):
            kwargs = {"form_class": WholeNumberField, **kwargs}
        return super().formfield_for_dbfield(db_field, **kwargs)  # type: ignore[misc]

    @staticmethod
    def scope(user: Any, rows: Rows, *also: str) -> Rows:  # noqa: ARG004 - whoever overrides it needs them
        """The rows that `user` may see, and at which she has the rights `also`."""
        return rows

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_index_view_kwargs(**kwargs)  # type: ignore[misc]
        name = self.get_common_view_kwargs()["index_url_name"]  # type: ignore[attr-defined]
        return {**found, **waiting.filters_of(name, self.model, found.get("filterset_class"))}  # type: ignore[attr-defined]

    def construct_view(self, view_class: Any, **kwargs: Any) -> View:
        scope, model = self.scope, self.model  # type: ignore[attr-defined]
        if issubclass(view_class, generic.IndexView):
            view_class = _scoped(view_class, self)
        if issubclass(view_class, generic.CreateView | generic.EditView | generic.DeleteView):
            view_class = type(view_class.__name__, (KeepsPlace, view_class), {"viewset": self})
        if issubclass(view_class, generic.EditView) and not self.keeps_versions:
            view_class = type(view_class.__name__, (ToldOfOthers, view_class), {})
        view: View = super().construct_view(view_class, **kwargs)  # type: ignore[misc]

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kw: Any) -> HttpResponseBase:
            if (
                "pk" in kw
                and not scope(request.user, model._default_manager.all()).filter(pk=kw["pk"]).exists()
            ):
                raise Http404
            return view(request, *args, **kw)

        return guarded


def _scoped(view_class: Any, viewset: Any) -> Any:
    def get_base_queryset(view: Any) -> Rows:
        rows: Rows = viewset.scope(view.request.user, view_class.get_base_queryset(view), *view.also)
        return rows

    # Lists leave as files by `lists/exporting.py`; Wagtail's `?export=` knows nothing of two people.
    own = {"get_base_queryset": get_base_queryset, "FORMATS": (), "viewset": viewset}
    return type(view_class.__name__, (DeskList, view_class), own)


class SearchedList:
    """First base of a list: searched by `find`, since Wagtail's index finds no Chinese words.

    Where words may be somebody's phone (`Desk.search_finds_people`), a whole one is counted first.
    """

    search_hint: ClassVar[Any] = "搜索"
    #: Whether the quota of looks was spent: nothing was looked for.
    is_refused = False

    @staticmethod
    def find(rows: Rows, words: str) -> Rows:
        raise NotImplementedError

    @property
    def is_searchable(self) -> bool:
        return True

    def get_search_form(self) -> Any:
        form = super().get_search_form()  # type: ignore[misc]
        if form is not None:
            # Longer words would not fit into the address, and no name is so long.
            form.fields["q"].widget.attrs.update(placeholder=self.search_hint, maxlength=LONGEST_WORDS)
        return form

    def search_queryset(self, queryset: Rows) -> Rows:
        words = folded(self.search_query)  # type: ignore[attr-defined]
        if not words:
            return queryset
        finds_people = self.viewset.desk.search_finds_people  # type: ignore[attr-defined]
        if finds_people and not counted.may_search(self.request, words):  # type: ignore[attr-defined]
            self.is_refused = True
            return queryset.none()
        return self.find(queryset, words)

    def render_to_response(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().render_to_response(*args, **kwargs)  # type: ignore[misc]
        if self.is_refused:
            answer.status_code = 429
        return answer


class ListOnlyViewSet(GuardedViewSet, ModelViewSet):
    """Rows that the console shows but does not edit: a list, and pages of one's own for the rest."""

    copy_view_enabled = False
    inspect_view_enabled = False
    add_to_reference_index = False
    form_fields: ClassVar[list[str]] = []
    sort_order_field = None
    list_per_page = 30

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        for name in ("add", "edit", "delete", "history", "usage"):
            found[f"{name}_url_name"] = None
        return found

    def get_urlpatterns(self) -> list[Any]:
        return [
            pattern for pattern in super().get_urlpatterns() if pattern.name in {"index", "index_results"}
        ]

    def register_admin_url_finder(self) -> None:
        """Wagtail would link to an edit page that is not there."""


class MomentColumn(Column):
    """A time as people say it: `今天 14:05`, `3月5日`; the exact one when pointed at."""

    cell_template_name = "console/moment_cell.html"


class DetailTitle(Column):
    """A first column whose text is reckoned from the row; a `DetailList` makes it the link."""


class DetailList(generic.IndexView):
    """A list whose titles open a page of one's own, named by `public_id`."""

    detail_url_name: ClassVar[str] = ""

    def get_edit_url(self, instance: Model) -> None:
        return None

    def get_inspect_url(self, instance: Any) -> str:
        return reverse(self.detail_url_name, args=[instance.public_id])

    def get_list_buttons(self, instance: Model) -> list[Any]:
        return []

    @property
    def columns(self) -> list[Any]:
        return [self._linked(column) for column in super().columns]

    def _linked(self, column: Any) -> Any:
        if not isinstance(column, DetailTitle):
            return column
        return TitleColumn(
            column.name, label=column.label, accessor=column.accessor, get_url=self.get_inspect_url
        )


def searching_chooser(
    model: type[Model],
    *,
    find: Callable[[Rows, str], Rows],
    icon: str,
    choose: Any,
    another: Any,
    rows: Callable[[], Rows] | None = None,
    hint: Any,
    permission: str = "",
    beside: Callable[[], list[Column]] | None = None,
    dress: Callable[[list[Any], Any], None] = lambda rows, user: None,
    base: type[ChooserViewSet] = ChooserViewSet,
    **attributes: Any,
) -> type[ChooserViewSet]:
    """A chooser for `model` whose search knows Chinese, open to those who may see the model.

    With `permission` it is open to those who have that one instead. `beside` are the columns beside the
    title, `dress` gives the rows of a page what they read, for the person who chooses.
    """

    class Words(BaseFilterForm):
        q = forms.CharField(
            label="搜索",
            required=False,
            widget=forms.TextInput(attrs={"placeholder": hint, "maxlength": LONGEST_WORDS}),
        )

        def filter(self, objects: Rows) -> Rows:
            objects = super().filter(objects)
            words = self.cleaned_data.get("q", "").strip()
            if not words:
                return objects
            self.is_searching, self.search_query = True, words
            return find(objects, words)

    def construct_view(self: Any, view_class: Any, **kwargs: Any) -> View:
        view: View = super(viewset, self).construct_view(view_class, **kwargs)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kw: Any) -> HttpResponseBase:
            policy = ModelPermissionPolicy(model)
            may = (
                request.user.has_perm(permission)
                if permission
                else policy.user_has_any_permission(request.user, ["add", "change", "view"])
            )
            if not may:
                raise PermissionDenied
            return view(request, *args, **kw)

        return guarded

    def get_object_list(self: Any) -> Rows:
        return rows() if rows is not None else model._default_manager.order_by("-pk")

    class Looked:
        """First base of the page of choices and of its results."""

        filter_form_class = Words

        @property
        def columns(self) -> list[Column]:
            if beside is None:
                return super().columns  # type: ignore[misc]
            title, others = self.title_column, beside()  # type: ignore[attr-defined]
            return [
                *(one for one in others if isinstance(one, PictureColumn)),
                title,
                *(one for one in others if not isinstance(one, PictureColumn)),
            ]

        def get_results_page(self, request: HttpRequest) -> Any:
            found = super().get_results_page(request)  # type: ignore[misc]
            found.object_list = list(found.object_list)
            dress(found.object_list, request.user)
            return found

    viewset: Any = type(
        f"{model.__name__}Chooser",
        (base,),
        {
            "model": model,
            "icon": icon,
            "choose_one_text": choose,
            "choose_another_text": another,
            "edit_item_text": "查看",
            "construct_view": construct_view,
            "get_object_list": get_object_list,
            "choose_view_class": type("ChooseView", (Looked, base.choose_view_class), {}),
            "choose_results_view_class": type("ResultsView", (Looked, base.choose_results_view_class), {}),
            **attributes,
        },
    )
    found: type[ChooserViewSet] = viewset
    return found
