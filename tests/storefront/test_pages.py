"""What a link shows, to whom, and what stands there when it shows nothing any more."""

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Product, ProductPicture, Sku
from apps.library.models import Material
from apps.media.models import Video
from apps.tracking.models import Link, Subject
from apps.tracking.services import link_for
from tests.storefront.pages import open_page, words_of
from tests.storefront.people import (
    MORNING,
    a_host,
    a_link,
    a_material,
    a_phone,
    a_picture,
    a_product,
    a_sku,
    on_shelf,
    order_url,
)

pytestmark = pytest.mark.django_db


def see(link: Link, path: str = "", status: int = 200) -> str:
    return words_of(open_page(a_phone(), f"/s/{link.code}/{path}", status))


def expire(material: Material) -> None:
    Material.objects.filter(pk=material.pk).update(expire_at=timezone.now() - timedelta(minutes=1))


def test_the_host_stands_above_what_she_recommends() -> None:
    html = open_page(a_phone(), f"/s/{a_link(a_host('林姐', tagline='只挑时令'), a_material()).code}/")

    words = words_of(html)
    assert "林姐 为你推荐" in words
    assert "只挑时令" in words
    assert words.index("为你推荐") < words.index("霜打过才甜") < words.index("霜降之后才摘")


def test_a_material_shows_its_product_at_the_hosts_price_and_stock() -> None:
    host, product = a_host(), a_product(price_fen=5_900, stock=88)
    on_shelf(host, product, price_fen=5_500, pitch="我家回购三次了")
    html = open_page(a_phone(), f"/s/{a_link(host, a_material(product=product)).code}/")

    words = words_of(html)
    assert "¥55.00" in words
    assert "¥59.00" not in words
    assert "库存 88 件" in words
    assert "我家回购三次了" in words
    assert html.count('class="btn btn_main') == 1
    assert f'href="/s/{Link.objects.get().code}/order/?sku={product.skus.get().public_id}"' in html


def test_the_same_product_has_each_hosts_own_price() -> None:
    product = a_product(price_fen=5_900)
    lin, zhao = a_host("林姐"), a_host("赵姐")
    on_shelf(lin, product, price_fen=5_500)

    assert "¥55.00" in see(a_link(lin, product))
    assert "¥59.00" in see(a_link(zhao, product))


def test_pictures_come_in_two_widths_as_webp_and_jpeg_and_wait_to_be_seen() -> None:
    material = a_material(kind=Material.Kind.PICTURES, pictures=3, body=[])
    html = open_page(a_phone(), f"/s/{a_link(a_host(), material).code}/")

    assert html.count('type="image/webp"') == 3
    assert html.count('loading="lazy"') == 2
    assert html.count('loading="eager"') == 1
    assert len(re.findall(r'<img[^>]*height="\d+"[^>]*width="\d+"', html)) == 3


def test_a_film_waits_for_a_tap() -> None:
    video = Video.objects.create(
        title="开箱",
        file="videos/x.mp4",
        cover=a_picture(),
        duration_s=12,
        size_bytes=1,
        width=720,
        height=1280,
    )
    material = a_material(kind=Material.Kind.VIDEO, video=video, body=[])
    html = open_page(a_phone(), f"/s/{a_link(a_host(), material).code}/")

    assert re.search(r"<video[^>]*playsinline[^>]*preload=.none.", html)
    assert "autoplay" not in html


def test_a_product_of_several_kinds_lets_her_choose_what_is_left() -> None:
    product = a_product("真丝睡衣", price_fen=29_900, stock=0)
    a_sku(product, name="M 码", stock=3, price_fen=29_900)
    a_sku(product, name="L 码", stock=30, price_fen=31_900)
    html = open_page(a_phone(), f"/s/{a_link(a_host(), product).code}/")

    assert "¥299.00 起" in words_of(html)
    assert "M 码 只剩 3 件 ¥299.00" in words_of(html)
    assert "L 码 库存 30 件 ¥319.00" in words_of(html)
    assert "33 件" not in words_of(html)
    assert re.search(r'value="[^"]+" data-price="29900" disabled', html)
    assert len(re.findall(r"<input[^>]*\bchecked", html)) == 1


