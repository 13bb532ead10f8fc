"""Having WeCom prepare a mass message or a moment for a host: the row first, then the delivery that asks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import Host
from apps.customers.models import Relation, RelationQuerySet
from apps.database import db_role
from apps.media.models import Poster, Video
from apps.outbox.models import Delivery
from apps.outbox.services import deliveries, jobs
from apps.reach import gate
from apps.reach.gate import Decision
from apps.reach.models import Purpose, Touch, Way
from apps.records.models import Consent, Notice
from apps.tracking.models import Channel, Link
from apps.wecom.models import MassSend, MassSendRecipient
from apps.wecom.models.mass import KEY

#: The kind of delivery.
MASS_SEND = "wecom.mass-send"
#: By which its touches are found.
CAUSE = "mass-send"
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
#: Who asks for the same within this time is asked whether she means it.
SAME_AGAIN_WITHIN = timedelta(hours=1)
#: When WeCom is first asked whether the host has confirmed.
_FIRST_LOOK = timedelta(minutes=8)


class RefusedError(Exception):
    """It can't be prepared like this; the text says which field and how to mend it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class SameAgainError(Exception):
    """The same was asked for only now, for somebody who would get it twice: maybe the browser's way back."""


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
    decision: Decision | None = None,
    until: datetime | None = None,
    cause: str = "",
    again: bool = False,
) -> tuple[MassSend, bool]:
    """Write down what she wants prepared, once for `key`; the row, and whether it is new. RefusedError.

    SameAgainError, unless she says that she wants it `again`.

    `decision` (not for groups) is the gate's word on those she chose, her own: it goes to who is allowed,
    and the others are counted. Nobody gets anything before she confirms in WeCom. `until` is when the content
    is over: it is not prepared after that, nor once its `cause` is gone.
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
    if channel != Channel.GROUP:
        _check_chosen(decision)
    single = decision is not None and channel == Channel.SINGLE
    chosen = sorted(decision.allowed.relation_ids) if decision is not None and single else []
    if not again and _is_same_again(host, channel, content, chosen, since=now - SAME_AGAIN_WITHIN):
        raise SameAgainError
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
        chosen=len(chosen) if single else None,
        left_out=dict(decision.counts()) if decision is not None else {},
        created_at=now,
        until=until,
        look_at=now + _FIRST_LOOK,
    )
    _have_it_prepared(send, chosen, cause=cause, now=now)
    return send, True


def _is_same_again(
    host: Host, channel: str, content: Content, chosen: Sequence[int], *, since: datetime
) -> bool:
    """Whether she had just this prepared since then, for one of the chosen if it names customers."""
    same = MassSend.objects.filter(
        host=host,
        channel=channel,
        title=content.title[:100],
        text=content.text,
        link=content.link,
        created_at__gte=since,
    ).exclude(state__in=[MassSend.State.REFUSED, MassSend.State.EXPIRED])
    if channel == Channel.SINGLE:
        return MassSendRecipient.objects.filter(send__in=same, relation__in=chosen).exists()
    return same.exists()


def _have_it_prepared(send: MassSend, chosen: list[int], *, cause: str, now: datetime) -> None:
    MassSendRecipient.objects.bulk_create(
        [MassSendRecipient(send=send, relation_id=pk) for pk in chosen], batch_size=1000
    )
    deadline = now + _FRESH_FOR
    deliveries.queue(
        MASS_SEND,
        key=send.delivery_key,
        body=json.dumps({"send": send.pk}),
        host_id=send.host_id,
        deadline_at=min(deadline, send.until) if send.until else deadline,
        cause=cause,
    )


def _check_chosen(decision: Decision | None) -> None:
    if decision is None or not decision.total:
        raise RefusedError("audience", "还没有选客户：选同意收到的客户、一个标签，或者自己挑几位。")
    chosen = len(decision.allowed.relation_ids)
    if not chosen:
        raise RefusedError("audience", f"{in_words(decision)}所以还没有可以发的人，先问问她们愿不愿意收。")
    if chosen > MOST_CUSTOMERS:
        raise RefusedError(
            "audience",
            f"选的客户太多：企业微信一次最多 {MOST_CUSTOMERS} 位，现在有 {chosen} 位，分几次发。",
        )


def in_words(decision: Decision) -> str:
    """`243 位里 1 位同意收到；180 位还没有问过，62 位收回了同意。`"""
    agreed = len(decision.allowed.relation_ids)
    first = f"{decision.total} 位里 {agreed} 位同意收到" if decision.total else "还没有客户"
    others = "，".join(f"{count} 位{reason.label}" for reason, count in decision.counts())
    return f"{first}；{others}。" if others else f"{first}。"


def ask_gate(relations: RelationQuerySet, channel: str, *, now: datetime) -> Decision:
    """Who of `relations` may be sent a mass message with offers now, or see a moment."""
    way = Way.MOMENT if channel == Channel.MOMENTS else Way.MASS
    return gate.may_reach(relations, Purpose.OFFERS, way, now=now)


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


def stop(send: MassSend, *, why: str = "账号停用了", again: bool = False) -> None:
    """Have WeCom call off what she has not sent, once; with `again` it is prepared anew for who is left."""
    body = json.dumps({"send": send.pk, "why": why, "again": again}, ensure_ascii=False)
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


def consent_withdrawn(sender: Any, consents: list[Consent], now: datetime, **kwargs: Any) -> None:
    """Whoever takes her consent back gets nothing more, not even what WeCom keeps ready for a host's tap."""
    taken_back = [one for one in consents if one.notice.purpose == Notice.Purpose.MARKETING]
    leave_out([one.relation_id for one in taken_back if one.relation_id is not None])


