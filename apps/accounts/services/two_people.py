"""Whether two accounts are two people: what one must not do alone is not done through another's account."""

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


def who_opened_the_door(user: User, *, now: datetime) -> set[int]:
    """Ids of the users, but herself, who lately have had a way into the account of `user` in hand.

    They made the host's account or invited her to it, gave a link, bound another WeCom account, changed the
    name or the second step: what each of them could have used in her place.
    """
    since = now - DOOR_FOR
    made = HostTransition.objects.filter(host__user=user, from_status="", at__gte=since)
    invited = Application.objects.filter(host__user=user, decided_at__gte=since)
    linked = OneTimeLink.objects.filter(user=user, created_at__gte=since)
    changed = AccountEvent.objects.filter(user=user, kind__in=_WAYS, at__gte=since)
    found = made.values_list("actor", flat=True).union(
        invited.values_list("invitation__made_by", flat=True),
        linked.values_list("created_by", flat=True),
        changed.values_list("actor", flat=True),
    )
    return {pk for pk in found if pk is not None and pk != user.pk}


def is_own_door(user: User, by: User, *, now: datetime) -> bool:
    """Whether `by` is `user`, or could have come in as her."""
    return by.pk == user.pk or by.pk in who_opened_the_door(user, now=now)


def are_one(one: User, other: User, *, now: datetime) -> bool:
    """Whether one of the two could have come in as the other."""
    return is_own_door(one, other, now=now) or is_own_door(other, one, now=now)


def may_be_one_hand(one: User, other: User, *, now: datetime) -> bool:
    """Whether anybody at all, a third colleague too, could have acted as both: for what leaves the house."""
    hands = {one.pk} | who_opened_the_door(one, now=now)
    return not hands.isdisjoint({other.pk} | who_opened_the_door(other, now=now))
