"""Whether she wants offers, by her own private link: her answer, and taking it back whenever she likes."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.accounts.middleware import each_counts
from apps.reach import asking
from apps.reach.models import Asking
from apps.records.models import Notice
from apps.records.services import consents
from apps.storefront import previews, throttles
from apps.storefront.views.frame import consumer_page


@each_counts
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """What she is asked, by whom; her yes or no; and the way back."""
    found = asking.behind(token)
    if found is None:
        raise Http404
    return _answer(request, token, found) if request.method == "POST" else _page(request, found)


def _page(request: HttpRequest, found: Asking, *, said: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    host = found.relation.host
    is_late = now >= found.open_until or not host.is_active
    # An ended link gives no yes any more, and goes on taking back whatever stands, whoever serves her now.
    to = None if is_late else host.pk
    stands = consents.standing(found.relation_id, Notice.Purpose.MARKETING) if is_late else None
    context = {
        "asking": found,
        "host": host,
        "agreed": consents.is_agreed(found.relation_id, Notice.Purpose.MARKETING, host_id=to),
        "is_late": is_late,
        # Her yes is to whom it names; who serves her now has none of hers yet.
        "recipient": stands.recipient if stands else asking.recipient_of(found.relation),
        "seen": asking.mark_of(found.relation, now=now),
        "notice": asking.notice(now=now).text,
        "is_host": previews.is_of_the_house(request, host),
        "said": said,
    }
    return render(request, "storefront/agree.html", context, status=status)


def _answer(request: HttpRequest, token: str, found: Asking) -> HttpResponse:
    if wait := throttles.wait_s(request, "agree"):
        busy = render(request, "storefront/busy.html", {"host": found.relation.host}, status=429)
        busy["Retry-After"] = str(wait)
        return busy
    now, do = timezone.now(), request.POST.get("do", "")
    if do not in ("yes", "no"):
        return _page(request, found, said="请点下面的按钮。", status=400)
    if previews.is_of_the_house(request, found.relation.host):
        # Her host knows the link too: the answer must not come from the host's phone, nor from HQ's.
        said = "这是工作用的手机。这一步要由她本人在自己的手机上点。"
        return _page(request, found, said=said, status=403)
    if do == "yes" and (not found.relation.host.is_active or now >= found.open_until):
        return _page(request, found, said="这个链接过期了，愿意的话请对方重新发给你。", status=409)
    evidence = {
        "source": throttles.source_of(request),
        "agent": request.headers.get("User-Agent", "")[:200],
        "page": "/agree/",
    }
    seen = request.POST.get("seen", "")
    try:
        asking.answer(found, is_yes=do == "yes", evidence=evidence, now=now, seen=seen)
    except asking.NotSeenError:
        return _page(request, found, said="说明刚刚改过，请再看一遍，愿意的话再点一次。", status=409)
    return HttpResponseRedirect(reverse("storefront:agree", args=[token]))
