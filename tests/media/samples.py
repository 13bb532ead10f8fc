"""Pictures and films as people, phones and attackers send them."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import av
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (320, 240), mode: str = "RGB", **options: Any
) -> bytes:
    """A picture with some detail, so that it is not compressed to nothing."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def photograph_with_place() -> bytes:
    """What a phone takes: stored sideways, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to look upright
    exif[0x010F] = "SECRET-CAMERA"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (31.0, 13.0, 49.0), "E", (121.0, 28.0, 25.0)
    return picture("JPEG", (400, 200), exif=exif.tobytes(), comment=b"SECRET-COMMENT")


def png_of(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG that claims a size; its data may be nothing, or far too little."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def film(
    folder: Path, *, codec: str = "libx264", seconds: int = 2, name: str = "film.mp4", **metadata: str
) -> bytes:
    """A short film with a sound track."""
    path = folder / name
    with av.open(str(path), "w") as output:
        output.metadata.update(metadata)
        video = output.add_stream(codec, rate=10)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        sound = output.add_stream("aac", rate=44100)
        for number in range(seconds * 10):
            frame = av.VideoFrame.from_image(Image.new("RGB", (160, 120), (number * 5 % 255, 90, 160)))
            for packet in video.encode(frame):
                output.mux(packet)
        quiet = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        quiet.sample_rate, quiet.pts = 44100, 0
        for plane in quiet.planes:
            plane.update(bytes(plane.buffer_size))
        for packet in [*sound.encode(quiet), *sound.encode(None), *video.encode(None)]:
            output.mux(packet)
    return path.read_bytes()
