"""选品: what HQ offers, her shelf, her prices and words, and sharing them."""

import re
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import Host
from apps.catalog.models import Product, ShelfItem, Sku
from apps.catalog.prices import lowest_at, prices_of
from apps.catalog.services import add_to_shelf, edit_shelf_item
from apps.tracking.models import Event, Link
from apps.trade.pricing import Item, quote
from tests.factories import a_sku
from tests.workbench.issues import a_material, an_issue, sold, today_of
from tests.workbench.questions import questions


def url_of(sku: Sku, more: str = "") -> str:
    return f"/offers/{sku.product.public_id}/{more}"


def price_name(item: ShelfItem, sku: Sku | None = None) -> str:
    return f"price_{(sku or item.product.skus.get()).public_id}"


@pytest.fixture
def item(lin: Host, apple: Sku, now: datetime) -> ShelfItem:
    return add_to_shelf(lin, apple.product, now=now)


def test_a_card_tells_price_earnings_and_stock(phone: Client, apple: Sku) -> None:
    page = phone.get("/offers/").content.decode()
    assert "高山苹果" in page
    assert "¥59.00" in page
    assert "¥8.85" in page
    assert "15%" in page
    assert "库存 20" in page


@pytest.mark.parametrize(("stock", "words"), [(0, "卖完了"), (3, "只剩 3 件")])
def test_little_stock_is_said(phone: Client, now: datetime, stock: int, words: str) -> None:
    a_sku(stock=stock)
    assert words in phone.get("/offers/").content.decode()


def test_only_what_is_on_sale_is_offered(phone: Client, now: datetime) -> None:
    draft = a_sku("还没上架", status=Product.Status.DRAFT)
    assert "还没上架" not in phone.get("/offers/").content.decode()
    assert phone.get(url_of(draft)).status_code == 404


def test_search_category_and_theme_narrow_the_list(phone: Client, apple: Sku, now: datetime) -> None:
    a_sku("白茶饼")
    an_issue((today_of(now), sold(a_material(), apple.product)), now=now)
    for query in ("q=苹果", "q=gspg", "category=theme"):
        page = phone.get(f"/offers/?{query}").content.decode()
        assert "高山苹果" in page, query
        assert "白茶饼" not in page, query
    assert "白茶饼" in phone.get(f"/offers/?category={apple.product.category.public_id}").content.decode()
    assert "没有找到这样的商品" in phone.get("/offers/?q=火箭").content.decode()


def test_sorting_by_earnings_counts_yuan_not_percent(phone: Client, now: datetime) -> None:
    a_sku("贵的少", price_fen=100_000, commission_bp=500)
    a_sku("便宜的多", price_fen=1_000, commission_bp=4_000)
    page = phone.get("/offers/?sort=earn").content.decode()
    assert page.index("贵的少") < page.index("便宜的多")
    page = phone.get("/offers/?sort=cheap").content.decode()
    assert page.index("便宜的多") < page.index("贵的少")


def test_the_list_asks_the_same_with_few_and_with_many(phone: Client, apple: Sku, now: datetime) -> None:
    few = questions(phone, "/offers/")
    for number in range(20):
        a_sku(f"商品{number}")
    assert questions(phone, "/offers/") == few


def test_taking_up_and_putting_back_works_as_a_plain_form(phone: Client, lin: Host, apple: Sku) -> None:
    answer = phone.post(url_of(apple, "shelf/"), {"step": "add"}, follow=True)
    assert "已加入货架" in answer.content.decode()
    assert ShelfItem.objects.get().host == lin
    answer = phone.post(url_of(apple, "shelf/"), {"step": "remove"}, follow=True)
    assert "已移出货架" in answer.content.decode()
    assert not ShelfItem.objects.exists()


def test_with_scripts_only_the_card_comes_back(phone: Client, apple: Sku) -> None:
    answer = phone.post(
        url_of(apple, "shelf/"), {"step": "add", "part": "card"}, headers={"hx-request": "true"}
    )
    page = answer.content.decode()
    assert page.count("<article") == 1
    assert "<html" not in page
    assert "已在货架" in page
    assert "dac:toast" in answer["HX-Trigger"]


