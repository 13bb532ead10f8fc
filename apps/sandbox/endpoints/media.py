"""Uploaded files: three days by media_id, or a picture's lasting address."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

from apps.sandbox import fieldcheck, ids
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import Media

LIFE = timedelta(days=3)
MB = 1024 * 1024
LIMITS = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def living_media(call: Call, media_id: str) -> Media:
    media = Media.objects.filter(media_id=media_id, is_lasting=False).first()
    if media is None or media.created_at + LIFE <= call.now:
        raise ApiError(40007)
    return media


def store(call: Call, *, kind: str, limit: int, is_lasting: bool, scene: str = "") -> Media:
    file = call.files.get("media") or next(iter(call.files.values()), None)
    if file is None or not file.size:
        raise ApiError(44001)
    if file.size <= 5:
        raise ApiError(40006)
    if file.size > limit:
        raise ApiError(45001)
    content = file.read()
    content_type = file.content_type or "application/octet-stream"
    if kind == "image":
        content_type = next((name for mark, name in SIGNATURES.items() if content.startswith(mark)), "")
        if not content_type:
            raise ApiError(40123)
    return Media.objects.create(
        media_id=ids.opaque("" if is_lasting else "3", 64),
        kind=kind,
        filename=(file.name or "file")[:200],
        content_type=content_type,
        content=content,
        is_lasting=is_lasting,
        scene=scene,
        created_at=call.now,
    )


@endpoint("media/upload")
def media_upload(call: Call) -> Answer:
    kind = call.query.get("type", "")
    if kind not in LIMITS:
        raise ApiError(40004)
    media = store(call, kind=kind, limit=LIMITS[kind], is_lasting=False)
    return {
        "type": kind,
        "media_id": media.media_id,
        "created_at": str(int(media.created_at.timestamp())),
    }


@endpoint("media/uploadimg")
def media_uploadimg(call: Call) -> Answer:
    media = store(call, kind="image", limit=2 * MB, is_lasting=True)
    return {"url": f"{settings.SANDBOX_URL}/media/{media.media_id}/"}


@endpoint("media/upload_attachment")
def media_upload_attachment(call: Call) -> Answer:
    kind = call.query.get("media_type", "")
    if kind not in ("image", "video", "file"):
        raise ApiError(40004)
    use = fieldcheck.number(call.query, "attachment_type", least=1, most=2)
    scene = "moments" if use == 1 else "album"
    media = store(call, kind=kind, limit=LIMITS[kind], is_lasting=False, scene=scene)
    return {"type": kind, "media_id": media.media_id, "created_at": int(media.created_at.timestamp())}


@endpoint("media/get", "GET")
def media_get(call: Call) -> Answer:
    media = living_media(call, fieldcheck.text(call.query, "media_id", missing=41006))
    response = HttpResponse(bytes(media.content), content_type=media.content_type)
    response["Content-Disposition"] = f'attachment; filename="{media.media_id[:12]}"'
    return response