def customers_moved(relation_ids: Sequence[int], host_id: int) -> None:
    """Who was handed over is not the former host's to write to: what she has ready goes without them."""
    with db_role.as_worker():
        leave_out(relation_ids, why="有客户交接给了别的大C")


def leave_out(relation_ids: Sequence[int], *, why: str = "有客户刚刚收回了同意") -> None:
    """Call off what is ready in WeCom for these people; it is prepared again without them."""
    waiting = MassSendRecipient.State.WAITING
    chosen = MassSendRecipient.objects.filter(relation__in=relation_ids, state=waiting)
    shown = Touch.objects.filter(relation__in=relation_ids, cause=CAUSE, way=Way.MOMENT)
    ready = MassSend.objects.filter(state=MassSend.State.WAITING, confirmed_at=None)
    for send in ready.filter(Q(pk__in=chosen.values("send")) | Q(pk__in=shown.values("cause_id"))):
        stop(send, why=why, again=True)


def again(send: MassSend, *, now: datetime) -> bool:
    """The same once more, for those whom the gate still allows; whether there is anything for anybody."""
    if send.until is not None and send.until <= now:
        return False
    hers = reachable(Relation.objects.of(send.host))
    if not send.is_moment:
        waiting = send.recipients.filter(state=MassSendRecipient.State.WAITING)
        hers = hers.filter(pk__in=waiting.values("relation"))
    decision = ask_gate(hers, send.channel, now=now)
    if not decision.allowed.relation_ids or not send.host.is_active:
        return False
    chosen = [] if send.is_moment else sorted(decision.allowed.relation_ids)
    copy, is_new = MassSend.objects.get_or_create(
        host=send.host,
        key=uuid5(send.public_id, "again"),
        defaults={
            "channel": send.channel,
            "title": send.title,
            "text": send.text,
            "audience": send.audience,
            "link": send.link,
            "image_ids": send.image_ids,
            "poster": send.poster,
            "film": send.film,
            "chosen": None if send.is_moment else len(chosen),
            "left_out": dict(decision.counts()),
            "created_at": now,
            "until": send.until,
            "look_at": now + _FIRST_LOOK,
        },
    )
    if is_new:
        cause = Delivery.objects.values_list("letter__cause", flat=True).get(key=send.delivery_key)
        _have_it_prepared(copy, chosen, cause=cause, now=now)
    return True


def ask_again(send: MassSend, *, now: datetime) -> None:
    """She says that she has confirmed: WeCom is asked at once, at most once a minute."""
    if send.finished_at is None:
        jobs.queue(RESULTS, key=f"{send.pk}:{now:%Y%m%d%H%M}", payload={"send": send.pk})
