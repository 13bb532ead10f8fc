"""Products in the console: yuan and percent for people; stock is added to or taken from, never set."""

from typing import Any

import pytest
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from apps.accounts import roles
from apps.catalog import services
from apps.catalog.models import Category, Product, Sku
from apps.catalog.prices import lowest_at, prices_of
from apps.trade.pricing import Item, quote
from apps.trade.services import place_order
from tests.factories import a_host, a_sku
from tests.library import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Any:
    return desk.browser(desk.a_person(roles.MERCHANDISER))


def sku_row(code: str = "A-1", **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": "标准装",
        "retail_price": "59.00",
        "floor_price": "49",
        "supply_price": "",
        **changes,
    }


def form(rows: list[dict[str, Any]], *, initial: int = 0, **changes: Any) -> dict[str, Any]:
    category, _ = Category.objects.get_or_create(name="生鲜")
    return nested_form_data(
        {
            "title": "高山苹果",
            "subtitle": "脆甜",
            "category": category.pk,
            "brand": "",
            "supplier": "",
            "status": "active",
            "commission_percent": "12.5",
            "description": "",
            "pictures": inline_formset([]),
            "skus": inline_formset(rows, initial=initial),
            **changes,
        }
    )


def test_a_floor_that_is_raised_holds_for_prices_set_before_and_names_the_shelves(client: Any) -> None:
    client.post("/hq/products/new/", form([sku_row()]))
    product, host = Product.objects.get(), a_host()
    sku = product.skus.get()
    item = services.add_to_shelf(host, product, now=desk.NOW)
    services.edit_shelf_item(item, prices={sku: 5_000}, pitch="", now=desk.NOW)

    row = sku_row(id=sku.pk, floor_price="５５元")
    answer = client.post(f"/hq/products/edit/{product.pk}/", form([row], initial=1), follow=True)

    assert f"{host.name}（¥50.00）" in answer.content.decode()
    sku.refresh_from_db()
    assert (sku.floor_price_fen, quote(host, [Item(sku, 2)]).total_fen) == (5_500, 11_000)
    assert Product.objects.annotate(costs=lowest_at(host)).get().costs == 5_500
    assert prices_of(host, [product.pk]).tag(product).lowest_fen == 5_500


def test_a_comma_for_the_point_is_asked_about(client: Any) -> None:
    answer = client.post("/hq/products/new/", form([sku_row(retail_price="5，8")]))

    assert "5.8 还是 58？请用小数点写" in answer.content.decode()
    assert not Product.objects.exists()


@pytest.mark.parametrize("percent", ["1,5", "1，5", "1e1", "1_0", "٣"])
def test_a_percent_is_a_plain_decimal(client: Any, percent: str) -> None:
    answer = client.post("/hq/products/new/", form([sku_row()], commission_percent=percent))

    assert "请写成数字，小数用点，例如 5.5。" in answer.content.decode()
    assert not Product.objects.exists()


def test_a_product_is_written_in_yuan_and_percent(client: Any) -> None:
    client.post("/hq/products/new/", form([sku_row()]))

    product = Product.objects.get()
    sku = product.skus.get()
    assert (product.commission_bp, product.search_text.split()[0]) == (1_250, "高山苹果")
    assert (sku.retail_price_fen, sku.floor_price_fen, sku.supply_price_fen, sku.stock) == (
        5_900,
        4_900,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"floor_price": "60"}, "最低售价不能高于零售价。"),
        ({"retail_price": "五十"}, "请填写金额，最多两位小数，例如 12.50。"),
        ({"retail_price": "-1"}, "请填写金额，最多两位小数，例如 12.50。"),
        ({"retail_price": "1.234"}, "请填写金额，最多两位小数，例如 12.50。"),
        ({"retail_price": ""}, "这一项要填"),
    ],
)
def test_a_wrong_price_is_refused_beside_its_field(
    client: Any, changes: dict[str, str], sentence: str
) -> None:
    answer = client.post("/hq/products/new/", form([sku_row(**changes)]))

    assert sentence in answer.content.decode()
    assert not Product.objects.exists()


def test_a_product_without_a_sku_is_refused(client: Any) -> None:
    client.post("/hq/products/new/", form([]))

    assert not Product.objects.exists()


def test_saving_the_form_does_not_touch_the_stock(client: Any) -> None:
    sku = a_sku(stock=100)
    page = client.get(f"/hq/products/edit/{sku.product_id}/")
    assert page.status_code == 200
    services.take_stock(sku, 3)

    row = sku_row(sku.code, id=sku.pk, retail_price="88")
    client.post(f"/hq/products/edit/{sku.product_id}/", form([row], initial=1))

    sku.refresh_from_db()
    assert (sku.retail_price_fen, sku.stock) == (8_800, 97)


def test_stock_is_changed_by_a_difference(client: Any) -> None:
    sku = a_sku(stock=10)
    url = f"/hq/products/stock/{sku.product_id}/"

    client.post(url, {f"sku-{sku.public_id}": "50"})
    client.post(url, {f"sku-{sku.public_id}": "-20"})

    assert Sku.objects.get().stock == 40


def test_more_than_there_is_can_not_be_taken_and_nothing_else_is_changed(client: Any) -> None:
    sku = a_sku(stock=10)
    other = Sku.objects.create(product=sku.product, code="other", retail_price_fen=100, stock=5)

    answer = client.post(
        f"/hq/products/stock/{sku.product_id}/",
        {f"sku-{sku.public_id}": "7", f"sku-{other.public_id}": "-6"},
    )

    assert "只有 5 件，减不了这么多。" in answer.content.decode()
    assert list(Sku.objects.order_by("pk").values_list("stock", flat=True)) == [10, 5]


def test_a_sku_with_orders_is_not_deleted(client: Any) -> None:
    sku = a_sku()
    asked = quote(a_host(), [Item(sku, 1)])
    place_order(asked, name="张小雨", phone="13800008000", address="上海", now=desk.NOW)
    rows = [sku_row(sku.code, id=sku.pk, DELETE="on"), sku_row("B-2")]

    answer = client.post(f"/hq/products/edit/{sku.product_id}/", form(rows, initial=1))

    assert "已有订单，不能删除" in desk.said(answer)
    assert Sku.objects.get() == sku


def test_placeholders_of_an_import_are_not_listed(client: Any) -> None:
    sku = a_sku("外部占位")
    Product.objects.filter(pk=sku.product_id).update(is_placeholder=True)

    assert "外部占位" not in client.get("/hq/products/").content.decode()


def test_the_chooser_finds_by_two_characters(client: Any) -> None:
    a_sku("高山苹果")
    a_sku("桂花乌龙")

    page = client.get("/hq/products/choose/results/", {"q": "乌龙"}).content.decode()

    assert "桂花乌龙" in page
    assert "高山苹果" not in page
