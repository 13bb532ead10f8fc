"""What higher apps bring to privacy, and what privacy wants done: slots that they fill in their `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from apps.records.declarations import Expiry, Export, Holder, Index, People


class Later(Protocol):
    """How a job is queued: `outbox.services.jobs.queue`, once outbox has put it here."""

    def __call__(self, name: str, *, key: str, payload: dict[str, Any] | None = None) -> bool: ...


@dataclass(frozen=True)
class Chore:
    """A job of privacy; outbox registers it. `period`: minute, hour, day, or None for one-off."""

    name: str
    run: Callable[[dict[str, Any], datetime], str]
    period: str | None = None


_later: list[Later] = []


def fill_later(queue: Later) -> None:
    """Outbox, which stands above, says how jobs are queued."""
    _later[:] = [queue]


def later(name: str, *, key: str, payload: dict[str, Any] | None = None) -> bool:
    """Make sure that job `name` runs once for `key`, after this transaction. The payload holds ids."""
    return _later[0](name, key=key, payload=payload)


_exports: dict[str, Export] = {}


def register_export(export: Export) -> None:
    _exports[export.what] = export


def exports() -> dict[str, Export]:
    return dict(_exports)


#: In the order in which they erase: the app that knows her name and phone comes last.
_holders: dict[str, Holder] = {}
_people: list[People] = []


def register_holder(holder: Holder) -> None:
    _holders[holder.name] = holder


def remove_holder(name: str) -> None:
    _holders.pop(name, None)


def holders() -> list[Holder]:
    return sorted(_holders.values(), key=lambda one: (one.name == "customers", one.name))


def fill_people(people: People) -> None:
    _people[:] = [people]


def people() -> People:
    return _people[0]


# --- consent ------------------------------------------------------------------------------------------------

#: Called inside the transaction in which these consents (by id) were taken back.
Withdrawn = Callable[[list[int], datetime], None]
_on_withdrawal: list[Withdrawn] = []


def when_withdrawn(do: Withdrawn) -> None:
    """End what hangs on a consent together with it."""
    if do not in _on_withdrawal:
        _on_withdrawal.append(do)


def tell_withdrawn(consent_ids: list[int], now: datetime) -> None:
    for do in _on_withdrawal:
        do(consent_ids, now)


_indexes: dict[str, Index] = {}


def register_index(index: Index) -> None:
    _indexes[index.model._meta.label] = index


def indexes() -> list[Index]:
    return [_indexes[label] for label in sorted(_indexes)]


_expiries: dict[str, Expiry] = {}


def register_expiry(expiry: Expiry) -> None:
    _expiries[expiry.name] = expiry


def expiries() -> list[Expiry]:
    return [_expiries[name] for name in sorted(_expiries)]
