"""A corpus of uploads that mean harm or are broken, made anew each time: nothing of it is kept in files."""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, PngImagePlugin

from tests import scale
from tests.media import samples

SCRIPT = b"<script>alert('harm')</script>"
_MEGABYTE = 1024 * 1024


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png_with(kind: bytes, body: bytes) -> bytes:
    """A sound PNG with one more chunk after its header."""
    good = samples.picture("PNG", (64, 64))
    return good[:33] + _chunk(kind, body) + good[33:]


def _jpeg_with_segments(marker: int, body: bytes, count: int) -> bytes:
    good = samples.picture("JPEG", (64, 64))
    segment = b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
    return good[:2] + segment * count + good[2:]


def _frames(kind: str, count: int) -> bytes:
    out = io.BytesIO()
    many = [Image.new("RGB", (200, 200), (number % 255, 0, 0)) for number in range(count)]
    many[0].save(out, kind, save_all=True, append_images=many[1:])
    return out.getvalue()


def _text_bomb() -> bytes:
    """Sixty megabytes of text that take up sixty kilobytes."""
    return _png_with(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60 * _MEGABYTE), 9))


def _profile_bomb() -> bytes:
    return _png_with(b"iCCP", b"icc\0\0" + zlib.compress(bytes(60 * _MEGABYTE), 9))


def _lying_exif() -> bytes:
    """Entries that claim a billion values somewhere behind the end, and a directory that points at itself."""
    entry = struct.pack("<HHII", 0x010F, 2, 1_000_000_000, 0x7FFFFFF0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)
    return _jpeg_with_segments(0xE1, exif, 1)


def _turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return samples.picture("JPEG", (64, 48), exif=exif.tobytes())


def _private_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("xml", SCRIPT.decode() * 200)
    return samples.picture("PNG", (64, 64), pnginfo=info)


def pictures() -> dict[str, bytes]:
    """Name → bytes. Some are sound pictures with something else in or behind them."""
    return {
        "svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "svg with entities": b"<!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg>&b;</svg>",
        "html": b"<!doctype html><html><body>" + SCRIPT,
        "html behind a jpeg's first bytes": b"\xff\xd8\xff\xe0" + SCRIPT * 50,
        "jpeg and zip": samples.picture("JPEG") + b"PK\x03\x04" + SCRIPT + b"PK\x05\x06" + bytes(18),
        "png and html": samples.picture("PNG") + SCRIPT,
        "webp and script": samples.picture("WEBP") + SCRIPT,
        "gif that is a script": b"GIF89a=1;" + SCRIPT,
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file",
        "a program": b"\x7fELF" + bytes(200),
        "pixels without end": samples.png_of(2**31 - 1, 2**31 - 1),
        "a bomb of pixels": samples.png_of(30_000, 30_000, bytes(40 * _MEGABYTE)),
        "as many pixels as are allowed": samples.png_of(8_000, 5_000, bytes(5_000 * 24_001)),
        "a bomb of text": _text_bomb(),
        "a bomb of a colour profile": _profile_bomb(),
        "text that is a script": _private_text(),
        "exif that lies": _lying_exif(),
        "exif of eighteen megabytes": _jpeg_with_segments(0xE1, b"Exif\0\0" + bytes(65_000), 280),
        "comments of eighteen megabytes": _jpeg_with_segments(0xFE, SCRIPT * 2_000, 300),
        "a profile that is none": _png_with(b"iCCP", b"icc\0\0" + zlib.compress(b"no profile")),
        "no such orientation": _turned(77),
        "many frames, webp": _frames("WEBP", 60),
        "many frames, png": _frames("PNG", 60),
        "heif without its picture": samples.picture("HEIF", (320, 240))[:300],
        **{
            f"damaged {kind} {seed}": content
            for kind in ("JPEG", "PNG", "WEBP", "HEIF")
            for seed, content in _damaged(kind)
        },
    }


def _damaged(kind: str) -> Iterator[tuple[int, bytes]]:
    good = samples.picture(kind, (320, 240))
    for seed in range(scale.of(1, 8)):
        yield seed, _hurt(good, seed)


def _hurt(good: bytes, seed: int) -> bytes:
    """A few bytes changed, the first sixteen left as they are: it still looks like what it says."""
    dice, broken = random.Random(seed), bytearray(good)
    for _ in range(12):
        broken[dice.randrange(16, len(broken))] = dice.randrange(256)
    return bytes(broken)


def films(folder: Path) -> dict[str, bytes]:
    good = samples.film(folder)
    moov = good.index(b"moov")
    return {
        "html": b"<html>" + SCRIPT,
        "a name alone": b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + bytes(100),
        "html behind the name": b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + SCRIPT * 20,
        "another container": samples.film(folder, name="film.mkv"),
        "a codec that phones lack": samples.film(folder, codec="mpeg4", name="old.mp4"),
        "the first half": good[: len(good) // 2],
        "the last byte gone": good[:-1],
        "no index": good[:moov] + b"xxxx" + good[moov + 4 :],
        "an index of four gigabytes": good[: moov - 4] + b"\xff\xff\xff\xff" + good[moov:],
        "a box of no size": good[: moov - 4] + bytes(4) + good[moov:],
        "boxes in boxes": b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0\0\x10\0moov" * 500,
        "a script beside": samples.film(folder, name="said.mp4", comment=SCRIPT.decode() * 30),
        **{f"damaged {seed}": _hurt(good, seed) for seed in range(scale.of(2, 16))},
    }
