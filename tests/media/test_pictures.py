"""Uploaded pictures: what is kept of them, and what is refused with which words."""

import io
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image as Pillow

from apps.media import cleaning, services
from apps.media.cleaning import UploadRefusedError, clean_picture
from tests.media import samples

FORMATS = "只收 JPG、PNG、WebP、HEIC 图片。请另存为其中一种再上传。"
BROKEN = "图片打不开，文件可能没传完整。请重新导出再上传。"
LARGE = "图片太大了，最多 4000 万像素。请缩小后再上传。"


def opened(content: bytes) -> Any:
    return Pillow.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "stored"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("HEIF", "JPEG")]
)
def test_each_format_of_a_phone_is_stored_as_one_a_browser_shows(kind: str, stored: str) -> None:
    clean = clean_picture(samples.picture(kind))

    assert opened(clean.content).format == stored
    assert (clean.width, clean.height) == (320, 240)


def test_a_photograph_is_turned_upright_and_loses_its_place_and_camera() -> None:
    clean = clean_picture(samples.photograph_with_place())

    image = opened(clean.content)
    assert image.size == (200, 400)
    assert dict(image.getexif()) == {}
    assert not any(word in clean.content for word in (b"Exif", b"SECRET-CAMERA", b"SECRET-COMMENT"))


def test_transparency_is_kept() -> None:
    clean = clean_picture(samples.picture("PNG", mode="RGBA"))

    assert opened(clean.content).mode == "RGBA"


def test_a_print_shops_cmyk_becomes_what_phones_show() -> None:
    assert opened(clean_picture(samples.picture("JPEG", mode="CMYK")).content).mode == "RGB"


def test_a_large_photograph_gets_light_and_a_long_picture_stays_readable() -> None:
    photograph = clean_picture(samples.picture("JPEG", (3000, 2250)))
    long_picture = clean_picture(samples.picture("JPEG", (1080, 9000)))

    assert (photograph.width, photograph.height) == (2731, 2048)
    assert (long_picture.width, long_picture.height) == (1080, 9000)


def test_what_is_hidden_behind_a_picture_is_not_stored() -> None:
    evil = b"<script>alert(1)</script>PK\x03\x04"

    clean = clean_picture(samples.picture("JPEG") + evil)

    assert b"<script>" not in clean.content
    assert b"PK\x03\x04" not in clean.content


def test_a_huge_comment_is_not_stored() -> None:
    clean = clean_picture(samples.picture("JPEG", comment=b"x" * 60_000))

    assert len(clean.content) < 30_000


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


REFUSED = {
    "empty": (b"", FORMATS),
    "words": (b"just words", FORMATS),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", FORMATS),
    "gif": (b"GIF89a" + bytes(60), FORMATS),
    "pdf": (b"%PDF-1.7\n" + bytes(60), FORMATS),
    "zip": (b"PK\x03\x04" + bytes(60), FORMATS),
    "tiff": (samples.picture("TIFF"), FORMATS),
    "bmp": (samples.picture("BMP"), FORMATS),
    "half a jpeg": (half(samples.picture("JPEG", (800, 600))), BROKEN),
    "half a png": (half(samples.picture("PNG", (800, 600))), BROKEN),
    "half a webp": (half(samples.picture("WEBP", (800, 600))), BROKEN),
    "half a heic": (half(samples.picture("HEIF", (800, 600))), BROKEN),
    "too many pixels": (samples.png_of(8_000, 8_000), LARGE),
    "a size beyond reason": (samples.png_of(2**31 - 1, 2**31 - 1), LARGE),
    "less data than it claims": (samples.png_of(2_000, 2_000, bytes(100)), BROKEN),
    "no width": (samples.png_of(0, 10), FORMATS),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sound_picture_is_refused_with_the_mend(what: str) -> None:
    upload, sentence = REFUSED[what]

    with pytest.raises(UploadRefusedError) as refused:
        clean_picture(upload)

    assert str(refused.value) == sentence


def test_a_file_over_twenty_megabytes_is_refused_unread() -> None:
    with pytest.raises(UploadRefusedError) as refused:
        clean_picture(bytes(21 * cleaning.MEGABYTE))

    assert str(refused.value) == "图片有 21.0 MB，最多 20 MB。请压缩后再上传。"


def test_a_small_file_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = samples.png_of(30_000, 30_000, bytes(60 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024

    with pytest.raises(UploadRefusedError) as refused:
        clean_picture(bomb)

    assert str(refused.value) == LARGE


def test_the_decoder_lives_within_limits() -> None:
    look = (
        f"import runpy, resource, json; m = runpy.run_path({str(cleaning.DECODER)!r});"
        "m['limit_this_process']();"
        "print(json.dumps([resource.getrlimit(getattr(resource, n))[0] for n in"
        " ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_CORE')]))"
    )

    limits = subprocess.run([sys.executable, "-I", "-c", look], capture_output=True, text=True, check=True)

    assert limits.stdout.strip() == "[1073741824, 20, 67108864, 0]"


def test_a_decoder_that_breaks_down_refuses_that_file_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    broken = tmp_path / "decoder.py"
    broken.write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setattr(cleaning, "DECODER", broken)

    with pytest.raises(UploadRefusedError) as refused:
        clean_picture(samples.picture())

    assert str(refused.value) == "图片处理超出了限制，没有收下。请换一张，或缩小后再上传。"


@pytest.mark.django_db
def test_a_stored_pictures_name_can_not_be_guessed() -> None:
    one = services.add_picture(title="苹果", upload=samples.picture(), by=None)
    two = services.add_picture(title="苹果", upload=samples.picture(), by=None)

    assert one.file.name != two.file.name
    assert "苹果" not in one.file.name
    assert (one.width, one.height, one.file_size) == (320, 240, one.file.size)


@pytest.mark.django_db
def test_generated_pictures_come_in_by_the_dozen(django_assert_max_num_queries: Any) -> None:
    drawn = [services.GeneratedPicture(f"图 {n}", samples.picture()) for n in range(12)]

    with django_assert_max_num_queries(6):
        stored = services.add_generated_pictures(drawn, by=None)

    assert [image.title for image in stored] == [f"图 {n}" for n in range(12)]
    assert stored[0].get_rendition("fill-100x100").width == 100
