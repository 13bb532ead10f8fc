"""What is another region's, a stranger's or not there; who opens what is tests/accounts/route_table.py."""

import pytest
from django.test import Client

from apps.accounts import roles
from tests.console import desk
from tests.content.desk import a_person, browser

pytestmark = pytest.mark.django_db

A, D, G = roles.ADMIN, roles.ANALYST, roles.REGION_MANAGER
A, E, R, M, O, D, G, S = roles.ALL  # noqa: E741 - the columns of the table, in the order of the roles
EVERYBODY = set(roles.ALL)
CONTENT = EVERYBODY - {S}

#: Page → the roles that get it. Everybody else is sent to the home page (302), as Wagtail does.
OPEN = {
    "/hq/": EVERYBODY,
    "/hq/account/": EVERYBODY,
    "/hq/materials/": CONTENT,
    "/hq/materials/add/": {A, E},
    "/hq/materials/edit/{material}/": {A, E, R},
    "/hq/materials/inspect/{material}/": CONTENT,
    "/hq/materials/history/{material}/": {A, E, R},
    "/hq/materials/usage/{material}/": {A, E, R},
    "/hq/materials/preview/{material}/": {A, E, R},
    "/hq/materials/withdraw/{material}/": {A, R},
    "/hq/materials/delete/{material}/": set(),
    "/hq/materials/unpublish/{material}/": set(),
    "/hq/issues/": CONTENT,
    "/hq/issues/add/": {A, E},
    "/hq/issues/edit/{issue}/": {A, E, R},
    "/hq/issues/inspect/{issue}/": CONTENT,
    "/hq/issues/delete/{issue}/": set(),
    "/hq/fortnights/": CONTENT,
    "/hq/fortnights/{issue}/": CONTENT,
    "/hq/fortnights/{issue}/1/{material}/": {A, E, R},
    "/hq/fortnights/{issue}/copy/": {A, E},
    "/hq/fortnights/materials/{material}/copy/": {A, E},
    "/hq/fortnights/materials/{material}/check/": {A, E, R},
    "/hq/words/": {A, R},
    "/hq/words/new/": {A, R},
    "/hq/images/": {A, E, M},
    "/hq/images/add/": {A, E, M},
    "/hq/videos/": {A, E, R},
    "/hq/videos/new/": {A, E},
    "/hq/poster-templates/": {A, E},
    "/hq/poster-templates/new/": {A, E},
    "/hq/festivals/": {A, E},
    "/hq/festivals/new/": {A, E},
    "/hq/products/": EVERYBODY,
    "/hq/products/new/": {A, M},
    "/hq/products/edit/{product}/": {A, M},
    "/hq/products/stock/{product}/": {A, M},
    "/hq/products/delete/{product}/": set(),
    "/hq/products/choose/": EVERYBODY,
    "/hq/videos/choose/": {A, E, R},
    "/hq/snippets/choose/content/material/": CONTENT,
    "/hq/categories/": {A, M},
    "/hq/brands/": {A, M},
    "/hq/suppliers/": {A, M},
    "/hq/hosts/": {A, O, D, G, S},
    "/hq/hosts/add/": {A, O},
    "/hq/hosts/{host}/": {A, O, D, G, S},
    "/hq/hosts/{host}/suspended/": {A, O},
    "/hq/hosts/{host}/place/": {A, O},
    "/hq/invitations/": {A, O, G},
    "/hq/invitations/add/": {A, O, G},
    "/hq/applications/": {A, O, G},
    "/hq/organisations/": {A, O, D},
    "/hq/organisations/new/": {A},
    "/hq/customers/": {A, O, G, S},
    "/hq/customers/{relation}/": {A, O, G, S},
    "/hq/privacy-alerts/": {A, O},
    "/hq/data-map/": {A},
    "/hq/orders/": {A, O, D, G, S},
    "/hq/orders/{order}/": {A, O, D, G, S},
    "/hq/insights/": CONTENT,
    "/hq/insights/orders/": CONTENT,
    "/hq/deliveries/": {A, O},
    "/hq/access-log/": {A},
    "/hq/staff/": {A},
    "/hq/staff/new/": {A},
}


