"""Finding materials, and what host and reader see of one."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import Http404

from apps.library import access
from apps.library.models import Material, MaterialPicture
from tests.factories import a_host, a_sku
from tests.library import desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf() -> None:
    desk.a_material("article", "秋冬小米粥怎么煮", summary="养胃早餐")
    desk.a_material("script", "新客破冰三句话", occasion="newcomer")
    desk.a_material("new_product", "山野上新", product=a_sku("桂花乌龙茶").product)


FOUND = {
    "小米": ["秋冬小米粥怎么煮"],
    "养胃": ["秋冬小米粥怎么煮"],
    "qdxmz": ["秋冬小米粥怎么煮"],
    "QDXM": ["秋冬小米粥怎么煮"],
    "乌龙": ["山野上新"],
    "ghwl": ["山野上新"],
    "上新 乌龙": ["山野上新"],
    "新客": ["新客破冰三句话"],
    "话术": ["新客破冰三句话"],
    "先说结论": ["秋冬小米粥怎么煮"],
    "小米 乌龙": [],
    "没有的": [],
    "%": [],
    "_": [],
}


@pytest.mark.parametrize("words", FOUND)
def test_two_characters_or_initials_find_a_material(words: str) -> None:
    assert [material.title for material in Material.objects.matching(words)] == FOUND[words]


def test_the_consoles_list_finds_the_same_way() -> None:
    page = desk.browser(desk.an_editor()).get("/hq/materials/", {"q": "小米"}).content.decode()

    assert "秋冬小米粥怎么煮" in page
    assert "新客破冰三句话" not in page


def test_an_archived_material_and_a_foreign_id_are_the_same_404() -> None:
    host, material = a_host(), Material.objects.get(kind="script")
    assert access.material_for(host, material.public_id, desk.NOW) == material

    Material.objects.filter(pk=material.pk).update(expire_at=desk.NOW - timedelta(seconds=1))

    with pytest.raises(Http404):
        access.material_for(host, material.public_id, desk.NOW)
    with pytest.raises(Http404):
        access.material_for(host, host.public_id, desk.NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_cards_cost_the_same_for_one_and_for_three(count: int, django_assert_num_queries: Any) -> None:
    for n in range(3):
        material = desk.a_material("pictures", f"图 {n}", product=a_sku(f"商品 {n}").product)
        MaterialPicture.objects.create(material=material, image=desk.a_picture(), sort_order=0)
    materials = Material.objects.filter(kind="pictures").with_cards().order_by("pk")[:count]

    with django_assert_num_queries(4):
        assert None not in [material.picture for material in materials]


def test_the_badge_new_lasts_three_days() -> None:
    with time_machine.travel(desk.NOW, tick=False) as clock:
        material = desk.a_material("script", "刚发布")
        assert material.is_new
        clock.shift(timedelta(days=3))
        assert not material.is_new


def preview(client: Any, material: Material, mode: str) -> str:
    url = f"/hq/materials/preview/{material.pk}/"
    assert client.post(url, desk.material_form(material.kind, "写到一半的标题")).json()["is_valid"]
    page = client.get(url, {"mode": mode})
    assert page.status_code == 200
    return str(page.content.decode())


def test_the_preview_shows_what_is_typed_to_reader_and_host() -> None:
    client, material = desk.browser(desk.an_editor()), Material.objects.get(kind="article")

    reader, host = preview(client, material, "consumer"), preview(client, material, "host")

    assert "写到一半的标题" in reader
    assert "早上一碗热粥。" in reader
    assert "复制这段话" in host
    assert "自己家也在喝。" in host


def test_pictures_films_and_products_stand_on_the_readers_page(tmp_path: Any) -> None:
    from django.template.loader import render_to_string

    from apps.media import services as media
    from tests.media import samples

    film = media.add_film(title="开箱", upload=samples.film(tmp_path), by=None)
    material = desk.a_material("video", "开箱", video=film)
    for n, caption in enumerate(("近看", "远看")):
        MaterialPicture.objects.create(
            material=material, image=desk.a_picture(), caption=caption, sort_order=n
        )

    page = render_to_string("library/_material_body.html", {"material": material})

    assert f'<source src="{film.file.url}" type="video/mp4">' in page
    assert page.index("近看") < page.index("远看")
    assert page.count('loading="lazy"') == 1  # the first is what she came for


def test_what_an_editor_types_is_text_not_code() -> None:
    from django.template.loader import render_to_string
    from wagtail.rich_text import RichText

    evil = "<script>alert(1)</script>"
    material = desk.a_material("script", evil[:60], summary=evil)
    material.body = [("heading", evil), ("quote", evil), ("paragraph", RichText(f"<p>{evil}好</p>"))]

    page = render_to_string("library/_material_body.html", {"material": material})

    assert "<script" not in page
