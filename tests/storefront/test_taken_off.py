"""What a host takes off her shelf, or what stood in for something, while a consumer has it before her."""

import pytest
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.tracking.models import Link
from apps.trade.models import Order
from tests.factories import MORNING
from tests.storefront.pages import hidden_fields, open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_material, a_phone, a_product, on_shelf, order_url

pytestmark = pytest.mark.django_db
GONE = "这件刚刚换下来了"


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def apple() -> Product:
    return a_product("高山苹果")


def test_what_she_takes_off_her_shelf_is_a_kind_page_wherever_it_is_open(host: Host, apple: Product) -> None:
    pear = a_product("砀山梨")
    for product in (apple, pear):
        on_shelf(host, product)
    link, phone = a_link(host, host), a_phone()
    page, url = f"/s/{link.code}/p/{apple.public_id}/", order_url(link, apple)
    open_page(phone, page)
    form = open_page(phone, url)
    catalog.remove_from_shelf(host, apple, now=MORNING)

    for address in (page, url):
        words = words_of(open_page(phone, address, status=410))
        assert GONE in words
        assert "林姐" in words
        assert "砀山梨" in words
        assert "收货信息还在" not in words
    answer = send_order(phone, url, form=form, address="文三路 7 号")
    assert answer.status_code == 410
    assert "你填的收货信息还在" in words_of(answer.content.decode())
    assert not Order.objects.exists()

    # By either button of what she takes instead.
    into = {**hidden_fields(form), "sku": str(pear.skus.get().public_id)}
    assert phone.post(f"/s/{link.code}/basket/", into).status_code == 302
    assert "文三路 7 号" in open_page(phone, f"/s/{link.code}/basket/order/")
    assert "文三路 7 号" not in open_page(phone, order_url(a_link(host, pear), pear))
    instead = open_page(phone, order_url(link, pear))
    assert "文三路 7 号" in instead
    assert send_order(phone, order_url(link, pear), form=instead).status_code == 302
    assert "收货信息还在" not in words_of(open_page(phone, url, status=410))


def test_the_same_for_who_opens_it_first_after_it_is_off_the_shelf(host: Host, apple: Product) -> None:
    on_shelf(host, apple)
    link = a_link(host, host)
    catalog.remove_from_shelf(host, apple, now=timezone.now())

    assert GONE in words_of(open_page(a_phone(), order_url(link, apple), status=410))
    zhao = a_host("赵姐")
    another = a_link(zhao, zhao)
    open_page(a_phone(), order_url(another, apple), status=404)


@pytest.mark.parametrize("of", ["product", "material"])
def test_what_stood_in_leads_back_to_what_is_there_again(host: Host, apple: Product, of: str) -> None:
    pear = a_product("砀山梨")
    link: Link = a_link(host, apple if of == "product" else a_material(product=apple))
    apple.skus.update(stock=0)
    phone = a_phone()
    page, url = f"/s/{link.code}/p/{pear.public_id}/", order_url(link, pear)
    open_page(phone, page)
    form = open_page(phone, url)
    apple.skus.update(stock=9)

    assert "高山苹果" in words_of(open_page(phone, page, status=410))
    answer = send_order(phone, url, form=form, name="李小满")
    assert answer.status_code == 410
    words = words_of(answer.content.decode())
    assert GONE in words
    assert "高山苹果" in words
    assert "李小满" in open_page(phone, order_url(link, apple))


def test_what_sells_out_while_she_types_keeps_her_words_too(host: Host, apple: Product) -> None:
    pear = a_product("砀山梨")
    on_shelf(host, pear)
    link, phone = a_link(host, apple), a_phone()
    form = open_page(phone, order_url(link, apple))
    apple.skus.update(stock=0)

    answer = send_order(phone, order_url(link, apple), form=form, name="李小满")

    assert answer.status_code == 410
    assert "收货信息还在" in words_of(answer.content.decode())
    assert "李小满" in open_page(phone, order_url(link, pear))
