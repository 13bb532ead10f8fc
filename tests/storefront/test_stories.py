"""Articles in parts: a product in the middle of a story, a talk, a film elsewhere."""

import pytest
from django.test import Client

from apps.catalog.models import Product
from apps.library.models import Material
from tests.storefront.people import a_host, a_link, a_material, a_product, on_shelf

pytestmark = pytest.mark.django_db


def told(*parts: tuple[str, object], **fields: object) -> Material:
    material = a_material(**fields)
    material.body = list(parts)
    material.save()
    return material


def test_a_product_in_the_story_has_the_hosts_price_and_can_be_bought_through_her_link() -> None:
    product, host = a_product("好米", price_fen=5_900, stock=10), a_host()
    link = a_link(host, told(("product", {"product": product, "why": "一粒一粒香"})))

    page = Client().get(f"/s/{link.code}/").content.decode()

    assert "一粒一粒香" in page
    assert "¥59.00" in page
    address = f"/s/{link.code}/p/{product.public_id}/"
    assert address in page
    assert Client().get(address).status_code == 200
    on_shelf(host, product, price_fen=6_500)
    assert "¥65.00" in Client().get(f"/s/{link.code}/").content.decode()


def test_another_product_stays_out_of_reach() -> None:
    link = a_link(a_host(), told(("product", {"product": a_product("好米"), "why": ""})))

    assert Client().get(f"/s/{link.code}/p/{a_product('别的').public_id}/").status_code == 404


def test_a_product_off_sale_is_named_without_a_price_or_a_way_in() -> None:
    product = a_product("好米")
    link = a_link(a_host(), told(("product", {"product": product, "why": ""})))
    Product.objects.filter(pk=product.pk).update(status=Product.Status.OFF)

    page = Client().get(f"/s/{link.code}/").content.decode()

    assert "已下架" in page
    assert f"/s/{link.code}/p/{product.public_id}/" not in page


def test_what_is_typed_is_text_in_a_talk_too() -> None:
    evil = "<script>alert(1)</script>"
    link = a_link(a_host(), told(("talk", {"they": evil, "you": f"好的\n{evil}"})))

    page = Client().get(f"/s/{link.code}/").content.decode()

    assert evil not in page
    assert "好的<br>&lt;script&gt;" in page


def test_a_film_elsewhere_is_a_link() -> None:
    link = a_link(a_host(), told(kind="video", channels_url="https://channels.weixin.qq.com/x"))

    page = Client().get(f"/s/{link.code}/").content.decode()

    assert 'href="https://channels.weixin.qq.com/x"' in page
    assert "<video" not in page
