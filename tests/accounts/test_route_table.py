"""The table of routes and roles equals the URLconf, and what is answered equals the table."""

import pytest
from django.test import Client

from apps.accounts import roles
from tests.accounts import walking
from tests.accounts.route_table import ROUTES
from tests.factories import a_person_at_hq

#: The walk in parts, for as many processes.
PARTS = 6
#: Reading leaves no event, but for these looks, which are what is counted.
COUNTED_LOOKS = {
    "s/<str:code>/": {"shelf.viewed"},
    "s/<str:code>/shelf/": {"shelf.viewed"},
    "s/<str:code>/p/<str:public_id>/": {"product.viewed"},
    "s/<str:code>/order/": {"shelf.read"},  # going on to the order form
    "materials/<uuid:public_id>/": {"material.opened"},
    "cases/<uuid:public_id>/": {"case.opened"},
    "learn/lessons/<uuid:public_id>/": {"lesson.started"},  # the first time
}
EVERYBODY = [*walking.PEOPLE, "H", "-"]


def test_the_table_is_the_urlconf() -> None:
    there = set(walking.routes())
    listed = {route for route in ROUTES if not route.startswith("POST ")}

    missing = "".join(f'    "{route}": "",\n' for route in sorted(there - listed))
    assert not missing, f"Say in tests/accounts/route_table.py who gets these:\n{missing}"
    assert sorted(listed - there) == []
    assert {route.removeprefix("POST ") for route in ROUTES} <= there


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_what_the_table_says(part: int) -> None:
    world = walking.World()
    expected = dict(list(ROUTES.items())[part::PARTS])

    seen = {route: "".join(who for who in EVERYBODY if world.gets(who, route)) for route in expected}

    assert seen == expected
    for route, names in world.written.items():
        assert names <= COUNTED_LOOKS.get(route, set()), f"reading {route} leaves an event"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "pages/", "api/main/pages/", "collections/", "failwhale/", "test404/", "documents/",
        "workflows/list/", "users/", "users/new/", "groups/", "reports/site-history/", "reports/workflow/",
        "choose-page/", "choose-external-link/", "bulk/library/material/delete/", "snippets/",
        "password_reset/", "images/multiple/create_from_uploaded_image/1/", "images/1/generate_url/",
        "images/chooser/1/select_format/", "snippets/choose/library/issue/",
    ],
)  # fmt: skip
def test_what_this_product_does_not_use_is_not_there(path: str) -> None:
    client = Client()
    client.force_login(a_person_at_hq(roles.ADMIN))

    assert client.get(f"/hq/{path}").status_code == 404
    assert client.post(f"/hq/{path}").status_code == 404
