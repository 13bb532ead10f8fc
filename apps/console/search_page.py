"""The search box of the console: what is typed travels by post, since it may be somebody's phone number.

The page of results has an address to go back to and to reload; a phone number stands in it sealed.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from apps.accounts.middleware import each_counts
from apps.console.finding import find
from apps.console_kit.viewsets import page
from apps.customers.console import phone_in
from apps.database.crypto import CannotDecryptError
from apps.database.sealing import seal, unseal
from apps.lib.masks import mask_phone
from apps.lib.words import folded

_LONGEST = 100
_CONTEXT = "console-search"


@each_counts
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied
    if request.method == "POST":
        return redirect(_address(_plain(request.POST.get("q", ""))))
    words = _opened(request.GET.get("for", "")) or _plain(request.GET.get("q", ""))
    context: dict[str, Any] = {"words": words, **page("搜索", icon="search")}
    phone = phone_in(words)
    if phone:
        context["shown_words"] = mask_phone(phone)
    if not words:
        return TemplateResponse(request, "console/search.html", context)
    answer = find(request, words)
    context["answer"] = answer
    return TemplateResponse(request, "console/search.html", context, status=429 if answer.is_spent else 200)


def _plain(text: str) -> str:
    return folded(text.replace("\x00", ""))[:_LONGEST]


def _address(words: str) -> str:
    address = reverse("console-search")
    if not words:
        return address
    if phone_in(words) is None:
        return f"{address}?{urlencode({'q': words})}"
    return f"{address}?{urlencode({'for': seal(words.encode(), context=_CONTEXT)})}"


def _opened(sealed: str) -> str:
    """The phone number that an address of ours holds; nothing for one that somebody made up."""
    if not sealed:
        return ""
    try:
        return unseal(sealed, context=_CONTEXT).decode()
    except CannotDecryptError:
        return ""
