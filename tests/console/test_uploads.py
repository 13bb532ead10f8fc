"""Pictures and films through the console's own forms."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.media.models import Image, Video
from tests.library import desk
from tests.media import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Any:
    return desk.browser(desk.an_editor())


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_picture_is_stored_clean(client: Any) -> None:
    photograph = upload("手机照片.JPG", samples.photograph_with_place())

    client.post("/hq/images/add/", {"title": "苹果", "file": photograph, "description": "", "tags": ""})

    image = Image.objects.get()
    with image.file.open() as file:
        stored = file.read()
    assert b"SECRET" not in stored
    assert (image.width, image.height) == (200, 400)
    assert image.uploaded_by_user.username == "editor"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.gif", b"GIF89a" + bytes(60), "只收 JPG、PNG、WebP、HEIC 图片。"),
        ("a.jpg", b"GIF89a" + bytes(60), "只收 JPG、PNG、WebP、HEIC 图片。"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只收 JPG、PNG、WebP、HEIC 图片。"),
        ("a.png", samples.png_of(9_000, 9_000), "最多 4000 万像素"),
        ("a.jpg", samples.picture("JPEG", (800, 600))[:2_000], "图片打不开"),
        ("a.jpg", b"", "空的"),
    ],
)
def test_a_bad_picture_is_refused_beside_its_field(
    client: Any, name: str, content: bytes, sentence: str
) -> None:
    answer = client.post("/hq/images/add/", {"title": "x", "file": upload(name, content)})

    assert sentence in " ".join(answer.context["form"].errors["file"])
    assert not Image.objects.exists()


def test_many_pictures_at_once_are_each_cleaned_or_refused(client: Any) -> None:
    def send(name: str, content: bytes) -> dict[str, Any]:
        answer = client.post(
            "/hq/images/multiple/add/",
            {"title": name, "files[]": upload(name, content)},
            headers={"x-requested-with": "XMLHttpRequest"},
        )
        return dict(answer.json())

    assert send("好.webp", samples.picture("WEBP"))["success"]
    refused = send("坏.jpg", b"GIF89a" + bytes(60))

    assert not refused["success"]
    assert "只收 JPG、PNG、WebP、HEIC 图片。" in refused["error_message"]
    assert Image.objects.count() == 1


def test_a_film_is_stored_with_its_cover(client: Any, tmp_path: Path) -> None:
    film = upload("开箱.mp4", samples.film(tmp_path))

    client.post("/hq/videos/new/", {"title": "开箱", "file": film, "cover": ""})

    video = Video.objects.get()
    assert (video.uploaded_by.username, video.cover.title) == ("editor", "开箱 封面")


def test_a_film_of_ones_own_cover_keeps_it(client: Any, tmp_path: Path) -> None:
    cover = desk.a_picture("我选的")

    client.post(
        "/hq/videos/new/",
        {"title": "开箱", "file": upload("a.mp4", samples.film(tmp_path)), "cover": cover.pk},
    )

    assert Video.objects.get().cover == cover


def test_a_bad_film_is_refused_beside_its_field(client: Any, tmp_path: Path) -> None:
    answer = client.post(
        "/hq/videos/new/",
        {"title": "x", "file": upload("a.mov", samples.film(tmp_path, name="a.mov")), "cover": ""},
    )

    assert "只收 MP4 视频" in " ".join(answer.context["form"].errors["file"])
    assert not Video.objects.exists()


def test_renaming_a_film_keeps_the_file(client: Any, tmp_path: Path) -> None:
    client.post(
        "/hq/videos/new/",
        {"title": "开箱", "file": upload("a.mp4", samples.film(tmp_path)), "cover": ""},
    )
    video = Video.objects.get()

    client.post(f"/hq/videos/edit/{video.pk}/", {"title": "开箱实拍", "cover": video.cover_id})

    renamed = Video.objects.get()
    assert (renamed.title, renamed.file.name) == ("开箱实拍", video.file.name)


@pytest.mark.parametrize("words", ["高山", "苹果礼", "ＡＢ", "ab-1", "山 苹"])
@pytest.mark.parametrize("address", ["/hq/images/", "/hq/images/chooser/results/"])
def test_a_part_of_a_chinese_title_finds_the_picture(client: Any, address: str, words: str) -> None:
    wanted = desk.a_picture("高山苹果礼盒AB-1")
    other = desk.a_picture("小米")

    page = client.get(address, {"q": words}).content.decode()

    assert wanted.title in page
    assert other.title not in page
