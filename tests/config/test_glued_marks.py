"""A link with marks of the sentence behind it opens what was meant, and nothing else."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.accounts import walking

pytestmark = pytest.mark.django_db
MARKS = ["。", "，", "）", "」", "！", "…", ".", ",", ")", "%20", "%E3%80%80", "。)", "%EF%BB%BF", "，快来看"]
MARKS += ["//", "_", "__", "-", "/。", "。/", "%C2%A0"]
BEHIND_A_QUERY = [
    "~",
    "]",
    ">",
    '"',
    "_",
    "__",
    "|",
    "\\",
    "=",
    "@",
    "%",
    "`",
    "%5D",
    "%C2%A0",
    "/。",
    "。/",
    "//",
    "%3e",
]


@pytest.fixture
def world() -> walking.World:
    return walking.World()


def reached(client: Client, address: str) -> Any:
    return client.get(address, follow=True, headers={"accept": "text/html"})


def test_marks_behind_a_link_are_taken_off(world: walking.World) -> None:
    for route, marks in (("s/<str:code>/", MARKS), ("o/<str:token>/", ["。"]), ("join/<str:token>/", ["）"])):
        address = world.address(route)
        for number, mark in enumerate(marks):
            # As often without the last stroke, since chats lose it.
            glued = f"{address.rstrip('/') if number % 2 else address}{mark}"
            answer = reached(Client(), glued)
            assert answer.status_code == 200, glued
            assert answer.redirect_chain[-1][0] == address, glued


def test_behind_a_query_too(world: walking.World) -> None:
    address = world.address("s/<str:code>/order/")
    answer = reached(Client(), f"{address}%E3%80%82")

    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, address)


@pytest.mark.parametrize("mark", BEHIND_A_QUERY)
def test_whatever_mark_stands_behind_a_query(world: walking.World, mark: str) -> None:
    address = world.address("s/<str:code>/order/")
    path, _, query = address.partition("?")
    # As a browser sends it: letters beyond ASCII in UTF-8, the rest as it is.
    glued = query + quote(mark, safe='~]>"_|\\=@%`/')
    answer = Client().get(path, QUERY_STRING=glued, headers={"accept": "text/html"})

    assert (answer.status_code, answer.get("Location")) == (302, address)


@pytest.mark.parametrize("mark", ["%F0%9D%95%8F", "%E3%80%82", "%20", ".", ")"])
def test_however_many_there_are_an_answer_comes(mark: str) -> None:
    many = mark * (4_000 // len(mark))

    assert reached(Client(), f"/nowhere/?q={many}x%").status_code == 404
    assert reached(Client(), f"/nowhere{many}x").status_code == 404
    assert Client().get(f"/login/?next={many}").status_code == 200
    assert reached(Client(), f"/s/1111111111/?q={many}").redirect_chain[-1][0] == "/s/1111111111/?q="


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/s/1111111111", "/\\evil.example/", "/nowhere/"]
)
@pytest.mark.parametrize("query", ["a=1.", "a=1%EF%BC%8C", ""])
def test_no_mark_leads_to_another_site_or_nowhere(path: str, query: str) -> None:
    for end in ("", "。", "/。"):
        # The client would take `//` for a host itself; a server passes it on.
        answer = Client().get("/", PATH_INFO=f"{path}{end}".encode().decode("latin-1"), QUERY_STRING=query)
        assert (answer.status_code, answer.get("Location")) == (404, None), (path, end, query)


def test_what_leads_nowhere_without_marks_stays_404_on_a_consumers_page(world: walking.World) -> None:
    for address in ("/s/1111111111。", "/s/1111111111/x/y。", "/nowhere。"):
        answer = reached(Client(), address)
        assert answer.status_code == 404, address
        assert "去工作台首页" not in answer.content.decode()
    assert Client().get("/api/v1/orders。").status_code == 404


def test_a_page_for_posts_alone_leads_to_the_page_above_it(world: walking.World) -> None:
    host = Client()
    host.force_login(world.host.user)
    person = world.address("customers/<uuid:public_id>/")

    assert reached(host, f"{person}notes/").redirect_chain[-1][0] == person
    tick = world.address("cases/steps/<uuid:public_id>/tick/")
    assert reached(host, tick).redirect_chain[-1][0] == "/cases/"
    # A program is told the truth.
    assert host.get(f"{person}notes/").status_code == 405