def test_an_unknown_step_is_refused(phone: Client, apple: Sku) -> None:
    assert phone.post(url_of(apple, "shelf/"), {"step": "eat"}).status_code == 400


def test_her_price_and_words_are_kept(phone: Client, item: ShelfItem) -> None:
    answer = phone.post(
        f"/shelf/{item.public_id}/",
        {price_name(item): "56.6", "pitch": "脆甜，孩子爱吃"},
        follow=True,
    )
    page = answer.content.decode()
    assert "¥56.60" in page
    assert "脆甜，孩子爱吃" in page
    assert item.prices.get().price_fen == 5_660


def test_a_price_above_retail_is_asked_once(phone: Client, lin: Host, now: datetime) -> None:
    item = add_to_shelf(lin, a_sku(price_fen=4_990).product, now=now)
    body = {price_name(item): "４９９元", "pitch": ""}

    asked = phone.post(f"/shelf/{item.public_id}/", body)

    assert asked.status_code == 422
    assert "你填的是 ¥499.00，比零售价高" in asked.content.decode()
    assert not item.prices.exists()
    assert phone.post(f"/shelf/{item.public_id}/", {**body, "anyway": "on"}).status_code == 302
    assert item.prices.get().price_fen == 49_900
    # Asked once: another word of hers is no other price.
    assert phone.post(f"/shelf/{item.public_id}/", {**body, "pitch": "脆甜"}).status_code == 302


def test_a_price_with_a_comma_for_the_point_is_asked_about(phone: Client, item: ShelfItem) -> None:
    answer = phone.post(f"/shelf/{item.public_id}/", {price_name(item): "5,8", "pitch": ""})
    assert "5.8 还是 58？请用小数点写" in answer.content.decode()
    assert not item.prices.exists()


def test_an_empty_price_is_the_retail_price(phone: Client, item: ShelfItem) -> None:
    phone.post(f"/shelf/{item.public_id}/", {price_name(item): "56.6", "pitch": ""})
    phone.post(f"/shelf/{item.public_id}/", {price_name(item): "", "pitch": ""})
    assert not item.prices.exists()
    assert [event.props["to_fen"] for event in Event.objects.filter(name="shelf.priced")] == [5_660, None]


def test_each_size_has_a_price_of_its_own(phone: Client, lin: Host, item: ShelfItem, apple: Sku) -> None:
    big = Sku.objects.create(product=apple.product, code="BIG", name="大箱", retail_price_fen=9_900, stock=4)

    page = phone.get(f"/shelf/{item.public_id}/").content.decode()
    saved = phone.post(f"/shelf/{item.public_id}/", {price_name(item, big): "88", "pitch": ""})

    assert "大箱的售价（元）" in page
    assert "零售价 ¥99.00" in page
    assert saved.status_code == 302
    asked = quote(lin, [Item(apple, 2), Item(big, 1)])
    assert [line.unit_fen for line in asked.lines] == [5_900, 8_800]
    assert asked.total_fen == 2 * 5_900 + 8_800
    shelf, product = (phone.get(url).content.decode() for url in ("/shelf/", url_of(apple)))
    assert "¥59.00起" in shelf
    assert ("¥59.00" in product, "¥88.00" in product, "¥99.00" in product) == (True, True, False)


def test_the_list_is_sorted_by_what_her_customers_pay(phone: Client, lin: Host, now: datetime) -> None:
    cheap, dear = a_sku("便宜的", price_fen=2_000), a_sku("贵的", price_fen=3_000)
    item = add_to_shelf(lin, dear.product, now=now)
    edit_shelf_item(item, prices={dear: 1_000}, pitch="", now=now)

    page = phone.get("/offers/?sort=cheap").content.decode()

    assert page.index(dear.product.title) < page.index(cheap.product.title)
    assert "¥10.00" in page
    assert [tag_of(lin, sku) for sku in (dear, cheap)] == [
        row.lowest_fen
        for row in Product.objects.annotate(lowest_fen=lowest_at(lin)).order_by("lowest_fen")
        if row.pk in {dear.product_id, cheap.product_id}
    ]


