"""A list as cards or as a table: each person's own choice, kept beside her columns."""

import pytest
from django.test import Client

from apps.accounts import roles
from apps.console_kit.lists import registry
from apps.console_kit.models import ListChoice
from tests.console.listing import ids_on, names_on
from tests.library.desk import a_material, a_person, a_picture, browser

pytestmark = pytest.mark.django_db
LIST = "/hq/materials/?v=all"


def is_grid(client: Client) -> bool:
    return "hq-grid__card" in client.get(LIST).content.decode()


def look(client: Client, how: str) -> None:
    answer = client.post("/hq/lists/materials/look/", {"look": how, "back": "kind=article"})
    assert answer["Location"] == "/hq/materials/?kind=article"


def test_cards_are_hers_alone_and_stay_beside_her_columns() -> None:
    a_material(title="春茶", cover=a_picture())
    hers, other = browser(a_person(roles.EDITOR)), browser(a_person(roles.EDITOR))

    look(hers, "grid")
    assert (is_grid(hers), is_grid(other)) == (True, False)
    hers.post("/hq/lists/materials/columns/", {"column": ["state"]})
    hers.post("/hq/lists/materials/columns/", {"reset": "1"})
    assert is_grid(hers)
    hers.post("/hq/lists/materials/columns/", {"column": ["state"]})
    look(hers, "table")
    assert not is_grid(hers)
    assert ListChoice.objects.get().columns == ["state"]


def test_cards_show_the_same_rows_and_can_be_picked() -> None:
    for number in range(3):
        a_material(title=f"素材 {number}")
    client = browser(a_person(roles.EDITOR))
    table = ids_on(client.get(LIST)), names_on(client.get(LIST))

    look(client, "grid")

    assert (ids_on(client.get(LIST)), names_on(client.get(LIST))) == table


def test_a_list_without_cards_has_no_such_choice() -> None:
    client = browser(a_person(roles.ADMIN))
    for key, viewset in registry.every().items():
        answer = client.post(f"/hq/lists/{key}/look/", {"look": "grid"})
        assert answer.status_code == (302 if viewset.desk.card else 404), key
    assert client.post("/hq/lists/materials/look/", {"look": "sideways"}).status_code == 404
