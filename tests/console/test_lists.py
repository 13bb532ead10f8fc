"""Every list of the console has the same furniture: the registry is walked, and the URLconf against it."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from wagtail.admin.views import generic

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.catalog.models import Product
from apps.console_kit.lists import registry
from apps.console_kit.lists.columns import exportable
from apps.console_kit.models import ListChoice, SavedView
from tests.accounts import walking
from tests.console import desk
from tests.console.listing import counted, ids_on, names_on
from tests.factories import a_host, a_sku
from tests.library.desk import a_material, a_person, browser
from tests.pages import html_of, text_of

pytestmark = pytest.mark.django_db
#: What nobody edits: looked at, filtered and taken along as a file.
READ_ONLY = {"access-log", "customers", "exports", "hand-overs", "notices", "orders", "rights"}
NOWHERE = "没有这样的东西xq"


@pytest.fixture
def boss() -> Client:
    walking.World()
    return browser(a_person(roles.ADMIN, "the-boss"))


def lists() -> Iterator[tuple[str, Any]]:
    yield from sorted(registry.every().items())


def view_of(client: Client, viewset: Any, query: str = "") -> Any:
    return registry.view_of(viewset, User.objects.get(username="the-boss"), query)


def test_no_list_of_the_console_is_outside_the_registry() -> None:
    """Each address that answers with Wagtail's kind of list belongs to it."""
    known = {viewset.list_url for _, viewset in lists()}
    there = set()

    def walk(node: Any, before: str) -> None:
        for one in node.url_patterns:
            here = before + str(one.pattern).removeprefix("^")
            if hasattr(one, "url_patterns"):
                walk(one, here)
                continue
            view = getattr(one.callback, "view_class", None)
            if view and issubclass(view, generic.IndexView) and not here.endswith("results/"):
                there.add(f"/{here}")

    walk(get_resolver(), "")
    client = browser(a_person(roles.ADMIN, "the-boss"))

    assert not {address for address in there - known if client.get(address).status_code != 404}
    assert len(known) >= 25


def test_each_has_filters_that_fit_and_is_searched(boss: Client) -> None:
    without = []
    for key, viewset in lists():
        page = boss.get(viewset.list_url)
        assert page.status_code == 200, key
        if not page.context.get("filters") or not page.context.get("search_form"):
            without.append(key)
        nothing = boss.get(f"{viewset.list_url}?q={NOWHERE}")
        assert "没有找到符合条件的内容" in text_of(nothing), key
        assert "清空筛选和搜索" in text_of(nothing), key
    assert without == []


def test_each_says_what_to_do_next_while_nothing_is_there() -> None:
    client = browser(a_person(roles.ADMIN, "the-boss"))
    seen = 0
    for key, viewset in lists():
        empty = viewset.desk.empty
        assert empty.words != "这里还没有内容。", key
        page = client.get(f"{viewset.list_url}?v=all")
        if names_on(page):
            continue
        seen += 1
        assert empty.words in text_of(page), key
        if empty.next:
            assert empty.next in text_of(page), key
    assert seen > 12


def test_columns_are_chosen_put_in_order_and_kept_for_her_alone(boss: Client) -> None:
    other = browser(a_person(roles.ADMIN, "other"))
    for key, viewset in lists():
        all_columns = [str(one.name) for one in view_of(boss, viewset).all_columns]
        assert len(set(all_columns)) == len(all_columns), key
        wanted = list(reversed(all_columns[1:]))[:2]
        before = _headings(other, viewset)

        boss.post(f"/hq/lists/{key}/columns/", {"column": [*wanted, "no-such-column"]})

        labels = {str(one.name): str(one.label) for one in view_of(boss, viewset).all_columns}
        assert _headings(boss, viewset) == [labels[all_columns[0]], *(labels[name] for name in wanted)], key
        assert _headings(other, viewset) == before, key
        boss.post(f"/hq/lists/{key}/columns/", {"column": [], "reset": "1"})
        assert _headings(boss, viewset) == before, key
    assert not ListChoice.objects.exists()


def _headings(client: Client, viewset: Any) -> list[str]:
    page = client.get(f"{viewset.list_url}?v=all")
    return [str(one.label) for one in page.context["table"].columns.values()][1:]


def test_a_view_is_saved_opened_renamed_made_the_default_and_dropped(boss: Client) -> None:
    other = browser(a_person(roles.ADMIN, "other"))
    for key, viewset in lists():
        home = viewset.list_url
        query = _some_filter(boss.get(f"{home}?v=all"))
        made = boss.post(f"/hq/lists/{key}/views/", {"query": query, "name": "盯着的", "back": query})
        view = SavedView.objects.get(key=key)
        assert made["Location"] == f"{home}?{view.query}&v={view.public_id}", key
        assert QueryDict(view.query) == QueryDict(query), key

        opened = boss.get(made["Location"])
        assert opened.status_code == 200, key
        assert opened.context["desk"]["view"] == view, key
        assert "盯着的" not in text_of(other.get(home)), key

        change = f"/hq/lists/{key}/views/{view.public_id}/"
        assert other.post(change, {"step": "delete"}).status_code == 404, key
        boss.post(change, {"step": "rename", "name": "常看的"})
        assert "常看的" in html_of(boss.get(f"{home}?v=all")), key
        boss.post(change, {"step": "default"})
        assert boss.get(home)["Location"] == made["Location"], key
        assert other.get(home).status_code == 200, key
        boss.post(change, {"step": "delete"})
        assert boss.get(home).status_code == 200, key


