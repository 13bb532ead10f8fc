"""Private files as answers: never kept by a browser or a proxy, never run."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from apps.privacy.models import ExportRequest
from apps.privacy.served import export_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx(request: ExportRequest, content: bytes) -> HttpResponse:
    return download(content, filename=f"{export_of(request).label}-{request.number}.xlsx", kind=XLSX)


def download(content: bytes, *, filename: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
