"""The page of a list: first base of every list of the console, put there by `GuardedViewSet`."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.widgets.button import Button

from apps.console_kit.access import views_of
from apps.console_kit.lists import columns as cells
from apps.console_kit.lists.choosing import MOST_ROWS, without_place
from apps.console_kit.lists.declaring import Given, Rows, may
from apps.console_kit.lists.exporting import may_export
from apps.console_kit.models import ListChoice, SavedView

#: Where a list was left: its query, for the way back from a row.
PLACE = "list_place"
_LONGEST_PLACE = 1500
#: In the address: which saved view it is; `all` is the list without any.
VIEW, ALL = "v", "all"


class DeskList:
    """Columns of her choice, saved views, a selection, acts on many rows, a file, and the way back."""

    viewset: Any
    request: HttpRequest
    #: Rights that she must have at a row too, for what is done with it beyond looking.
    also: tuple[str, ...] = ()

    # --- columns ------------------------------------------------------------------------------------------

    @cached_property
    def all_columns(self) -> list[Any]:
        return [one for one in super().columns if one.name != "bulk_actions"]  # type: ignore[misc]

    @cached_property
    def title_column(self) -> Any:
        return self.all_columns[0]

    @cached_property
    def choice(self) -> ListChoice:
        return cells.choice_of(self.request.user, self.viewset.key)

    @cached_property
    def is_grid(self) -> bool:
        return self.viewset.desk.card is not None and self.choice.is_grid

    @cached_property
    def shown_columns(self) -> list[Any]:
        names = self.view_in_use.columns if self.view_in_use else []
        names = names or self.choice.columns
        return cells.arranged(self.all_columns, names, self.viewset.desk.off)

    @cached_property
    def columns(self) -> list[Any]:
        return [cells.PickColumn(self.title_column), *self.shown_columns]

    def get_valid_orderings(self) -> list[str]:
        return [f"{sign}{one.sort_key}" for one in self.all_columns if one.sort_key for sign in ("", "-")]

    # --- rows ---------------------------------------------------------------------------------------------

    def order_queryset(self, queryset: Rows) -> Rows:
        """To the last row: two that are alike in what is sorted by stand in the order of their keys."""
        rows: Rows = super().order_queryset(queryset)  # type: ignore[misc]
        order = rows.query.order_by or rows.model._meta.ordering
        has_key = bool({"pk", "-pk"} & {str(one) for one in order})
        return rows.order_by(*order, *([] if has_key else ["-pk"]))

    def get_table(self, object_list: Any) -> Any:
        self.dress(object_list)
        return super().get_table(object_list)  # type: ignore[misc]

    def dress(self, rows: Any) -> None:
        """Give rows what cells or cards read of them, and the numbers that she may see."""
        desk = self.viewset.desk
        (desk.card.dress if self.is_grid else desk.dress)(rows)
        desk.count(rows, self.request.user)

    # --- saved views --------------------------------------------------------------------------------------

    @cached_property
    def saved_views(self) -> list[SavedView]:
        return list(views_of(self.request.user, self.viewset.key))

    @cached_property
    def view_in_use(self) -> SavedView | None:
        asked = self.request.GET.get(VIEW)
        return next((one for one in self.saved_views if str(one.public_id) == asked), None)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.GET and not self.results_only:  # type: ignore[attr-defined]
            default = next((one for one in self.saved_views if one.is_default), None)
            if default is not None:
                return redirect(address(self.viewset, default))
        answer: HttpResponseBase = super().get(request, *args, **kwargs)  # type: ignore[misc]
        place = self._place()
        if len(place) <= _LONGEST_PLACE:
            answer.set_cookie(
                PLACE,
                quote(place),
                path=self.viewset.list_url,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return answer

    def _place(self) -> str:
        asked = self.request.GET.copy()
        for name in ("_w_filter_fragment", *(["q"] if self.viewset.desk.search_finds_people else [])):
            asked.pop(name, None)
        return asked.urlencode()

    # --- the page -----------------------------------------------------------------------------------------

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)  # type: ignore[misc]
        return {**context, "desk": self._furniture(context)}

    def _cards(self, rows: Any) -> list[dict[str, Any]]:
        """The rows of a grid, each with what it is called and where it opens."""
        return [
            {
                "row": row,
                "called": str(self.title_column.get_value(row) or ""),
                "url": self.viewset.row_url(self, row),
            }
            for row in rows
        ]

    def _furniture(self, context: dict[str, Any]) -> dict[str, Any]:
        key, desk = self.viewset.key, self.viewset.desk
        user: Any = self.request.user
        query = without_place(self.request.GET)
        count = context["items_count"]
        in_use = next((one for one in desk.views if one.query == query), None)
        empty = desk.empty
        may_next = bool(empty.url_name) and (not empty.permission or may(user, empty.permission))
        shown = {one.name for one in self.shown_columns}
        return {
            "key": key,
            "has_grid": desk.card is not None,
            "card": desk.card.template if self.is_grid else "",
            "cards": self._cards(context["object_list"]) if self.is_grid else [],
            "query": query,
            "address": self.request.GET.urlencode(),
            "count": count,
            "is_too_many": count > MOST_ROWS,
            "most": MOST_ROWS,
            "acts": [act for act in desk.acts if may(user, act.permission)],
            "is_personal": bool(desk.personal),
            "may_export": may_export(user, desk),
            "columns": [
                *(one for one in self.shown_columns if one is not self.title_column),
                *(one for one in self.all_columns[1:] if one.name not in shown),
            ],
            "shown": shown,
            "views": [
                {"row": one, "url": address(self.viewset, one), "is_open": one == self.view_in_use}
                for one in self.saved_views
            ],
            "everybodys": [
                {"name": one.name, "url": f"{self.viewset.list_url}?{one.query}", "is_open": one is in_use}
                for one in desk.views
            ],
            "is_everything": self.view_in_use is None and in_use is None,
            "nothing": in_use.empty if in_use else "",
            "view": self.view_in_use,
            "all_url": f"{self.viewset.list_url}?{VIEW}={ALL}",
            "is_narrowed": bool(context.get("is_searching") or context.get("is_filtering")),
            "empty": empty,
            "next_url": reverse(empty.url_name) if may_next else "",
        }


def address(viewset: Any, view: SavedView) -> str:
    """Where a saved view opens."""
    return f"{viewset.list_url}?{view.query}{'&' if view.query else ''}{VIEW}={view.public_id}"


_ICONS = {"delete": "bin", "merge": "duplicate", "move": "folder-open-inverse"}


def life_buttons(viewset: Any, row: Any, user: Any) -> list[Button]:
    """Links to the acts by which a row goes out of use, back, into another, elsewhere, or for good."""
    life = viewset.desk.life
    found = []
    for place, key in enumerate(life.acts if life is not None else ()):
        act = viewset.desk.act(key)
        if not may(user, act.permission):
            continue
        asks_nothing = act.form is None and key in {life.retire, life.bring_back}
        if asks_nothing and act.why_not(row, Given(user, timezone.now())):
            continue
        url = f"{reverse('lists:do', args=[viewset.key, key])}?row={row.pk}"
        found.append(Button(act.label, url=url, icon_name=_ICONS.get(key, "cross"), priority=40 + place))
    return found


class KeepsPlace:
    """First base of the form of a row: it leads back to the page of the list that it was opened from."""

    viewset: Any
    request: HttpRequest

    def get_success_url(self) -> str:
        url = str(super().get_success_url())  # type: ignore[misc]
        return self._placed(url)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()  # type: ignore[misc]
        return [{**one, "url": self._placed(str(one["url"]))} for one in items]

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Wagtail's, but for its deleting, and what may become of the row (`Life`), for who may."""
        found = [one for one in super().header_more_buttons if one.icon_name != "bin"]  # type: ignore[misc]
        row = getattr(self, "object", None)
        return [*found, *life_buttons(self.viewset, row, self.request.user)] if row and row.pk else found

    def _placed(self, url: str) -> str:
        return self.viewset.with_place(self.request, url)
