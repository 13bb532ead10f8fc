"""The answer to every share: a sheet over the page, or a page of its own without scripts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from apps.tracking.models import Channel
from apps.workbench.requests import HostRequest
from apps.workbench.sharing import WAYS, Shared

ICONS = {
    Channel.GROUP: "group",
    Channel.SINGLE: "single",
    Channel.MOMENTS: "moments",
    Channel.POSTER: "poster",
    Channel.COPY: "link",
}


def ways(left_out: list[Channel] | None = None) -> list[dict[str, str]]:
    """The buttons, in their order."""
    return [
        {"channel": str(channel), "word": words[0], "icon": ICONS[channel]}
        for channel, words in WAYS.items()
        if channel not in (left_out or [])
    ]


def answer_share(request: HostRequest, shared: Shared | None, context: dict[str, Any]) -> HttpResponse:
    """The choice of ways (`shared` is None), or what she takes away."""
    context = {**context, "shared": shared, "ways": ways(context.get("ways_left_out"))}
    part = request.htmx and not request.htmx.boosted
    answer = render(request, "workbench/_share.html" if part else "workbench/share.html", context)
    answer["Vary"] = "HX-Request"
    return answer


def refuse_share(request: HostRequest, context: dict[str, Any]) -> HttpResponse:
    answer = answer_share(request, None, {**context, "error": "请从下面选一种分享方式。"})
    answer.status_code = 422
    return answer
