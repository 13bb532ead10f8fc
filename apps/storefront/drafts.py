"""What a consumer typed into a form that was refused, until the page that says so has been shown.

The refusal redirects to that page, so that the browser's way back leads over pages it can ask for again. The
text travels in a cookie of her browser alone: encrypted, for half an hour, for this one address. Where
nothing can be ordered (`GONE`), what she typed of herself waits for what she orders instead by the same link.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from apps.storefront import sealed

COOKIE = "d"
#: The same for what is gone: another name, since it is read by more than one address.
GONE_COOKIE = "dg"
LIFE = timedelta(minutes=30)
GONE = "gone"
#: Browsers keep 4,096 bytes a cookie, its name and attributes included.
MOST_BYTES = 3_500


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was posted to `path`, and our answer: `errors` are (field, or "" for the form, text)."""

    path: str
    posted: dict[str, str]
    errors: tuple[tuple[str, str], ...]
    status: int
    #: What the page is: `refused`, `asks` (she may confirm), `sent` (this form made an order before), or
    #: `gone`: there is none, what she meant to order can't be had. Who she is goes with her to other goods.
    page: str = "refused"

    @property
    def data(self) -> QueryDict:
        data = QueryDict(mutable=True)
        data.update(self.posted)
        return data


def keep(response: HttpResponse, draft: Draft) -> bool:
    """Give the draft to the browser with `response`; False when it is too long for a cookie."""
    value = [draft.path, draft.posted, draft.errors, draft.status, draft.page]
    return sealed.put(response, COOKIE, value, life=LIFE, path=draft.path, most_bytes=MOST_BYTES)


def keep_for_others(request: HttpRequest, response: HttpResponse, draft: Draft) -> None:
    """The same for a form whose goods are gone: for every order form under `draft.path`."""
    value = [draft.path, draft.posted, draft.errors, draft.status, GONE]
    sealed.put(response, GONE_COOKIE, value, life=LIFE, path=draft.path, most_bytes=MOST_BYTES)
    if COOKIE in request.COOKIES:
        sealed.drop(response, COOKIE, path=request.path)


def kept(request: HttpRequest) -> Draft | None:
    """The draft for this address that the browser brings; None for none, or none of ours."""
    own = _read(request, COOKIE)
    if own is not None and own.path == request.path:
        return own
    gone = _read(request, GONE_COOKIE)
    return gone if gone is not None and request.path.startswith(gone.path) else None


def _read(request: HttpRequest, name: str) -> Draft | None:
    found = sealed.taken(request, name)
    if not isinstance(found, list) or len(found) != 5:
        return None
    path, posted, errors, status, page = found
    return Draft(path, posted, tuple((field, text) for field, text in errors), status, page)


def forget(request: HttpRequest, response: HttpResponse, *, gone_path: str) -> None:
    """Once it is ordered: of this address, and of what was gone under `gone_path`."""
    for name, path in ((COOKIE, request.path), (GONE_COOKIE, gone_path)):
        if name in request.COOKIES:
            sealed.drop(response, name, path=path)


def posted(data: Any) -> dict[str, str]:
    """The fields of a form, without the token of the request that brought it."""
    return {name: data[name] for name in data if name != "csrfmiddlewaretoken"}
