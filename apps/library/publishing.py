"""What going live and being taken down do to hosts: reckoned for whoever decides, by what then does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from wagtail.actions.unpublish import UnpublishAction

from apps.accounts.models import User
from apps.lib import clock, humanize
from apps.library import announcing
from apps.library.announcing import Audience, News
from apps.library.models import Issue, IssueEntry, Material
from apps.library.models.publishing import Publishable
from apps.outbox import registry
from apps.outbox.progress import Progress, progress
from apps.outbox.quiet import end_of_quiet
from apps.outbox.registry import Cause
from apps.outbox.services import cancelling
from apps.tracking.models import Link, Subject


@dataclass(frozen=True)
class _Told:
    """A kind of row that letters are about: its name as a cause, and what hosts are told of it."""

    kind: str
    news: Callable[[Any, datetime], News] | None


_told: dict[type[Publishable], _Told] = {}


def register(
    model: type[Publishable], cause: Cause, *, news: Callable[[Any, datetime], News] | None = None
) -> None:
    """Have letters about rows of `model` asked for `cause`, and hosts told of `news` when one goes live."""
    registry.register_cause(cause)
    _told[model] = _Told(cause.kind, news)


def news_of(row: Publishable, now: datetime) -> News | None:
    """What hosts are told when this row goes live; None for what nobody is told of."""
    told = _told.get(type(row))
    return told.news(row, now) if told is not None and told.news is not None else None


def cause_of(row: Publishable) -> str:
    """What letters about this row name as their cause; "" for what no letter is about."""
    told = _told.get(type(row))
    return registry.cause(told.kind, row.pk) if told is not None else ""


def messages_of(row: Publishable, now: datetime) -> Progress | None:
    """How far the messages about it are; None when there have never been any."""
    cause = cause_of(row)
    found = progress(cause, now=now) if cause else None
    return found if found is not None and found.created else None


# --- going live ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publication:
    """What approving the newest draft of a row will do."""

    #: When it goes live; None for at once.
    at: datetime | None
    #: The time that was planned and has passed by now.
    missed: datetime | None
    #: Who will be told; nobody when nothing is told.
    audience: Audience
    #: How many of those want no message at that time and get it afterwards.
    quiet: int
    #: How many more it is meant for, whom WeCom can't reach.
    unreachable: int
    is_change: bool
    tells_hosts: bool


def publication_of(row: Publishable, now: datetime) -> Publication:
    """What going live will mean for the newest draft of `row`."""
    draft: Publishable = row.get_latest_revision_as_object()
    at = draft.goes_live_at(now)
    moment = at or now
    planned = draft.go_live_at
    news = news_of(draft, now)
    audience, quiet, unreachable = Audience(0, 0), 0, 0
    if news is not None and not row.live and moment < news.until:
        audience = (
            Audience(0, news.hosts.reachable().count())
            if row.first_published_at is None
            else _audience_of(news)
        )
        quiet, unreachable = _asleep(news, moment), _unreachable(news)
    return Publication(
        at=at,
        missed=planned if planned is not None and planned <= now and not row.live else None,
        audience=audience,
        quiet=quiet,
        unreachable=unreachable,
        is_change=row.live,
        tells_hosts=news is not None,
    )


def _audience_of(news: News) -> Audience:
    """How many a correction would reach, and how many a first message."""
    return Audience(news.has_heard().reachable().count(), news.has_not_heard().reachable().count())


def _asleep(news: News, moment: datetime) -> int:
    asleep = news.hosts.reachable().annotate(waking=end_of_quiet(moment)).filter(waking__isnull=False)
    return asleep.count()


def _unreachable(news: News) -> int:
    return news.hosts.count() - news.hosts.reachable().count()


def words_of_unreachable(count: int) -> str:
    """Who gets no message though it is meant for her; "" where there is nobody."""
    return f"{count} 位大C没有绑定企业微信，收不到消息。" if count else ""


def unreachable_by(row: Publishable, now: datetime) -> int:
    """How many of those whom news about it are meant for WeCom can't reach."""
    news = news_of(row, now)
    return _unreachable(news) if news is not None else 0


def effects_of_publishing(row: Publishable, now: datetime) -> list[str]:
    """What will happen to how many and when, in sentences."""
    found = publication_of(row, now)
    when = humanize.name_moment(found.at, now=now) if found.at is not None else "马上"
    effects = []
    if found.missed is not None:
        effects.append(
            f"原定 {humanize.name_moment(found.missed, now=now)} 发布，这个时间已经过了，通过后马上发布。"
        )
    if found.is_change:
        effects.append(f"对外的内容{when}换成这一版。")
    else:
        effects.append(f"{when}对外可见。")
    if isinstance(row, Issue) and not found.is_change:
        draft: Issue = row.get_latest_revision_as_object()
        early = (draft.starts_on - clock.day_of(found.at or now)).days
        if early > 0:
            day = humanize.name_day(draft.starts_on, today=clock.day_of(now))
            effects.append(f"比这一期的开始日（{day}）早 {early} 天。")
    return [*effects, *_words_of_audience(found, when)]


def _words_of_audience(found: Publication, when: str) -> list[str]:
    audience = found.audience
    if found.is_change and found.tells_hosts:
        return ["不会再给大C发消息。要让她们知道改过了，发布以后再点「告诉大C改过了」。"]
    unreachable = words_of_unreachable(found.unreachable)
    if not audience.corrected and not audience.first:
        return ["不会给大C发消息。", *filter(None, [unreachable])]
    effects = []
    if audience.first:
        effects.append(f"{when}给 {audience.first} 位大C各发一条消息。")
    if audience.corrected:
        effects.append(f"{when}给收到过旧消息的 {audience.corrected} 位大C各发一条更正。")
    effects += filter(None, [unreachable])
    if found.quiet:
        effects.append(f"收得到的人里有 {found.quiet} 位那时在免打扰，结束后才收到。")
    effects.append("消息发出以后收不回来。" if found.at is None else "到时间以前都可以下架，下架后不会发。")
    return effects


