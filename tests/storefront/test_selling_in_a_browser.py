"""The product page, the host's code and the pages of what is gone, as a consumer sees them on her phone."""

import io
from collections.abc import Iterator

import pytest
import segno
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect

from apps.accounts.models import Host
from apps.catalog.models import Product, ProductPicture
from apps.media import services as media
from apps.media.models import HostPicture
from apps.tracking.models import Link
from tests.browsing import chromium, faults, patient_context, shot, window
from tests.committed import web
from tests.happenings import buy
from tests.media import samples
from tests.storefront.people import a_host, a_link, a_picture, a_product, a_sku, on_shelf

__all__ = ["chromium", "web"]


@pytest.fixture
def phone(chromium: Browser, web: str) -> Iterator[BrowserContext]:
    context = window(chromium, web)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def host(transactional_db: None) -> Host:
    host = a_host(tagline="自己吃过才推荐")
    code = io.BytesIO()
    segno.make_qr("https://work.weixin.qq.com/ca/lin").save(code, kind="png", scale=12)
    shown = {HostPicture.Kind.CODE: code.getvalue(), HostPicture.Kind.FACE: samples.picture()}
    for kind, content in shown.items():
        file = ContentFile(content, name="x.png" if kind == HostPicture.Kind.CODE else "x.jpg")
        media.show_of_host(host, kind, file, by=host.user, now=timezone.now())
    return host


@pytest.fixture
def product(host: Host) -> Product:
    product = a_product(
        "高山苹果", stock=100, subtitle="霜降以后才摘", description="海拔两千米，一箱十二个。"
    )
    for colour in ("#c9a27c", "#8fae6b", "#b5483a"):
        ProductPicture.objects.create(product=product, image=a_picture(colour, (640, 640)))
    sku = product.skus.get()
    for number in range(12):
        buy(host, sku, at=timezone.now(), phone=f"137{number:08d}")
    a_sku(product, name="大箱 10 斤", price_fen=9_900, stock=4)
    a_sku(product, name="礼盒", price_fen=19_900, stock=0)
    on_shelf(host, product, pitch="脆甜多汁，孩子抢着吃")
    on_shelf(host, a_product("秋月梨", picture=True))
    return product


@pytest.fixture
def link(host: Host, product: Product) -> Link:
    return a_link(host, product)


def test_the_product_page_sells_and_her_code_is_a_picture_to_press(phone: BrowserContext, link: Link) -> None:
    page = phone.new_page()
    page.goto(f"/s/{link.code}/")

    expect(page.get_by_text("林姐这里有 12 位买过")).to_be_visible()
    expect(page.get_by_text("3/3")).to_have_count(1)
    assert page.locator(".gallery img").evaluate_all(
        "all => all.every((one) => one.hasAttribute('width') && one.hasAttribute('height'))"
    )
    expect(page.get_by_text("礼盒")).to_be_visible()
    page.get_by_text("大箱 10 斤").click()
    expect(page.locator(".bar .price")).to_have_text("¥99.00")
    page.get_by_role("link", name="加微信").click()
    code = page.get_by_role("img", name="林姐的微信码")
    expect(code).to_be_in_viewport()
    box = code.bounding_box()
    assert box is not None
    assert box["width"] >= 240
    page.evaluate("scrollTo(0, 0)")
    shot(page, "product")
    assert faults(page) == []


def test_what_is_gone_leads_on(phone: BrowserContext, host: Host, link: Link) -> None:
    page = phone.new_page()
    page.goto(f"/s/{link.code}/")
    gone = a_product("秋天的糖", stock=0)
    page.goto(f"/s/{a_link(host, gone).code}/order/?sku={gone.skus.get().public_id}")
    expect(page.get_by_text("刚刚卖完了")).to_be_visible()
    shot(page, "sold-out")
    assert faults(page) == []

    page.goto("/s/1111111111/")
    shot(page, "missing")
    assert faults(page) == []
    page.get_by_role("link", name="看我的订单").click()
    expect(page.get_by_text("这台手机上还没有订单")).to_be_visible()
    shot(page, "no-orders")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_at_other_widths_and_at_night(
    chromium: Browser, web: str, link: Link, product: Product, width: int, scheme: str
) -> None:
    context = patient_context(
        chromium,
        base_url=web,
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    for name, url in (("product", ""), ("shelf", "shelf/"), ("orders", "orders/"), ("basket", "basket/")):
        page.goto(f"/s/{link.code}/{url}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
        assert faults(page) == [], url
        if name == "product":
            shot(page, f"{name}-{width}-{scheme}")
    context.close()
