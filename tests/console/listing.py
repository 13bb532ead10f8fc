"""A list of the console as a person works with it: tick, choose an act, read, say yes, take back."""

import re
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client

from tests.pages import text_of


def hidden(answer: HttpResponse) -> dict[str, list[str]]:
    """What the one form of a page carries besides what a person fills in."""
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    found: dict[str, list[str]] = {}
    for one in page.select("main form.hq-form input[type=hidden]"):
        if one["name"] != "csrfmiddlewaretoken":
            found.setdefault(str(one["name"]), []).append(str(one.get("value", "")))
    return found


@dataclass
class Acting:
    """One act on rows of one list, from the list to its end."""

    client: Client
    key: str
    act: str
    chosen: dict[str, Any] = field(default_factory=dict)

    def preview(self, *, ids: list[int] | None = None, query: str = "", **filled: Any) -> HttpResponse:
        """What it would do: to these rows, or to all that the query finds."""
        which: dict[str, Any] = {"everything": "on"} if ids is None else {"row": ids}
        self.chosen = {"query": query, "back": query, **which, **filled, "filled": "1"}
        return self.client.post(f"/hq/lists/{self.key}/do/{self.act}/", self.chosen)

    def confirm(self, shown: HttpResponse) -> HttpResponse:
        """Say yes to what is shown; the page with the end of it."""
        return self.client.post(f"/hq/lists/{self.key}/do/{self.act}/", hidden(shown), follow=True)

    def all_the_way(self, **named: Any) -> HttpResponse:
        return self.confirm(self.preview(**named))


def counted(answer: HttpResponse) -> int:
    """How many rows the list says that its filters find."""
    found = re.search(r"选中全部 (\d+) 条", text_of(answer))
    return int(found[1]) if found else 0


def names_on(answer: HttpResponse) -> list[str]:
    """What the list calls the rows on the page, in order."""
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    return [str(one["aria-label"]).removeprefix("选中 ").strip() for one in page.select("[data-pick]")]


def ids_on(answer: HttpResponse) -> list[int]:
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    return [int(str(one["value"])) for one in page.select("[data-pick]")]
