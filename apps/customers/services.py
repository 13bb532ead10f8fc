"""What can be done with a customer, always through one host's relation."""

from datetime import date, datetime
from typing import Any, Literal

from django.db import IntegrityError, connection, transaction
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host, User
from apps.customers.models import Customer, HandOverItem, Identity, Note, Relation, RelationTag, Tag
from apps.database import crypto
from apps.lib import clock
from apps.lib.birthdays import Birthday
from apps.lib.phone import for_limits, last4, main, normalise
from apps.lib.words import plain
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

#: The scope of the blind index by which HQ finds a person; a host's scope is `host:<id>`.
HQ_SCOPE = "hq"
#: What `customer.joined` carries when we learned of it on a later day: the moment at which we did.
LEARNED_AT = "learned_at"


class PhoneTakenError(Exception):
    """Another of this host's own customers has this phone."""


class EmptyNoteError(Exception):
    """A note needs words."""


def host_scope(host_id: int) -> str:
    return f"host:{host_id}"


def phone_index(host_id: int, phone: str) -> bytes:
    """The blind index of an E.164 phone within one host."""
    return crypto.blind_index(phone, scope=host_scope(host_id))


def last4_index(host_id: int, phone: str) -> bytes:
    """The blind index of a phone's last four digits within one host."""
    return crypto.blind_index(last4(phone), scope=f"{host_scope(host_id)}:last4")


def external_index(host_id: int, external_userid: str) -> bytes:
    return crypto.blind_index(external_userid, scope=f"{host_scope(host_id)}:external")


def identity_index(kind: str, *, issuer: str, value: str) -> bytes:
    """The blind index by which HQ and the worker role find who holds this key."""
    return crypto.blind_index(value, scope=f"{HQ_SCOPE}:{kind}:{issuer}")


def main_index(kind: str, *, issuer: str, value: str) -> bytes | None:
    """The `identity_index` of a phone's number without its extension; None for all that has none."""
    if kind != Identity.Kind.PHONE or main(value) == value:
        return None
    return identity_index(kind, issuer=issuer, value=main(value))


def set_phone(relation: Relation, phone: str) -> None:
    """Put an E.164 phone (or none) and its indexes on an unsaved change of `relation`."""
    relation.phone = phone
    relation.phone_index = phone_index(relation.host_id, phone) if phone else None
    relation.phone_last4_index = last4_index(relation.host_id, phone) if phone else None


@transaction.atomic
def find_or_make_relation(
    host: Host, *, phone: str, name: str, source: str, now: datetime, is_customer: bool = True
) -> tuple[Relation, bool]:
    """The host's relation to the holder of `phone`, and whether it is new.

    Only this host's relations are looked at; a stranger becomes a new customer, whoever else knows her.
    A known relation keeps its fields: what someone types into an order form corrects nothing. Whoever comes
    by what may be nobody's (`is_customer` false) is a customer from `take_on`.
    """
    phone = normalise(phone)
    index = phone_index(host.pk, phone)
    # Held, so that she is not handed over while something is written for this host.
    found = Relation.objects.select_for_update(no_key=True).of(host).filter(phone_index=index).first()
    if found is not None:
        return _known(found, is_customer=is_customer, now=now), False
    relation = Relation(host=host, name=name, source=source, joined_at=now, is_customer=is_customer)
    set_phone(relation, phone)
    try:
        begin(relation, now=now)
    except IntegrityError:  # the same person ordered twice at once: the other request was first
        found = Relation.objects.of(host).get(phone_index=index)
        return _known(found, is_customer=is_customer, now=now), False
    return relation, True


def begin(relation: Relation, *, now: datetime) -> None:
    """Save a new relation to a customer whom nobody knows yet, by its phone if it has one.

    IntegrityError when another of this host's customers has that phone: then nothing is written.
    """
    with transaction.atomic():
        relation.customer = _new_customer(now=now)
        relation.save()
    if relation.phone:
        _identify(relation.customer, Identity.Kind.PHONE, issuer="", value=relation.phone, now=now)
    if relation.is_customer:
        _joined(relation, at=now, how=relation.source, now=now)


def _known(relation: Relation, *, is_customer: bool, now: datetime) -> Relation:
    if is_customer:
        take_on(relation, now=now)
    return relation


def take_on(relation: Relation, *, now: datetime) -> None:
    """Make her a customer from now who came by a doubtful order alone; twice is once.

    She is a new customer of the host who serves her now, on this day. Whoever asked to be erased becomes
    nobody's customer any more, even if an order of hers stands.
    """
    if relation.is_customer:
        return
    waiting = Relation.objects.strangers().open().filter(pk=relation.pk)
    is_first = waiting.update(is_customer=True, joined_at=now, began_with=None)
    relation.refresh_from_db(fields=["is_customer", "joined_at", "began_with"])
    if is_first:
        _joined(relation, at=now, how=relation.source, now=now)


