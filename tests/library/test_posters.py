"""Posters: each host's carries her own link, drawn once."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Product, Sku
from apps.library import drawing, posters
from apps.library.models import MaterialPicture, PosterTemplate
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
        posters.draw(posters.Look.WORDS, drawing.Words("林姐", "", "标题", "", "https://x.example/"), None)

    drawing.font.cache_clear()
    assert str(error.value) == "没有中文字体，画不了海报。请运行 make run 取字体，或安装 fonts-noto-cjk。"


LOOKS = [posters.Look.PICTURE, posters.Look.WORDS, posters.Look.PRODUCT]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("left", [9, 0])
def test_each_look_is_a_sheet_for_moments_with_a_code_of_a_fourth_of_its_width(look: str, left: int) -> None:
    sku, lin = a_sku(stock=left), a_host()
    material = with_picture()
    material.product = sku.product
    material.save()
    link = link_of(lin, material)

    made = posters.poster_for(lin, material, link_url=link, now=desk.NOW, look=look)

    assert (made.width, made.height) == (1080, 1440)
    with made.file.open("rb") as file:
        [code] = zxingcpp.read_barcodes(Pillow.open(io.BytesIO(file.read())))
    assert code.text == link
    assert code.position.top_right.x - code.position.top_left.x >= 1080 // 4


def test_what_there_is_nothing_to_show_of_is_no_choice() -> None:
    plain, album = desk.a_material("script", "一句话"), with_picture()
    assert posters.looks_of(plain) == ["words"]
    assert posters.looks_of(album) == ["picture", "words"]
    album.product = a_sku().product
    assert posters.looks_of(album) == ["picture", "words", "product"]
    assert posters.looks_of(album.product) == ["words", "product"]


def test_hqs_layout_comes_first_then_the_one_she_likes() -> None:
    lin, material = a_host(), with_picture()
    assert posters.look_for(lin, material) == "picture"
    lin.poster_look = "words"
    assert posters.look_for(lin, material) == "words"
    assert posters.look_for(lin, material, "picture") == "picture"
    assert posters.look_for(lin, material, "product") == "words"
    material.poster_template = PosterTemplate.objects.create(name="大雪")
    assert posters.look_for(lin, material) == "hq"
    assert posters.look_for(lin, material, "picture") == "picture"


def written(host: Host, sku: Sku, now: datetime, monkeypatch: pytest.MonkeyPatch) -> drawing.Words:
    """What stands on a product's poster."""
    seen: list[drawing.Words] = []
    draw = posters.draw

    def watched(look: str, words: drawing.Words, *rest: Any) -> Pillow.Image:
        seen.append(words)
        return draw(look, words, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(posters, "draw", watched)
        product = Product.objects.with_cards().get(pk=sku.product_id)
        posters.product_poster_for(host, product, link_url="https://dac.example.com/s/abc/", now=now)
    [words] = seen
    return words


def test_a_price_stands_with_its_day_and_what_is_gone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sku, lin = a_sku(), a_host()

    today = written(lin, sku, desk.NOW, monkeypatch)
    assert (today.price, today.day, today.gone) == ("¥59.00", "3月5日的价", "")
    tomorrow = written(lin, sku, desk.NOW + timedelta(days=1), monkeypatch)
    assert tomorrow.day == "3月6日的价"
    Sku.objects.update(stock=0)
    assert (words := written(lin, sku, desk.NOW, monkeypatch)).gone == "已售罄"
    assert (words.price, words.day) == ("", "")
    Product.objects.update(status=Product.Status.OFF)
    assert written(lin, sku, desk.NOW, monkeypatch).gone == "已下架"


def test_posters_of_earlier_days_go_after_a_week() -> None:
    sku, lin, link = a_sku(), a_host(), "https://dac.example.com/s/abc/"

    def on(day: int) -> Poster:
        now = desk.NOW + timedelta(days=day)
        return posters.product_poster_for(lin, sku.product, link_url=link, now=now)

    first, second = on(0), on(6)
    assert Poster.objects.count() == 2
    third = on(8)
    assert set(Poster.objects.all()) == {second, third}
    assert first.file.storage.exists(str(second.file.name))


def test_a_headline_is_parted_where_one_pauses_and_leaves_no_letter_alone() -> None:
    face = drawing.font("bold", 54)

    assert drawing.headline("当季五常稻花香，一碗新米饭胜过一桌菜", face, 952, 2) == [
        "当季五常稻花香，",
        "一碗新米饭胜过一桌菜",
    ]
    first, second = drawing.headline("早上起来第一口热乎的有机小米粥礼盒", face, 900, 2)
    assert abs(len(first) - len(second)) <= 2
    assert drawing.headline("短短一句", face, 952, 2) == ["短短一句"]


def price_of(host: Host, sku: Sku, fen: int) -> None:
    """She asks `fen` for it from now on."""
    item = catalog.add_to_shelf(host, sku.product, now=desk.NOW)
    catalog.edit_shelf_item(item, prices={sku: fen}, pitch="", now=desk.NOW)
