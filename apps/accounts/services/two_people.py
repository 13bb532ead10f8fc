"""Whether two accounts are two people: what one must not do alone is not done through another's account."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from apps.accounts.models import AccountEvent, Application, HostTransition, OneTimeLink, User

#: For so long who made an account, or gave a way into it, counts as somebody who may be behind it.
DOOR_FOR = timedelta(days=90)
_WAYS = (
    AccountEvent.Kind.LINK_MADE,
    AccountEvent.Kind.WECOM_BOUND,
    AccountEvent.Kind.RENAMED,
    AccountEvent.Kind.SECOND_STEP_OFF,
)


class OneselfError(Exception):
    """What an act gives or frees would be given to whoever does it. The message is for people."""


def who_may_be_behind(user: User, *, now: datetime) -> set[int]:
    """Ids of the users, but herself, who may act as `user`: who had a way into her account, and into theirs.

    Through however many accounts: each is one that the next had a way into at most `DOOR_FOR` before somebody
    used it to open a further one, or now.
    """
    #: Since when a way into each of these accounts counts; the accounts to be asked about.
    since = {user.pk: now - DOOR_FOR}
    waiting = {user.pk}
    while waiting:
        opened = [row for row in _doors_into(waiting) if row[0] != row[1] and row[2] >= since[row[0]]]
        waiting = set()
        for _, opener, at in opened:
            if opener not in since or at - DOOR_FOR < since[opener]:
                since[opener] = min(at - DOOR_FOR, since.get(opener, now))
                waiting.add(opener)
    return since.keys() - {user.pk}


def _doors_into(accounts: set[int]) -> Iterable[tuple[int, int, datetime]]:
    """Into whose account of these who has had a way in hand, and when.

    They made the host's account or invited her to it, gave a link, bound another WeCom account, changed the
    name or the second step: what each of them could have used in her place.
    """
    made = HostTransition.objects.filter(host__user__in=accounts, from_status="", actor__isnull=False)
    invited = Application.objects.filter(host__user__in=accounts, decided_at__isnull=False)
    linked = OneTimeLink.objects.filter(user__in=accounts, created_by__isnull=False)
    changed = AccountEvent.objects.filter(user__in=accounts, kind__in=_WAYS, actor__isnull=False)
    return made.values_list("host__user", "actor", "at").union(
        invited.values_list("host__user", "invitation__made_by", "decided_at"),
        linked.values_list("user", "created_by", "created_at"),
        changed.values_list("user", "actor", "at"),
    )


def are_one(one: User, other: User, *, now: datetime) -> bool:
    """Whether one of the two could be acting as the other."""
    return (
        one.pk == other.pk
        or one.pk in who_may_be_behind(other, now=now)
        or other.pk in who_may_be_behind(one, now=now)
    )


def is_for_oneself(person: User, by: User, *, now: datetime) -> bool:
    """Whether `by` does for herself what is done for `person`: she is that person, who may be acting as her.

    Unlike `are_one`, who opened the account of `person` is not she: adding people is her work.
    """
    return person.pk == by.pk or person.pk in who_may_be_behind(by, now=now)


def not_for_oneself(person: User, by: User | None, sentence: str, *, now: datetime) -> None:
    """OneselfError with `sentence` when the act is for oneself; nobody is no one (a command, a job)."""
    if by is not None and is_for_oneself(person, by, now=now):
        raise OneselfError(sentence)


def may_be_one_hand(one: User, other: User, *, now: datetime) -> bool:
    """Whether anybody at all, a third colleague too, could have acted as both: for what leaves the house."""
    hands = {one.pk} | who_may_be_behind(one, now=now)
    return not hands.isdisjoint({other.pk} | who_may_be_behind(other, now=now))
