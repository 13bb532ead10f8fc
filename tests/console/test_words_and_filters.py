"""Every list of the console: words to look for, together with each of the page's own filters."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from apps.media.models import Image
from tests.accounts import walking
from tests.library import desk
from tests.pages import html_of

pytestmark = pytest.mark.django_db
#: What is chosen in a filter that offers no choice: by the widget's parts, or as typed.
TYPED = ("2026-03-05", "3", "林")


def _asked(form: Any) -> list[dict[str, str]]:
    """The ways to fill in each filter: its last choice, else what one types for a day, a number, a word."""
    found = []
    for bound in form:
        names = [
            part["name"]
            for part in bound.field.widget.get_context(bound.html_name, None, {})["widget"].get(
                "subwidgets", ()
            )
            if part["name"]
        ] or [bound.html_name]
        choices = [str(key) for key, _ in getattr(bound.field, "choices", ()) if key]
        found += [dict.fromkeys(names, value) for value in choices[-1:] or TYPED]
    return found


def test_words_go_with_every_filter_of_every_list() -> None:
    world = walking.World()
    boss = Client()
    boss.force_login(world.people["A"])
    lists, broken = set(), []
    for route in [one for one in walking.routes() if one.startswith("hq/") and one.endswith("/")]:
        if "<" in route or "logout" in route:
            continue
        answer = boss.get(f"/{route}")
        filters = (answer.context or {}).get("filters") if hasattr(answer, "context") else None
        walking.put_down(answer)
        if not filters:
            continue
        lists.add(route)
        each = _asked(filters.form)
        for fields in [*each, {name: value for one in each for name, value in one.items()}]:
            query = QueryDict(mutable=True)
            query.update({**fields, "q": "茶"})
            if boss.get(f"/{route}?{query.urlencode()}").status_code != 200:
                broken.append(f"{route}?{query.urlencode()}")
    assert broken == []
    assert {"hq/images/", "hq/products/", "hq/customers/", "hq/materials/", "hq/issues/"} <= lists


def test_pictures_are_found_by_words_and_filter_together() -> None:
    editor = desk.browser(desk.an_editor())
    plain, tagged, other = desk.a_picture("春茶"), desk.a_picture("秋茶"), desk.a_picture("小米")
    tagged.tags.add("秋天")
    other.tags.add("秋天")

    for address in ("/hq/images/results/", "/hq/images/chooser/results/"):
        page = html_of(editor.get(address, {"q": "茶", "tag": "秋天"}))
        assert [one.title in page for one in (tagged, plain, other)] == [True, False, False], address
    unused = html_of(editor.get("/hq/images/results/", {"q": "茶", "used": "no"}))
    assert plain.title in unused
    assert tagged.title in unused
    assert other.title not in unused
    assert plain.title not in html_of(editor.get("/hq/images/results/", {"q": "茶", "used": "yes"}))
    assert Image.objects.count() == 3
