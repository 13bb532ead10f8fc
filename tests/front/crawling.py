"""Every page that somebody is offered, opened once, and every form of it sent once with nothing in it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from apps.accounts.models import User
from tests.accounts.walking import put_down
from tests.front import reading

#: What answers no page: files, programs' own addresses, and the ways out of the house.
NO_PAGES = (
    "/static/",
    "/media/",
    "/api/v1/",
    "/livez",
    "/readyz",
    "/metrics",
    "/hq/jsi18n/",
    "/hq/sprite/",
    "/logout/",
    "/hq/logout/",
)
#: What makes no other page of a list: its order, its page, its columns, a place to go back to.
SAME_PAGE = {"p", "v", "ordering", "sort", "next", "mode", "describe_on_delete"}
#: Only a script sends these, with the files that it was given.
BY_SCRIPT = ("/hq/images/multiple/",)
NOTHING = "找不到的东西"


class Crawl:
    """One person's way through the product; nothing of what it does stays."""

    def __init__(
        self, user: User | None, known: set[str], *, is_thorough: bool = False, before: "Crawl | None" = None
    ) -> None:
        """`is_thorough`: what a list answers to each of its filters is a page of its own.

        What `before` has sent is not sent again: whoever sends a form reads the same faults in it.
        """
        self._client = Client(raise_request_exception=False)
        if user is not None:
            self._client.force_login(user)
        self._cookies = deepcopy(self._client.cookies)
        self._known = known
        self._is_thorough = is_thorough
        self._seen: set[tuple[str, tuple[str, ...], frozenset[str]]] = (
            {kind for kind in before._seen if kind[1]} if before else set()
        )
        self._waiting: list[tuple[str, str]] = []
        #: What is wrong, and where it was read first.
        self.wrong: dict[str, str] = {}
        #: The routes that were opened, and how many forms were sent.
        self.routes: set[str] = set()
        self.sent = 0

    def walk(self, starts: list[str]) -> "Crawl":
        """Open these, and whatever they lead to."""
        self._waiting += [(start, "") for start in starts]
        while self._waiting:
            address, came_from = self._waiting.pop(0)
            if self._is_new(address):
                self._open(address, came_from)
        return self

    def _is_new(self, address: str, sends: tuple[str, ...] = ()) -> bool:
        """Whether no such page was opened: the same route, asked for the same things; or such a form sent."""
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/") or parts.path.startswith(NO_PAGES):
            return False
        try:
            route = resolve(parts.path).route
        except Resolver404:
            route = parts.path
        asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - SAME_PAGE
        kind = (route, sends, frozenset(asked) if self._is_thorough else frozenset())
        if kind in self._seen:
            return False
        self._seen.add(kind)
        if not sends:
            self.routes.add(route)
        return True

    def _open(self, address: str, came_from: str) -> None:
        with transaction.atomic():
            answer = self._get(address)
            page = self._read(answer, address)
            transaction.set_rollback(True)
        if came_from and answer.status_code in {403, 404}:
            self.wrong[f"a link to {answer.status_code}: {address}"] = came_from
        for link in page.links:
            self._waiting.append((urljoin(address, link).partition("#")[0], address))
        for form in page.forms:
            self._send(form, address)

    def _send(self, form: reading.Form, address: str) -> None:
        """The form with nothing in it, and the page that answers."""
        action = urljoin(address, form.action)
        if form.method == "get":
            if self._is_thorough and "q" in form.data:
                self._waiting.append((f"{action.partition('?')[0]}?q={NOTHING}", address))
            return
        is_sent = form.has_button and not urlsplit(action).path.startswith(BY_SCRIPT)
        if not is_sent or not self._is_new(action, ("send", *sorted(form.data))):
            return
        self.sent += 1
        with transaction.atomic():
            self._client.cookies = deepcopy(self._cookies)
            answer = self._client.post(action, form.data)
            self._read(answer, f"POST {action}")
            if 300 <= answer.status_code < 400:
                there = answer["Location"]
                self._read(self._client.get(there), f"{there} after POST {action}")
            transaction.set_rollback(True)

    def ask_the_api(self, addresses: list[str]) -> "Crawl":
        """What the API answers to a body with nothing in it."""
        for address in addresses:
            for method in ("post", "patch", "put"):
                with transaction.atomic():
                    self._client.cookies = deepcopy(self._cookies)
                    answer = getattr(self._client, method)(address, "{}", content_type="application/json")
                    if answer.status_code >= 400:
                        self._read(answer, f"{method} {address}")
                    transaction.set_rollback(True)
        return self

    def _get(self, address: str) -> Any:
        self._client.cookies = deepcopy(self._cookies)
        return self._client.get(address)

    def _read(self, answer: Any, address: str) -> reading.Page:
        page = reading.read(_words_of(answer))
        for what in reading.wrong_in(page, self._known):
            self.wrong.setdefault(what, address)
        if answer.status_code >= 500:
            self.wrong[f"{answer.status_code}"] = address
        return page


def _words_of(answer: Any) -> str:
    """What a person reads of an answer, as HTML; nothing for files and pictures."""
    kind = answer.get("Content-Type", "").partition(";")[0]
    put_down(answer)
    if answer.streaming:
        return ""
    if kind in {"application/json", "application/problem+json"}:
        return reading.said_in(answer.content.decode())
    return answer.content.decode() if kind == "text/html" else ""


def told(crawls: dict[str, Crawl]) -> Iterator[str]:
    """Each fault once, with who met it and where."""
    met: dict[str, list[str]] = {}
    for who, crawl in crawls.items():
        for what, where in crawl.wrong.items():
            met.setdefault(what, []).append(f"{who} at {where}")
    for what, places in sorted(met.items()):
        yield f"{what} · {places[0]}" + (f" (+{len(places) - 1})" if len(places) > 1 else "")
