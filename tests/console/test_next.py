"""Where the console leads by `next`: to a page of ours, or where it would have gone without."""

import pytest
from django.test import Client

from apps.accounts import roles
from tests.factories import PASSWORD, a_person_at_hq
from tests.happenings import a_material
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
ASTRAY = [
    "abc",
    "wagtailadmin_home",
    "%",
    "/no/such/page/",
    "//evil.example/",
    "http://testserver/hq/reports/",
]


@pytest.mark.parametrize("wanted", ASTRAY)
def test_signing_in_leads_to_a_page_of_ours(wanted: str, client: Client) -> None:
    staff = a_person_at_hq(roles.EDITOR)
    sent = {"username": staff.username, "password": PASSWORD, "next": wanted}

    assert client.post("/hq/login/", sent)["Location"] == "/hq/"
    # Opened again by who is signed in.
    assert client.get("/hq/login/", {"next": wanted})["Location"] == "/hq/"


def test_a_page_of_ours_is_followed(client: Client) -> None:
    staff = a_person_at_hq(roles.EDITOR)
    sent = {"username": staff.username, "password": PASSWORD, "next": "/hq/images/?tab=1"}

    assert client.post("/hq/login/", sent)["Location"] == "/hq/images/?tab=1"


@pytest.mark.parametrize("wanted", ASTRAY)
def test_and_so_is_it_in_wagtails_own_views(wanted: str) -> None:
    material = a_material("小米粥")
    editor = browser(a_person(roles.EDITOR))

    page = editor.get(f"/hq/bulk/library/material/delete/?next={wanted}&id={material.pk}")

    assert page.status_code < 500
    assert f'value="{wanted}"' not in page.content.decode()