def relations_sharing_limits(relation: Relation) -> list[int]:
    """The ids of this host's relations that count as one buyer with `relation`, it among them.

    For limits alone (`lib.phone.for_limits`): they may well be different people.
    """
    if not relation.phone:
        return [relation.pk]
    wanted = for_limits(relation.phone)
    index = last4_index(relation.host_id, relation.phone)
    alike = Relation.objects.filter(host_id=relation.host_id, phone_last4_index=index)
    return [
        relation.pk,
        *(one.pk for one in alike if one.pk != relation.pk and for_limits(one.phone) == wanted),
    ]


@transaction.atomic
def attach_external_contact(
    host: Host,
    *,
    external_userid: str,
    name: str,
    unionid: str = "",
    state: str = "",
    now: datetime,
    joined_at: datetime | None = None,
    of_other_company: bool = False,
) -> tuple[Relation, bool]:
    """Note that `host` and a WeCom contact are friends; the relation, and whether it is new.

    Safe to repeat: a known contact gets the newest nick name, and an ended relation lives again. So does one
    that was handed over without her: WeCom refused the transfer, and they became friends by another road.
    """
    index = external_index(host.pk, external_userid)
    relation = Relation.objects.select_for_update().of(host).filter(external_index=index).first()
    if relation is None and (relation := _handed_over_contact(host, external_userid)) is not None:
        relation.external_index = index
        relation.save(update_fields=["external_index"])
    if relation is None:
        try:
            with transaction.atomic():
                customer = _new_customer(now=now)
                relation = Relation.objects.create(
                    host=host,
                    customer=customer,
                    name=name,
                    source=Relation.Source.WECOM,
                    external_userid=external_userid,
                    external_index=index,
                    of_other_company=of_other_company,
                    joined_at=joined_at or now,
                    last_contact_at=joined_at or now,
                )
        except IntegrityError:
            return Relation.objects.of(host).get(external_index=index), False
        _identify(customer, Identity.Kind.EXTERNAL, issuer="wecom", value=external_userid, now=now)
        if unionid:
            _identify(customer, Identity.Kind.UNIONID, issuer="wechat", value=unionid, now=now)
        _joined(relation, at=joined_at or now, how=Relation.Source.WECOM, state=state, now=now)
        return relation, True
    returned = relation.ended_at is not None
    if relation.name != name or returned or relation.of_other_company != of_other_company:
        relation.name = name
        relation.ended_at = None
        relation.of_other_company = of_other_company
        relation.save(update_fields=["name", "ended_at", "of_other_company"])
    if returned:
        _joined(relation, at=joined_at or now, how=Relation.Source.WECOM, state=state, now=now)
    return relation, False


def _handed_over_contact(host: Host, external_userid: str) -> Relation | None:
    """The relation that was handed over to `host` while WeCom did not move this contact, held."""
    parted = HandOverItem.objects.filter(
        relation__host=host, relation__external_index=None, former_external_index__isnull=False
    )
    givers = set(parted.values_list("hand_over__from_host", flat=True))
    indexes = [external_index(giver, external_userid) for giver in givers]
    found = parted.filter(former_external_index__in=indexes).values("relation")
    rows = Relation.objects.select_for_update().filter(pk__in=found).order_by("pk") if indexes else ()
    return next((one for one in rows if one.external_userid == external_userid), None)


@transaction.atomic
def detach_external_contact(host: Host, *, external_userid: str, by: str, now: datetime) -> Relation | None:
    """Mark that one side (`by`: customer or host) deleted the other. The relation and its facts stay."""
    index = external_index(host.pk, external_userid)
    relation = Relation.objects.select_for_update().of(host).filter(external_index=index).first()
    if relation is None or relation.ended_at is not None:
        return relation
    relation.ended_at = now
    relation.save(update_fields=["ended_at"])
    _record(Fact.CUSTOMER_DELETED_HOST if by == "customer" else Fact.CUSTOMER_REMOVED, relation, at=now)
    return relation


@transaction.atomic
def add_note(relation: Relation, *, text: str, by: User, now: datetime) -> Note:
    """Write down something about a customer; that counts as contact."""
    text = text.strip()
    if not text:
        raise EmptyNoteError
    note = Note.objects.create(relation=relation, text=text, written_by=by, written_at=now)
    talked_to(relation, now=now)
    _record(Fact.CUSTOMER_NOTED, relation, at=now, by=by)
    return note


@transaction.atomic
def tag_relation(relation: Relation, *, name: str, by: User, now: datetime) -> Tag:
    """Put a tag of this host (or HQ's of the same name) on a customer; twice is once."""
    name = name.strip()[:20]
    tag = Tag.objects.filter(name=name, host=None).first()
    if tag is None:
        tag, _ = Tag.objects.get_or_create(host=relation.host, name=name, defaults={"created_at": now})
    _, made = RelationTag.objects.get_or_create(
        relation=relation, tag=tag, defaults={"tagged_by": by, "tagged_at": now}
    )
    if made:
        _record(Fact.CUSTOMER_TAGGED, relation, at=now, by=by, props={"tag_id": tag.pk})
    return tag


@transaction.atomic
def untag_relation(relation: Relation, *, tag: Tag, by: User, now: datetime) -> None:
    """Take a tag off a customer; twice is once."""
    if RelationTag.objects.filter(relation=relation, tag=tag).delete()[0]:
        _record(Fact.CUSTOMER_UNTAGGED, relation, at=now, by=by, props={"tag_id": tag.pk})


