"""Files over HTTP: public ones by their unguessable name, private ones after a check; both with Range."""

import mimetypes
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

#: What anyone may fetch who knows the name. Everything else in the storage is private.
PUBLIC = {
    "original_images": {".jpg", ".png", ".webp"},
    "images": {".jpg", ".jpeg", ".png", ".webp"},
    "videos": {".mp4"},
    "posters": {".jpg"},
    "hosts": {".jpg", ".png", ".webp"},
    "avatar_images": {".jpg", ".png", ".webp"},
}
CHUNK = 64 * 1024
#: No file of ours has more than 18 digits of bytes; a longer number is no range.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_TOO_FAR = re.compile(r"bytes=\d{19,}-\d*")


@require_safe
def public_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture, film or poster. Names are never used twice, so a copy may be kept for ever."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or PurePosixPath(path).suffix not in PUBLIC.get(parts[0], set()):
        raise Http404
    response = _answer(request, path, mimetypes.guess_type(path)[0] or "application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def serve_private(request: HttpRequest, name: str, *, filename: str, content_type: str) -> HttpResponseBase:
    """A private file of the storage as a download. The caller has checked who may have it."""
    response = _answer(request, name, content_type)
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return response


def show_private(request: HttpRequest, name: str) -> HttpResponseBase:
    """A private picture of the storage, shown in a page. The caller has checked who may see it."""
    kind = {".png": "png", ".webp": "webp"}.get(PurePosixPath(name).suffix, "jpeg")
    response = serve_private(request, name, filename=f"picture.{kind}", content_type=f"image/{kind}")
    response["Content-Disposition"] = "inline"
    return response


def _answer(request: HttpRequest, name: str, content_type: str) -> HttpResponseBase:
    try:
        file = default_storage.open(name, "rb")
        size = file.size
    except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    start, end = 0, size - 1
    status = 200
    asked = request.headers.get("Range", "")
    wanted = _RANGE.fullmatch(asked)
    if _TOO_FAR.fullmatch(asked):
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if wanted and size:
        first, last = wanted.groups()
        if first:
            start, end = int(first), min(int(last or size - 1), size - 1)
        elif last:
            start = max(0, size - int(last))
        if start > end or (not first and not last):
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
    length = end - start + 1
    response: Any
    if status == 200:
        response = FileResponse(file, content_type=content_type)
    else:
        response = StreamingHttpResponse(_slice(file, start, length), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


def _slice(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = length
        while left > 0:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
