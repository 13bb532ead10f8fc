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

#: What a browser without scripts is told after the button.
_BY_HAND = {"copied": "长按上面的文字，全选后复制。", "saved": "长按图片，选「保存到手机」。"}


def share_sheet(
    request: HostRequest, subject: Shareable, context: dict[str, Any], *, text: str = ""
) -> HttpResponse:
    """The choice of ways; after a post what she takes away. A refusal says why, and nothing is written.

    A post with `took` says that she copied, saved or sent it; without scripts the page says how, once more.
    """
    form = ChannelForm(request.POST if request.method == "POST" else None)
    shared, error = _share(request, subject, form, text) if form.is_bound else (None, "")
    took = form.cleaned_data.get("took", "") if shared is not None else ""
    if took and request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    context = {**context, "shared": shared, "error": error, "ways": ways.buttons(subject.channels)}
    if shared is not None:
        hint = _BY_HAND.get(took) or ways.hint_of(shared)
        context |= {"way_word": ways.word_of(shared.channel), "hint": hint}
    part = request.htmx and not request.htmx.boosted
    answer = render(request, "workbench/_share.html" if part else "workbench/share.html", context)
    answer["Vary"] = "HX-Request"
    if error:
        answer.status_code = 422
    return answer


def _share(
    request: HostRequest, subject: Shareable, form: ChannelForm, text: str
) -> tuple[Shared | None, str]:
    if not form.is_valid():
        return None, "请从下面选一种分享方式。"
    try:
        channel = Channel(form.cleaned_data["channel"])
        look = form.cleaned_data["look"]
        services.remember_look(request.host, look)
        act = services.share if form.cleaned_data["took"] else services.open_way
        return act(request.host, subject, channel, timezone.now(), text=text, look=look), ""
    except (NotNowError, NoSuchWayError) as error:
        return None, str(error)
