"""加我微信: her own code on whatever a consumer opens, and how she puts it there."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import segno
import zxingcpp
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.library import posters
from apps.library.drawing import STRIP
from apps.library.models import Material
from apps.media.models import HostPicture
from apps.tracking.models import Event
from tests.accounts.walking import put_down
from tests.factories import MORNING
from tests.library.desk import browser
from tests.media import samples
from tests.storefront.pages import open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_material, a_phone, a_product, on_shelf, order_url

pytestmark = pytest.mark.django_db
PRESS = "长按图片，选「识别图中的二维码」"


@pytest.fixture
def host() -> Host:
    return a_host()


def put_up(host: Host, kind: str = "code", content: bytes = b"", name: str = "code.jpg") -> Any:
    upload = SimpleUploadedFile(name, content or samples.picture(), "image/jpeg")
    return browser(host.user).post(f"/me/settings/pictures/{kind}/", {"file": upload})


def pages_of(host: Host) -> dict[str, str]:
    """What a consumer may open of hers, each as it is shown."""
    product = a_product("苹果", picture=True)
    on_shelf(host, product)
    link, phone = a_link(host, host), a_phone()
    gone, off = a_product("梨", stock=0), a_product("糖", status=Product.Status.OFF)
    late = a_material("旧文")
    Material.objects.filter(pk=late.pk).update(expire_at=MORNING)
    order = send_order(phone, order_url(link, product))["Location"]
    return {
        "material": open_page(phone, f"/s/{a_link(host, a_material(product=product)).code}/"),
        "product": open_page(phone, f"/s/{link.code}/p/{product.public_id}/"),
        "order": open_page(phone, order),
        "orders": open_page(phone, f"/s/{link.code}/orders/"),
        "basket": open_page(phone, f"/s/{link.code}/basket/"),
        "sold out": open_page(phone, order_url(a_link(host, gone), gone), 410),
        "off shelf": open_page(phone, f"/s/{a_link(host, off).code}/", 410),
        "expired": open_page(phone, f"/s/{a_link(host, late).code}/", 410),
    }


def test_her_code_stands_on_all_that_a_consumer_opens(host: Host) -> None:
    assert put_up(host).status_code == 302
    code = HostPicture.objects.get(host=host)

    for name, html in pages_of(host).items():
        assert f'src="{code.url}"' in html, name
        assert PRESS in words_of(html), name
        assert 'href="#add-me"' in html, name
        assert html.count('id="add-me"') == 1, name
    shown = Client().get(code.url)
    assert shown.status_code == 200
    put_down(shown)


def test_without_one_she_is_told_how_to_reach_her_and_the_host_to_put_it_up(host: Host) -> None:
    for name, html in pages_of(host).items():
        assert "直接回复就能找到林姐" in words_of(html), name
        assert PRESS not in words_of(html), name
    hers = browser(host.user)
    assert "放上你的微信码" in words_of(hers.get("/").content.decode())

    put_up(host)

    assert "放上你的微信码" not in words_of(hers.get("/").content.decode())


def test_another_takes_its_place_and_the_old_file_goes(
    host: Host, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        put_up(host)
    before = HostPicture.objects.get(host=host)
    with django_capture_on_commit_callbacks(execute=True):
        put_up(host, content=samples.picture(colour="#204060"))
    after = HostPicture.objects.get(host=host)

    assert after.file.name != before.file.name
    assert not default_storage.exists(str(before.file.name))
    with django_capture_on_commit_callbacks(execute=True):
        browser(host.user).post("/me/settings/pictures/code/", {"do": "remove"})
    assert not HostPicture.objects.exists()
    assert not default_storage.exists(str(after.file.name))
    kinds = Event.objects.filter(host_id=host.pk, name__startswith="host.picture_").order_by("id")
    assert [event.name for event in kinds] == ["host.picture_shown"] * 2 + ["host.picture_hidden"]


@pytest.mark.parametrize("content", [b"not a picture", b""])
def test_what_is_no_picture_is_refused_with_the_mend(host: Host, content: bytes) -> None:
    upload = SimpleUploadedFile("x.jpg", content)

    answer = browser(host.user).post("/me/settings/pictures/code/", {"file": upload})

    assert answer.status_code == 422
    assert any(words in words_of(answer.content.decode()) for words in ("请另存为其中一种", "请重新选一张"))
    assert not HostPicture.objects.exists()
    assert browser(host.user).post("/me/settings/pictures/passport/").status_code == 404


def test_what_comes_in_is_written_anew_and_of_a_size_to_press(host: Host) -> None:
    big = io.BytesIO()
    Pillow.new("RGB", (1_500, 3_000), "#ffffff").save(big, "JPEG", exif=b"Exif\x00\x00GPS-secret")

    put_up(host, content=big.getvalue())

    code = HostPicture.objects.get()
    assert (code.width, code.height) == (720, 1_440)
    with default_storage.open(str(code.file.name)) as file:
        assert b"GPS-secret" not in file.read()


def test_her_face_stands_where_her_letter_stood(host: Host) -> None:
    put_up(host, "face")
    face = HostPicture.objects.get()
    link = a_link(host, host)

    assert f'src="{face.url}"' in open_page(a_phone(), f"/s/{link.code}/")
    assert f'src="{face.url}"' in browser(host.user).get("/me/").content.decode()


def test_the_poster_carries_her_code_when_she_wants_it(host: Host) -> None:
    product = a_product("苹果", picture=True)

    def poster() -> Any:
        return posters.product_poster_for(host, product, link_url="https://x.example/s/1/", now=MORNING)

    plain = poster()
    code = io.BytesIO()
    segno.make_qr("https://work.weixin.qq.com/ca/lin").save(code, kind="png", scale=12)
    put_up(host, content=code.getvalue(), name="code.png")
    assert poster() == plain  # not before she says so
    browser(host.user).post("/me/settings/pictures/code/", {"do": "posters", "on_posters": "on"})
    with_code = poster()
    browser(host.user).post("/me/settings/pictures/code/", {"do": "posters"})

    assert with_code.height == plain.height + STRIP
    with with_code.file.open("rb") as file:
        read = {one.text for one in zxingcpp.read_barcodes(Pillow.open(io.BytesIO(file.read())))}
    assert read == {"https://work.weixin.qq.com/ca/lin", "https://x.example/s/1/"}
    assert poster() == plain
    put_up(host, "face")
    assert poster() not in (plain, with_code)
