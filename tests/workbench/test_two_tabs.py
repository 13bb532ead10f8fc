"""A form of hers in two tabs: the second undoes nothing of the first, and asks where both wrote."""

from datetime import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from apps.accounts.models import Host
from apps.catalog.models import ShelfItem
from apps.catalog.prices import prices_of
from apps.console_kit.edit_conflicts import BEGUN, _sent_by
from apps.customers.models import Relation
from apps.library.models import HostVariant
from tests.pages import html_of, text_of
from tests.storefront.people import a_product, a_sku, on_shelf
from tests.workbench.issues import a_material

Fields = dict[str, Any]


def fields_on(page: Any) -> Fields:
    """What a browser would post of the form, untouched."""
    hidden = BeautifulSoup(page.content, "html.parser").find("input", attrs={"name": BEGUN})
    assert hidden is not None, "no form that remembers what it began with"
    form = hidden.find_parent("form")
    assert form is not None
    found: Fields = {}
    for tag in form.find_all(["input", "select", "textarea"]):
        if tag.get("name"):
            found.setdefault(str(tag["name"]), []).extend(_sent_by(tag))
    return {name: values for name, values in found.items() if values}


@pytest.fixture
def edit(xiaoyu: Relation) -> str:
    return f"/customers/{xiaoyu.public_id}/edit/"


def test_what_she_did_not_touch_stays_as_the_other_tab_left_it(
    phone: Client, xiaoyu: Relation, edit: str
) -> None:
    first, second = fields_on(phone.get(edit)), fields_on(phone.get(edit))
    phone.post(edit, {**first, "remark": "三楼甲姐", "birthday": "3月5日", "phone": "13900007777"})

    assert phone.post(edit, {**second, "next_action": "问问春茶"}).status_code == 302

    xiaoyu.refresh_from_db()
    assert (xiaoyu.remark, xiaoyu.birthday, xiaoyu.next_action) == ("三楼甲姐", "3月5日", "问问春茶")
    assert xiaoyu.phone == "+8613900007777"


def test_where_both_wrote_she_is_asked_and_both_values_stand_there(
    phone: Client, xiaoyu: Relation, edit: str
) -> None:
    first, second = fields_on(phone.get(edit)), fields_on(phone.get(edit))
    phone.post(edit, {**first, "remark": "三楼甲姐", "next_action": "问尺码", "phone": "13900007777"})

    asked = phone.post(edit, {**second, "remark": "甲老师", "phone": "13900008888"})

    assert asked.status_code == 422
    assert "刚才在别处改成了「三楼甲姐」" in text_of(asked)
    assert "刚才在别处改成了「139****7777」" in text_of(asked)
    assert "13900007777" not in html_of(asked)
    again = fields_on(asked)
    assert (again["remark"], again["next_action"]) == (["甲老师"], ["问尺码"])
    xiaoyu.refresh_from_db()
    assert (xiaoyu.remark, xiaoyu.phone) == ("三楼甲姐", "+8613900007777")

    assert phone.post(edit, again).status_code == 302
    xiaoyu.refresh_from_db()
    assert (xiaoyu.remark, xiaoyu.next_action) == ("甲老师", "问尺码")
    assert xiaoyu.phone == "+8613900008888"


def test_both_wrote_the_same(phone: Client, xiaoyu: Relation, edit: str) -> None:
    first, second = fields_on(phone.get(edit)), fields_on(phone.get(edit))
    phone.post(edit, {**first, "remark": "三楼甲姐"})
    assert phone.post(edit, {**second, "remark": "三楼甲姐"}).status_code == 302


def test_her_settings(phone: Client, lin: Host) -> None:
    page = "/me/settings/"
    first, second, third = (fields_on(phone.get(page)) for _ in range(3))
    phone.post(page, {**first, "tagline": "只挑自家吃的"})
    assert phone.post(page, {**second, "quiet_from": "21:30"}).status_code == 302
    lin.refresh_from_db()
    assert (lin.tagline, f"{lin.quiet_from:%H:%M}") == ("只挑自家吃的", "21:30")

    asked = phone.post(page, {**third, "tagline": "每天好物"})
    assert asked.status_code == 422
    assert "刚才在别处改成了「只挑自家吃的」" in text_of(asked)
    assert phone.post(page, fields_on(asked)).status_code == 302
    lin.refresh_from_db()
    assert (lin.tagline, f"{lin.quiet_from:%H:%M}") == ("每天好物", "21:30")


def test_her_words_and_prices_on_the_shelf(phone: Client, lin: Host, now: datetime) -> None:
    product = a_product("秋月梨", price_fen=3_000)
    large = a_sku(product, name="大箱", price_fen=9_000)
    small = product.skus.exclude(pk=large.pk).get()
    item = on_shelf(lin, product)
    page = f"/shelf/{item.public_id}/"
    first, second, third = (fields_on(phone.get(page)) for _ in range(3))
    dear = f"price_{large.public_id}"
    phone.post(page, {**first, dear: "88", "pitch": "自家吃的"})

    assert phone.post(page, {**second, f"price_{small.public_id}": "29"}).status_code == 302
    assert prices_of(lin, [product.pk]).own == {large.pk: 8_800, small.pk: 2_900}
    assert ShelfItem.objects.get(pk=item.pk).pitch == "自家吃的"

    asked = phone.post(page, {**third, dear: "85"})
    assert "刚才在别处改成了「88.00」" in text_of(asked)
    assert prices_of(lin, [product.pk]).own[large.pk] == 8_800
    assert phone.post(page, fields_on(asked)).status_code == 302
    assert prices_of(lin, [product.pk]).own == {large.pk: 8_500, small.pk: 2_900}


def test_her_own_words_for_a_material(phone: Client, lin: Host, now: datetime) -> None:
    material = a_material("春茶怎么泡")
    page = f"/materials/{material.public_id}/words/"
    first, second, third = (fields_on(phone.get(page)) for _ in range(3))
    hers = "水开了放一放再泡，" * 20
    phone.post(page, {**first, "text": hers})
    assert phone.post(page, second).status_code == 302  # saved untouched: hers stays
    assert HostVariant.objects.get().text == hers

    asked = phone.post(page, {**third, "text": "八十度泡，慢慢喝。"})
    assert asked.status_code == 422
    assert hers in text_of(asked)  # whole
    assert phone.post(page, fields_on(asked)).status_code == 302
    assert HostVariant.objects.get().text == "八十度泡，慢慢喝。"
