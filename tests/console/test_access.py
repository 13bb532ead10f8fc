"""What is another region's, a stranger's or not there; who opens what is tests/accounts/route_table.py."""

import pytest
from django.test import Client

from apps.accounts import roles
from tests.console import desk
from tests.library.desk import a_person, a_picture, browser

pytestmark = pytest.mark.django_db

A, D, G = roles.ADMIN, roles.ANALYST, roles.REGION_MANAGER

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
    house = desk.furnish()
    client = browser(desk.everybody()[G])

    hosts = client.get("/hq/hosts/").content.decode()
    customers = client.get("/hq/customers/").content.decode()

    assert "林姐" in hosts
    assert "小美" not in hosts
    assert str(house.relation.public_id) in customers
    assert str(house.elsewhere.relations.get().public_id) not in customers


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


def test_pictures_are_found_by_words_though_a_tag_was_chosen_before() -> None:
    picture = a_picture("小米粥")
    picture.tags.add("早餐")

    answer = browser(a_person(roles.EDITOR)).get("/hq/images/chooser/results/?q=小米&tag=早餐")

    assert answer.status_code == 200
