"""What a host does with many of her customers at once: who is done, and for everybody else why not."""

import base64
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Host, User
from apps.customers import access, services
from apps.customers.models import Relation, RelationTag, Tag
from apps.database import crypto
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
    numbers = json.dumps([one.pk for one in relations], separators=(",", ":"))
    content = crypto.encrypt_bytes(zlib.compress(numbers.encode(), 9), context=_place(host))
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsealed(host: Host, text: str) -> tuple[list[Relation], int]:
    """What `chosen` says of those in an address; nobody when it is spoiled or another host's."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        numbers: list[int] = json.loads(zlib.decompress(crypto.decrypt_bytes(content, context=_place(host))))
    except (ValueError, crypto.CannotDecryptError):
        return [], 0
    found = access.relations_of(host).customers().in_bulk(numbers)
    hers = [found[one] for one in numbers if one in found]
    return hers, len(numbers) - len(hers)


def _place(host: Host) -> str:
    return f"customers_many:chosen:{host.pk}"


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
    return _outcome(done, [(GONE, gone), (TAGGED, len(kept))], tag=made)


@transaction.atomic
def untag(relations: Sequence[Relation], *, tag: Tag, by: User, now: datetime) -> int:
    """Take it back: the tag comes off those who have it; of how many."""
    having = set(
        RelationTag.objects.filter(relation__in=relations, tag=tag).values_list("relation", flat=True)
    )
    for relation in relations:
        if relation.pk in having:
            services.untag_relation(relation, tag=tag, by=by, now=now)
    return len(having)


@transaction.atomic
def note(relations: Sequence[Relation], *, text: str, gone: int = 0, by: User, now: datetime) -> Outcome:
    """The same note for all."""
    for relation in relations:
        services.add_note(relation, text=text, by=by, now=now)
    return _outcome(list(relations), [(GONE, gone)])


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
    return _outcome(done, [(GONE, gone), (PLANNED, planned)])


def planned_among(relations: Sequence[Relation]) -> int:
    """How many of them have a next step already."""
    return sum(bool(one.next_action or one.next_action_on) for one in relations)


def _outcome(done: list[Relation], refused: list[tuple[str, int]], *, tag: Tag | None = None) -> Outcome:
    return Outcome(done, [(why, count) for why, count in refused if count], tag)
