"""The answer to every share: a sheet over the page, or a page of its own without scripts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.sharing import services
from apps.sharing.services import NoSuchWayError, NotNowError, Shared
from apps.sharing.subjects import Shareable
from apps.tracking.models import Channel
from apps.workbench import ways
from apps.workbench.forms import ChannelForm
from apps.workbench.requests import HostRequest


def share_sheet(
    request: HostRequest, subject: Shareable, context: dict[str, Any], *, text: str = ""
) -> HttpResponse:
    """The choice of ways; after a post what she takes away. A refusal says why, and nothing is written."""
    shared, error = _share(request, subject, text) if request.method == "POST" else (None, "")
    context = {**context, "shared": shared, "error": error, "ways": ways.buttons(subject.channels)}
    if shared is not None:
        context |= {"way_word": ways.word_of(shared.channel), "hint": ways.hint_of(shared)}
    part = request.htmx and not request.htmx.boosted
    answer = render(request, "workbench/_share.html" if part else "workbench/share.html", context)
    answer["Vary"] = "HX-Request"
    if error:
        answer.status_code = 422
    return answer


def _share(request: HostRequest, subject: Shareable, text: str) -> tuple[Shared | None, str]:
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return None, "请从下面选一种分享方式。"
    try:
        channel = Channel(form.cleaned_data["channel"])
        return services.share(request.host, subject, channel, timezone.now(), text=text), ""
    except (NotNowError, NoSuchWayError) as error:
        return None, str(error)
