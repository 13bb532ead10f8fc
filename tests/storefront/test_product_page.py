"""A product page that sells: how many bought it, how it comes and goes back, who stands for it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.insights.selectors.goods import FEWEST_TOLD
from apps.library import services as content
from apps.stories import services as stories
from apps.trade import services as trade
from apps.trade.models import Order, OrderRules
from tests.happenings import buy
from tests.library.desk import a_person, browser
from tests.media import samples
from tests.storefront.pages import open_page, words_of
from tests.storefront.people import a_host, a_link, a_material, a_phone, a_product, on_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return a_host(tagline="自己吃过才推荐")


@pytest.fixture
def product(host: Host) -> Product:
    product = a_product("高山苹果", stock=500)
    on_shelf(host, product)
    return product


def page(host: Host, product: Product) -> str:
    return words_of(open_page(a_phone(), f"/s/{a_link(host, product).code}/"))


def sell(host: Host, product: Product, buyers: int, *, first: int = 0) -> list[Order]:
    sku = product.skus.get()
    numbers = range(first, first + buyers)
    return [buy(host, sku, at=timezone.now(), phone=f"137{number:08d}") for number in numbers]


# --- what others bought ---


def test_how_many_bought_it_is_told_from_ten_on_and_counts_people(host: Host, product: Product) -> None:
    orders = sell(host, product, FEWEST_TOLD - 1)
    sell(host, product, 1)  # the first one once more
    assert "位买过" not in page(host, product)

    sell(host, product, 1, first=FEWEST_TOLD)
    assert f"林姐这里有 {FEWEST_TOLD} 位买过" in page(host, product)
    other = a_product("秋月梨")
    assert f"{FEWEST_TOLD} 位买过" in page(host, other)  # on the card beside it

    trade.cancel_order(orders[5], by=host.user, now=timezone.now())
    assert "位买过" not in page(host, product)


def test_another_host_s_customers_are_not_counted(host: Host, product: Product) -> None:
    mei = a_host("小美")
    on_shelf(mei, product)
    sell(mei, product, FEWEST_TOLD)

    assert "位买过" not in page(host, product)
    assert f"小美这里有 {FEWEST_TOLD} 位买过" in page(mei, product)


# --- how it comes, how it goes back, who stands for it ---


def test_delivery_and_returns_are_hq_s_words_or_what_is_true_of_any_order(
    host: Host, product: Product
) -> None:
    words = page(host, product)
    assert "下单后由林姐和你确认付款、送到哪里、哪天能到" in words
    assert "直接找林姐退换" in words

    hq = browser(a_person(roles.ADMIN))
    figures = {name: getattr(OrderRules(), name) for name in OrderRules.figures()}
    texts = {"delivery": "江浙沪包邮，48 小时内发货。", "returns": "签收 7 天内可退，生鲜坏果包赔。"}
    assert hq.post("/hq/orders/rules/", {**figures, **texts}).status_code == 302

    words = page(host, product)
    assert texts["delivery"] in words
    assert texts["returns"] in words
    assert "确认付款、送到哪里" not in words
    refused = hq.post("/hq/orders/rules/", {**figures, "delivery": "长" * 301})
    assert refused.status_code == 200
    assert texts["delivery"] in page(host, product)


def test_it_says_who_stands_for_it(host: Host, product: Product) -> None:
    words = page(host, product)

    company = host.organisation.get_root().name
    assert f"{company}的群主" in words
    assert "自己吃过才推荐" in words
    assert "由林姐负责到底" in words


# --- who tells of it ---


def told(host: Host, product: Product) -> tuple[str, Any]:
    relation = sell(host, product, 1)[0].relation
    secret, story = stories.ask(
        relation,
        title="孩子抢着吃",
        called="朵朵妈",
        text="一箱三天就没了，脆得很。",
        pictures=[samples.picture()],
        product=product,
        now=timezone.now(),
    )
    seen = stories.mark_of(story, stories.notice(now=timezone.now()))
    stories.agree(story, seen=seen, evidence={}, now=timezone.now())
    return secret, story


def test_a_story_stands_there_word_for_word_until_she_takes_it_back(host: Host, product: Product) -> None:
    secret, story = told(host, product)
    assert "孩子抢着吃" not in page(host, product)  # nobody at HQ has looked at it yet
    material = stories.take(story, by=a_person(roles.EDITOR), now=timezone.now())
    assert "孩子抢着吃" not in page(host, product)
    content.publish(material, by=None, as_of=timezone.now())

    words = page(host, product)
    assert "孩子抢着吃" in words
    assert "朵朵妈的真实故事" in words
    assert "一箱三天就没了，脆得很。" in words
    assert "孩子抢着吃" not in page(host, a_product("秋月梨"))

    assert Client().post(f"/u/{secret}/", {"do": "withdraw"}).status_code == 302
    assert "孩子抢着吃" not in page(host, product)


# --- what a chat shows of it ---


def test_a_chat_shows_the_same_of_a_link_wherever_it_is_shared(settings: Any) -> None:
    settings.SITE_URL = "https://shop.example"
    host = a_host(tagline="自己吃过才推荐")
    product = a_product("苹果", picture=True, subtitle="脆甜")
    on_shelf(host, product, pitch="霜打过的，甜")
    material = a_material("三月的苹果", pictures=1, summary="霜降以后才摘")
    hers = browser(host.user)

    for subject, address, title, text in (
        (product, f"/offers/{product.public_id}/share/", "苹果", "霜打过的，甜"),
        (material, f"/materials/{material.public_id}/share/", "三月的苹果", "霜降以后才摘"),
    ):
        opened = open_page(a_phone(), f"/s/{a_link(host, subject).code}/")
        chat = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)"', opened))
        sheet = hers.post(address, {"channel": "group"}, follow=True).content.decode()
        button = dict(re.findall(r'data-(title|text|url|picture)="([^"]*)"', sheet))

        assert (chat["title"], chat["description"]) == (title, text)
        assert chat["url"] == f"https://shop.example/s/{a_link(host, subject).code}/"
        assert chat["image"].startswith("https://shop.example/media/images/")
        assert button["title"] == chat["title"]
        assert button["text"] == chat["description"]
        assert button["url"] == chat["url"]
        assert button["picture"] == chat["image"]

    shelf = open_page(a_phone(), f"/s/{a_link(host, host).code}/")
    assert 'property="og:title" content="林姐的货架"' in shelf
    assert 'property="og:description" content="自己吃过才推荐"' in shelf
    assert 'property="og:image" content="https://shop.example/media/images/' in shelf


# --- pages that are not there ---


def test_a_page_that_is_not_there_leads_back_to_the_host_she_came_from(host: Host, product: Product) -> None:
    phone = a_phone()
    link = a_link(host, product)
    open_page(phone, f"/s/{link.code}/")

    for address in ("/s/1111111111/", "/o/nothing/", f"/s/{link.code}/p/nothing/"):
        html = open_page(phone, address, 404)
        assert f"/s/{link.code}/shelf/" in html, address
        assert f"/s/{link.code}/orders/" in html, address
        assert "高山苹果" in words_of(html), address

    for nobody in (a_phone(), phone):
        phone.cookies["l"] = "1111111111"
        assert "/shelf/" not in open_page(nobody, "/s/1111111111/", 404)


@pytest.mark.parametrize("reason", ["sold out", "off shelf"])
def test_what_is_gone_leads_on_by_three_ways(host: Host, product: Product, reason: str) -> None:
    gone = a_product("糖", stock=0 if reason == "sold out" else 5)
    link = a_link(host, gone)
    if reason == "sold out":
        html = open_page(a_phone(), f"/s/{link.code}/order/?sku={gone.skus.get().public_id}", 410)
    else:
        Product.objects.filter(pk=gone.pk).update(status=Product.Status.OFF)
        html = open_page(a_phone(), f"/s/{link.code}/", 410)

    assert "高山苹果" in words_of(html)
    for way in (f"/s/{link.code}/shelf/", f"/s/{link.code}/orders/", "#add-me"):
        assert f'href="{way}"' in html
