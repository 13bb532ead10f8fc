"""Bringing hosts in by the file, in the console: check first, then write."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from apps.accounts import access
from apps.accounts.imports import hosts
from apps.accounts.models import HostImport
from apps.console_kit.viewsets import page
from apps.files.tables import UnreadableError

_MOST_BYTES = 2 * 1024 * 1024
_SHOWN = 100


class UploadForm(forms.Form):
    file = forms.FileField(label="文件", help_text="CSV 或 XLSX，第一行是列名，最多 500 行。")
    dry_run = forms.BooleanField(
        label="只检查，先不写入",
        required=False,
        initial=True,
        help_text="看过结果，去掉勾再传一次就写入。",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise forms.ValidationError("文件超过 2 MB，分成几个再传。")
        return file


def upload(request: HttpRequest) -> HttpResponse:
    """The file is read from a folder of its own that is gone with the answer."""
    if not request.user.has_perm(access.CHANGE_HOSTS):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "form": form,
        "columns": hosts.COLUMNS,
        "needed": hosts.NEEDED,
        "runs": HostImport.objects.select_related("actor").order_by("-pk")[:10],
        **page("批量导入大C", icon="upload", under=("大C", "host:index")),
    }
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        dry_run = form.cleaned_data["dry_run"]
        with tempfile.TemporaryDirectory() as folder:
            beside = Path(folder) / f"upload{Path(file.name).suffix[:6]}"
            beside.write_bytes(file.read())
            try:
                outcome = hosts.import_hosts(
                    beside,
                    nodes=access.places_of(request.user, access.CHANGE_HOSTS),
                    by=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                    dry_run=dry_run,
                    file_name=file.name,
                    most=hosts.MOST_BY_HAND,
                )
            except UnreadableError as error:
                form.add_error("file", str(error))
            else:
                context |= {
                    "outcome": outcome,
                    "was_dry": dry_run,
                    "rejected": outcome.rejected[:_SHOWN],
                    "more": max(0, len(outcome.rejected) - _SHOWN),
                }
    return TemplateResponse(request, "console/import_hosts.html", context)


def rejected(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rows that a file's import turned back, to be mended: for who brought it in."""
    if not request.user.has_perm(access.CHANGE_HOSTS):
        raise PermissionDenied
    run = get_object_or_404(HostImport, public_id=public_id, actor=request.user.pk)
    response = HttpResponse(f"\ufeff{run.rejected_csv}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rejected.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [
    path("import/", upload, name="import"),
    path("import/<uuid:public_id>/rejected/", rejected, name="import-rejected"),
]
