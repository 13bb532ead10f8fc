"""Signatures by which a page of ours may use the functions of WeCom's client (wecom.md §6).

A job keeps the two tickets fresh, so that a page is signed without asking anybody.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from apps.lib import addresses
from apps.outbox.registry import JobKind, Period
from apps.wecom import tokens
from apps.wecom.client import app_client
from apps.wecom.errors import WecomError
from apps.wecom.tokens import Fetched, Ticket

#: A ticket is fetched anew this long before it ends: longer than the job's period.
_AHEAD = timedelta(minutes=25)
KINDS = ("corp", "agent")


class NotOurPageError(ValueError):
    """Only addresses of our own site are signed."""


@dataclass(frozen=True)
class Signature:
    timestamp: int
    nonce: str
    signature: str


def ticket_of(kind: str) -> Ticket:
    app = tokens.our_app()
    return Ticket(app.corp_id, app.secret, kind)


def signatures_for(url: str, *, now: datetime) -> dict[str, Signature] | None:
    """Both signatures of the page at `url` (without its fragment); None while WeCom has given no ticket.

    NotOurPageError for an address that is not of our site.
    """
    if "#" in url or not addresses.is_ours(url):
        raise NotOurPageError(url[:80])
    tickets = {kind: tokens.known(ticket_of(kind)) for kind in KINDS}
    if not all(tickets.values()):
        return None
    stamp = int(now.timestamp())
    return {kind: sign(str(ticket), url=url, stamp=stamp) for kind, ticket in tickets.items()}


def sign(ticket: str, *, url: str, stamp: int, nonce: str = "") -> Signature:
    """The signature of one page with one ticket; its parts stand in this order, as they are."""
    nonce = nonce or secrets.token_hex(8)
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={url}"
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return Signature(stamp, nonce, digest)


def refresh_tickets(payload: dict[str, Any], now: datetime) -> str:
    """Have both tickets good for a while. What fails stays as it is until the next round."""
    if not settings.WECOM_CORP_ID:
        return "没有配置企业微信"
    failed = []
    for kind in KINDS:
        ticket = ticket_of(kind)
        if tokens.known(ticket, good_for=_AHEAD):
            continue
        try:
            tokens.refresh(ticket, stale=tokens.known(ticket) or "", fetch=_fetcher(kind))
        except WecomError as error:
            failed.append(f"{kind} {error.code}")
    return f"没有取到：{'、'.join(failed)}" if failed else "票据都在有效期内"


def _fetcher(kind: str) -> Any:
    def fetch() -> Fetched:
        tickets = app_client().tickets
        return tickets.corp() if kind == "corp" else tickets.agent()

    return fetch


JOB = JobKind("wecom.tickets", refresh_tickets, period=Period.TEN_MINUTES)