def test_the_shelf_shows_what_is_on_sale_in_her_order() -> None:
    host = a_host()
    on_shelf(host, a_product("乙"), position=2)
    on_shelf(host, a_product("甲"), position=1)
    on_shelf(host, a_product("下架的", status=Product.Status.OFF), position=3)
    on_shelf(a_host("赵姐"), a_product("别人的"))

    words = see(a_link(host, host))

    assert words.index("甲") < words.index("乙")
    assert "2 件在售" in words
    assert "下架的" not in words
    assert "别人的" not in words


def test_a_long_shelf_goes_page_by_page() -> None:
    host = a_host()
    for number in range(31):
        on_shelf(host, a_product(f"第{number}号"), position=number)
    link = a_link(host, host)

    assert "第30号" not in see(link)
    assert "第30号" in see(link, next_page(link))
    assert "第0号" in see(link, "?page=2")
    assert "第0号" in see(link, "?after=nonsense")


def next_page(link: Link) -> str:
    html = open_page(a_phone(), f"/s/{link.code}/")
    [found] = re.findall(r'href="(\?after=[^"]+)"[^>]*>下一页', html)
    return str(found)


def test_goods_that_sell_out_or_leave_between_pages_hide_no_other() -> None:
    host = a_host()
    items = [on_shelf(host, a_product(f"第{number}号"), position=number) for number in range(33)]
    link = a_link(host, host)
    following = next_page(link)
    items[0].product.skus.update(stock=0)
    items[1].delete()
    items[30].product.skus.update(stock=0)

    words = see(link, following)

    assert [number for number in range(33) if f"第{number}号" in words] == [30, 31, 32]


def test_an_empty_shelf_says_so() -> None:
    host = a_host()

    assert "货架正在整理" in see(a_link(host, host))


# --- what is not open ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["1111111111", "short", "x" * 40, "0OIl111111", "林姐的链接"])
def test_unknown_codes_share_one_kind_404(code: str) -> None:
    answer = a_phone().get(f"/s/{code}/")

    assert answer.status_code == 404
    assert "没有找到这个页面" in words_of(answer.content.decode())
    assert answer["Cache-Control"] == "private, no-store"
    assert "v" not in answer.cookies


def test_an_expired_material_is_410_with_what_can_be_bought_now() -> None:
    host = a_host()
    on_shelf(host, a_product("新鲜的"))
    on_shelf(host, a_product("卖完的", stock=0))
    material = a_material("旧活动")
    link = a_link(host, material)
    expire(material)

    words = see(link, status=410)

    assert "这篇内容过期了" in words
    assert "新鲜的" in words
    assert "卖完的" not in words
    assert "旧活动" not in words


def test_a_withdrawn_material_is_410_and_a_draft_404() -> None:
    host = a_host()
    withdrawn, draft = a_material("撤下的"), a_material("草稿", live=False)
    link, other = a_link(host, withdrawn), a_link(host, draft)
    Material.objects.filter(pk=withdrawn.pk).update(live=False)

    assert "过期" in see(link, status=410)
    assert "草稿" not in see(other, status=404)


def test_a_script_is_for_the_host_to_say_and_has_no_page() -> None:
    material = a_material("开场白", kind=Material.Kind.SCRIPT, body=[])

    assert "今天有好苹果" not in see(a_link(a_host(), material), status=404)


def test_an_off_shelf_product_is_410_with_alternatives() -> None:
    host, product = a_host(), a_product("停产的", status=Product.Status.OFF)
    on_shelf(host, a_product("接替的"))

    words = see(a_link(host, product), status=410)

    assert "这件商品下架了" in words
    assert "接替的" in words


