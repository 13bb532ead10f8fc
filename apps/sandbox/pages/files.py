"""Pictures: QR codes of contact ways, and uploaded media."""

import io

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from apps.sandbox.models import ContactWay, Media


def contact_way_qr(request: HttpRequest, config_id: str) -> HttpResponse:
    way = get_object_or_404(ContactWay, config_id=config_id)
    code = segno.make(f"{settings.SANDBOX_URL}/add/{way.config_id}/", error="m")
    picture = io.BytesIO()
    code.save(picture, kind="svg", scale=6, border=2, light="#fff")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def media(request: HttpRequest, media_id: str) -> HttpResponse:
    found = get_object_or_404(Media, media_id=media_id)
    if not found.content_type.startswith(("image/jp", "image/png", "video/mp4")):
        raise Http404
    return HttpResponse(
        bytes(found.content), content_type=found.content_type, headers={"X-Content-Type-Options": "nosniff"}
    )


def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")
