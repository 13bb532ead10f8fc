"""Her own story, by her private link: all of it, her answer, and taking it back whenever she likes."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.media.views import show_private
from apps.storefront import access, previews, throttles
from apps.storefront.views.frame import consumer_page
from apps.stories import services, taking_back
from apps.stories.models import Story


@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def story(request: HttpRequest, token: str) -> HttpResponse:
    """What would be shown, by whom and what for; her answer, once; and taking it back."""
    with access.story_behind(token) as found:
        if request.method == "POST":
            return _answer(request, token, found)
        return _page(request, token, found)


def _page(
    request: HttpRequest, token: str, found: Story, *, said: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    told = services.notice(now=now)
    asks = found.state == Story.State.ASKED
    context = {
        "story": found,
        "pictures": found.pictures.all(),
        "host": found.host,
        "token": token,
        "company": services.recipient_of(found),
        "notice": told.text,
        "seen": services.mark_of(found, told),
        "is_late": asks and (now >= found.ask_until or not found.host.is_active),
        "is_host": previews.is_of_the_house(request, found.host),
        "said": said,
    }
    return render(request, "storefront/story.html", context, status=status)


def _answer(request: HttpRequest, token: str, found: Story) -> HttpResponse:
    if wait := throttles.wait_s(request, "story"):
        answer = render(request, "storefront/busy.html", {"host": found.host}, status=429)
        answer["Retry-After"] = str(wait)
        return answer
    now, do = timezone.now(), request.POST.get("do", "")
    try:
        if do == "agree":
            # The host knows the link too: the yes must not come from her phone, nor from HQ's.
            if previews.is_of_the_house(request, found.host):
                said = "这是工作用的手机。这一步要由她本人在自己的手机上点。"
                return _page(request, token, found, said=said, status=403)
            if request.POST.get("consent") != "on":
                said = "还没有同意：请先在「我看过了」前面打勾，再点一次。"
                return _page(request, token, found, said=said, status=400)
            services.agree(
                found,
                seen=request.POST.get("seen", ""),
                now=now,
                evidence={
                    "source": throttles.source_of(request),
                    "agent": request.headers.get("User-Agent", "")[:200],
                },
            )
        elif do == "decline":
            taking_back.decline(found, now=now)
        elif do == "withdraw":
            taking_back.withdraw(found, now=now)
        else:
            return _page(request, token, found, said="请点下面的按钮。", status=400)
    except services.NotPossibleError as error:
        found.refresh_from_db()
        return _page(request, token, found, said=str(error), status=409)
    return HttpResponseRedirect(reverse("storefront:story", args=[token]))


@require_safe
@consumer_page
def picture(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    with access.story_behind(token) as found:
        shown = get_object_or_404(found.pictures.all(), public_id=public_id)
    return show_private(request, str(shown.file.name))  # type: ignore[return-value]