def test_a_sold_out_product_stays_visible_and_offers_others() -> None:
    host, product = a_host(), a_product("桂花糕", stock=0)
    on_shelf(host, a_product("还有的"))
    link = a_link(host, product)

    html = open_page(a_phone(), f"/s/{link.code}/")

    assert "已售罄" in words_of(html)
    assert "还有的" in words_of(html)
    assert "我要买" not in html
    assert "刚刚卖完了" in words_of(open_page(a_phone(), order_url(link, product), status=410))


def test_links_of_a_host_who_left_are_closed() -> None:
    host, product = a_host("林姐"), a_product()
    on_shelf(host, product)
    links = [a_link(host, subject) for subject in (host, product, a_material())]
    Host.objects.filter(pk=host.pk).update(status=Host.Status.LEFT)

    for link in links:
        words = see(link, status=410)
        assert "这个链接停用了" in words
        assert "林姐" not in words
        assert product.title not in words


@pytest.mark.parametrize("kind", [Subject.ORDER, Subject.RELATION, Subject.ISSUE])
def test_links_to_what_is_not_public_open_nothing(kind: str) -> None:
    link = link_for(a_host(), subject_kind=kind, subject_id=1, channel="copy", now=MORNING)

    see(link, status=404)


def test_a_link_reaches_its_material_its_product_and_her_shelf_and_nothing_else() -> None:
    host = a_host()
    told, shelved, foreign, draft = (
        a_product(title) for title in ("文中的", "货架上的", "没选的", "没上架的")
    )
    on_shelf(host, shelved)
    on_shelf(host, draft)
    Product.objects.filter(pk=draft.pk).update(status=Product.Status.DRAFT)
    on_shelf(a_host("赵姐"), foreign)
    link = a_link(host, a_material(product=told))

    for product in (told, shelved):
        assert product.title in see(link, f"p/{product.public_id}/")
        open_page(a_phone(), order_url(link, product))
    for product in (foreign, draft):
        assert product.title not in see(link, f"p/{product.public_id}/", status=404)
        open_page(a_phone(), order_url(link, product), status=404)
    see(link, "p/0199a3c0-0000-7000-8000-000000000000/", status=404)
    see(link, "p/not-an-id/", status=404)
    see(link, "order/?sku=not-an-id", status=404)
    see(link, "order/", status=404)


def test_the_product_of_an_expired_material_is_gone_unless_it_is_on_her_shelf() -> None:
    host = a_host()
    told, shelved = a_product("文中的"), a_product("货架上的")
    on_shelf(host, shelved)
    links = []
    for product in (told, shelved):
        material = a_material(product=product)
        links.append(a_link(host, material))
        expire(material)

    assert "过期" in words_of(open_page(a_phone(), order_url(links[0], told), status=410))
    open_page(a_phone(), order_url(links[1], shelved))


def test_a_material_whose_product_went_off_sale_still_reads() -> None:
    product = a_product(status=Product.Status.OFF)
    words = see(a_link(a_host(), a_material("文章", product=product)))

    assert "文章" in words
    assert "文中的商品已经下架了" in words


# --- how it is served ---------------------------------------------------------------------------------


def test_pages_are_private_and_not_indexed() -> None:
    host = a_host()
    for link in (a_link(host, a_material()), a_link(host, a_product()), a_link(host, host)):
        answer = a_phone().get(f"/s/{link.code}/")
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "noindex" in answer["X-Robots-Tag"]


def test_only_looking_is_allowed() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()
    phone.handler.enforce_csrf_checks = False

    assert phone.post(f"/s/{link.code}/").status_code == 405
    assert phone.get(f"/s/{link.code}/read/").status_code == 405


