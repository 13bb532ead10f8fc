"""Where each piece loses money: said before it is saved, with how much, and shown in the list."""

from itertools import product as every
from typing import Any

import pytest
from django.test import Client

from apps.accounts import roles
from apps.catalog import losses
from apps.catalog.models import Product, Sku
from tests.console.listing import names_on
from tests.console.test_two_editors import opened
from tests.factories import a_sku
from tests.library.desk import a_person, browser
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return browser(a_person(roles.MERCHANDISER, "goods"))


def sent(client: Client, product: Product, **changes: Any) -> Any:
    address = f"/hq/products/edit/{product.pk}/"
    return client.post(address, {**opened(client, address), **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"skus-0-retail_price": "50.00", "skus-0-supply_price": "52.50", "commission_percent": "0"},
            "供货价 ¥52.50 比零售价 ¥50.00 高，算上佣金每卖一件亏 ¥2.50",
        ),
        (
            {"skus-0-retail_price": "50.00", "skus-0-supply_price": "46.00", "commission_percent": "10"},
            "佣金 ¥5.00 比毛利 ¥4.00 多，每卖一件亏 ¥1.00",
        ),
        (
            {
                "skus-0-retail_price": "50.00",
                "skus-0-floor_price": "20.00",
                "skus-0-supply_price": "30.00",
                "commission_percent": "0",
            },
            "最低售价 ¥20.00 低于供货价 ¥30.00，大C按最低售价卖，每卖一件亏 ¥10.00",
        ),
    ],
)
def test_what_loses_money_is_saved_only_when_she_says_so(
    client: Client, changes: dict[str, str], words: str
) -> None:
    sku = a_sku("苹果")
    before = Sku.objects.values("retail_price_fen", "supply_price_fen", "floor_price_fen").get(pk=sku.pk)

    told = sent(client, sku.product, **changes)

    assert words in text_of(told)
    assert "照样保存" in text_of(told)
    assert Sku.objects.values(*before).get(pk=sku.pk) == before
    # What she typed is still there.
    assert f'value="{changes["skus-0-supply_price"]}"' in told.content.decode()
    assert sent(client, sku.product, **changes, despite_loss="on").status_code == 302
    assert Sku.objects.get(pk=sku.pk).supply_price_fen > 0
    # Its words may be mended without being told again.
    assert sent(client, sku.product, subtitle="现摘").status_code == 302


def test_what_brings_money_is_saved_without_a_word(client: Client) -> None:
    sku = a_sku("苹果")
    assert "照样保存" not in text_of(client.get(f"/hq/products/edit/{sku.product_id}/"))
    changes = {"skus-0-retail_price": "50.00", "skus-0-supply_price": "30.00", "commission_percent": "10"}
    assert sent(client, sku.product, **changes).status_code == 302


def test_the_list_marks_and_finds_them_by_the_same_rule(client: Client) -> None:
    for number, (retail, supply, floor, rate) in enumerate(
        every((1_000, 1_005), (0, 899, 900, 901, 1_200), (0, 880, 950), (0, 995, 1_000, 1_005))
    ):
        sku = a_sku(f"货 {number}")
        Product.objects.filter(pk=sku.product_id).update(commission_bp=rate)
        Sku.objects.filter(pk=sku.pk).update(
            retail_price_fen=retail, supply_price_fen=supply, floor_price_fen=min(floor, retail)
        )
    losing = set(Product.objects.filter(losses.losing()))
    assert losing == {one for one in Product.objects.all() if losses.of_product(one)}
    assert 10 < len(losing) < Product.objects.count()

    good = next(one for one in Product.objects.all() if one not in losing)
    shown = client.get("/hq/products/?loss=yes")
    assert names_on(shown)
    assert good.title not in names_on(shown)
    assert "会亏" in text_of(shown)
    assert "会亏" not in text_of(client.get(f"/hq/products/?loss=no&q={good.title}")).split("状态")[-1]
