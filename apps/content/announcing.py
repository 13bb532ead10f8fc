"""Telling hosts: one letter of the same words for all of them, written down in the transaction of its cause.

Whoever publishes something that hosts should hear of makes a `News` and gives it to `announce()`. How it
travels, in groups and not in a host's quiet hours, is outbox's business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from apps.accounts.models import Host, HostQuerySet
from apps.content import access
from apps.content.models import Issue, Material
from apps.lib import clock
from apps.outbox.letters import APP_MESSAGE, Card, pack
from apps.outbox.quiet import end_of_quiet
from apps.outbox.services import deliveries
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Link, Subject

#: Nobody reads later than this that something is over.
_OVER_FOR = timedelta(days=2)


@dataclass(frozen=True)
class News:
    """Something went live: what it is, the words for everybody, who is to hear, and until when it matters.

    `kind` is a `tracking.Subject`; kind and id make the messages' key, so that telling twice is telling once.
    """

    kind: str
    id: int
    card: Card
    hosts: HostQuerySet
    until: datetime


def announce(news: News, *, at: datetime, now: datetime, actor_id: int | None = None) -> int:
    """Write down that it went live `at`, and one message for each of its hosts; how many messages are new.

    One INSERT … SELECT, however many hosts there are.
    """
    with transaction.atomic():
        tracking.record(
            Fact.published(news.kind), at=at, actor_id=actor_id, subject_kind=news.kind, subject_id=news.id
        )
        if now >= news.until:
            return 0
        return _tell(key_of(news.kind, news.id), news.card, news.hosts, now=now, until=news.until)


def key_of(kind: str, row_id: int) -> str:
    """What the keys of the messages about one published thing begin with."""
    return f"{kind}:{row_id}"


def _tell(key: str, card: Card, hosts: HostQuerySet, *, now: datetime, until: datetime) -> int:
    return deliveries.queue_many(
        APP_MESSAGE,
        key_prefix=key,
        body=pack(card),
        recipients=hosts.annotate(waking=end_of_quiet(now)).values_list("pk", F("waking")),
        deadline_at=until,
    )


def news_of(issue: Issue, now: datetime) -> News:
    """That an issue is out, for those hosts for whom its plan holds something."""
    return News(
        kind=Subject.ISSUE,
        id=issue.pk,
        card=card_of(issue, now),
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
        url=f"{settings.SITE_URL}/",
        button="看今天的",
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
        url=f"{settings.SITE_URL}/materials/",
        button="换一条发",
    )
    return _tell(
        f"over:{material.pk}:{ended:%Y%m%d%H%M}",
        card,
        Host.objects.active().filter(pk__in=links.values("host_id")),
        now=now,
        until=now + _OVER_FOR,
    )
