"""Posters: each host's carries her own link, drawn once."""

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Sku
from apps.library import drawing, posters
from apps.library.models import MaterialPicture
from apps.media.models import Poster
from apps.tracking.models import Channel
from tests.factories import a_host, a_sku
from tests.happenings import a_link
from tests.library import desk

pytestmark = pytest.mark.django_db


def link_of(host: Any, material: Any) -> str:
    link = a_link(host, material, channel=Channel.POSTER, at=desk.NOW)
    return f"https://dac.example.com/s/{link.code}/"


def read(poster: Poster) -> list[str]:
    with poster.file.open("rb") as file:
        return [code.text for code in zxingcpp.read_barcodes(Pillow.open(io.BytesIO(file.read())))]


def with_picture() -> Any:
    material = desk.a_material("pictures", "秋冬第一口热乎：有机小米粥礼盒，五分钟就能喝上的养胃早餐")
    MaterialPicture.objects.create(material=material, image=desk.a_picture(), sort_order=0)
    return material


def test_two_hosts_posters_of_one_material_carry_their_own_links() -> None:
    material = with_picture()
    lin, mei = a_host("lin"), a_host("mei", "小美")
    links = {host: link_of(host, material) for host in (lin, mei)}

    made = {
        host: posters.poster_for(host, material, link_url=links[host], now=desk.NOW) for host in (lin, mei)
    }

    assert read(made[lin]) == [links[lin]]
    assert read(made[mei]) == [links[mei]]
    assert links[lin] != links[mei]
    assert made[lin].digest != made[mei].digest


def test_the_same_poster_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    material, lin = with_picture(), a_host()
    link = link_of(lin, material)
    first = posters.poster_for(lin, material, link_url=link, now=desk.NOW)
    monkeypatch.setattr(posters, "draw", lambda *_: pytest.fail("drawn again"))

    assert posters.poster_for(lin, material, link_url=link, now=desk.NOW) == first


def test_a_changed_price_makes_another_poster() -> None:
    sku = a_sku()
    material = desk.a_material("new_product", "苹果上新", product=sku.product)
    lin = a_host()
    link = link_of(lin, material)

    first = posters.poster_for(lin, material, link_url=link, now=desk.NOW)
    price_of(lin, sku, 4_900)
    second = posters.poster_for(lin, material, link_url=link, now=desk.NOW)

    assert first.digest != second.digest
    assert read(second) == [link]


@pytest.mark.parametrize("title", ["短", "😀🎉", "x" * 60, "，。！" * 20])
def test_any_title_is_drawn_and_the_code_stays_readable(title: str) -> None:
    material, lin = desk.a_material("script", title), a_host()
    link = link_of(lin, material)

    assert read(posters.poster_for(lin, material, link_url=link, now=desk.NOW)) == [link]


def test_a_lost_picture_file_makes_a_plainer_poster() -> None:
    material, lin = with_picture(), a_host()
    picture = material.pictures.get().image
    picture.file.storage.delete(picture.file.name)
    link = link_of(lin, material)

    assert read(posters.poster_for(lin, material, link_url=link, now=desk.NOW)) == [link]


def test_a_product_poster_shows_her_price() -> None:
    sku, lin = a_sku(), a_host()

    made = posters.product_poster_for(
        lin, sku.product, link_url="https://dac.example.com/s/abc/", now=desk.NOW
    )
    price_of(lin, sku, 5_500)
    hers = posters.product_poster_for(
        lin, sku.product, link_url="https://dac.example.com/s/abc/", now=desk.NOW
    )

    assert made.digest != hers.digest
    assert (made.subject_kind, made.subject_id) == ("product", sku.product_id)
    assert read(made) == ["https://dac.example.com/s/abc/"]


def test_a_machine_without_a_chinese_font_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_FONTS", {"regular": (), "bold": ()})
    drawing.font.cache_clear()

    with pytest.raises(drawing.NoFontError) as error:
        posters.draw(drawing.Words("林姐", "", "标题", "", "", "https://x.example/"), None)

    drawing.font.cache_clear()
    assert str(error.value) == "没有中文字体，画不了海报。请运行 make run 取字体，或安装 fonts-noto-cjk。"


def price_of(host: Host, sku: Sku, fen: int) -> None:
    """She asks `fen` for it from now on."""
    item = catalog.add_to_shelf(host, sku.product, now=desk.NOW)
    catalog.edit_shelf_item(item, prices={sku: fen}, pitch="", now=desk.NOW)
