"""Whole numbers in the forms that Wagtail builds are read as people type them."""

import pytest

from apps.accounts import roles
from apps.catalog.models import Category
from tests.library import desk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["1_0", "٣", "②", "1e1"])
def test_the_place_of_a_category_is_no_number_of_pythons(typed: str) -> None:
    answer = desk.browser(desk.a_person(roles.ADMIN)).post(
        "/hq/categories/new/", {"name": "茶", "position": typed}
    )

    assert "position" in answer.context["form"].errors
    assert not Category.objects.filter(name="茶").exists()


def test_full_width_digits_are_digits() -> None:
    desk.browser(desk.a_person(roles.ADMIN)).post("/hq/categories/new/", {"name": "茶", "position": "１０"})

    assert Category.objects.get(name="茶").position == 10
