"""Run by itself in a limited child process: open what somebody uploaded, write a clean copy.

    python -I decoder.py picture|face|code|film FOLDER

reads FOLDER/in and writes FOLDER/out (and FOLDER/cover for a film), then prints one line of JSON. It imports
nothing of ours, holds no secret, and gives itself limits before it touches a decoder: a crafted file can at
worst end this process.
"""

import io
import json
import resource
import sys
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
MEMORY = 1024 * MEGABYTE
CPU_SECONDS = 20
MAX_PIXELS = 40_000_000
MAX_SHORT_SIDE = 2048
FACE_SIDE = 400
CODE_SIDE = 720
MAX_LONG_SIDE = 16_000
MAX_FILM_SECONDS = 600
MAX_FILM_SIDE = 4096


class RefusedError(Exception):
    """What is wrong, as a code that the parent turns into a sentence."""


def limit_this_process() -> None:
    """Memory, processor, file size, and no core dump: all before any decoder is imported."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * MEGABYTE, 64 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def read_picture(folder: Path, short_side: int = MAX_SHORT_SIDE) -> dict[str, Any]:
    """Decode one picture and write it again as JPEG, PNG or WebP: upright, sRGB, without any metadata."""
    import pillow_heif
    from PIL import Image, ImageOps, UnidentifiedImageError

    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # our own cap below; Pillow's would only warn between 40 and 80 million
    try:
        image: Any = Image.open(folder / "in", formats=["JPEG", "PNG", "WEBP", "HEIF"])
    except UnidentifiedImageError as error:
        raise RefusedError("format") from error
    if image.width * image.height > MAX_PIXELS:
        raise RefusedError("pixels")
    found = image.format
    image.load()
    image = as_srgb(ImageOps.exif_transpose(image))
    image = shrunk(image, short_side)
    image.info = {}
    kind = {"PNG": "png", "WEBP": "webp"}.get(found, "jpg")
    if kind == "jpg" and image.mode == "RGBA":  # a HEIF with transparency
        kind = "png"
    if kind == "png":
        image.save(folder / "out", "PNG", optimize=image.width * image.height < 4_000_000)
    elif kind == "webp":
        image.save(folder / "out", "WEBP", quality=88, method=4)
    else:
        image.save(folder / "out", "JPEG", quality=88, optimize=True, progressive=True)
    return {"extension": kind, "width": image.width, "height": image.height}


def as_srgb(image: Any) -> Any:
    """RGB or RGBA in the colours a phone's browser expects; the colour profile itself is dropped."""
    from PIL import ImageCms

    if image.mode in {"I;16", "I;16L", "I;16B", "I"}:
        image = image.point(lambda value: value / 256).convert("L")
    profile = image.info.get("icc_profile")
    transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if profile and image.mode in {"RGB", "CMYK", "RGBA"}:
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            plain = image.convert("RGB") if image.mode == "RGBA" else image
            image = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile: the plain numbers are close enough
        else:
            if alpha is not None:
                image.putalpha(alpha)
    wanted = "RGBA" if transparent else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def read_face(folder: Path) -> dict[str, Any]:
    """A picture of a person, shown small."""
    return read_picture(folder, FACE_SIDE)


def read_code(folder: Path) -> dict[str, Any]:
    """A picture with a code in it, often a whole screenshot: sharp for a camera, light for a phone."""
    return read_picture(folder, CODE_SIDE)


def shrunk(image: Any, short_side: int) -> Any:
    """At most so many pixels on the short side: a long picture (长图) stays readable, a photo gets light."""
    from PIL import Image

    scale = min(1.0, short_side / min(image.size), MAX_LONG_SIDE / max(image.size))
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def read_film(folder: Path) -> dict[str, Any]:
    """Check an MP4, copy its streams into a fresh file that starts fast, and take a cover from it.

    Nothing is transcoded. The copy leaves behind what phones write beside it: place, device, extra tracks.
    """
    import av
    from av.error import FFmpegError

    with (folder / "in").open("rb") as file:
        head = file.read(16)
        if head[4:8] != b"ftyp" or head[8:12] == b"qt  ":
            raise RefusedError("film_format")
        file.seek(0)
        try:
            with av.open(file, format="mp4") as source:
                found = facts(source)
                copy_streams(source, folder / "out")
            file.seek(0)
            with av.open(file, format="mp4") as source:
                found["width"], found["height"] = take_cover(source, folder / "cover")
        except (FFmpegError, EOFError, ValueError) as error:
            raise RefusedError("broken") from error
    return found


def facts(source: Any) -> dict[str, Any]:
    """What the container says of itself, refused where phones could not play it."""
    if not source.streams.video:
        raise RefusedError("film_format")
    if source.streams.video[0].codec_context.name != "h264":
        raise RefusedError("film_codec")
    if source.streams.audio and source.streams.audio[0].codec_context.name not in {"aac", "mp3", "mp3float"}:
        raise RefusedError("film_codec")
    seconds = (source.duration or 0) / 1_000_000
    if seconds <= 0:
        raise RefusedError("broken")
    if seconds > MAX_FILM_SECONDS:
        raise RefusedError("film_long")
    if max(source.streams.video[0].width, source.streams.video[0].height) > MAX_FILM_SIDE:
        raise RefusedError("film_large")
    return {"extension": "mp4", "duration_s": round(seconds, 2)}


def copy_streams(source: Any, target: Path) -> None:
    import av

    streams = [source.streams.video[0], *source.streams.audio[:1]]
    # The hints at the front let the film start while it loads.
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as output:
        copies = {stream.index: output.add_stream_from_template(stream) for stream in streams}
        packets = 0
        for packet in source.demux(streams):
            if packet.dts is None:
                continue
            packet.stream = copies[packet.stream.index]
            output.mux(packet)
            packets += 1
        if not packets:
            raise RefusedError("broken")


def take_cover(source: Any, target: Path) -> tuple[int, int]:
    """The picture a moment into the film: the first one is often black."""
    stream = source.streams.video[0]
    moment = min(1.0, source.duration / 2_000_000)
    frame = None
    for frame in source.decode(stream):
        if frame.time is not None and frame.time >= moment:
            break
    if frame is None:
        raise RefusedError("broken")
    image = frame.to_image()
    if frame.rotation:
        image = image.rotate(frame.rotation, expand=True)
    width, height = image.size
    image = shrunk(image, MAX_SHORT_SIDE)
    image.info = {}
    image.save(target, "JPEG", quality=88, optimize=True)
    return width, height


_READERS = {"picture": read_picture, "face": read_face, "code": read_code, "film": read_film}


def main(kind: str, folder: Path) -> dict[str, Any]:
    limit_this_process()
    try:
        return _READERS[kind](folder)
    except RefusedError as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "film_large" if kind == "film" else "pixels"}
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, RuntimeError) as error:
        # Pillow and libheif report a damaged file by any of these.
        return {"refused": "broken", "why": type(error).__name__}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
