"""Telling a person's visit from a machine's: link previews, crawlers, prefetching."""

import re

from django.http import HttpRequest

# Words that crawlers and link previews put into their names. CUBOT makes phones, Sogou and Baidu make
# browsers for people: so `bot` counts only at the end of another word, and brands only as spiders.
_MACHINES = re.compile(
    r"(?<!cu)bot\b|spider|crawl|slurp|(?:url|link|site|skypeuri)-?_?preview|externalhit|facebot|"
    r"fetcher|embedly|unfurl|prerender|iframely|whatsapp/|vkshare|qq-?urlmanager|wechat-?share|wxwork-?share|"
    r"dingtalk-?robot|lark-?oapi|feishu-?robot|^curl/|^wget/|python-requests|python-httpx|aiohttp|go-http-client|"
    r"okhttp|apache-httpclient|^java/|libwww|scrapy|monitor",
    re.IGNORECASE,
)


def is_person(request: HttpRequest) -> bool:
    """May this request count as somebody looking? HEAD, previews, crawlers and prefetching may not."""
    if request.method != "GET":
        return False
    headers = request.headers
    purpose = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')} {headers.get('X-Moz', '')}"
    if "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return False
    return not _MACHINES.search(headers.get("User-Agent", ""))
