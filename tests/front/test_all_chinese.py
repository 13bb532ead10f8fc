"""All Chinese: whoever one is, no page holds a word of another language, of a framework or of a table.

Each person starts at the first page and follows what the pages offer; every form is sent with nothing in it.
The administrator and the host also open whatever the table of routes gives them, scripts' own windows too.
"""

import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from django import forms
from django.contrib.auth import forms as auth_forms
from django.core import validators
from django.db.models import fields as model_fields
from django.forms import formsets
from django.forms import models as model_forms
from django.utils.functional import Promise

from apps.accounts import roles
from apps.accounts.models import User
from apps.library.models import ForbiddenWord
from tests.accounts import walking
from tests.accounts.route_table import ROUTES
from tests.console import desk
from tests.factories import a_host
from tests.front import reading
from tests.front.crawling import Crawl, told

HQ = "AERMODGS"
#: Where whoever reads has no page, or no right to it.
ASTRAY = ["/nowhere/", "/hq/nowhere/", "/s/1111111111/", "/o/nothing/", "/u/nothing/", "/agree/nothing/",
          "/my-data/nothing/", "/join/nothing/", "/join/state/nothing/", "/password/nothing/",
          "/customers/00000000-0000-0000-0000-000000000000/"]  # fmt: skip


def known() -> set[str]:
    """Words that people chose, not we: names of accounts, and words that the law forbids."""
    chosen = [*User.objects.values_list("username", flat=True)]
    chosen += ForbiddenWord.objects.values_list("word", flat=True)
    return {word for text in chosen for word in reading.LATIN.findall(text)}


def given_to(world: walking.World, who: str, *, api: bool = False) -> list[str]:
    """The addresses that the table of routes gives to this column."""
    return [
        world.address(route)
        for route, letters in ROUTES.items()
        if who in letters and route.startswith("api/v1/") == api and not route.startswith("POST ")
    ]


@pytest.mark.django_db
def test_no_page_of_hq_holds_a_word_that_is_not_chinese() -> None:
    world = walking.World()
    words = known()
    boss = Crawl(world.people["A"], words, is_thorough=True).walk(["/hq/", *given_to(world, "A")])
    crawls = {"A": boss} | {
        who: Crawl(world.people[who], words, before=boss).walk(["/hq/"]) for who in HQ.replace("A", "")
    }

    assert "hq/staff/edit/<int:pk>/" in crawls["A"].routes
    assert len(crawls["A"].routes) > 250
    assert crawls["A"].sent > 80
    assert min(len(crawl.routes) for crawl in crawls.values()) > 12
    assert not [*told(crawls)], "\n".join(told(crawls))


@pytest.mark.django_db
def test_no_page_of_hosts_and_consumers_does() -> None:
    world = walking.World()
    words = known()
    host, nobody = (
        Crawl(user, words, is_thorough=True).walk([*given_to(world, who), *ASTRAY])
        for who, user in (("H", world.host.user), ("-", None))
    )
    host.ask_the_api(given_to(world, "H", api=True))
    hq = Crawl(world.people["A"], words).ask_the_api(given_to(world, "A", api=True))

    assert len(host.routes) > 90
    assert host.sent > 40
    crawls = {"H": host, "-": nobody, "A": hq}
    assert not [*told(crawls)], "\n".join(told(crawls))


@pytest.mark.django_db
def test_no_page_of_an_empty_house_does() -> None:
    crawls = {
        "A": Crawl(desk.somebody(roles.ADMIN), known()).walk(["/hq/"]),
        "H": Crawl(a_host("newcomer", "新来的").user, known()).walk(["/"]),
    }

    assert not [*told(crawls)], "\n".join(told(crawls))


def _sentences(*modules: ModuleType) -> Iterator[str]:
    """What the fields, validators and forms of these modules say of what was typed."""
    for module in modules:
        for _, kind in inspect.getmembers(module, inspect.isclass):
            for name in ("default_error_messages", "error_messages", "message", "messages"):
                found = kind.__dict__.get(name)
                for one in found.values() if isinstance(found, dict) else [found]:
                    if isinstance(one, Promise):
                        yield str(one % _AnyNumber() if "%(limit_value)d" in repr(one) else one)


class _AnyNumber(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 3


def test_no_field_speaks_as_its_framework_does() -> None:
    from rest_framework import fields as api_fields

    said = {
        *_sentences(forms.fields, model_forms, formsets, model_fields, validators, auth_forms, api_fields)
    }

    assert len(said) > 40
    assert [one for one in sorted(said) if reading.RAW.search(re.sub(r"%\(\w+\)", "", one))] == []
