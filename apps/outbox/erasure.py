"""What messages hold of one person. Bodies are sealed, so her traces are found by opening each one."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.accounts.models import Host
from apps.lib.phone import standing_in_text
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Letter
from apps.outbox.registry import LaterError
from apps.records.declarations import Holder, Subject

_AT_ONCE = 500
_SOON = timedelta(seconds=30)
_WHY = "消息里的客户要求删除资料，没有再发"


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    return {}


def erase(subject: Subject, now: datetime) -> None:
    """Empty every stored message in which she stands; what was not sent yet is not.

    LaterError while one of them is being carried this very moment. What she proved is sought in all of
    them, what a host knows of her in messages to or about that host.
    """
    traces = _Traces(subject)
    for letters in _batches(Letter):
        _forget_letters([one.pk for one in letters if traces.are_in(one.body, _hosts_of(one))])
    for calls in _batches(DeliveryCall):
        _forget_calls([one.pk for one in calls if traces.are_in(one.request, _hosts_of(one))])
    for arrivals in _batches(Inbox):
        _forget_arrivals([one.pk for one in arrivals if traces.are_in_arrival(one)])


class _Traces:
    """By what words a text is known to speak of her."""

    def __init__(self, subject: Subject) -> None:
        self.proved = [standing_in_text(phone) for phone in subject.proved]
        self.phones = [standing_in_text(phone) for phone in subject.phones]
        self.words = subject.accounts | subject.names
        self.host_ids = set(subject.host_ids)
        self.members = {
            name
            for name in Host.objects.filter(pk__in=subject.host_ids).values_list("wecom_userid", flat=True)
            if name
        }

    def are_in(self, text: str, host_ids: set[int]) -> bool:
        # What is nobody's, a transfer, names the members it is about.
        is_hers = bool(host_ids & self.host_ids) if host_ids else _any(self.members, text)
        return self._are_in(text, is_hers=is_hers)

    def are_in_arrival(self, arrival: Inbox) -> bool:
        is_hers = _any(self.members, arrival.body)
        return self._are_in(arrival.body, is_hers=is_hers) or self._are_in(arrival.reply, is_hers=is_hers)

    def _are_in(self, text: str, *, is_hers: bool) -> bool:
        # A name alone says nothing, since others are called so too; in a letter to her own host it is she.
        # A phone that a host typed, or an account, is hers as far as that host goes.
        if any(phone.search(text) for phone in self.proved):
            return True
        return is_hers and (_any(self.words, text) or any(phone.search(text) for phone in self.phones))


def _any(words: Iterable[str], text: str) -> bool:
    return any(word in text for word in words)


def _hosts_of(row: Letter | DeliveryCall) -> set[int]:
    return {one.host_id for one in row.deliveries.all() if one.host_id is not None}


@transaction.atomic
def _forget_letters(ids: list[int]) -> None:
    if ids:
        waiting = Delivery.objects.filter(letter__in=ids, state=Delivery.State.NEW, call=None)
        waiting.update(state=Delivery.State.EXPIRED, outcome=_WHY)
        Letter.objects.filter(pk__in=ids).update(body="")


@transaction.atomic
def _forget_calls(ids: list[int]) -> None:
    if not ids:
        return
    rows = DeliveryCall.objects.filter(pk__in=ids)
    if DeliveryCall.State.LEASED in set(rows.select_for_update().values_list("state", flat=True)):
        raise LaterError(_SOON, "有一条消息正在发")
    waiting = rows.filter(state=DeliveryCall.State.WAITING)
    Delivery.objects.filter(call__in=waiting, state__in=Delivery.OPEN).update(
        state=Delivery.State.EXPIRED, outcome=_WHY
    )
    waiting.update(state=DeliveryCall.State.EXPIRED, outcome=_WHY, finished_at=Now())
    rows.update(request="", digest=None)


@transaction.atomic
def _forget_arrivals(ids: list[int]) -> None:
    if not ids:
        return
    rows = Inbox.objects.filter(pk__in=ids)
    if Inbox.State.LEASED in set(rows.select_for_update().values_list("state", flat=True)):
        raise LaterError(_SOON, "有一个事件正在处理")
    rows.filter(state=Inbox.State.NEW).update(
        state=Inbox.State.IGNORED, reason="里面的客户要求删除资料", finished_at=Now()
    )
    rows.update(body="", reply="")


def _batches(model: Any) -> Iterator[list[Any]]:
    """All rows with words in them, a few hundred at a time, oldest first."""
    words = Q()
    for name in ("body", "request", "reply"):
        if any(field.name == name for field in model._meta.fields):
            words |= ~Q(**{name: ""})
    rows = model.objects.filter(words).order_by("pk")
    if model is not Inbox:
        rows = rows.prefetch_related("deliveries")
    after = 0
    while batch := list(rows.filter(pk__gt=after)[:_AT_ONCE]):
        yield batch
        after = batch[-1].pk


_WORDS = "给大C的工作消息和回调原文，里面的内容在别处都列出来了"
HOLDER = Holder(
    name="outbox",
    export=export,
    erase=erase,
    exempt={
        "outbox.Letter": {"*": _WORDS},
        "outbox.DeliveryCall": {"*": _WORDS},
        "outbox.Inbox": {"*": _WORDS},
    },
)
