import pytest
from django.utils import timezone

from apps.catalog import services
from apps.catalog.models import Product, ShelfItem, Sku
from tests.factories import a_host, a_sku, api_of

pytestmark = pytest.mark.django_db


def test_taking_more_than_is_left_takes_nothing() -> None:
    sku = a_sku(stock=3)

    services.take_stock(sku, 2)
    with pytest.raises(services.OutOfStockError) as caught:
        services.take_stock(sku, 2)

    assert caught.value.left == 1
    assert Sku.objects.get().stock == 1


def test_the_api_lists_what_is_on_sale_and_finds_two_chinese_characters() -> None:
    a_sku("高山苹果礼盒")
    a_sku("东北大米")
    a_sku("下架的苹果", status=Product.Status.OFF)
    client = api_of(a_host())

    titles = [row["title"] for row in client.get("/api/v1/products/", {"q": "苹果"}).json()["results"]]
    by_initials = client.get("/api/v1/products/", {"q": "dbdm"}).json()["results"]

    assert titles == ["高山苹果礼盒"]
    assert [row["title"] for row in by_initials] == ["东北大米"]
    assert set(client.get("/api/v1/products/").json()) == {"count", "next", "previous", "results"}


def test_supply_prices_stay_at_hq() -> None:
    a_sku(price_fen=9_900, commission_bp=1_500)

    [row] = api_of(a_host()).get("/api/v1/products/").json()["results"]

    assert row["price"] == "99.00"
    assert row["commission"] == "14.85"
    assert "supply" not in str(row)


def test_a_shelf_is_filled_edited_and_emptied() -> None:
    sku = a_sku(price_fen=9_900, floor_price_fen=8_000)
    client = api_of(a_host())

    made = client.post(
        "/api/v1/shelf/", {"product": str(sku.product.public_id)}, content_type="application/json"
    )
    again = client.post(
        "/api/v1/shelf/", {"product": str(sku.product.public_id)}, content_type="application/json"
    )
    address = f"/api/v1/shelf/{made.json()['id']}/"
    prices = [{"sku": str(sku.public_id), "price": "88.00"}]
    edited = client.patch(address, {"prices": prices, "pitch": "孩子爱吃"}, content_type="application/json")

    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json()["id"] == again.json()["id"]
    [told] = edited.json()["prices"]
    assert told == {"sku": str(sku.public_id), "price": "88.00", "own": "88.00", "lowest": "80.00"}
    assert edited.json()["pitch"] == "孩子爱吃"
    # What a body does not name stays; null gives the retail price back.
    assert client.patch(address, {"pitch": "脆"}, content_type="application/json").json()["prices"] == [told]
    prices[0]["price"] = None
    [told] = client.patch(address, {"prices": prices}, content_type="application/json").json()["prices"]
    assert (told["price"], told["own"]) == ("99.00", None)
    assert client.delete(address).status_code == 204
    assert client.get("/api/v1/shelf/").json() == []


@pytest.mark.parametrize("price", ["79.99", "abc", "1000000000", "-5"])
def test_a_price_that_cannot_be_is_named_and_changes_nothing(price: str) -> None:
    sku = a_sku(price_fen=9_900, floor_price_fen=8_000)
    host = a_host()
    item = services.add_to_shelf(host, sku.product, now=timezone.now())

    answer = api_of(host).patch(
        f"/api/v1/shelf/{item.public_id}/",
        {"prices": [{"sku": str(sku.public_id), "price": price}], "pitch": "好"},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"prices.0.price"}
    assert (item.prices.exists(), ShelfItem.objects.get().pitch) == (False, "")


def test_a_price_for_a_size_of_another_product_is_named() -> None:
    mine, other, host = a_sku("苹果"), a_sku("梨"), a_host()
    item = services.add_to_shelf(host, mine.product, now=timezone.now())
    rows = [{"sku": str(sku.public_id), "price": "60.00"} for sku in (mine, other)]

    answer = api_of(host).patch(
        f"/api/v1/shelf/{item.public_id}/", {"prices": rows}, content_type="application/json"
    )

    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"prices.1.sku"})
    assert not item.prices.exists()


def test_another_hosts_shelf_is_not_there() -> None:
    sku = a_sku()
    item = services.add_to_shelf(a_host("zhen", "阿珍"), sku.product, now=timezone.now())
    client = api_of(a_host())
    address = f"/api/v1/shelf/{item.public_id}/"

    assert client.patch(address, {"pitch": "我的"}, content_type="application/json").status_code == 404
    assert client.delete(address).status_code == 404
    assert ShelfItem.objects.get().pitch == ""


def test_what_hq_took_down_cannot_be_selected() -> None:
    sku = a_sku(status=Product.Status.OFF)
    host = a_host()

    answer = api_of(host).post(
        "/api/v1/shelf/", {"product": str(sku.product.public_id)}, content_type="application/json"
    )

    assert answer.status_code == 404
    assert not ShelfItem.objects.exists()


def test_moving_an_item_swaps_it_with_its_neighbour() -> None:
    host = a_host()
    first, second, third = (
        services.add_to_shelf(host, a_sku(title).product, now=timezone.now()) for title in ("甲", "乙", "丙")
    )

    services.move_shelf_item(third, up=True, now=timezone.now())
    services.move_shelf_item(first, up=True, now=timezone.now())

    assert list(ShelfItem.objects.values_list("pk", flat=True)) == [first.pk, third.pk, second.pk]


def test_a_list_costs_the_same_with_one_product_and_with_many(django_assert_max_num_queries: object) -> None:
    client = api_of(a_host())
    a_sku("一")
    client.get("/api/v1/products/")  # what a process asks once
    with django_assert_max_num_queries(11) as few:  # type: ignore[operator]
        client.get("/api/v1/products/")
    for number in range(12):
        a_sku(f"商品{number}")

    with django_assert_max_num_queries(len(few)) as many:  # type: ignore[operator]
        client.get("/api/v1/products/")

    assert len(many) == len(few)
