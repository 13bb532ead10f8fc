"""Telling a person's visit from a machine's: link previews, crawlers, prefetching."""

import re

from django.http import HttpRequest

from apps.accounts import own_browser
from apps.accounts.models import Host

# What every browser calls itself first, and hardly a program that fetches pages does.
_BROWSER = re.compile(r"^(?:mozilla|opera|ucweb|ucbrowser)/", re.IGNORECASE)
# Words that crawlers and link previews put into their names. CUBOT makes phones, Sogou and Baidu make
# browsers for people: so `bot` counts only at the end of another word, and brands only as spiders.
_MACHINES = re.compile(
    r"(?<!cu)bot\b|spider|crawl|slurp|(?:url|link|site|skypeuri)-?_?preview|externalhit|facebot|"
    r"fetcher|embedly|unfurl|prerender|iframely|vkshare|qq-?urlmanager|wechat-?share|wxwork-?share|"
    r"dingtalk-?robot|lark-?oapi|feishu-?robot|scrapy|monitor|lighthouse|pingdom|python|node-fetch|axios",
    re.IGNORECASE,
)


def is_person(request: HttpRequest) -> bool:
    """May this request count as somebody looking?

    HEAD, previews, crawlers, prefetching and whatever does not call itself a browser may not.
    """
    if request.method != "GET":
        return False
    headers = request.headers
    purpose = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')} {headers.get('X-Moz', '')}"
    if "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return False
    agent = headers.get("User-Agent", "")
    return bool(_BROWSER.match(agent)) and not _MACHINES.search(agent)


def is_at_work(request: HttpRequest, host: Host) -> bool:
    """Whether it is the host herself who looks, or somebody at HQ: their looks are no visits."""
    return own_browser.is_of(request, host) or (
        getattr(request, "host", None) is None and request.user.is_authenticated
    )


def is_of_the_house(request: HttpRequest, host: Host) -> bool:
    """Whether this is no customer's browser: `host` worked here, or anybody of the platform is signed in.

    A yes, or a proof, that comes from here is not hers: her host knows the private links, too.
    """
    return request.user.is_authenticated or is_at_work(request, host)
