"""Uploads become clean copies here: the decoders run in a child process with limits, never in ours."""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import File

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
MAX_PICTURE_BYTES = 20 * MEGABYTE
MAX_FILM_BYTES = 10 * MEGABYTE
WALL_SECONDS = 30
DECODER = Path(__file__).with_name("decoder.py")


class UploadRefusedError(Exception):
    """This file is not taken; the message says what is wrong and the mend, in the reader's words."""


@dataclass(frozen=True)
class CleanPicture:
    """A picture as it is stored: upright, sRGB, no metadata."""

    content: bytes
    extension: str
    width: int
    height: int


@dataclass(frozen=True)
class CleanFilm:
    """A film as it is stored, and the picture shown before it plays."""

    content: bytes
    cover: bytes
    width: int
    height: int
    duration_s: float


def clean_picture(upload: "File[bytes] | bytes", *, kind: str = "picture") -> CleanPicture:
    """The clean copy of one uploaded picture; UploadRefusedError for anything else.

    A "face" is made small, 400 pixels on the short side, a "code" 720.
    """
    size = _size(upload)
    if size > MAX_PICTURE_BYTES:
        raise UploadRefusedError(f"图片有 {_megabytes(size)} MB，最多 20 MB。请压缩后再上传。")
    with _decoded(kind, upload) as (found, folder):
        return CleanPicture(
            content=(folder / "out").read_bytes(),
            extension=found["extension"],
            width=found["width"],
            height=found["height"],
        )


def clean_film(upload: "File[bytes] | bytes") -> CleanFilm:
    """The clean copy of one uploaded MP4 with its cover; UploadRefusedError for anything else."""
    size = _size(upload)
    if size > MAX_FILM_BYTES:
        raise UploadRefusedError(
            f"视频有 {_megabytes(size)} MB，最多 10 MB。请用剪映等工具导出 720p，或剪短一点再上传。"
        )
    with _decoded("film", upload) as (found, folder):
        return CleanFilm(
            content=(folder / "out").read_bytes(),
            cover=(folder / "cover").read_bytes(),
            width=found["width"],
            height=found["height"],
            duration_s=found["duration_s"],
        )


@contextmanager
def _decoded(kind: str, upload: "File[bytes] | bytes") -> Iterator[tuple[dict[str, Any], Path]]:
    with tempfile.TemporaryDirectory(prefix="upload-") as name:
        folder = Path(name)
        with (folder / "in").open("wb") as target:
            if isinstance(upload, bytes):
                target.write(upload)
            else:
                upload.seek(0)
                for chunk in upload.chunks():
                    target.write(chunk)
        found = _ask(kind, folder)
        if "refused" in found:
            raise UploadRefusedError(_sentence(found["refused"], kind))
        yield found, folder


def _ask(kind: str, folder: Path) -> dict[str, Any]:
    """One child, one file. Its environment is empty: a decoder gone wrong finds no key there."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(DECODER), kind, str(folder)],
            capture_output=True,
            timeout=WALL_SECONDS,
            cwd=folder,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        answer = {}
    if not answer:
        logger.warning("upload.decoder_ended", extra={"kind": kind})
        return {"refused": "limits"}
    return dict(answer)


def _sentence(code: str, kind: str) -> str:
    sentences = {
        "format": "只收 JPG、PNG、WebP、HEIC 图片。请另存为其中一种再上传。",
        "pixels": "图片太大了，最多 4000 万像素。请缩小后再上传。",
        "broken": "图片打不开，文件可能没传完整。请重新导出再上传。",
        "limits": "图片处理超出了限制，没有收下。请换一张，或缩小后再上传。",
        "film_format": "只收 MP4 视频。请在手机相册或剪映里导出 MP4 再上传。",
        "film_codec": "这个视频有些手机放不了。请用 H.264 编码、AAC 声音导出 MP4 再上传。",
        "film_long": "视频超过 10 分钟。请剪短一点再上传。",
        "film_large": "视频画面太大。请导出 720p 再上传。",
    }
    if kind == "film":
        sentences["broken"] = "视频打不开，文件可能没传完整。请重新导出再上传。"
        sentences["limits"] = "视频处理超出了限制，没有收下。请导出 720p 再上传。"
    return sentences.get(code, sentences["broken"])


def _size(upload: "File[bytes] | bytes") -> int:
    return len(upload) if isinstance(upload, bytes) else int(upload.size)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}"
