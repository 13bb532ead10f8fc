"""Poster templates: laid out in the console, drawn for each host, refused where they would not work."""

import io
import json
from typing import Any

import pytest
import zxingcpp
from django.core.files.base import ContentFile
from PIL import Image as Pillow

from apps.library import posters
from apps.library.models import Material, MaterialPicture, PosterTemplate
from apps.library.models.layouts import default_layers, faults_of
from apps.media import services as media
from apps.media.models import HostPicture, Poster
from apps.tracking.models import Channel
from tests.factories import a_host, a_sku
from tests.happenings import a_link
from tests.library import desk
from tests.workbench.issues import a_picture

pytestmark = pytest.mark.django_db
PREVIEW = "/hq/poster-templates/preview/"


def a_template(**fields: Any) -> PosterTemplate:
    template = PosterTemplate(**{"name": "冬日", **fields})
    template.full_clean()
    template.save()
    return template


def form_of(layers: dict[str, dict[str, Any]] | None = None, **fields: Any) -> dict[str, Any]:
    """What the form sends: a number for each part of each layer."""
    data = {"name": "冬日", "width": 1080, "height": 1440, "colour": "#fff4e6", "background": ""}
    data["note"] = "扫码"
    for key, layer in (layers or default_layers()).items():
        for part, value in layer.items():
            if part == "on":
                data |= {f"layers-{key}-on": "on"} if value else {}
            else:
                data[f"layers-{key}-{part}"] = value
    return {**data, **fields}


def opened(poster: Poster) -> Pillow.Image:
    with poster.file.open("rb") as file:
        return Pillow.open(io.BytesIO(file.read())).convert("RGB")


def link_of(host: Any, material: Any) -> str:
    link = a_link(host, material, channel=Channel.POSTER, at=desk.NOW)
    return f"https://dac.example.com/s/{link.code}/"


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


def test_a_chosen_template_lays_the_poster_out_and_the_code_is_read() -> None:
    layers = default_layers()
    layers["qr"] |= {"x": 40, "y": 30, "w": 300}
    layers["host"]["on"] = False
    layers["picture"] |= {"x": 400, "y": 30, "w": 300, "h": 300}
    off = {name: {"on": False} for name in ("title", "price", "note", "summary", "face")}
    template = a_template(width=900, height=1300, colour="#336699", layers={**layers, **off})
    material = desk.a_material("new_product", "新米到了", product=a_sku().product, poster_template=template)
    MaterialPicture.objects.create(material=material, image=desk.a_picture(), sort_order=0)
    host = a_host()
    link = link_of(host, material)

    drawn = opened(posters.poster_for(host, material, link_url=link, now=desk.NOW))

    assert drawn.size == (900, 1300)
    assert near(drawn.getpixel((10, 1290)), (0x33, 0x66, 0x99))  # type: ignore[arg-type]
    [code] = zxingcpp.read_barcodes(drawn)
    assert code.text == link
    assert code.position.top_left.x < 340
    assert code.position.top_left.y < 330
    assert not near(drawn.getpixel((550, 180)), (0x33, 0x66, 0x99))  # type: ignore[arg-type]


