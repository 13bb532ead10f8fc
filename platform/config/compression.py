"""Pages are sent compressed: HTML and JSON shrink to a fifth, which on a bad network is a second.

What BREACH needs it does not find here. It guesses a secret that stands in a compressed answer beside text
of its own, by the length of thousands of answers that somebody else's browser fetches for it. Our session
cookie is SameSite=Lax, so other sites' pages fetch nothing signed in; the form's mark is masked anew each
time by Django; the length of each answer varies by up to a hundred bytes at random (Django's mitigation).
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_WORTH_IT = ("text/html", "application/json", "application/vnd.oai.openapi")


class CompressionMiddleware(GZipMiddleware):
    """Django's, for words alone: pictures and films are small already, parts of files stay as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if response.streaming or response.status_code == 206 or not kind.startswith(_WORTH_IT):
            return response
        return super().process_response(request, response)
