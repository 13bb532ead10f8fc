"""A consumer's rights: to have her data, and to have it erased. docs/privacy.md tells the whole way.

Who asks is nobody to the database, so each step is the worker's, behind the private link and the proof.

requested → verified → ready → expired (a copy), or requested → verified → blocked → erased. Whatever kills a
job, the next run goes on from the last part that was committed.
"""

import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Host, User
from apps.customers import erasure as people
from apps.customers.models import Relation
from apps.database import crypto, db_role
from apps.lib.ids import private_token, share_code
from apps.lib.phone import last4, normalise
from apps.outbox.services import jobs
from apps.privacy import served
from apps.privacy.models import RightsRequest, Tombstone
from apps.privacy.own_indexes import SCOPE
from apps.privacy.services import exports, gathering
from apps.privacy.services.own_customers import not_her_own
from apps.records import declarations
from apps.records.models import LegalHold
from apps.records.services import marks
from apps.records.services.access_log import sound_reason

State, Kind, Proof = RightsRequest.State, RightsRequest.Kind, RightsRequest.Proof
COPY_JOB, ERASE_JOB = "privacy.copy", "privacy.erase"
#: What the law gives us, and for how long the private page and the things handed out are good.
DUE = timedelta(days=15)
PAGE_LIFE = timedelta(days=30)
CODE_LIFE = timedelta(hours=24)
COPY_LIFE = timedelta(hours=24)
MAX_TRIES = 5
#: So many pages of one phone, the newest, take the code that was read out on it.
MAX_PAGES = 20
#: What stands on a host's word alone: her link, and what was made by it to be read.
_HANDED_OUT = Q(host_id__isnull=False) & (
    Q(state__in=[State.REQUESTED, State.READY]) | Q(state=State.VERIFIED, kind=Kind.EXPORT)
)


class TooLateError(Exception):
    """The request is not in a state from which this leads."""