def test_hqs_own_layout_shows_her_face() -> None:
    template = a_template()
    material, host = desk.a_material("script", "话术", poster_template=template), a_host()
    link = link_of(host, material)
    layer = template.layers["face"]
    middle = (layer["x"] + layer["w"] // 2, layer["y"] + 8)

    letter = opened(posters.poster_for(host, material, link_url=link, now=desk.NOW)).getpixel(middle)
    her_face(host, "#2244cc")
    face = opened(posters.poster_for(host, material, link_url=link, now=desk.NOW)).getpixel(middle)

    assert near(letter, (0x07, 0x80, 0x3F))  # type: ignore[arg-type]
    assert near(face, (0x22, 0x44, 0xCC))  # type: ignore[arg-type]


def her_face(host: Any, colour: str) -> None:
    out = io.BytesIO()
    Pillow.new("RGB", (300, 300), colour).save(out, "PNG")
    picture = ContentFile(out.getvalue(), "face.png")
    media.show_of_host(host, HostPicture.Kind.FACE, picture, by=host.user, now=desk.NOW)


def test_a_background_fills_the_sheet_and_a_lost_one_leaves_the_colour() -> None:
    ground = a_picture("#883311")
    template = a_template(background=ground)
    material, host = desk.a_material("script", "话术", poster_template=template), a_host()
    link = link_of(host, material)
    with_ground = opened(posters.poster_for(host, material, link_url=link, now=desk.NOW)).getpixel((5, 1435))

    Poster.objects.all().delete()
    ground.file.storage.delete(ground.file.name)
    material = Material.objects.get()
    without = opened(posters.poster_for(host, material, link_url=link, now=desk.NOW)).getpixel((5, 1435))

    assert not near(with_ground, (255, 255, 255))  # type: ignore[arg-type]
    assert near(without, (255, 255, 255))  # type: ignore[arg-type]


def test_a_changed_layout_makes_new_posters_and_an_unchanged_one_is_served_from_storage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from apps.library import layouts

    template = a_template()
    material, host = desk.a_material("script", "话术", poster_template=template), a_host()
    link = link_of(host, material)
    first = posters.poster_for(host, material, link_url=link, now=desk.NOW)
    with monkeypatch.context() as patched:
        patched.setattr(layouts, "draw", lambda *_: pytest.fail("drawn again"))
        assert posters.poster_for(host, material, link_url=link, now=desk.NOW) == first

    template.layers["note"]["y"] = 1300
    template.save()
    material.refresh_from_db()
    assert posters.poster_for(host, material, link_url=link, now=desk.NOW).digest != first.digest


FAULTS = {
    "qr-on": (("qr", "on", False), "海报要有二维码，不然扫不到大C的链接。"),
    "qr-small": (("qr", "w", 100), "二维码至少 160 像素宽，再小手机扫不出来。"),
    "outside": (("picture", "x", 500), "「商品图」超出了画布（1080 × 1440）。请往里挪，或改小一点。"),
    "below": (("note", "y", 1430), "「提示语」超出了画布（1080 × 1440）。请往里挪，或改小一点。"),
    "size": (("title", "size", 8), "「标题」的字号要在 16 到 200 之间。"),
    "empty": (("price", "w", ""), "「价格」的宽要填 0 以上的整数。"),
    "colour": (("price", "colour", "red"), "「价格」的颜色写成 #191919 这样。"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_layout_that_would_not_work_is_refused_with_the_mend(fault: str) -> None:
    (layer, part, value), words = FAULTS[fault]
    layers = default_layers()
    layers[layer][part] = value

    assert words in faults_of(layers, width=1080, height=1440)
    answer = desk.browser(desk.an_editor()).post("/hq/poster-templates/new/", form_of(layers))
    assert words in answer.content.decode()
    assert not PosterTemplate.objects.exists()


@pytest.mark.parametrize("layers", [None, [], {}, {"qr": 1}, {**default_layers(), "x": {}}, "x"])
def test_no_layout_at_all_is_refused(layers: Any) -> None:
    assert faults_of(layers, width=1080, height=1440) == ["版式不完整。请刷新页面重新排一次。"]


def test_hq_makes_a_template_and_chooses_it_for_a_material() -> None:
    client = desk.browser(desk.an_editor())
    answer = client.post("/hq/poster-templates/new/", form_of())
    assert answer.status_code == 302, answer.content.decode()
    template = PosterTemplate.objects.get()
    assert template.layers == default_layers()
    assert template.colour == "#fff4e6"
    assert client.get(f"/hq/poster-templates/edit/{template.pk}/").status_code == 200

    client.post("/hq/materials/add/", {**desk.material_form("script"), "poster_template": str(template.pk)})
    assert Material.objects.get().get_latest_revision_as_object().poster_template == template


@pytest.mark.parametrize("size", [{"width": 2000}, {"height": 5000}, {"width": 100}, {"width": ""}])
def test_a_sheet_beyond_wecoms_limits_is_refused(size: dict[str, Any]) -> None:
    desk.browser(desk.an_editor()).post("/hq/poster-templates/new/", form_of(**size))
    assert not PosterTemplate.objects.exists()


def test_the_preview_is_the_poster_itself_or_what_is_wrong() -> None:
    client = desk.browser(desk.an_editor())
    good = client.post(PREVIEW, form_of(name=""))  # not yet named: drawn all the same
    assert good["Content-Type"] == "image/jpeg"
    [code] = zxingcpp.read_barcodes(Pillow.open(io.BytesIO(good.content)))
    assert code.text.startswith("https://")

    layers = default_layers()
    layers["qr"]["on"] = False
    bad = client.post(PREVIEW, form_of(layers))
    assert bad.status_code == 422
    assert json.loads(bad.content)["message"] == "海报要有二维码，不然扫不到大C的链接。"
    assert not PosterTemplate.objects.exists()
    assert client.get(PREVIEW).status_code == 405


def test_the_preview_is_for_those_who_make_templates() -> None:
    answer = desk.browser(desk.a_reviewer()).post(PREVIEW, form_of())
    assert answer["Content-Type"] != "image/jpeg"