def test_words_of_others_are_never_markup(settings: Any) -> None:
    evil = '<img src=x onerror="alert(1)">'
    host = a_host(f"林{evil}"[:40], tagline=evil)
    product = a_product(evil, subtitle=evil, description=evil)
    on_shelf(host, product, pitch=evil)
    for link in (a_link(host, a_material(evil, summary=evil, product=product)), a_link(host, product)):
        html = open_page(a_phone(), f"/s/{link.code}/")
        assert "<img src=x" not in html


def test_templates_hold_no_inline_script_and_no_style_but_the_marked_sheet() -> None:
    host = a_host()
    product = a_product(picture=True)
    on_shelf(host, product)
    link = a_link(host, a_material(product=product, pictures=2))
    for url in (f"/s/{link.code}/", f"/s/{link.code}/shelf/", order_url(link, product), "/s/1111111111/"):
        html = a_phone().get(url).content.decode()
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style(?! nonce=\"[^\"]{20,}\">)|\sstyle=|\son\w+="
            r"|https?://(?!testserver|127)",
            html,
        )


def test_chat_previews_get_title_words_and_an_absolute_picture(settings: Any) -> None:
    settings.SITE_URL = "https://shop.example"
    product = a_product(picture=True, subtitle="脆甜多汁")
    html = open_page(a_phone(), f"/s/{a_link(a_host(), product).code}/")

    assert 'property="og:title" content="高山苹果 5 斤装"' in html
    assert 'property="og:description" content="脆甜多汁"' in html
    assert re.search(r'property="og:image" content="https://shop.example/media/images/[^"]+\.jpg"', html)


def weight_of(html: str) -> int:
    """Bytes on the wire of the page and all it loads but pictures, gzipped."""
    total = len(gzip.compress(html.encode()))
    loaded = set(re.findall(r'(?:href|src)="/static/([^"#?]+)', html))
    assert "<style" in html
    assert not any(name.endswith(".css") for name in loaded)
    assert any(name.endswith(".js") for name in loaded)
    for name in loaded:
        path = finders.find(name)
        assert isinstance(path, str), name
        total += len(gzip.compress(Path(path).read_bytes()))
    return total


def test_the_first_view_weighs_less_than_100_kb_without_pictures() -> None:
    host = a_host()
    products = [a_product(f"第{number}号好物", picture=True, subtitle="卖点" * 20) for number in range(30)]
    for product in products:
        on_shelf(host, product, pitch="推荐语" * 20)
    body = [{"type": "paragraph", "value": f"<p>{'说来话长。' * 400}</p>"}] * 5
    link = a_link(host, a_material(product=products[0], pictures=9, body=body))

    for url in (
        f"/s/{link.code}/",
        f"/s/{link.code}/shelf/",
        f"/s/{link.code}/p/{products[1].public_id}/",
        order_url(link, products[0]),
    ):
        assert weight_of(open_page(a_phone(), url)) < 100_000


def queries_of(url: str) -> int:
    phone = a_phone()
    phone.get(url)  # sizes of pictures are made once, on the first view
    with CaptureQueriesContext(
        connection,
    ) as captured:
        open_page(phone, url)
    return len(captured)


def test_a_page_asks_the_database_as_often_for_much_as_for_little() -> None:
    host = a_host()
    product = a_product(picture=True)
    on_shelf(host, product)
    small = a_link(host, a_material(product=product, pictures=1))
    large = a_link(host, a_material(product=product, pictures=9), channel="moments")
    shelf = a_link(host, host)
    few = queries_of(f"/s/{shelf.code}/")
    counts = {queries_of(f"/s/{link.code}/") for link in (small, large)}
    for number in range(25):
        other = a_product(f"第{number}号", picture=True)
        a_sku(other)
        ProductPicture.objects.create(product=other, image=a_picture())
        on_shelf(host, other)

    assert len(counts) == 1
    assert max(counts) <= 30
    assert queries_of(f"/s/{shelf.code}/") == few <= 20
    assert queries_of(f"/s/{small.code}/p/{product.public_id}/") <= 30
    assert queries_of(order_url(small, product)) <= 30
    assert Sku.objects.count() > 50
