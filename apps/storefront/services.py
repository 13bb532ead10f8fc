"""What a consumer does: look, read, order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import base58
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from apps.database import db_role
from apps.records.models import Consent, Notice
from apps.records.services import consents
from apps.storefront.notices import TEXTS
from apps.tracking import services as tracking
from apps.tracking.facts import READ, Fact
from apps.tracking.models import Event, Link, Visitor
from apps.trade import pricing
from apps.trade import services as trade
from apps.trade.doubts import Origin
from apps.trade.models import Order

P = ParamSpec("P")
R = TypeVar("R")
#: A page left open longer than this no longer counts as being read.
READING_TIME = timedelta(days=1)
#: Somebody who wants the same order twice within this time is asked.
SAME_AGAIN_WITHIN = timedelta(minutes=10)
_PAGE_SALT = "storefront.page"


class NotAPageError(Exception):
    """This text names no page that this link served lately."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """What she typed into the order form."""

    name: str
    phone: str
    address: str
    note: str
    #: The purposes beyond delivery that she ticked.
    agreed: tuple[str, ...] = ()
    #: What her browser calls itself: evidence of the consent.
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """The token of the private link to the order, and whether the order was made now."""

    token: str
    is_new: bool


def _for_her_host(act: Callable[Concatenate[Link, P], R]) -> Callable[Concatenate[Link, P], R]:
    """What a stranger does behind a link is written among the rows of its host, all of it or nothing."""

    @wraps(act)
    def done(link: Link, *args: P.args, **kwargs: P.kwargs) -> R:
        with db_role.acting_as(link.host_id), transaction.atomic():
            return act(link, *args, **kwargs)

    return done


def note_view(link: Link, *, kind: str, subject_id: int, visitor: Visitor, now: datetime) -> str:
    """Record that a page was served to a person; the text by which it says later that it is being read."""
    with db_role.acting_as(link.host_id):
        event = tracking.record(
            Fact.viewed(kind),
            at=now,
            host_id=link.host_id,
            visitor_id=visitor.pk,
            link_id=link.pk,
            subject_kind=kind,
            subject_id=subject_id,
        )
    return _page_text(event)


@_for_her_host
def note_read(link: Link, *, page: str, now: datetime) -> bool:
    """Record that a served page is being read, once however often it says so. NotAPageError.

    The page's text is signed and names its view, so nobody can say it for another link, page or visitor.
    """
    view = _viewed(page, now=now)
    if view.link_id != link.pk or view.visitor_id is None:
        raise NotAPageError
    # Two taps at once wait for each other here.
    visitor = Visitor.objects.select_for_update().get(pk=view.visitor_id)
    fact = Fact.read(view.subject_kind)
    mine = Event.objects.filter(visitor_id=visitor.pk, occurred_at__gte=view.occurred_at, name=fact)
    if mine.filter(link_id=link.pk, props__view=str(view.id)).exists():
        return False
    tracking.record(
        fact,
        at=now,
        host_id=link.host_id,
        visitor_id=visitor.pk,
        link_id=link.pk,
        subject_kind=view.subject_kind,
        subject_id=view.subject_id,
        props={"view": str(view.id)},
    )
    return True


@_for_her_host
def note_tap(link: Link, *, visitor: Visitor, now: datetime) -> bool:
    """Record that she tapped through to the order form, unless a page of this link said that she reads.

    So a phone without scripts is not an order without a reader.
    """
    visitor = Visitor.objects.select_for_update().get(pk=visitor.pk)
    since = now - READING_TIME
    known = Event.objects.filter(visitor_id=visitor.pk, occurred_at__gte=since, link_id=link.pk)
    if known.filter(name__in=READ).exists():
        return False
    tracking.record(
        Fact.read(link.subject_kind),
        at=now,
        host_id=link.host_id,
        visitor_id=visitor.pk,
        link_id=link.pk,
        subject_kind=link.subject_kind,
        subject_id=link.subject_id,
        props={"by": "order_form"},
    )
    return True


@_for_her_host
def place_order(
    link: Link,
    *,
    items: Sequence[pricing.Item],
    buyer: Buyer,
    seen_fen: int,
    visitor: Visitor,
    browser: str,
    key: str,
    source: str,
    now: datetime,
) -> Placed:
    """Place the order of a form behind a link, with the buyer's consent, or nothing at all.

    `browser` is the secret by which this browser's forms are known (its CSRF cookie): a form's key is good
    in it alone, so that a key seen elsewhere opens nothing. `source` is the keyed hash of where the request
    came from, kept as evidence of the consent. `seen_fen` is the total on her form. Raises what
    trade.place_order raises.
    """
    scope = _scope(link, browser)
    token = order_token(scope, key)
    placed = trade.place_order(
        pricing.quote(link.host, items),
        seen_fen=seen_fen,
        origin=Origin(link, visitor, source),
        name=buyer.name,
        phone=buyer.phone,
        address=buyer.address,
        note=buyer.note,
        now=now,
        link=link,
        visitor=visitor,
        key_scope=scope,
        key=key,
        view_token=token,
    )
    if not placed.is_new:
        return Placed(token, is_new=False)
    _write_consents(link, placed.order, buyer, visitor=visitor, source=source, now=now)
    return Placed(token, is_new=True)


def notices(*, now: datetime) -> dict[str, Notice]:
    """What is shown with the order form now, by purpose."""
    return {purpose: consents.notice_for(purpose, text, now=now) for purpose, text in TEXTS.items()}


def seen_of(link: Link, shown: dict[str, Notice]) -> str:
    """The mark of what is shown with the order form: the notices, and who gets her word."""
    return consents.mark_of(*(shown[purpose] for purpose in sorted(shown)), recipient=recipient_of(link))


def recipient_of(link: Link) -> str:
    return f"{link.host.name}、{link.host.organisation.get_root().name}"[:80]


def _write_consents(
    link: Link, order: Order, buyer: Buyer, *, visitor: Visitor, source: str, now: datetime
) -> None:
    """One row for what she was told, and one for each thing she agreed to beyond it."""
    company = link.host.organisation.get_root().name
    recipients = {Notice.Purpose.SHARING.value: company[:80]}
    shown = notices(now=now)
    for purpose in (Notice.Purpose.ORDER.value, *buyer.agreed):
        is_needed = purpose == Notice.Purpose.ORDER
        consents.give_consent(
            notice=shown[purpose],
            basis=Consent.Basis.CONTRACT if is_needed else Consent.Basis.CONSENT,
            recipient=recipients.get(purpose, recipient_of(link)),
            host_id=None if purpose in recipients else link.host_id,
            channel="storefront",
            relation_id=order.relation_id,
            visitor_id=visitor.pk,
            order_id=order.pk,
            evidence={
                "order": str(order.public_id),
                "source": source,
                "agent": buyer.agent[:200],
                "page": reverse("storefront:order", args=[link.code]),
            },
            now=now,
        )


@_for_her_host
def is_same_again(link: Link, *, visitor: Visitor, items: Sequence[pricing.Item], now: datetime) -> bool:
    """Whether this browser ordered just the same only now: maybe a form that was sent twice."""
    return trade.is_same_again(link.host, visitor, items, since=now - SAME_AGAIN_WITHIN)


@_for_her_host
def earlier_order(link: Link, *, browser: str, key: str) -> str | None:
    """The private token of the order that this form already made."""
    token = order_token(_scope(link, browser), key)
    return token if trade.order_with_token(token) is not None else None


def order_token(scope: str, key: str) -> str:
    """The 128 bits of the private link, made from the form's secret key: one form leads to one order.

    Only its hash is stored, so neither it nor the link can be found from the database alone.
    """
    digest = salted_hmac("storefront.order", f"{scope}|{key}", algorithm="sha256").digest()
    return base58.b58encode(digest[:16]).decode()


def _scope(link: Link, browser: str) -> str:
    # Not by the visitor: a page opened in advance gives no visitor's cookie, the first order does.
    mark = salted_hmac("storefront.browser", browser, algorithm="sha256").hexdigest()[:24]
    return f"link:{link.pk}:browser:{mark}"


def _page_text(event: Event) -> str:
    micros = int(event.occurred_at.timestamp()) * 1_000_000 + event.occurred_at.microsecond
    return signing.Signer(salt=_PAGE_SALT).sign(f"{event.id.hex}.{micros}")


def _viewed(page: str, *, now: datetime) -> Event:
    try:
        id_, micros = signing.Signer(salt=_PAGE_SALT).unsign(page).split(".")
    except (signing.BadSignature, ValueError):
        raise NotAPageError from None
    seconds, rest = divmod(int(micros), 1_000_000)
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    if at < now - READING_TIME:
        raise NotAPageError
    try:
        return tracking.event_of(UUID(id_), at)
    except Event.DoesNotExist:
        raise NotAPageError from None
