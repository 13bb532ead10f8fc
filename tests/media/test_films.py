"""Uploaded films: checked, copied without what phones write beside them, never transcoded."""

import io
from decimal import Decimal
from pathlib import Path

import av
import pytest

from apps.media import services
from apps.media.cleaning import MEGABYTE, UploadRefusedError, clean_film
from tests.media import samples


def test_a_film_keeps_its_pictures_and_sound_and_gets_a_cover(tmp_path: Path) -> None:
    clean = clean_film(samples.film(tmp_path))

    with av.open(io.BytesIO(clean.content)) as stored:
        assert [stream.codec_context.name for stream in stored.streams] == ["h264", "aac"]
    assert clean.cover[:3] == b"\xff\xd8\xff"
    assert (clean.width, clean.height) == (160, 120)
    assert clean.duration_s == pytest.approx(2, abs=0.2)


def test_a_film_starts_while_it_loads(tmp_path: Path) -> None:
    clean = clean_film(samples.film(tmp_path))

    assert clean.content.index(b"moov") < clean.content.index(b"mdat")


def test_the_place_where_it_was_filmed_is_left_behind(tmp_path: Path) -> None:
    film = samples.film(tmp_path, location="+31.2304+121.4737/", comment="SECRET-COMMENT")
    assert b"SECRET-COMMENT" in film

    clean = clean_film(film)

    assert b"SECRET-COMMENT" not in clean.content
    assert b"+31.2304" not in clean.content


def test_a_film_of_another_coding_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(UploadRefusedError) as refused:
        clean_film(samples.film(tmp_path, codec="mpeg4"))

    assert str(refused.value) == "这个视频有些手机放不了。请用 H.264 编码、AAC 声音导出 MP4 再上传。"


@pytest.mark.parametrize("name", ["film.mov", "film.mkv", "film.avi"])
def test_other_containers_are_refused_with_the_mend(tmp_path: Path, name: str) -> None:
    with pytest.raises(UploadRefusedError) as refused:
        clean_film(samples.film(tmp_path, name=name))

    assert str(refused.value) == "只收 MP4 视频。请在手机相册或剪映里导出 MP4 再上传。"


def test_half_a_film_is_refused(tmp_path: Path) -> None:
    film = samples.film(tmp_path)

    with pytest.raises(UploadRefusedError) as refused:
        clean_film(film[: len(film) // 2])

    assert str(refused.value) == "视频打不开，文件可能没传完整。请重新导出再上传。"


def test_a_picture_is_no_film() -> None:
    with pytest.raises(UploadRefusedError):
        clean_film(samples.picture())


def test_a_film_over_ten_megabytes_is_refused_with_the_mend() -> None:
    with pytest.raises(UploadRefusedError) as refused:
        clean_film(bytes(12 * MEGABYTE))

    assert str(refused.value) == "视频有 12.0 MB，最多 10 MB。请用剪映等工具导出 720p，或剪短一点再上传。"


@pytest.mark.django_db
def test_a_stored_film_knows_its_length_and_cover(tmp_path: Path) -> None:
    video = services.add_film(title="开箱", upload=samples.film(tmp_path), by=None)

    video.refresh_from_db()
    assert video.cover.title == "开箱 封面"
    assert video.duration_s > Decimal("1.5")
    assert video.duration_label == "0:02"
    assert video.size_bytes == video.file.size
