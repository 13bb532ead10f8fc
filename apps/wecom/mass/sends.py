"""Having WeCom prepare a mass message or a moment for a host: the row first, then the delivery that asks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import Host
from apps.customers.models import Relation, RelationQuerySet
from apps.database import db_role
from apps.media.models import Poster, Video
from apps.outbox.services import deliveries, jobs
from apps.tracking.models import Channel, Link
from apps.wecom.mass.models import KEY
from apps.wecom.models import MassSend, MassSendRecipient

#: The kind of delivery.
MASS_SEND = "wecom.mass-send"
RESULTS = "wecom.mass-results"
#: The kind of delivery that calls one off.
STOP = "wecom.mass-stop"
CHANNELS = (Channel.SINGLE, Channel.GROUP, Channel.MOMENTS)

MOST_BYTES = 4000
MOST_MOMENT_CHARS = 2000
MOST_CUSTOMERS = 10_000
MOST_ATTACHMENTS = 9
#: What could not be prepared by then is of yesterday; she asks again if she still wants it.
_FRESH_FOR = timedelta(hours=12)
#: When WeCom is first asked whether the host has confirmed.
_FIRST_LOOK = timedelta(minutes=8)


class RefusedError(Exception):
    """It can't be prepared like this; the text says which field and how to mend it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Content:
    """What is sent: the title of its card, words, a film, pictures, her link; for moments the poster.

    A moment carries a film or pictures, never both: with a film there are no pictures and no poster.
    """

    title: str
    text: str
    link: Link | None = None
    image_ids: Sequence[int] = ()
    poster: Poster | None = None
    film: Video | None = None


def why_not(host: Host) -> str:
    """Why WeCom can't prepare anything for this host, in words for her; "" when it can."""
    if not settings.WECOM_CORP_ID or not settings.WECOM_CONTACT_SECRET:
        return "公司还没有接上企业微信，先复制文字、保存图片去发，一样记在你名下。"
    if not host.wecom_userid:
        return "你的账号还没绑定企业微信，先复制去发，一样记在你名下。请总部绑定后，这里能一键排好群发。"
    return ""


def reachable(relations: RelationQuerySet) -> RelationQuerySet:
    """Those of `relations` whom WeCom can bring something: contacts of hers now."""
    return relations.current().filter(external_index__isnull=False)