def tag_of(host: Host, sku: Sku) -> int:
    return prices_of(host, [sku.product_id]).tag(sku.product).lowest_fen


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"price": "十块"}, "金额写成数字就好"),
        ({"price": "1.234"}, "金额写成数字就好"),
        ({"price": "-5"}, "金额写成数字就好"),
        ({"price": "1.00"}, "最低可以卖 ¥50.00"),
        ({"price": "9999999.99"}, "是不是多打了几个数字"),
        ({"pitch": "好" * 81}, "80"),
    ],
)
def test_a_bad_price_or_pitch_is_told_and_nothing_is_saved(
    phone: Client, lin: Host, now: datetime, data: dict[str, str], words: str
) -> None:
    sku = a_sku(floor_price_fen=5_000)
    item = add_to_shelf(lin, sku.product, now=now)
    typed = {"price": "", "pitch": "", **data}
    body = {price_name(item): typed["price"], "pitch": typed["pitch"]}
    answer = phone.post(f"/shelf/{item.public_id}/", body)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    item.refresh_from_db()
    assert (item.prices.exists(), item.pitch) == (False, "")
    # What she typed is still there.
    assert next(iter(data.values())) in page


def test_items_move_up_and_down(phone: Client, lin: Host, item: ShelfItem, now: datetime) -> None:
    second = add_to_shelf(lin, a_sku("白茶饼").product, now=now)
    phone.post(f"/shelf/{second.public_id}/move/", {"way": "up"})
    titles = re.findall(r'<p class="strong clamp-2">([^<]+)', phone.get("/shelf/").content.decode())
    assert titles == ["白茶饼", "高山苹果"]
    assert phone.post(f"/shelf/{second.public_id}/move/", {"way": "sideways"}).status_code == 400


def test_what_hq_took_off_sale_is_marked_and_can_go(phone: Client, item: ShelfItem) -> None:
    Product.objects.update(status=Product.Status.OFF)
    assert "总部已下架" in phone.get("/shelf/").content.decode()
    phone.post(f"/shelf/{item.public_id}/remove/")
    assert not ShelfItem.objects.exists()


def test_a_product_is_shared_at_her_price_in_her_words(phone: Client, lin: Host, item: ShelfItem) -> None:
    edit_shelf_item(item, prices={item.product.skus.get(): 6_600}, pitch="脆甜，孩子爱吃", now=item.added_at)
    page = phone.post(f"/offers/{item.product.public_id}/share/", {"channel": "group"}).content.decode()
    link = Link.objects.get()
    assert (link.host, link.subject_kind, link.subject_id) == (lin, "product", item.product_id)
    assert "脆甜，孩子爱吃" in page
    assert f"{settings.SITE_URL}/s/{link.code}/" in page
    assert Event.objects.get(name="product.shared").link_id == link.pk


def test_a_product_has_a_poster(phone: Client, apple: Sku) -> None:
    page = phone.post(url_of(apple, "share/"), {"channel": "poster"}).content.decode()
    assert "share__poster" in page


def test_the_shelf_is_shared_as_one_link(phone: Client, lin: Host, item: ShelfItem) -> None:
    assert "发到群" in phone.get("/shelf/share/").content.decode()
    page = phone.post("/shelf/share/", {"channel": "single"}).content.decode()
    link = Link.objects.get()
    assert (link.subject_kind, link.subject_id) == ("shelf", lin.pk)
    assert f"/s/{link.code}/" in page
    assert Event.objects.filter(name="shelf.shared").count() == 1


@pytest.mark.parametrize("channel", ["poster", "moments", "pigeon"])
def test_a_shelf_has_no_poster(phone: Client, item: ShelfItem, channel: str) -> None:
    assert phone.post("/shelf/share/", {"channel": channel}).status_code == 422
    assert not Link.objects.exists()


def test_a_product_page_tells_each_size(phone: Client, apple: Sku) -> None:
    Sku.objects.create(product=apple.product, code="BIG", name="大箱", retail_price_fen=9_900, stock=4)
    page = phone.get(url_of(apple)).content.decode()
    assert "大箱" in page
    assert "¥14.85" in page
    assert "库存 24" in page
