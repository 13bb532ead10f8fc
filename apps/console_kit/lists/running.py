"""Acts on many rows: reckoned first, written down before they begin, carried out row by row, taken back once.

Each row is held and asked again at its turn, and is done or refused by itself: one that can't be done keeps
no other from it. A run that was broken off goes on where it stopped.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import LogContext

from apps.console_kit.lists import registry
from apps.console_kit.lists.choosing import Choice, row_labels
from apps.console_kit.lists.declaring import Given, ListAct, RefusedError, may
from apps.console_kit.models import BulkItem, BulkRun

#: So many rows are done while she waits; more, behind her back, by who registered as `later`.
AT_ONCE = 100
_CHUNK = 50
_STAGED = 2_000
_NOT_THERE = "已经不在这个列表里了"
_NOT_ALLOWED = "你已经没有这项权限"
_CHANGED = "之后又有人改过，没有动它"

#: Has a run carried out by a worker: a function of it. The app that knows workers puts it here.
later: list[Callable[[BulkRun], object]] = []


@dataclass(frozen=True)
class Preview:
    """What an act would do: to how many, why not to the others, and what comes of it."""

    can: list[Any]
    #: Why not, how many, and some of them by name.
    refused: list[tuple[str, int, list[str]]]
    effects: list[str]


def preview(choice: Choice, act: ListAct, given: Given) -> Preview:
    rows = list(act.rows(choice.rows))
    can: list[Any] = []
    cannot: dict[str, list[Any]] = {}
    for row in rows:
        if why := act.why_not(row, given):
            cannot.setdefault(why, []).append(row)
        else:
            can.append(row)
    refused = [
        (why, len(group), row_labels(choice.of, group[:_NAMED]))
        for why, group in sorted(cannot.items(), key=lambda item: -len(item[1]))
    ]
    return Preview(can, refused, act.means(can, given) if can else [])


_NAMED = 5


@transaction.atomic
def begin(choice: Choice, act: ListAct, given: Given, *, posted: dict[str, Any], public_id: UUID) -> BulkRun:
    """Write down what is to be done, and have it done. The same `public_id` again is the same run."""
    run, is_new = BulkRun.objects.get_or_create(
        public_id=public_id,
        owner_id=given.by.pk,
        defaults={
            "key": choice.of.viewset.key,
            "act": act.key,
            "query": choice.kept_query,
            "given": posted,
            "begun_at": given.now,
        },
    )
    if not is_new:
        return run
    rows = list(choice.rows)
    for start in range(0, len(rows), _STAGED):
        part = rows[start : start + _STAGED]
        BulkItem.objects.bulk_create(BulkItem(run=run, row_id=row.pk) for row in part)
    _go_on(run, len(rows), given.now)
    return run


def _go_on(run: BulkRun, count: int, now: datetime) -> None:
    if count > AT_ONCE and later:
        later[0](run)
    else:
        carry_out(run.pk, now)


def carry_out(run_id: int, now: datetime) -> str:
    """Do, or take back, what waits of a run. Broken off and called again, it does the rest."""
    while _chunk(run_id, now):
        pass
    run = BulkRun.objects.get(pk=run_id)
    counts = counted(run)
    return "、".join(f"{BulkItem.State(state).label} {count}" for state, count in sorted(counts.items()))


@transaction.atomic
def _chunk(run_id: int, now: datetime) -> bool:
    """One chunk of a run; False when nothing is left. Two that work at one run take turns."""
    run = BulkRun.objects.select_for_update().get(pk=run_id)
    is_back = run.state == BulkRun.State.TAKING_BACK
    if run.state not in {BulkRun.State.RUNNING, BulkRun.State.TAKING_BACK}:
        return False
    waiting = BulkItem.State.DONE if is_back else BulkItem.State.WAITING
    items = list(run.items.filter(state=waiting).order_by("pk")[:_CHUNK])
    if not items:
        run.state = BulkRun.State.TAKEN_BACK if is_back else BulkRun.State.DONE
        run.ended_at = now
        if is_back or not can_be_taken_back(run):
            run.given = {}  # a reason that was copied to each row ends with the row
        run.save(update_fields=["state", "ended_at", "given"])
        return False
    viewset, act, given = _as_given(run, now)
    visible: set[int] = set()
    if given is not None:
        view = registry.view_of(viewset, given.by, "")
        ids = [item.row_id for item in items]
        visible = set(view.get_queryset().filter(pk__in=ids).values_list("pk", flat=True))
    with LogContext(user=given.by if given else None):
        for item in items:
            if given is None:
                item.state, item.why = _left(is_back), _NOT_ALLOWED
            elif item.row_id not in visible:
                item.state, item.why = _left(is_back), _NOT_THERE
            elif is_back:
                _take_back_one(item, viewset.model, act, given)
            else:
                _do_one(item, viewset.model, act, given)
    BulkItem.objects.bulk_update(items, ["state", "why", "before", "after"])
    return True


def _left(is_back: bool) -> BulkItem.State:
    return BulkItem.State.KEPT if is_back else BulkItem.State.REFUSED


def _as_given(run: BulkRun, now: datetime) -> tuple[Any, ListAct, Given | None]:
    """The list and the act of a run; no `Given` when whoever began it may not do that any more."""
    viewset = registry.every()[run.key]
    act = viewset.desk.act(run.act)
    person = get_user_model()._default_manager.filter(pk=run.owner_id, is_active=True).first()
    if person is None or not may(person, act.permission):
        return viewset, act, None
    form = act.form(run.given, person) if act.form else None
    if form is not None and not form.is_valid():
        return viewset, act, None
    return viewset, act, Given(person, now, form.cleaned_data if form else {})


def _held(model: Any, act: ListAct, pk: int) -> Any:
    list(model._default_manager.filter(pk=pk).order_by().select_for_update(of=("self",)).values_list("pk"))
    return act.rows(model._default_manager.filter(pk=pk)).first()


def _do_one(item: BulkItem, model: Any, act: ListAct, given: Given) -> None:
    try:
        with transaction.atomic():
            row = _held(model, act, item.row_id)
            if row is None:
                raise RefusedError(_NOT_THERE)
            if why := act.why_not(row, given):
                raise RefusedError(why)
            back = act.taking_back
            item.before = back.reads(row) if back else None
            act.apply(row, given)
            item.after = back.reads(_held(model, act, item.row_id)) if back else None
    except (RefusedError, ValidationError, PermissionDenied) as error:
        item.before = item.after = None
        item.state, item.why = BulkItem.State.REFUSED, _words(error)
    else:
        item.state = BulkItem.State.DONE


def _take_back_one(item: BulkItem, model: Any, act: ListAct, given: Given) -> None:
    back = act.taking_back
    assert back is not None
    try:
        with transaction.atomic():
            row = _held(model, act, item.row_id)
            if row is None:
                raise RefusedError(_NOT_THERE)
            if back.reads(row) != item.after:
                raise RefusedError(_CHANGED)
            back.restore(row, item.before or {}, given)
    except (RefusedError, ValidationError, PermissionDenied) as error:
        item.state, item.why = BulkItem.State.KEPT, _words(error)
    else:
        item.state = BulkItem.State.TAKEN_BACK


def _words(error: Exception) -> str:
    words = "".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return (words or "现在不能这样做")[:200]


def counted(run: BulkRun) -> Counter[str]:
    return Counter(run.items.values_list("state", flat=True))


def can_be_taken_back(run: BulkRun) -> bool:
    viewset = registry.every().get(run.key)
    act = viewset.desk.act(run.act) if viewset is not None else None
    return (
        act is not None
        and act.taking_back is not None
        and run.state == BulkRun.State.DONE
        and run.items.filter(state=BulkItem.State.DONE).exists()
    )


@transaction.atomic
def take_back(run: BulkRun) -> bool:
    """Put the rows back that still stand as the act left them, once. False when it was too late."""
    held = BulkRun.objects.select_for_update().get(pk=run.pk)
    if not can_be_taken_back(held):
        return False
    held.state = BulkRun.State.TAKING_BACK
    held.save(update_fields=["state"])
    _go_on(held, held.items.filter(state=BulkItem.State.DONE).count(), timezone.now())
    return True