class WrongCodeError(Exception):
    """The code, or the four digits, are not right; `left` tries remain."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


# --- asking -------------------------------------------------------------------------------------------------


def index_of(phone: str) -> bytes:
    """By which the requests of this phone are found. NotAPhoneError."""
    return crypto.blind_index(normalise(phone), scope=SCOPE)


@db_role.as_worker()
@transaction.atomic
def ask(*, phone: str, kind: str, now: datetime) -> str:
    """Somebody says that this phone is hers. The text of her private page; NotAPhoneError.

    Nothing is looked up: the answer is the same whether we know her or not. However often a stranger
    asked with her phone, hers counts.
    """
    phone, index = normalise(phone), index_of(phone)
    token = private_token()
    RightsRequest.objects.create(
        kind=kind,
        phone=phone,
        phone_index=index,
        view_digest=crypto.digest(token),
        view_until=now + PAGE_LIFE,
        requested_at=now,
        due_at=now + DUE,
    )
    return token


@db_role.as_worker()
@transaction.atomic
def vouch(*, host_id: int, relation_id: int, phone: str, by: User, now: datetime) -> str:
    """A host hands her own customer the way to her data, in the chat where they know each other.

    It reaches what this host knows and no more. The text of the private page, good for a day and as long as
    she is her customer. TooLateError when she is not any more.
    """
    # Not while the host goes, nor while she is being handed over: whichever is first, the other one sees it.
    hers = Relation.objects.select_for_update(no_key=True).filter(pk=relation_id, host=host_id)
    if not _serves(host_id) or not hers.exists():
        raise TooLateError
    token = private_token()
    RightsRequest.objects.create(
        kind=Kind.EXPORT,
        phone=phone,
        host_id=host_id,
        relation_ids=[relation_id],
        proof=Proof.HOST,
        proved_by=by,
        view_digest=crypto.digest(token),
        view_until=now + CODE_LIFE,
        requested_at=now,
        due_at=now + DUE,
    )
    return token


def links_end(relation_ids: list[int], host_id: int) -> None:
    """She was handed over: what the host before has in hand must not open what the new one knows.

    Her copy goes too, since it may lie open at the host before. What she has had erased goes on.
    """
    hers = reduce(or_, (Q(relation_ids__contains=[pk]) for pk in relation_ids), Q(pk=None))
    _end_handed_out(hers, timezone.now())


def host_is_out(host: Host, to: str, now: datetime) -> None:
    """Who is suspended or has left vouches for nobody: so it is with all links and copies by her word."""
    _end_handed_out(Q(host_id=host.pk), now)


def what_ends(host: Host) -> list[str]:
    """How many that is, in words."""
    count = RightsRequest.objects.filter(_HANDED_OUT, host_id=host.pk, view_until__gt=timezone.now()).count()
    return [f"她发给顾客查资料的 {count} 个链接和做好的副本会失效。"] if count else []


def _end_handed_out(which: Q, now: datetime) -> None:
    for held in RightsRequest.objects.filter(_HANDED_OUT, which).select_for_update().order_by("pk"):
        if held.state in {State.REQUESTED, State.READY, State.VERIFIED}:
            _end(held, now)


def _serves(host_id: int) -> bool:
    """Whether the host is active, and stays so until the end of this transaction."""
    return Host.objects.select_for_update(no_key=True).active().filter(pk=host_id).exists()


def _end(held: RightsRequest, now: datetime) -> None:
    if held.file:
        default_storage.delete(held.file)
    held.state, held.file, held.phone, held.phone_index = State.EXPIRED, "", "", None
    held.code_mac, held.finished_at = None, held.finished_at or now
    held.save()


@db_role.as_worker()
def behind(token: str, *, now: datetime) -> RightsRequest | None:
    """The request whose private page this text opens."""
    if not token or len(token) > 64:
        return None
    found = RightsRequest.objects.filter(view_digest=crypto.digest(token), view_until__gt=now)
    active = Host.objects.active().values("pk")
    return found.exclude(_HANDED_OUT & ~Q(host_id__in=active)).first()


# --- proving ------------------------------------------------------------------------------------------------


@transaction.atomic
def make_code(request: RightsRequest, *, by: User, now: datetime) -> str:
    """The six digits that HQ reads out to her on the phone she named; shown once. TooLateError.

    They work on whichever open page of this phone she types them in: which one is hers, HQ can't know.
    """
    pages = [pk for pk in _pages_of(request, now) if pk != request.pk][: MAX_PAGES - 1]
    rows = RightsRequest.objects.select_for_update().filter(pk__in=[request.pk, *pages]).order_by("pk")
    held = {one.pk: one for one in rows if one.state == State.REQUESTED and one.proof != Proof.HOST}
    if request.pk not in held:
        raise TooLateError
    code = f"{secrets.randbelow(10**6):06d}"
    for one in held.values():
        one.code_mac, one.code_until = _mac(one, code), now + CODE_LIFE
        one.tries, one.proof, one.proved_by = 0, Proof.HQ, by
        one.save(update_fields=["code_mac", "code_until", "tries", "proof", "proved_by"])
    return code


def _pages_of(request: RightsRequest, now: datetime) -> list[int]:
    """Ids of the open requests for the same phone, newest first."""
    if request.phone_index is None:
        return []
    found = RightsRequest.objects.filter(
        phone_index=request.phone_index, state=State.REQUESTED, host_id=None, view_until__gt=now
    )
    return list(found.order_by("-pk").values_list("pk", flat=True))


def prove_by_code(request: RightsRequest, *, code: str, now: datetime) -> RightsRequest:
    """She gives the code back: the phone is hers. WrongCodeError, TooLateError."""
    return _prove(request, code.strip(), kind=None, now=now)


def prove_by_host(request: RightsRequest, *, kind: str, last4: str, now: datetime) -> RightsRequest:
    """She opened her host's link: the last digits show that it was not passed on. The same errors."""
    return _prove(request, last4.strip(), kind=kind, now=now)


