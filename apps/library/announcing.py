"""Telling hosts: one letter of the same words for all of them, written down in the transaction of its cause.

Whoever publishes something that hosts should hear of makes a `News` and gives it to `announce()`. How it
travels, in groups and not in a host's quiet hours, is outbox's business; whether it is still true when it
leaves is asked of `library/causes.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from apps.accounts.models import Host, HostQuerySet
from apps.lib import addresses, clock
from apps.library import access
from apps.library.models import Issue, Material
from apps.outbox import registry
from apps.outbox.letters import APP_MESSAGE, Card, pack
from apps.outbox.models import Delivery
from apps.outbox.progress import of_cause
from apps.outbox.quiet import end_of_quiet
from apps.outbox.services import cancelling, deliveries
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Link, Subject

#: Nobody reads later than this that something is over.
_OVER_FOR = timedelta(days=2)
_STATE = Delivery.State


@dataclass(frozen=True)
class News:
    """Something went live: what it is, the words for everybody, who is to hear, and until when it matters.

    `kind` names a cause that `library/causes.py` answers for; kind and id make the messages' key, so that
    telling twice is telling once. `correction` is for those who have read of an earlier version.
    """

    kind: str
    id: int
    card: Card
    correction: Card
    hosts: HostQuerySet
    until: datetime

    @property
    def cause(self) -> str:
        return registry.cause(self.kind, self.id)

    def has_heard(self) -> HostQuerySet:
        """Those of its hosts to whom a message about it went out, or may have."""
        return self.hosts.filter(pk__in=self._heard())

    def has_not_heard(self) -> HostQuerySet:
        return self.hosts.exclude(pk__in=self._heard())

    def _heard(self) -> list[int]:
        reached = of_cause(self.cause).filter(state__in=[_STATE.SENT, _STATE.LEASED, _STATE.UNKNOWN])
        return [pk for pk in reached.order_by().values_list("host_id", flat=True).distinct() if pk]


@dataclass(frozen=True)
class Audience:
    """How many hosts read a correction, and how many hear of the thing for the first time."""

    corrected: int
    first: int


def announce(news: News, *, at: datetime, now: datetime, actor_id: int | None = None) -> int:
    """Write down that it went live `at`, and one message for each of its hosts; how many messages are new.

    One INSERT … SELECT, however many hosts there are.
    """
    with transaction.atomic():
        tracking.record(
            Fact.published(news.kind), at=at, actor_id=actor_id, subject_kind=news.kind, subject_id=news.id
        )
        return _tell(news.cause, news.card, news.hosts, now=now, until=news.until, cause=news.cause)


def correct(news: News, *, edition: int, now: datetime, actor_id: int | None = None) -> Audience:
    """Tell of a corrected version, once for each `edition` (the number of its revision).

    Who has read of an earlier one gets the correction, the others the news as such. What still waits with
    the old words is cancelled.
    """
    with transaction.atomic():
        cancelling.cancel_caused_by(news.cause, reason="内容改过了，换成新的一条")
        key, has_heard, has_not = f"{news.cause}:{edition}", news.has_heard(), news.has_not_heard()
        told = Audience(
            _tell(f"{key}:again", news.correction, has_heard, now=now, until=news.until, cause=news.cause),
            _tell(f"{key}:first", news.card, has_not, now=now, until=news.until, cause=news.cause),
        )
        if told.corrected or told.first:
            tracking.record(
                Fact.corrected(news.kind),
                at=now,
                actor_id=actor_id,
                subject_kind=news.kind,
                subject_id=news.id,
            )
    return told


def is_told(news: News, edition: int) -> bool:
    """Whether hosts have been told of this version as a correction."""
    return of_cause(news.cause).filter(key__startswith=f"{news.cause}:{edition}:").exists()


def _tell(key: str, card: Card, hosts: HostQuerySet, *, now: datetime, until: datetime, cause: str) -> int:
    if now >= until:
        return 0
    return deliveries.queue_many(
        APP_MESSAGE,
        key_prefix=key,
        body=pack(card),
        recipients=hosts.annotate(waking=end_of_quiet(now)).values_list("pk", F("waking")),
        deadline_at=until,
        cause=cause,
    )


def news_of(issue: Issue, now: datetime) -> News:
    """That an issue is out, for those hosts for whom its plan holds something."""
    return News(
        kind=Subject.ISSUE,
        id=issue.pk,
        card=card_of(issue, now),
        correction=corrected(f"第 {issue.number} 期「{issue.theme}」", card_of(issue, now), now),
        hosts=access.hosts_meant_by(issue),
        until=issue.ends_at,
    )


def card_of(issue: Issue, now: datetime) -> Card:
    """What every host reads: the same words for all, so that one call carries them to many."""
    first = "今天开始" if issue.starts_on == clock.day_of(now) else f"{issue.starts_on:%-m月%-d日}开始"
    words = issue.intro or "每天发什么、几点发，都排好了。"
    return Card(
        title=f"第 {issue.number} 期「{issue.theme}」来了",
        description=f"{first}，14 天。{words}",
        url=addresses.page("workbench:today"),
        button="看今天的",
    )


def corrected(name: str, card: Card, now: datetime) -> Card:
    """The same card for those who have read an earlier version: it says so, and since when it holds.

    The time also makes its bytes differ from those of an earlier correction, which WeCom would swallow.
    """
    at = now.astimezone(clock.SHANGHAI)
    return Card(
        title=f"更正：{name}改过了",
        description=f"以 {at:%-m月%-d日 %H:%M} 的这一版为准，之前看到的作废。{card.description}",
        url=card.url,
        button=card.button,
    )


def tell_it_is_over(material: Material, *, now: datetime) -> int:
    """Tell active hosts who shared a material that its time is up; once for each end of it."""
    links = Link.objects.filter(subject_kind=Subject.MATERIAL, subject_id=material.pk)
    ended = material.expire_at or now
    card = Card(
        title=f"「{material.title}」到期了",
        description=(
            f"{clock.day_of(ended):%-m月%-d日}起不能再分享。你发过的链接还能打开，会告诉小c已经结束，并推荐别的。"
        ),
        url=addresses.page("workbench:materials"),
        button="换一条发",
    )
    return _tell(
        f"over:{material.pk}:{ended:%Y%m%d%H%M}",
        card,
        Host.objects.active().filter(pk__in=links.values("host_id")),
        now=now,
        until=now + _OVER_FOR,
        cause=registry.cause("over", material.pk),
    )
