"""What every consumer page has in common: its headers, its kind refusals, and the counting of a visit."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.storefront import access, drafts, selectors, services, throttles, visitors
from apps.storefront.access import GoneError, Reason
from apps.storefront.previews import is_at_work, is_person
from apps.tracking.models import Link

View = Callable[..., HttpResponse]
#: The public code of the link that was opened last: pages that are not there lead back to its host.
LAST = "l"


def consumer_page(view: View) -> View:
    """Answer what is absent or gone in the storefront's own words; no cache or search engine keeps a page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as absent:
            context = {"is_order": isinstance(absent, access.OrderNotShownError), **_way_on(request)}
            response = render(request, "storefront/missing.html", context, status=404)
        except GoneError as gone:
            response = gone_page(request, gone, status=410)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def _way_on(request: HttpRequest) -> dict[str, Any]:
    """From a page that is not there: to the host whose link this browser opened last, if it knows one."""
    try:
        link = access.link_behind(request.COOKIES.get(LAST, ""))
    except (Http404, GoneError):
        return {}
    return {"link": link, "host": link.host, "cards": selectors.alternatives(link.host)}


def gone_page(request: HttpRequest, gone: GoneError, *, status: int) -> HttpResponse:
    """Why it is not open any more, and what of her shelf may do instead."""
    host = gone.link.host
    cards = [] if gone.reason is Reason.HOST_LEFT else selectors.alternatives(host, besides=gone.product)
    own = access.subject_to_buy(gone.link, timezone.now()) if gone.reason is Reason.NOT_OFFERED else None
    if own is not None:
        # What it stood in for is there again.
        others = [card for card in cards if card.product.pk != own.pk]
        cards = [selectors.card_of(host, own), *others[: selectors.ALTERNATIVES - 1]]
    draft = drafts.kept(request)
    context = {
        "link": gone.link,
        "host": host,
        "reason": gone.reason.value,
        "cards": cards,
        "is_typed_kept": draft is not None and draft.page == drafts.GONE,
    }
    return render(request, "storefront/gone.html", context, status=status)


def counted(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    link: Link,
    kind: str,
    subject_id: int,
    now: datetime | None = None,
) -> HttpResponse:
    """The page; a person's visit is one event. A machine's is none, nor the host's own, nor HEAD's."""
    now = now or timezone.now()
    context = {"link": link, "host": link.host, **context}
    guest = visit_of(request, link, now=now)
    if guest is None:
        return render(request, template, context)
    context["page"] = services.note_view(
        link, kind=kind, subject_id=subject_id, visitor=guest.visitor, now=now
    )
    response = render(request, template, context)
    visitors.remember(response, guest)
    response.set_cookie(
        LAST,
        link.code,
        max_age=visitors.LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def visit_of(request: HttpRequest, link: Link, *, now: datetime) -> visitors.Guest | None:
    """The customer who looks, as far as one can tell; None for machines and for people at work."""
    if not is_person(request) or is_at_work(request, link.host):
        return None
    known = visitors.known_guest(request)
    if known is None and throttles.is_repetition(request, link):
        return None
    return known or visitors.new_guest(now=now)
