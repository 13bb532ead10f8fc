"""What a host does with many of her customers at once: who is done, and for everybody else why not."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Host, User
from apps.customers import access, services
from apps.customers.models import Relation, RelationTag, Tag
from apps.database.crypto import CannotDecryptError
from apps.database.sealing import seal, unseal
from apps.lib import given

#: So many at once: what one looks over on a phone.
MOST = 200

#: Why somebody is left out; the text completes 「N 位……」.
GONE = "已经不在你的客户里"
TAGGED = "本来就有这个标签"
PLANNED = "已经定了别的下一步"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: who is done, and how many are not for which reason."""

    done: list[Relation]
    refused: list[tuple[str, int]]
    tag: Tag | None = None
    #: The rows by which they got the tag, by number: this act is taken back for these alone.
    tagged: tuple[int, ...] = ()

    @property
    def left_out(self) -> int:
        return sum(count for _, count in self.refused)


def chosen(host: Host, public_ids: Iterable[Any]) -> tuple[list[Relation], int]:
    """Those of the named who are hers, in the order of the names, and how many are not (any more)."""
    wanted: list[UUID] = []
    named = list(dict.fromkeys(str(one) for one in public_ids))[:MOST]
    for text in named:
        if (one := given.uuid(text)) is not None and one not in wanted:
            wanted.append(one)
    found = {one.public_id: one for one in access.relations_of(host).customers().filter(public_id__in=wanted)}
    hers = [found[one] for one in wanted if one in found]
    return hers, len(named) - len(hers)


def sealed(host: Host, relations: Sequence[Relation]) -> str:
    """The chosen as an address carries them: few letters for the most there may be, hers alone."""
    return _seal([one.pk for one in relations], _place(host, "chosen"))


def unsealed(host: Host, text: str) -> tuple[list[Relation], int]:
    """What `chosen` says of those in an address; nobody when it is spoiled or another host's."""
    numbers: list[int] = _unseal(text, _place(host, "chosen")) or []
    hers = _hers(host, numbers)
    return hers, len(numbers) - len(hers)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one act, as its own page tells it later: whoever is hers no more is not among `done`."""

    name: str
    count: int
    done: list[Relation]
    refused: list[tuple[str, int]]
    tag: Tag | None
    #: The rows of this act that still stand.
    tagged: list[RelationTag]


def sealed_outcome(host: Host, name: str, outcome: Outcome) -> str:
    """One act with its outcome, as the address of its page and the form that takes it back carry it."""
    steps = [one - before for before, one in zip((0, *outcome.tagged), outcome.tagged, strict=False)]
    tag = outcome.tag.pk if outcome.tag is not None else 0
    content = [name, [one.pk for one in outcome.done], outcome.refused, tag, steps]
    return _seal(content, _place(host, "outcome"))


def told(host: Host, text: str) -> Told | None:
    """The act behind such an address; None when it is spoiled or another host's."""
    content = _unseal(text, _place(host, "outcome"))
    if content is None:
        return None
    name, numbers, refused, tag, steps = content
    done = _hers(host, numbers)
    rows = RelationTag.objects.filter(pk__in=list(accumulate(steps)), relation__in=done)
    return Told(
        name,
        len(numbers),
        done,
        [(why, count) for why, count in refused],
        access.tags_of(host).filter(pk=tag).first() if tag else None,
        list(rows.select_related("relation", "tag").order_by("pk")) if steps else [],
    )


def _hers(host: Host, numbers: list[int]) -> list[Relation]:
    found = access.relations_of(host).customers().in_bulk(numbers)
    return [found[one] for one in numbers if one in found]


def _place(host: Host, what: str) -> str:
    return f"customers_many:{what}:{host.pk}"


def _seal(content: Any, place: str) -> str:
    plain = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    return seal(zlib.compress(plain, 9), context=place)


def _unseal(text: str, place: str) -> Any:
    """What was sealed for this place; None when it is spoiled or of another place."""
    try:
        return json.loads(zlib.decompress(unseal(text, context=place)))
    except CannotDecryptError:
        return None


@transaction.atomic
def tag(relations: Sequence[Relation], *, name: str, gone: int = 0, by: User, now: datetime) -> Outcome:
    """One tag for all; who has it keeps it."""
    having = set(
        RelationTag.objects.filter(relation__in=relations, tag__name=name.strip()[:20]).values_list(
            "relation", flat=True
        )
    )
    done = [one for one in relations if one.pk not in having]
    made = None
    for relation in done:
        made = services.tag_relation(relation, name=name, by=by, now=now)
    kept = [one for one in relations if one.pk in having]
    rows = RelationTag.objects.filter(relation__in=done, tag=made).order_by("pk").values_list("pk", flat=True)
    return Outcome(done, _with_number((GONE, gone), (TAGGED, len(kept))), tag=made, tagged=tuple(rows))


@transaction.atomic
def untag(act: Told, *, by: User, now: datetime) -> int:
    """Take one act back: its tag comes off those who got it by this act and have it since; of how many.

    Twice is once. A tag that came off and was put on again meanwhile is another act's: it stays.
    """
    rows = RelationTag.objects.select_for_update().filter(pk__in=[one.pk for one in act.tagged])
    standing = set(rows.order_by("pk").values_list("pk", flat=True))
    for row in act.tagged:
        if row.pk in standing:
            services.untag_relation(row.relation, tag=row.tag, by=by, now=now)
    return len(standing)


@transaction.atomic
def note(relations: Sequence[Relation], *, text: str, gone: int = 0, by: User, now: datetime) -> Outcome:
    """The same note for all."""
    for relation in relations:
        services.add_note(relation, text=text, by=by, now=now)
    return Outcome(list(relations), _with_number((GONE, gone)))


@transaction.atomic
def remind(
    relations: Sequence[Relation],
    *,
    action: str,
    on: date,
    replace: bool = False,
    gone: int = 0,
    by: User,
    now: datetime,
) -> Outcome:
    """The same next step for all; what she planned with somebody before stays, unless she says `replace`."""
    held = Relation.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in relations])
    fresh = {one.pk: one for one in held.order_by("pk")}
    done, planned = [], 0
    for relation in relations:
        one = fresh[relation.pk]
        has_plan = bool(one.next_action or one.next_action_on)
        if has_plan and not replace and (one.next_action, one.next_action_on) != (action, on):
            planned += 1
            continue
        services.update_relation(
            one, remark=one.remark, phone=one.phone, next_action=action, next_action_on=on, by=by, now=now
        )
        done.append(one)
    return Outcome(done, _with_number((GONE, gone), (PLANNED, planned)))


def planned_among(relations: Sequence[Relation]) -> int:
    """How many of them have a next step already."""
    return sum(bool(one.next_action or one.next_action_on) for one in relations)


def _with_number(*reasons: tuple[str, int]) -> list[tuple[str, int]]:
    return [(why, count) for why, count in reasons if count]