def words_over(channel: str, text: str) -> str:
    """What is wrong with the length of the words for this channel, with the mend; "" when nothing."""
    if channel == Channel.MOMENTS:
        if len(text) > MOST_MOMENT_CHARS:
            return f"要发的话太长：朋友圈最多 {MOST_MOMENT_CHARS} 个字，现在有 {len(text)} 个，删掉一些再发。"
        return ""
    size = len(text.encode())
    if size > MOST_BYTES:
        over = -(-(size - MOST_BYTES) // 3)
        return f"要发的话太长：企业微信最多收 {MOST_BYTES} 字节（约 1333 个汉字），再删掉约 {over} 个字。"
    return ""


def room_for_pictures(channel: str, *, has_link: bool, has_film: bool) -> int:
    """How many pictures go beside the rest."""
    if has_film and channel == Channel.MOMENTS:
        return 0
    return MOST_ATTACHMENTS - has_link - has_film


@transaction.atomic
def queue(
    host: Host,
    channel: str,
    *,
    key: UUID,
    content: Content,
    audience: str,
    now: datetime,
    relations: Sequence[Relation] = (),
    until: datetime | None = None,
    cause: str = "",
) -> tuple[MassSend, bool]:
    """Write down what she wants prepared, once for `key`; the row, and whether it is new. RefusedError.

    `relations` (her own, for SINGLE only) are those she chose; nobody gets anything before she confirms in
    WeCom. `until` is when the content is over: it is not prepared after that, nor once its `cause` is gone.
    """
    if channel not in CHANNELS:
        raise RefusedError("channel", "请选发给客户、发到群或发朋友圈。")
    # Two taps at once: the second waits here and finds the first one's row.
    Host.objects.select_for_update().get(pk=host.pk)
    if (known := MassSend.objects.filter(host=host, key=key).first()) is not None:
        return known, False
    if reason := why_not(host):
        raise RefusedError("channel", reason)
    if words := words_over(channel, content.text):
        raise RefusedError("text", words)
    if not content.text and not content.image_ids and content.link is None and content.film is None:
        raise RefusedError("text", "还没有要发的话：写上一两句再发。")
    if channel == Channel.SINGLE:
        _check_chosen(relations)
    room = room_for_pictures(channel, has_link=content.link is not None, has_film=content.film is not None)
    send = MassSend.objects.create(
        host=host,
        channel=channel,
        key=key,
        title=content.title[:100],
        text=content.text,
        audience=audience[:60],
        link=content.link,
        image_ids=list(content.image_ids)[:room],
        poster=content.poster if channel == Channel.MOMENTS and content.film is None else None,
        film=content.film,
        chosen=len(relations) if channel == Channel.SINGLE else None,
        created_at=now,
        look_at=now + _FIRST_LOOK,
    )
    if channel == Channel.SINGLE:
        MassSendRecipient.objects.bulk_create(
            [MassSendRecipient(send=send, relation=relation) for relation in relations], batch_size=1000
        )
    deadline = now + _FRESH_FOR
    deliveries.queue(
        MASS_SEND,
        key=send.delivery_key,
        body=json.dumps({"send": send.pk}),
        host_id=host.pk,
        deadline_at=min(deadline, until) if until else deadline,
        cause=cause,
    )
    return send, True


def _check_chosen(relations: Sequence[Relation]) -> None:
    if not relations:
        raise RefusedError("audience", "还没有选客户：选全部客户、一个标签，或者自己挑几位企业微信里的客户。")
    if len(relations) > MOST_CUSTOMERS:
        raise RefusedError(
            "audience",
            f"选的客户太多：企业微信一次最多 {MOST_CUSTOMERS} 位，现在有 {len(relations)} 位，分几次发。",
        )


def host_is_out(host: Host, to: str, now: datetime) -> None:
    """A host is suspended or leaves: what WeCom keeps ready for her to send is called off."""
    with db_role.as_worker():
        for send in _unsent(host):
            stop(send)


def what_is_called_off(host: Host) -> list[str]:
    """How many that is, in words."""
    count = _unsent(host).count()
    return [f"企业微信里等她确认的 {count} 条群发和朋友圈会撤下。"] if count else []


def _unsent(host: Host) -> "QuerySet[MassSend]":
    return MassSend.objects.filter(host=host, state=MassSend.State.WAITING)


def stop(send: MassSend, *, why: str = "账号停用了") -> None:
    """Have WeCom call off what she has not sent, once."""
    body = json.dumps({"send": send.pk, "why": why}, ensure_ascii=False)
    deliveries.queue(STOP, key=f"mass-stop:{send.public_id}", body=body)


def lying_ready(keys: list[str]) -> list[str]:
    """Those of these deliveries that wait in WeCom for the host to send them."""
    rows = MassSend.objects.filter(
        public_id__in=[key.removeprefix(f"{KEY}:") for key in keys], state=MassSend.State.WAITING
    )
    return [send.delivery_key for send in rows]


def call_off(keys: list[str], reason: str) -> None:
    """What they are about is gone: WeCom takes them back, and the host reads why."""
    for send in MassSend.objects.filter(public_id__in=[key.removeprefix(f"{KEY}:") for key in keys]):
        stop(send, why=reason)


def ask_again(send: MassSend, *, now: datetime) -> None:
    """She says that she has confirmed: WeCom is asked at once, at most once a minute."""
    if send.finished_at is None:
        jobs.queue(RESULTS, key=f"{send.pk}:{now:%Y%m%d%H%M}", payload={"send": send.pk})