def test_each_role_opens_its_pages_and_no_other() -> None:
    house = desk.furnish()
    ids = {
        "material": house.material.pk,
        "issue": house.issue.pk,
        "product": house.product.pk,
        "host": house.host.public_id,
        "relation": house.relation.public_id,
        "order": house.order.public_id,
    }
    seen: dict[str, set[str]] = {page: set() for page in OPEN}
    for role, person in desk.everybody().items():
        client = browser(person)
        for page in OPEN:
            status = client.get(page.format(**ids)).status_code
            assert status in {200, 302}, (role, page, status)
            if status == 200:
                seen[page].add(role)

    assert seen == OPEN


@pytest.mark.parametrize(
    "path",
    [
        "pages/", "api/main/pages/", "collections/", "failwhale/", "test404/", "documents/",
        "workflows/list/",
        "users/", "users/new/", "groups/", "reports/site-history/", "reports/workflow/", "choose-page/",
        "choose-external-link/", "bulk/content/material/delete/", "snippets/", "password_reset/",
        "images/multiple/create_from_uploaded_image/1/", "images/1/generate_url/",
    ],
)  # fmt: skip
def test_what_this_product_does_not_use_is_not_there(path: str) -> None:
    client = browser(a_person(roles.ADMIN))

    assert client.get(f"/hq/{path}").status_code == 404
    assert client.post(f"/hq/{path}").status_code == 404


FOREIGN = [
    "/hq/hosts/{0.elsewhere.public_id}/",
    "/hq/customers/{1}/",
    "/hq/hosts/01890000-0000-7000-8000-000000000000/",
    "/hq/customers/01890000-0000-7000-8000-000000000000/",
    "/hq/orders/01890000-0000-7000-8000-000000000000/",
    "/hq/materials/edit/999999/",
    "/hq/products/stock/999999/",
]


def test_a_foreign_id_and_an_absent_one_are_the_same_404() -> None:
    house = desk.furnish()
    foreign = house.elsewhere.relations.get().public_id
    people = desk.everybody()

    region = browser(people[G])
    assert [region.get(path.format(house, foreign)).status_code for path in FOREIGN[:2]] == [404, 404]
    admin = browser(people[A])
    assert {admin.get(path.format(house, foreign)).status_code for path in FOREIGN[2:]} == {404}


def test_a_region_manager_sees_her_region_alone() -> None:
    desk.furnish()
    client = browser(desk.everybody()[G])

    hosts = client.get("/hq/hosts/").content.decode()
    customers = client.get("/hq/customers/").content.decode()

    assert "林姐" in hosts
    assert "小美" not in hosts
    assert "小美" not in customers


def test_a_region_manager_without_a_region_sees_nobody() -> None:
    desk.furnish()

    page = browser(a_person(G)).get("/hq/hosts/").content.decode()

    assert "林姐" not in page


def test_a_host_and_a_stranger_are_sent_to_sign_in() -> None:
    house = desk.furnish()

    for client in (Client(), browser(house.host.user)):
        for path in ("/hq/", "/hq/customers/", f"/hq/orders/{house.order.public_id}/"):
            answer = client.get(path)
            assert (answer.status_code, answer["Location"]) == (302, f"/hq/login/?next={path}")


def test_a_post_without_the_right_changes_nothing() -> None:
    house = desk.furnish()
    analyst = browser(desk.everybody()[D])

    analyst.post(f"/hq/hosts/{house.host.public_id}/", {"name": "改名"})
    analyst.post(f"/hq/hosts/{house.host.public_id}/suspended/", {"reason": "x"})
    analyst.post(f"/hq/products/stock/{house.product.pk}/", {})

    house.host.refresh_from_db()
    assert (house.host.name, house.host.status) == ("林姐", "active")