# --- telling of a change --------------------------------------------------------------------------------


def may_correct(row: Publishable, now: datetime) -> bool:
    """Whether hosts can be told that what is live has changed: once for each version after the first."""
    if not row.live or row.live_revision_id is None or row.last_published_at == row.first_published_at:
        return False
    news = news_of(row, now)
    return news is not None and now < news.until and not announcing.is_told(news, row.live_revision_id)


def effects_of_correcting(row: Publishable, now: datetime) -> list[str]:
    news = news_of(row, now)
    assert news is not None
    told, waiting = _audience_of(news), progress(news.cause, now=now).waiting
    effects = [f"收到过旧消息的 {told.corrected} 位大C各收到一条更正：「{news.correction.title}」。"]
    if told.first:
        effects.append(f"还没有收到过的 {told.first} 位大C各收到一条通知：「{news.card.title}」。")
    effects += filter(None, [words_of_unreachable(_unreachable(news))])
    if waiting:
        effects.append(f"还等着发出的 {waiting} 条旧消息取消，换成新的。")
    if asleep := _asleep(news, now):
        effects.append(f"收得到的人里有 {asleep} 位现在在免打扰，结束后才收到。")
    return [*effects, "消息发出以后收不回来；同一版只能说一次。"]


def tell_of_change(row: Publishable, *, by: User, now: datetime) -> Audience:
    """Tell hosts that what is live has changed; nobody when this version was told already."""
    news = news_of(row, now)
    if news is None or row.live_revision_id is None or not may_correct(row, now):
        return Audience(0, 0)
    return announcing.correct(news, edition=row.live_revision_id, now=now, actor_id=by.pk)


# --- being taken down -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Withdrawn:
    """What taking a row down did: whether it was live or planned, and what became of its messages."""

    was_live: bool
    was_planned: bool
    cancelled: int = 0
    called_off: int = 0
    gone_out: int = 0

    @property
    def did_something(self) -> bool:
        return self.was_live or self.was_planned


@transaction.atomic
def withdraw(row: Publishable, *, by: User, now: datetime) -> Withdrawn:
    """Take a live row down at once, or call off its planned publication; what still waits is not sent."""
    locked: Publishable = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    was_live = locked.live
    planned = bool(row.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=None))
    before, ready = messages_of(row, now), _ready(row)
    if was_live:
        UnpublishAction(locked, user=by).execute(skip_permission_checks=True)
    after = messages_of(row, now)
    return Withdrawn(
        was_live=was_live,
        was_planned=planned,
        cancelled=after.cancelled - before.cancelled if before and after else 0,
        called_off=ready,
        # What a worker carries at this moment goes out too.
        gone_out=after.gone_out + after.waiting - ready if after else 0,
    )


def _ready(row: Publishable) -> int:
    """How many mass messages about it lie ready in WeCom, which their hosts have not sent."""
    cause = cause_of(row)
    return cancelling.lying_ready(cause) if cause else 0


def effects_of_withdrawing(row: Publishable, now: datetime) -> list[str]:
    """What will happen to how many, in sentences."""
    if not row.live:
        return ["定时发布会取消，内容变回草稿。没有消息发出去。"]
    found = _effects_on_pages(row)
    if (planned := row.scheduled_revision) is not None:
        at = humanize.name_moment(planned.approved_go_live_at, now=now)
        found.append(f"已经通过、定在 {at} 换上的新一版也一起取消，变回草稿。")
    messages = messages_of(row, now)
    if messages is None:
        return found
    ready = _ready(row)
    if messages.waiting:
        found.append(f"还等着发出的 {messages.waiting} 条消息全部取消，不会再发。")
    if ready:
        found.append(f"大C排好、还没在企业微信里点发送的 {ready} 条群发会撤下，她们看得到原因。")
    if isinstance(row, Material):
        if out := messages.gone_out - ready:
            found.append(f"大C已经发出的 {out} 条群发收不回来，点开会看到「已下架」和替代推荐。")
    elif messages.gone_out:
        found.append(f"已经发出 {messages.gone_out} 条，收不回来。改好再发布时，收到过的大C会收到一条更正。")
    return found


def _effects_on_pages(row: Publishable) -> list[str]:
    if isinstance(row, Issue):
        return ["大C的「今日」和「素材」里不再有这一期的排期，素材本身不受影响。"]
    links = Link.objects.filter(subject_kind=Subject.MATERIAL, subject_id=row.pk).aggregate(
        links=Count("pk"), hosts=Count("host", distinct=True)
    )
    planned = IssueEntry.objects.filter(material_id=row.pk, issue__live=True).count()
    found = ["大C马上看不到它，也不能再分享。"]
    if links["links"]:
        found.append(f"{links['hosts']} 位大C发出的 {links['links']} 个链接会显示「已下架」和替代推荐。")
    if planned:
        found.append(f"本期排期里有 {planned} 处用到它，那里会空出来。")
    return found


def words_of_withdrawal(done: Withdrawn) -> str:
    """What became of it, after a name."""
    if not done.was_live:
        return "定时发布取消了。"
    words = "已下架。"
    if done.was_planned:
        words += "已经通过的新一版也取消了，要发布请重新提交审核。"
    if done.cancelled:
        words += f"还没发的 {done.cancelled} 条消息取消了。"
    if done.called_off:
        words += f"大C排好、还没发的 {done.called_off} 条群发正在撤下。"
    if done.gone_out:
        words += f"已经发出的 {done.gone_out} 条收不回来。"
    return words