def _prove(request: RightsRequest, word: str, *, kind: str | None, now: datetime) -> RightsRequest:
    with db_role.as_worker(), transaction.atomic():
        # In the order of a hand-over: the host, then relations.
        if request.host_id is not None and not _serves(request.host_id):
            raise TooLateError
        list(
            Relation.objects.select_for_update(no_key=True).filter(pk__in=request.relation_ids).order_by("pk")
        )
        held = _locked(request)
        if held.state != State.REQUESTED:
            raise TooLateError
        if held.tries >= MAX_TRIES:
            raise WrongCodeError(0)
        if _is_right(held, word, now):
            return _verified(held, kind or held.kind, now)
        held.tries += 1
        if held.tries >= MAX_TRIES:
            held.code_mac = None
        held.save(update_fields=["tries", "code_mac"])
    # Outside, so that the miss is counted.
    raise WrongCodeError(MAX_TRIES - held.tries)


def _is_right(held: RightsRequest, word: str, now: datetime) -> bool:
    if held.proof == Proof.HOST:
        return not held.phone or hmac.compare_digest(last4(held.phone).encode(), word.encode())
    if held.code_mac is None or held.code_until is None or held.code_until <= now:
        return False
    return hmac.compare_digest(bytes(held.code_mac), _mac(held, word))


def _mac(request: RightsRequest, code: str) -> bytes:
    return crypto.blind_index(code, scope=f"{SCOPE}:code:{request.public_id}")


def _verified(held: RightsRequest, kind: str, now: datetime) -> RightsRequest:
    held.kind, held.state, held.verified_at, held.code_mac = kind, State.VERIFIED, now, None
    if held.host_id is None:
        held.relation_ids = people.find(held.phone)
        # A code is good once; who proves herself on another page this very moment has it, too.
        others = RightsRequest.objects.filter(pk__in=_pages_of(held, now)).exclude(pk=held.pk)
        free = others.select_for_update(skip_locked=True).values_list("pk", flat=True)
        RightsRequest.objects.filter(pk__in=list(free)).update(code_mac=None)
    held.customer_ids = list(people.subject(held.relation_ids, held.host_id is None, "").customer_ids)
    if kind == Kind.ERASE:
        if held_back(held.relation_ids):
            held.save()
            return held  # HQ sees it waiting, with the hold named
        _block(held, now)
    held.save()
    job = ERASE_JOB if kind == Kind.ERASE else COPY_JOB
    jobs.queue(job, key=str(held.public_id), payload={"id": held.pk})
    return held


def _block(held: RightsRequest, now: datetime) -> None:
    """All processing stops with this transaction."""
    held.state = State.BLOCKED
    held.pseudonym = held.pseudonym or f"用户{share_code(6)}"
    subject = _subject(held)
    marks.remember(subject, now=now)
    people.block(subject, now)
    for holder in served.HOLDERS.values():
        if holder.block is not None:
            holder.block(subject, now)


def held_back(relation_ids: Sequence[int]) -> bool:
    return LegalHold.objects.filter(relation_id__in=relation_ids, released_at=None).exists()


def _locked(request: RightsRequest) -> RightsRequest:
    return RightsRequest.objects.select_for_update().get(pk=request.pk)


def _subject(request: RightsRequest, relation_ids: list[int] | None = None) -> declarations.Subject:
    return people.subject(
        list(request.relation_ids) if relation_ids is None else relation_ids,
        bool(request.customer_ids),
        request.pseudonym,
        proved_phone=request.phone if request.host_id is None else "",
        by_host=request.host_id,
    )


WHY_REFUSE = "请写清楚为什么不办，至少 4 个字，比如“三次电话都没接通”。她看得到这句话。"
WHY_HOLD = "请写清楚为什么要保留，至少 4 个字，比如“退款还有争议”。"

# --- deciding at HQ: OneselfError for a customer of one's own -----------------------------------------------


