"""Two people on one row of the console: the second is told, keeps her words, and undoes nothing unawares."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet

from apps.accounts import roles
from apps.catalog.models import Product, Sku
from apps.console.urls import CLOSED
from apps.console_kit.edit_conflicts import BEGUN, _sent_by
from apps.console_kit.viewsets import ListOnlyViewSet
from apps.library.desk.editing import KeepsBoth
from apps.library.models import Festival
from tests.accounts import walking
from tests.library.desk import a_person, browser
from tests.storefront.pages import words_of

pytestmark = pytest.mark.django_db
Fields = dict[str, Any]


def fields_on(page: bytes) -> Fields:
    """What a browser would post of the editor's form, untouched."""
    whole = BeautifulSoup(page, "html.parser")
    hidden = whole.find("input", attrs={"name": BEGUN})
    assert hidden is not None, "no form that remembers what it began with"
    form = hidden.find_parent("form")
    assert form is not None
    found: Fields = {}
    for tag in form.find_all(["input", "select", "textarea"]):
        # A row's empty form, from which scripts make new ones, is not posted.
        if tag.get("name") and "__prefix__" not in tag["name"]:
            found.setdefault(tag["name"], []).extend(_sent_by(tag))
    return {name: values for name, values in found.items() if values}


def opened(client: Client, address: str) -> Fields:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return fields_on(answer.content)


def edited() -> list[ModelViewSet]:
    """Every registered viewset with a form for rows that are there, but those of Wagtail that are closed."""
    found = [one for one in viewsets.viewsets if isinstance(one, ModelViewSet)]
    found = [one for one in found if not isinstance(one, ListOnlyViewSet)]
    return [one for one in found if not re.match(CLOSED, f"{one.url_prefix}/")]


def _index_of(viewset: ModelViewSet) -> str:
    return reverse(viewset.get_url_name("index")).lstrip("/")


def test_every_form_of_the_console_tells_the_second_of_two() -> None:
    world = walking.World()
    # Not a solar term, whose name is one of twenty-four.
    world.values["hq/festivals/"] = {"pk": Festival.objects.exclude(calendar="term").earliest("pk").pk}
    first, second = browser(a_person(roles.ADMIN, "jia")), browser(a_person(roles.ADMIN, "yi"))
    told = set()
    for viewset in edited():
        if getattr(viewset, "keeps_versions", False):
            # Materials and their kind lay two versions together (tests/library).
            assert issubclass(viewset.edit_view_class, KeepsBoth), viewset
            continue
        address = world.address(f"{_index_of(viewset)}edit/<int:pk>/")
        hers, his = opened(first, address), opened(second, address)
        word = next(name for name in ("title", "name", "word", "first_name") if name in hers)

        saved = first.post(address, {**hers, word: "甲改的"})
        answer = second.post(address, {**his, word: "乙改的"})

        assert saved.status_code == 302, (viewset, words_of(saved.content.decode())[-900:])
        assert answer.status_code == 200, viewset
        assert "改成了「甲改的」" in answer.content.decode(), viewset
        again = fields_on(answer.content)
        assert again[word] == ["乙改的"], viewset
        assert opened(first, address)[word] == ["甲改的"], viewset
        assert second.post(address, again).status_code == 302, viewset
        assert opened(first, address)[word] == ["乙改的"], viewset
        told.add(viewset.model._meta.label)
    assert {"catalog.Product", "catalog.Brand", "catalog.Category", "accounts.Organisation"} <= told
    assert {"accounts.User", "library.Festival", "library.PosterTemplate", "media.Video"} <= told


def test_so_do_the_forms_of_our_own_pages_and_of_pictures() -> None:
    world = walking.World()
    first, second = browser(a_person(roles.ADMIN, "jia")), browser(a_person(roles.ADMIN, "yi"))
    for route, word in (
        ("hq/hosts/<uuid:public_id>/", "tagline"),
        ("hq/fortnights/<int:pk>/<int:day>/<int:material>/", "tip"),
        ("hq/images/<int:image_id>/", "title"),
    ):
        address = world.address(route)
        hers, his = opened(first, address), opened(second, address)
        assert first.post(address, {**hers, word: "甲改的"}).status_code == 302, address
        answer = second.post(address, {**his, word: "乙改的"})
        assert (answer.status_code, "改成了「甲改的」" in answer.content.decode()) == (200, True), address
        again = fields_on(answer.content)
        assert again[word] == ["乙改的"]
        assert second.post(address, again).status_code == 302, address
        assert opened(first, address)[word] == ["乙改的"], address


def test_what_only_the_other_changed_is_taken_over_row_by_row() -> None:
    world = walking.World()
    product = Product.objects.get(pk=world.values["hq/products/"]["pk"])
    small = product.skus.get()
    big = Sku.objects.create(product=product, code="BIG", name="大箱", retail_price_fen=9_900)
    address = world.address("hq/products/edit/<int:pk>/")
    first, second = browser(a_person(roles.ADMIN, "jia")), browser(a_person(roles.ADMIN, "yi"))
    hers, his = opened(first, address), opened(second, address)
    row = {hers[f"skus-{n}-id"][0]: f"skus-{n}" for n in range(2)}

    assert first.post(address, {**hers, f"{row[str(small.pk)]}-retail_price": "61.00"}).status_code == 302
    mine = {**his, f"{row[str(big.pk)]}-retail_price": "88.00", "subtitle": "今年的"}
    answer = second.post(address, mine)

    said = words_of(answer.content.decode())
    assert "还没有保存" in said
    assert re.search(r"也改了\S*规格", said), said[-1500:]
    again = fields_on(answer.content)
    assert again[f"{row[str(small.pk)]}-retail_price"] == ["61.00"]
    assert again[f"{row[str(big.pk)]}-retail_price"] == ["88.00"]
    assert second.post(address, again).status_code == 302
    assert set(product.skus.values_list("retail_price_fen", flat=True)) == {6_100, 8_800}
    product.refresh_from_db()
    assert product.subtitle == "今年的"