@transaction.atomic
def update_relation(
    relation: Relation,
    *,
    remark: str,
    phone: str,
    next_action: str = "",
    next_action_on: date | None = None,
    birthday: Birthday | Literal["as it is"] | None = "as it is",
    by: User,
    now: datetime,
) -> Relation:
    """Save what a host edited about her own customer; `phone` is E.164 or empty.

    PhoneTakenError; Http404 when she was handed over meanwhile.
    """
    before = get_object_or_404(
        Relation.objects.select_for_update(no_key=True), pk=relation.pk, host=relation.host_id
    )
    changed = ["remark", "next_action", "next_action_on"]
    relation.remark = plain(remark)
    relation.next_action = next_action.strip()
    relation.next_action_on = next_action_on
    if birthday != "as it is":
        relation.birthday_month, relation.birthday_day = birthday or (None, None)
        changed += ["birthday_month", "birthday_day"]
    if phone != relation.phone:
        # An equal phone that came with a hand-over stays without an index until somebody changes it.
        set_phone(relation, phone)
        changed += ["phone", "phone_index", "phone_last4_index"]
    try:
        with transaction.atomic():
            relation.save(update_fields=changed)
    except IntegrityError:
        raise PhoneTakenError from None
    for fact in _edits(before, relation):
        _record(fact, relation, at=now, by=by)
    return relation


def _edits(before: Relation, after: Relation) -> list[Fact]:
    """What an edit changed, without the words themselves."""
    facts = []
    if after.remark != before.remark:
        facts.append(Fact.CUSTOMER_REMARKED)
    if after.phone != before.phone:
        facts.append(Fact.CUSTOMER_PHONE_CHANGED)
    if (after.birthday_month, after.birthday_day) != (before.birthday_month, before.birthday_day):
        facts.append(Fact.CUSTOMER_BIRTHDAY_CHANGED)
    if (after.next_action, after.next_action_on) != (before.next_action, before.next_action_on):
        has_plan = bool(after.next_action or after.next_action_on)
        facts.append(Fact.CUSTOMER_PLANNED if has_plan else Fact.CUSTOMER_UNPLANNED)
    return facts


def namesake_by_phone(relation: Relation) -> Relation | None:
    """This host's other customer with the same phone, when a hand-over brought a second one."""
    if not relation.phone or relation.phone_index is not None:
        return None
    index = phone_index(relation.host_id, relation.phone)
    return Relation.objects.filter(host=relation.host_id, phone_index=index).first()


@transaction.atomic
def mark_contacted(relation: Relation, *, by: User, now: datetime) -> None:
    """She talked to this customer."""
    talked_to(relation, now=now)
    _record(Fact.CUSTOMER_CONTACTED, relation, at=now, by=by)


def talked_to(relation: Relation, *, now: datetime) -> None:
    """Her host has just had to do with her, by whichever act; that makes her a customer."""
    Relation.objects.filter(pk=relation.pk).update(last_contact_at=now)
    take_on(relation, now=now)


def _new_customer(*, now: datetime) -> Customer:
    """A customer whom nobody knows yet.

    A host's role may add her but sees her only by a relation, which comes next: so her number is drawn first,
    and nothing is read back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('customers_customer', 'id'))")
        number: int = cursor.fetchone()[0]
    customer = Customer(pk=number, created_at=now)
    Customer.objects.bulk_create([customer], ignore_conflicts=True)
    return customer


def _identify(customer: Customer, kind: str, *, issuer: str, value: str, now: datetime) -> None:
    identity = Identity(
        customer=customer,
        issuer=issuer,
        kind=kind,
        value=value,
        value_index=identity_index(kind, issuer=issuer, value=value),
        main_index=main_index(kind, issuer=issuer, value=value),
        created_at=now,
    )
    # A host's role may write it and never read it: nothing is read back.
    Identity.objects.bulk_create([identity], ignore_conflicts=True)


def joined_props(how: str, *, at: datetime, learned_at: datetime | None) -> dict[str, str]:
    """What the event of a new customer carries: where she came from, and whether we learned of it later."""
    is_late = learned_at is not None and clock.day_of(at) < clock.day_of(learned_at)
    return {"source": str(how), **({LEARNED_AT: learned_at.isoformat()} if learned_at and is_late else {})}


def _joined(relation: Relation, *, at: datetime, how: str, state: str = "", now: datetime) -> None:
    props = {**joined_props(how, at=at, learned_at=now), **({"state": state} if state else {})}
    _record(Fact.CUSTOMER_JOINED, relation, at=at, props=props)


def _record(
    fact: Fact,
    relation: Relation,
    *,
    at: datetime,
    by: User | None = None,
    props: dict[str, Any] | None = None,
) -> None:
    # Whatever her host does with her makes her a customer.
    take_on(relation, now=at)
    tracking.record(
        fact,
        at=at,
        host_id=relation.host_id,
        relation_id=relation.pk,
        actor_id=by.pk if by else None,
        subject_kind=Subject.RELATION,
        subject_id=relation.pk,
        props=props,
    )