@transaction.atomic
def refuse(request: RightsRequest, *, by: User, why: str, now: datetime) -> None:
    """It was not she, or nobody answers the phone: why, she reads. ReasonError.

    TooLateError once she has proved herself.
    """
    reason = sound_reason(why, wanted=WHY_REFUSE)
    held = not_her_own(_locked(request), by)
    if held.state != State.REQUESTED:
        raise TooLateError
    held.state, held.refusal, held.proved_by, held.finished_at = State.REFUSED, reason, by, now
    held.phone, held.phone_index, held.code_mac = "", None, None
    held.save()


@transaction.atomic
def hold(request: RightsRequest, *, by: User, why: str, now: datetime) -> None:
    """A dispute or claim: her data is not erased until it is released. TooLateError, ReasonError."""
    reason = sound_reason(why, wanted=WHY_HOLD)
    held = not_her_own(_locked(request), by)
    if held.kind != Kind.ERASE or held.state not in {State.VERIFIED, State.BLOCKED} or held.steps:
        raise TooLateError
    for pk in held.relation_ids:
        LegalHold.objects.get_or_create(
            relation_id=pk,
            released_at=None,
            defaults={"reason": reason, "placed_by": by, "placed_at": now},
        )


@transaction.atomic
def release(request: RightsRequest, *, by: User, now: datetime) -> None:
    """The dispute is over: what she asked for is done. TooLateError."""
    held = not_her_own(_locked(request), by)
    if held.kind != Kind.ERASE or held.state not in {State.VERIFIED, State.BLOCKED}:
        raise TooLateError
    LegalHold.objects.filter(relation_id__in=held.relation_ids, released_at=None).update(released_at=now)
    _block(held, now)
    held.save()
    jobs.queue(ERASE_JOB, key=f"{held.public_id}:{now.isoformat()}", payload={"id": held.pk})


# --- a copy -------------------------------------------------------------------------------------------------


def gathered(request: RightsRequest, now: datetime) -> dict[str, Any]:
    """All that the proof reaches, from every app that keeps something of people."""
    subject = _subject(request, people.still_open(request.relation_ids))
    return gathering.all_of(subject, of_one_host=request.host_id is not None, now=now)


def copy(payload: dict[str, Any], now: datetime) -> str:
    """Write her copy, sealed; run again, it writes the same once more at most.

    What is erased while it is being written is not in it: then it is written anew.
    """
    request = RightsRequest.objects.get(pk=payload["id"])
    if request.state != State.VERIFIED or request.kind != Kind.EXPORT:
        return f"不用生成：{request.get_state_display()}"
    reached = people.still_open(request.relation_ids)
    content = json.dumps(gathered(request, now), ensure_ascii=False, indent=2).encode()
    name = f"rights/{request.public_id}"
    default_storage.delete(name)
    default_storage.save(name, ContentFile(crypto.encrypt_bytes(content, context=_context(request))))
    with transaction.atomic():
        held = _locked(request)
        if held.state != State.VERIFIED:  # erased or ended meanwhile, or another run was first
            if held.file != name:
                default_storage.delete(name)
            return f"不用生成：{held.get_state_display()}"
        is_sound = people.still_open(held.relation_ids) == reached
        if is_sound:
            held.state, held.file, held.finished_at = State.READY, name, now
            held.view_until = now + COPY_LIFE
            held.save()
    if not is_sound:
        default_storage.delete(name)
        return copy(payload, now)
    return "生成了资料副本"


@db_role.as_worker()
def copy_of(request: RightsRequest, *, now: datetime) -> dict[str, Any]:
    """What the copy holds; TooLateError when its day is over."""
    if request.state != State.READY or not request.file or request.view_until <= now:
        raise TooLateError
    try:
        with default_storage.open(request.file, "rb") as file:
            content = crypto.decrypt_bytes(file.read(), context=_context(request))
    except FileNotFoundError:
        raise TooLateError from None
    found: dict[str, Any] = json.loads(content)
    return found


def _context(request: RightsRequest) -> str:
    return f"privacy_rightsrequest:file:{request.public_id}"


