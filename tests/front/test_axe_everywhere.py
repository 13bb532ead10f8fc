"""Each kind of page once in a real browser: no serious fault of accessibility, and a keyboard that gets in.

A kind is what one template makes; each form of the console is a kind of its own, for its fields are.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from apps.accounts.models import User
from tests.accounts import walking
from tests.accounts.route_table import ROUTES
from tests.accounts.walking import put_down
from tests.browsing import chromium, faults, signed_in, window
from tests.committed import own_tables, transactional_db, web

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

#: No pages: machines' answers, windows that a script puts into a page, and the ways out.
NO_PAGES = (
    "api/",
    "livez",
    "readyz",
    "metrics",
    "logout/",
    "hq/logout/",
    "hq/jsi18n/",
    "hq/sprite/",
    "wecom/",
)
PARTS_OF_PAGES = ("results/", "/choose/", "/chooser/", "/preview/", "/multiple/<", "/view/")
FORMS = ("/edit/",)
#: What a consumer reads who came astray.
ASTRAY = ("/s/1111111111/", "/o/nothing/", "/my-data/nothing/")
#: What somebody at a keyboard meets first: something, and something that she sees.
FIRST_STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return 'Tab leads nowhere';
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  if (!box.width || !box.height) return 'Tab leads to what nobody sees: ' + at.outerHTML.slice(0, 120);
  return marked ? '' : 'nothing shows where Tab led: ' + at.outerHTML.slice(0, 120);
}"""


@pytest.fixture
def world(transactional_db: None) -> walking.World:
    return walking.World()


def kinds(world: walking.World, who: str, user: User | None) -> Iterator[str]:
    """The address of the first page of each kind that this person gets."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    seen: set[tuple[str, str]] = set()
    for route, letters in ROUTES.items():
        if who not in letters or route.startswith(("POST ", *NO_PAGES)):
            continue
        if any(part in route for part in PARTS_OF_PAGES):
            continue
        address = world.address(route)
        with transaction.atomic():
            answer = client.get(address)
            put_down(answer)
            transaction.set_rollback(True)
        kind = (_template_of(answer), route if any(form in route for form in FORMS) else "")
        if kind[0] and kind not in seen:
            seen.add(kind)
            yield address


def _template_of(answer: Any) -> str:
    """The name of the template that made this page; empty for what is no page."""
    is_page = not answer.streaming and answer.status_code == 200 and b"<html" in answer.content[:2000]
    return str(answer.templates[0].name) if is_page and answer.templates else ""


def look(page: Page, addresses: list[str]) -> dict[str, Any]:
    """What is wrong with these pages, by address."""
    wrong: dict[str, Any] = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        if answer.status >= 500:
            wrong[address] = answer.status
        elif found := faults(page):
            wrong[address] = found
        else:
            page.keyboard.press("Tab")
            if said := page.evaluate(FIRST_STOP):
                wrong[address] = said
    return wrong


def walk(context: BrowserContext, addresses: list[str]) -> dict[str, Any]:
    with context:
        return look(context.new_page(), addresses)


def test_hq(world: walking.World, chromium: Browser, web: str) -> None:
    pages = [*kinds(world, "A", world.people["A"])]
    assert len(pages) > 50

    assert walk(signed_in(chromium, web, world.people["A"], "desk"), pages) == {}


def test_hosts(world: walking.World, chromium: Browser, web: str) -> None:
    pages = [one for one in kinds(world, "H", world.host.user) if not one.startswith("/s/")]
    assert len(pages) > 30

    assert walk(signed_in(chromium, web, world.host.user), pages) == {}


def test_consumers_and_who_is_not_signed_in(world: walking.World, chromium: Browser, web: str) -> None:
    pages = [*kinds(world, "-", None), *ASTRAY]
    assert len(pages) > 12

    assert walk(window(chromium, web), pages) == {}
