"""Writing what is earned and what is taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.commission.models import Entry
from apps.database import db_role
from apps.lib import money


@dataclass(frozen=True, slots=True)
class Earning:
    """An order's line: what it costs, in fen, and the rate in 1/10,000."""

    line_id: int
    base_fen: int
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Back:
    """A cancellation or return: with it, `back_fen` of the order's `total_fen` is taken back by now."""

    reversal_id: int
    back_fen: int
    total_fen: int
    at: datetime


def earn(host_id: int, order_id: int, earnings: Iterable[Earning], *, at: datetime) -> None:
    """Enter what these lines bring this host, each rounded half up.

    No host's role may add an entry: not of her own on another's order, nor for whom she took a customer over.
    """
    with db_role.as_worker():
        Entry.objects.bulk_create(earned(host_id, order_id, earnings, at=at))


def take_back(order_id: int, back: Back) -> None:
    """Enter what goes back of an order's commission, for whoever earned it.

    The order's row is held by who calls. Its customer may have been handed over since: then the entries are
    another host's, whom the one who acts may not see.
    """
    with db_role.as_worker():
        Entry.objects.bulk_create(taken_back(Entry.objects.filter(order_id=order_id).order_by("pk"), back))


def earned(host_id: int, order_id: int, earnings: Iterable[Earning], *, at: datetime) -> list[Entry]:
    """The entries of an order's lines; what brings nothing has none."""
    entries = [
        Entry(
            host_id=host_id,
            order_id=order_id,
            line_id=line.line_id,
            base_fen=line.base_fen,
            rate_bp=line.rate_bp,
            amount_fen=money.share_of(line.base_fen, line.rate_bp),
            at=at,
        )
        for line in earnings
    ]
    return [entry for entry in entries if entry.amount_fen]


def taken_back(known: Iterable[Entry], back: Back) -> list[Entry]:
    """The entries that a cancellation or return adds to `known`, one for each line that gives something back.

    Of each line the same part goes back as of the order's money. It is rounded half up over all that is back
    by now, so that parts never add up to another sum than the whole.
    """
    lines: dict[int, list[Entry]] = {}
    for entry in known:
        lines.setdefault(entry.line_id, []).append(entry)
    added = []
    for entries in lines.values():
        first = next(entry for entry in entries if entry.reversal_id == 0)
        amount = _left(entries, "amount_fen") - _kept(first.amount_fen, back)
        if amount:
            added.append(
                Entry(
                    host_id=first.host_id,
                    order_id=first.order_id,
                    line_id=first.line_id,
                    reversal_id=back.reversal_id,
                    base_fen=_kept(first.base_fen, back) - _left(entries, "base_fen"),
                    rate_bp=first.rate_bp,
                    amount_fen=-amount,
                    at=back.at,
                )
            )
    return added


def _left(entries: Sequence[Entry], field: str) -> int:
    return sum(int(getattr(entry, field)) for entry in entries)


def _kept(fen: int, back: Back) -> int:
    """What is left of `fen` when so much of the order is back."""
    return fen - money.part_of(fen, back.back_fen, back.total_fen) if back.total_fen else 0