# --- erasing ------------------------------------------------------------------------------------------------


def erase(payload: dict[str, Any], now: datetime) -> str:
    """Empty all that the request reaches, part by part; each part and its mark are one transaction."""
    request = RightsRequest.objects.get(pk=payload["id"])
    for holder in served.HOLDERS.values():
        with transaction.atomic():
            held = _locked(request)
            if held.state != State.BLOCKED:
                return f"不用删除：{held.get_state_display()}"
            if held_back(held.relation_ids):
                return "有争议，先保留"
            if holder.name in held.steps:
                continue
            subject = _subject(held)
            if holder.name == "customers":
                _remember(held, people.ids(subject), now)
            holder.erase(subject, now)
            held.steps = [*held.steps, holder.name]
            held.save(update_fields=["steps"])
    with transaction.atomic():
        held = _locked(request)
        if held.state != State.BLOCKED:
            return f"不用删除：{held.get_state_display()}"
        hosts = people.subject(list(held.relation_ids), False, "").host_ids
        exports.forget_files(host_ids=list(hosts))
        _forget_requests(held, now)
        held.state, held.finished_at, held.phone, held.phone_index = State.ERASED, now, "", None
        held.save()
    return f"已删除，化名 {held.pseudonym}"


def _forget_requests(held: RightsRequest, now: datetime) -> None:
    """Her other requests and their copies go too; only that they were made stays.

    One that is being erased ends by itself. A copy that reaches further is made again without what is gone.
    """
    mine = Q(phone_index=held.phone_index, phone_index__isnull=False) if held.phone_index else Q(pk=None)
    for pk in held.relation_ids:
        mine |= Q(relation_ids__contains=[pk])
    for other in RightsRequest.objects.select_for_update().filter(mine).exclude(pk=held.pk):
        if other.kind == Kind.ERASE and other.state in {State.VERIFIED, State.BLOCKED}:
            continue
        if held.host_id is not None and other.host_id != held.host_id:
            # One host's word ends nothing that reaches further.
            if other.state == State.READY:
                default_storage.delete(other.file)
                other.state, other.file = State.VERIFIED, ""
                other.save(update_fields=["state", "file"])
                key = f"{other.public_id}:{now.isoformat()}"
                jobs.queue(COPY_JOB, key=key, payload={"id": other.pk})
            continue
        if other.file:
            default_storage.delete(other.file)
        if other.state in {State.REQUESTED, State.READY} or (
            other.state == State.VERIFIED and other.kind == Kind.EXPORT
        ):
            other.state = State.EXPIRED
        other.phone, other.phone_index, other.file = "", None, ""
        other.save()


def _remember(held: RightsRequest, ids: list[str], now: datetime) -> None:
    """Write down by hashes what was erased: in the database, and beside it, where no restore reaches."""
    digests = [crypto.digest(one) for one in ids]
    Tombstone.objects.bulk_create(
        [Tombstone(digest=one, pseudonym=held.pseudonym, erased_at=now) for one in digests],
        ignore_conflicts=True,
    )
    record = {
        "erased_at": now.isoformat(),
        "pseudonym": held.pseudonym,
        "rows": [one.hex() for one in digests],
    }
    name = f"erasures/{held.public_id}.json"
    default_storage.delete(name)
    default_storage.save(name, ContentFile(json.dumps(record, ensure_ascii=False).encode()))


def tidy(payload: dict[str, Any], now: datetime) -> str:
    """Delete copies whose day is over, and end what nobody proved."""
    ended = 0
    for pk in RightsRequest.objects.filter(
        state__in=[State.READY, State.REQUESTED], view_until__lte=now
    ).values_list("pk", flat=True):
        with transaction.atomic():
            held = RightsRequest.objects.select_for_update().get(pk=pk)
            if held.state not in {State.READY, State.REQUESTED}:
                continue
            _end(held, now)
            ended += 1
    return f"结束了 {ended} 个资料请求"
