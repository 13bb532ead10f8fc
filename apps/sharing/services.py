"""Sharing: one link, one text, one event for each way and day, whichever surface she stands on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from apps.accounts.models import Host
from apps.catalog.models import Product, ShelfItem
from apps.lib import clock
from apps.library import posters
from apps.library.models import Material
from apps.library.posters import Look
from apps.media.models import Poster
from apps.sharing.previews import Preview, preview_of
from apps.sharing.subjects import Shareable, State
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Event, Link, Subject

_WITH_POSTER = (Channel.MOMENTS, Channel.POSTER)
_NOT_NOW = {
    (Subject.MATERIAL, State.NOT_YET): "这条素材还没发布，换一条发吧。",
    (Subject.MATERIAL, State.WITHDRAWN): "这条素材已经到期或下架，换一条发吧。",
    (Subject.PRODUCT, State.NOT_YET): "这件商品还没上架，换一件分享吧。",
    (Subject.PRODUCT, State.WITHDRAWN): "这件商品已经下架，换一件分享吧。",
    (Subject.SHELF, State.NOT_YET): "货架还是空的，先挑几样商品再分享。",
}


class NotNowError(Exception):
    """Consumers can't open it now; the text says why and what to do."""


class NoSuchWayError(Exception):
    """It can't be shared by this channel; the text says why, and which `channels` there are."""

    def __init__(self, why: str, channels: Sequence[Channel]) -> None:
        super().__init__(f"{why}，请选{'、'.join(str(one.label) for one in channels)}。")
        self.channels = channels


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of one act. Without a link it is words that have nothing to lead to."""

    channel: Channel
    title: str
    text: str
    link: Link | None
    poster: Poster | None = None
    #: How the poster is laid out, and how else it could be.
    look: Look | None = None
    looks: Sequence[Look] = ()
    #: What a chat shows of the link.
    preview: Preview | None = None

    @property
    def url(self) -> str:
        return self.link.address if self.link is not None else ""

    @property
    def paste(self) -> str:
        """The words with the link; for moments without it, since nobody can tap it there."""
        if self.channel == Channel.MOMENTS:
            return self.text
        if self.channel == Channel.COPY:
            return self.url
        return f"{self.text}\n{self.url}".strip()


def share(
    host: Host, subject: Shareable, channel: Channel, now: datetime, *, text: str = "", look: str = ""
) -> Shared:
    """What she takes away when she shares, and the event that she did: one for each way and day.

    Raises NotNowError and NoSuchWayError; nothing is written then.
    """
    shared = prepare(host, subject, channel, now, text=text, look=look)
    note_share(host, subject, shared.channel, shared.link, now)
    return shared


def open_way(
    host: Host, subject: Shareable, channel: Channel, now: datetime, *, text: str = "", look: str = ""
) -> Shared:
    """The same for a way she opened: the first of the day is a share, its words are in her clipboard.

    Whoever looks at the other ways too has not shared four times: those count by what is taken from them.
    """
    shared = prepare(host, subject, channel, now, text=text, look=look)
    if not _shares_today(host, subject, now).exists():
        note_share(host, subject, shared.channel, shared.link, now)
    return shared


@transaction.atomic
def note_share(
    host: Host, subject: Shareable, channel: Channel, link: Link | None, now: datetime
) -> Event | None:
    """Write down that she shared it by this way; None when that stands for this day already."""
    with connection.cursor() as cursor:  # two taps at once are one
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 17))", [f"share:{host.pk}"])
    if _shares_today(host, subject, now).filter(props__channel=str(channel)).exists():
        return None
    return tracking.record(
        Fact.shared(subject.kind),
        at=now,
        host_id=host.pk,
        actor_id=host.user_id,
        link_id=link.pk if link is not None else None,
        subject_kind=subject.kind,
        subject_id=subject.id,
        props={"channel": str(channel)},
    )


def _shares_today(host: Host, subject: Shareable, now: datetime) -> QuerySet[Event]:
    start, end = clock.day_range(clock.day_of(now))
    return Event.objects.filter(
        name=Fact.shared(subject.kind),
        host_id=host.pk,
        subject_id=subject.id,
        occurred_at__gte=start,
        occurred_at__lt=end,
    )


def prepare(
    host: Host, subject: Shareable, channel: Channel, now: datetime, *, text: str = "", look: str = ""
) -> Shared:
    """Her link, the words (`text`, else what stands with the subject) and the poster; no event.

    For whatever is not shared yet, or was written down already. Raises NotNowError and NoSuchWayError.
    """
    check(subject, channel)
    link = link_to(host, subject, channel, now=now)
    poster = poster_of(host, subject, link, now=now, look=look) if link and channel in _WITH_POSTER else None
    shared = Shared(
        channel,
        subject.title,
        text or _words_of(host, subject),
        link,
        poster,
        preview=preview_for(host, subject, link) if link else None,
    )
    if poster is None or subject.row is None:
        return shared
    chosen = posters.look_for(host, subject.row, look)
    return replace(shared, look=chosen, looks=posters.looks_of(subject.row))


def check(subject: Shareable, channel: Channel) -> None:
    """NotNowError, NoSuchWayError when it can't be shared like this."""
    if subject.state not in (State.OPEN, State.SOLD_OUT):
        raise NotNowError(_NOT_NOW[subject.kind, subject.state])
    if channel not in subject.channels:
        why = "货架没有海报" if subject.opens else "这段话术没有页面可以打开，把文字复制出去就行"
        raise NoSuchWayError(why, subject.channels)


def link_to(host: Host, subject: Shareable, channel: Channel, *, now: datetime) -> Link | None:
    """Her link by this channel, which says nothing about sharing: for a list, a card, a picture to look at.

    None for what opens no page.
    """
    if subject.opens is None:
        return None
    kind, pk = subject.opens
    return tracking.link_for(host, subject_kind=kind, subject_id=pk, channel=channel, now=now)


def poster_of(host: Host, subject: Shareable, link: Link, *, now: datetime, look: str = "") -> Poster | None:
    """The poster with the code of `link`, at her price of this moment; None for a shelf, which has none."""
    match subject.row:
        case Material() as material:
            return posters.poster_for(host, material, link_url=link.address, now=now, look=look)
        case Product() as product:
            pitch = _pitch_of(host, product)
            return posters.product_poster_for(
                host, product, link_url=link.address, pitch=pitch, now=now, look=look
            )
    return None


def remember_look(host: Host, look: str) -> None:
    """How she likes her posters, from now on; HQ's layout is chosen by HQ, material by material."""
    if look in Look and look != Look.HQ and look != host.poster_look:
        host.poster_look = look
        host.save(update_fields=["poster_look"])


def preview_for(host: Host, subject: Shareable, link: Link) -> Preview:
    pitch = _pitch_of(host, subject.row) if isinstance(subject.row, Product) else ""
    return preview_of(host, subject, link.address, pitch=pitch)


def _words_of(host: Host, subject: Shareable) -> str:
    """Hers for a product on her shelf, else what stands with the subject."""
    pitch = _pitch_of(host, subject.row) if isinstance(subject.row, Product) else ""
    return f"{pitch}\n{subject.title}" if pitch else subject.text


def _pitch_of(host: Host, product: Product) -> str:
    return ShelfItem.objects.filter(host=host, product=product).values_list("pitch", flat=True).first() or ""