def _some_filter(page: Any) -> str:
    """A query by which one of the list's own filters narrows it."""
    for bound in page.context["filters"].form:
        if choices := [str(value) for value, _ in getattr(bound.field, "choices", ()) if value]:
            return urlencode({bound.html_name: choices[-1]})
    return "q=某"


def test_what_she_typed_into_a_search_lies_nowhere_in_clear(boss: Client) -> None:
    """Lists of people keep none of it, whatever it is written as; the others seal it."""
    name, phone = "王小芳", "13800007777"
    for key, viewset in lists():
        for n, words in enumerate((name, phone, phone * 30)):
            query = urlencode({"q": words, "x": words[:3]})
            boss.post(
                f"/hq/lists/{key}/views/", {"query": query.replace("q=", "%71=", 1), "name": f"视图{n}"}
            )
        kept = [QueryDict(view.query).get("q", "") for view in SavedView.objects.filter(key=key)]
        assert kept == ([""] * 3 if viewset.desk.search_finds_people else [name, phone, phone * 30]), key
    with connection.cursor() as cursor:
        cursor.execute("SELECT v::text, encode(v.query, 'escape') FROM console_kit_savedview v")
        told = str(cursor.fetchall())
    assert len(told) > 1_000
    assert not any(words in told for words in (name, quote(name), phone, name[:3]))


def test_two_views_of_one_name_and_too_many_are_refused_in_words(boss: Client) -> None:
    for name in ("盯着的", "盯着的", ""):
        answer = boss.post("/hq/lists/products/views/", {"query": "q=茶", "name": name}, follow=True)
    assert "给这个视图起个名字" in text_of(answer)
    assert SavedView.objects.count() == 1


def test_all_that_is_filtered_is_counted_by_filter_words_and_scope(boss: Client) -> None:
    region = browser(User.objects.get(groups__name=roles.REGION_MANAGER))
    for key, viewset in lists():
        for query in ("v=all", f"{_some_filter(boss.get(viewset.list_url))}&v=all", f"q={NOWHERE}"):
            page = boss.get(f"{viewset.list_url}?{query}")
            rows = view_of(boss, viewset, query).get_queryset()
            assert counted(page) == rows.count(), (key, query)
    visible = region.get("/hq/hosts/?v=all")
    assert 0 < counted(visible) < counted(boss.get("/hq/hosts/?v=all"))
    assert "小美" not in names_on(visible)


def test_every_list_of_rows_that_are_edited_has_acts(boss: Client) -> None:
    assert {key for key, viewset in lists() if not viewset.desk.acts} == READ_ONLY
    for key, viewset in lists():
        page = boss.get(f"{viewset.list_url}?v=all")
        for act in viewset.desk.acts:
            if names_on(page):
                assert act.label in text_of(page), key
                shown = boss.post(f"/hq/lists/{key}/do/{act.key}/", {"everything": "on", "query": "v=all"})
                assert shown.status_code == 200, (key, act.key)
                words = text_of(shown)
                assert any(one in words for one in ("可以做", "选中的都不能", "下一步")), (key, act.key)


def test_the_file_holds_the_filtered_rows_in_the_columns_of_the_page(boss: Client) -> None:
    for key, viewset in lists():
        query = _some_filter(boss.get(viewset.list_url))
        for asked in ("", query):
            view = view_of(boss, viewset, asked)
            rows = list(view.get_queryset())
            answer = boss.post(f"/hq/lists/{key}/export/", {"query": asked, "kind": "csv"})
            if not rows:
                assert answer.status_code == 302, key
                continue
            if viewset.desk.personal:
                assert "Content-Disposition" not in answer, key
                assert f"{len(rows)} 条" in text_of(answer), key
                continue
            table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
            assert table[0] == [str(one.label) for one in exportable(view.shown_columns)], key
            viewset.desk.dress(rows)
            assert [line[0] for line in table[1:]] == [
                str(view.title_column.get_value(row)) for row in rows
            ], key


def test_a_sheet_has_only_what_is_ticked_and_the_columns_that_are_shown(boss: Client) -> None:
    for number in range(3):
        a_sku(f"=苹果 {number}")
    picked = list(Product.objects.filter(title__startswith="=").values_list("pk", flat=True))[:2]

    answer = boss.post(
        "/hq/lists/products/export/", {"row": picked, "kind": "csv", "column": ["stock", "price"]}
    )

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "商品名,库存,零售价"
    # What a spreadsheet would take for a formula is text.
    assert sorted(lines[1:]) == ["'=苹果 0,100,¥59.00", "'=苹果 1,100,¥59.00"]


