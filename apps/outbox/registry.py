"""Who sends, handles and runs what: higher apps register here by kind, in their `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Idempotency(StrEnum):
    """What repeating a call does (docs/deliveries.md)."""

    NATURAL = "A"  # sets a state: repeat freely
    DEDUPLICATED = "B"  # the other side swallows a byte-identical repeat for a while
    LOOK_FIRST = "C"  # look whether it is there before repeating
    ONE_SHOT = "D"  # works once, and only until a deadline
    READ = "E"  # changes nothing


class Verdict(StrEnum):
    SENT = "sent"
    LATER = "later"  # certainly not delivered; try again after `wait`
    UNKNOWN = "unknown"  # perhaps delivered: we did not hear the answer
    REFUSED = "refused"  # certainly not delivered, and repeating will not help


class Addressee(StrEnum):
    """To whom a kind of delivery comes in the end. What comes to a consumer goes through `reach`."""

    HOST = "host"
    CONSUMER = "consumer"
    NOBODY = "nobody"  # it changes something at WeCom and says nothing to anybody


@dataclass(frozen=True)
class Result:
    """What became of one call. `refused` names the recipients left out of a call that else went well."""

    verdict: Verdict
    note: str = ""
    errcode: str = ""
    wait: timedelta | None = None
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outgoing:
    """One call to make. `may_have_arrived`: an earlier attempt with these bytes was not answered."""

    request: str
    host_ids: list[int]
    may_have_arrived: bool


@dataclass(frozen=True)
class Built:
    """A request made of a letter for some hosts, and those who can't be recipients, with the reason."""

    request: str
    refused: dict[int, str] = field(default_factory=dict)


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Recall:
    """For what was carried but only lies ready on the other side (a task that a host confirms there).

    `open` says which of the deliveries, by their keys, nobody has got yet; `call_off` ends them for a reason.
    """

    open: Callable[[list[str]], list[str]]
    call_off: Callable[[list[str], str], None]


@dataclass(frozen=True)
class Sender:
    """How deliveries of one kind leave.

    `build` makes the request (database allowed); `send` makes the call (no transaction is open).
    """

    kind: str
    addresses: Addressee
    idempotency: Idempotency
    build: Callable[[str, list[int]], Built]
    send: Callable[[Outgoing], Result]
    #: Longer than the longest call, or two workers would make it at once.
    lease: timedelta
    #: Recipients in one call.
    group: int = 1
    #: For how long the other side swallows a byte-identical repeat (DEDUPLICATED).
    swallows_for: timedelta | None = None
    #: How many messages one host may get in which time; more would be lost without a word.
    pace: tuple[tuple[timedelta, int], ...] = ()
    is_paused: Callable[[], bool] = _never
    #: `send` itself looks for what may have arrived before it makes the call again (LOOK_FIRST).
    looks_first: bool = False
    recall: Recall | None = None


@dataclass(frozen=True)
class Cause:
    """Something that letters are about and that may go away before they leave: a published issue, a product.

    `unwanted` gets its id and the recipients, at the moment of sending, and answers who must not get the
    letter any more, each with the reason in words.
    """

    kind: str
    unwanted: Callable[[int, list[int | None], datetime], dict[int | None, str]]


class LaterError(Exception):
    """A handler or job can't do it now; the row waits."""

    def __init__(self, wait: timedelta, note: str = "") -> None:
        super().__init__(note)
        self.wait = wait
        self.note = note


class IgnoredError(Exception):
    """The row needs nothing done; the reason is kept."""


@dataclass(frozen=True)
class Arrival:
    """An inbox row as its handler sees it."""

    id: int
    kind: str
    body: str
    received_at: datetime
    #: Not the first try: an earlier one broke off or failed.
    repeated: bool


@dataclass(frozen=True)
class Handler:
    """What an arrived thing means.

    `prepare` may ask the outside and runs in no transaction; `handle` gets its answer and writes, in the
    transaction in which the row becomes done: both or neither.
    """

    kind: str
    handle: Callable[[Arrival, Any, datetime], None]
    prepare: Callable[[Arrival, datetime], Any] | None = None
    lease: timedelta = timedelta(seconds=30)


class Period(StrEnum):
    MINUTE = "minute"
    TEN_MINUTES = "ten-minutes"
    HOUR = "hour"
    DAY = "day"


def _nobody_waits(payload: dict[str, Any]) -> None:
    pass


@dataclass(frozen=True)
class JobKind:
    """A named job. `run` gets the payload and the clock, opens its own transactions and may be run twice.

    `given_up` tells whoever waits for it that it broke too often.
    """

    name: str
    run: Callable[[dict[str, Any], datetime], str]
    period: Period | None = None
    lease: timedelta = timedelta(minutes=10)
    given_up: Callable[[dict[str, Any]], None] = _nobody_waits


#: Whether the process is to end: what is begun is finished, nothing new is.
Stop = Callable[[], bool]


@dataclass(frozen=True)
class LaneWork:
    """Something the lane (`apps.outbox.lane`) keeps at: `run` does all that is due, and returns.

    A notice to `doorbell.wake(name)` has it run at once. Without one it looks around so often by itself.
    """

    name: str
    run: Callable[[Stop], object]
    look_every_s: float = 1.0
    is_notified: bool = True


_senders: dict[str, Sender] = {}
_handlers: dict[str, Handler] = {}
_jobs: dict[str, JobKind] = {}
_lane_works: dict[str, LaneWork] = {}
_causes: dict[str, Cause] = {}


class AlreadyRegisteredError(Exception):
    """Two different things claim one kind."""


def _add(table: dict[str, Any], name: str, value: Any) -> None:
    if table.get(name, value) != value:
        raise AlreadyRegisteredError(name)
    table[name] = value


def register_sender(sender: Sender) -> None:
    if sender.idempotency is Idempotency.DEDUPLICATED and sender.swallows_for is None:
        raise ValueError(f"{sender.kind}: for how long does the other side swallow a repeat?")
    if sender.idempotency is Idempotency.LOOK_FIRST and not sender.looks_first:
        raise ValueError(f"{sender.kind}: who looks whether it arrived, before it is repeated?")
    _add(_senders, sender.kind, sender)


def register_handler(handler: Handler) -> None:
    _add(_handlers, handler.kind, handler)


def register_job(job: JobKind) -> None:
    _add(_jobs, job.name, job)


def register_lane_work(work: LaneWork) -> None:
    _add(_lane_works, work.name, work)


def lane_works() -> list[LaneWork]:
    return list(_lane_works.values())


def register_cause(cause: Cause) -> None:
    _add(_causes, cause.kind, cause)


def cause(kind: str, row_id: int) -> str:
    """How a letter names its cause; KeyError for a kind that nobody answers for."""
    return f"{_causes[kind].kind}:{row_id}"


def unwanted(named: str, recipients: list[int | None], now: datetime) -> dict[int | None, str]:
    """Who must not get a letter with this cause any more; nobody when it names none."""
    if not named:
        return {}
    kind, row_id = named.split(":")
    return _causes[kind].unwanted(int(row_id), recipients, now)


def sender_of(kind: str) -> Sender:
    return _senders[kind]


def handler_of(kind: str) -> Handler:
    return _handlers[kind]


def job_of(name: str) -> JobKind:
    return _jobs[name]


def senders() -> list[Sender]:
    return list(_senders.values())


def handled_kinds() -> list[str]:
    return list(_handlers)


def job_names() -> list[str]:
    return list(_jobs)