def test_rows_stand_in_an_order_that_never_wavers(boss: Client) -> None:
    for key, viewset in lists():
        sorts = {one.sort_key for one in view_of(boss, viewset).all_columns if one.sort_key}
        for ordering in ["", *sorts, *(f"-{one}" for one in sorts)]:
            query = urlencode({"ordering": ordering}) if ordering else ""
            last = str(view_of(boss, viewset, query).get_queryset().query.order_by[-1])
            assert (
                last.lstrip("-") == "pk"
                or "pk" in view_of(boss, viewset, query).get_queryset().query.order_by
            )
            assert boss.get(f"{viewset.list_url}?{query}&v=all").status_code == 200, (key, ordering)


def test_pages_hold_every_row_once_when_all_are_alike(boss: Client) -> None:
    for _ in range(70):
        a_sku("一样的")
    seen: list[int] = []
    for page in (1, 2, 3):
        seen += ids_on(boss.get(f"/hq/products/?q=一样的&ordering=title&p={page}"))
    assert len(seen) == len(set(seen)) == 70


def test_the_way_back_leads_to_the_page_and_the_filters_one_came_from(boss: Client) -> None:
    for number in range(40):
        a_sku(f"苹果 {number}")
    here = "/hq/products/?q=苹果&ordering=title&p=2"
    row = ids_on(boss.get(here))[0]
    edit = f"/hq/products/edit/{row}/"

    crumbs = [str(one["url"]) for one in boss.get(edit).context["breadcrumbs_items"]]

    back = next(one for one in crumbs if one.startswith("/hq/products/?"))
    assert QueryDict(back.partition("?")[2]) == QueryDict(here.partition("?")[2])
    assert ids_on(boss.get(back)) == ids_on(boss.get(here))


def test_one_who_looks_for_a_person_leaves_her_number_nowhere(boss: Client) -> None:
    found = boss.get(f"/hq/customers/?q={desk.PHONE}")
    assert counted(found) == 1
    assert desk.PHONE not in str(found.cookies)

    boss.post("/hq/lists/customers/views/", {"query": f"q={desk.PHONE}&source=manual", "name": "她"})
    assert SavedView.objects.get().query == "source=manual"
    asked = boss.post("/hq/lists/customers/export/", {"query": f"q={desk.PHONE}"})
    assert "客户：1 条" in text_of(asked)
    assert desk.PHONE not in asked.content.decode()


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("products", lambda number: a_sku(f"苹果 {number}")),
        ("hosts", lambda number: a_host(f"host{number}")),
        ("materials", lambda number: a_material(title=f"素材 {number}")),
    ],
)
def test_more_rows_cost_no_more_queries(key: str, more: Callable[[int], Any]) -> None:
    client = browser(a_person(roles.ADMIN, "the-boss"))

    def cost() -> int:
        client.get(f"/hq/{key}/?v=all")
        with CaptureQueriesContext(connection) as caught:
            assert client.get(f"/hq/{key}/?v=all").status_code == 200
        return len(caught)

    for number in range(3):
        more(number)
    few = cost()
    for number in range(3, 15):
        more(number)
    assert cost() == few


def test_who_may_not_see_a_list_gets_nothing_of_it() -> None:
    editor = browser(a_person(roles.EDITOR))
    for way in ("columns", "views", "export", "do/suspend"):
        assert editor.post(f"/hq/lists/hosts/{way}/", {"everything": "on"}).status_code in {302, 403}
        assert editor.post(f"/hq/lists/no-such-list/{way}/").status_code == 404
    assert Host.objects.count() == 0
    assert not SavedView.objects.exists()


def test_no_search_takes_more_than_fits_into_an_address(boss: Client) -> None:
    for key, viewset in lists():
        field = boss.get(f"{viewset.list_url}?v=all").context["search_form"].fields["q"]
        assert int(field.widget.attrs["maxlength"]) * len("%E8%8B%B9") < 4_000, key


def test_a_view_that_is_too_long_to_keep_says_so(boss: Client) -> None:
    long = urlencode({"q": "茶" * 120})
    sent = {"query": long, "name": "盯着的", "back": long}
    answer = boss.post("/hq/lists/products/views/", sent, follow=True)

    assert "筛选条件太长了" in text_of(answer)
    assert answer.redirect_chain[-1][0].endswith(long)  # nothing that she typed is lost
    assert not SavedView.objects.exists()


def test_where_a_list_was_left_is_kept_as_safely_as_the_session(boss: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    kept = boss.get("/hq/products/?q=茶").cookies["list_place"]
    assert kept["secure"]
    assert kept["httponly"]
    assert kept["samesite"] == "Lax"
