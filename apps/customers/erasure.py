"""What customers' tables hold of one person: found, copied, stopped, erased."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import Host
from apps.customers import services
from apps.customers.models import (
    Customer,
    HandOverItem,
    Identity,
    Note,
    Relation,
    RelationQuerySet,
    RelationTag,
)
from apps.lib.ids import uuid7
from apps.lib.phone import national
from apps.records.declarations import Holder, ShopNumber, Subject
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Subject as LedgerSubject


def find(phone: str) -> list[int]:
    """Ids of the relations, of every host, under this very phone in its stored form, the extension included.

    By the last digits, since an equal phone that came with a hand-over has no index of its own. Each host's
    index is her own, so each is computed. A host types what she likes beside a customer: no other relation of
    the same customer is taken along.
    """
    host_ids = Host.objects.values_list("pk", flat=True)
    by_index = {services.last4_index(one, phone): one for one in host_ids}
    found = Relation.objects.open().filter(phone_last4_index__in=list(by_index)).order_by("pk")
    return [
        row.pk
        for row in found
        if by_index.get(bytes(row.phone_last4_index or b"")) == row.host_id and row.phone == phone
    ]


def still_open(relation_ids: list[int]) -> list[int]:
    """Those of these whose erasure has not begun."""
    found = Relation.objects.open().filter(pk__in=relation_ids).order_by("pk")
    return list(found.values_list("pk", flat=True))


def count_stopped(host_ids: list[int] | None) -> int:
    """How many people have asked to be erased so far; another number later means that one more has."""
    found = Relation.objects.filter(blocked_at__isnull=False)
    if host_ids is not None:
        left = _moved().filter(hand_over__from_host__in=host_ids)
        found = found.filter(Q(host__in=host_ids) | Q(pk__in=left.values("relation")))
    return found.count()


def _moved() -> QuerySet[HandOverItem]:
    return HandOverItem.objects.filter(state=HandOverItem.State.MOVED)


def _whoever_had(relations: RelationQuerySet) -> set[int]:
    """Ids of the hosts who have had one of these: what lies at a former one is hers as well."""
    moves = _moved().filter(relation__in=relations.values("pk"))
    pairs = moves.values_list("hand_over__from_host", "hand_over__to_host")
    return {host_id for pair in pairs for host_id in pair}


def subject(
    relation_ids: list[int],
    is_whole: bool,
    pseudonym: str,
    *,
    proved_phone: str = "",
    by_host: int | None = None,
) -> Subject:
    """What is known of the holder of these relations, and of no other.

    `is_whole` takes along a customer all of whose relations these are, with the keys by which she is known.
    Where another relation shares the customer, those keys may be that host's knowledge, and stay out.
    `by_host` is the host whose word alone it is.
    """
    relations = Relation.objects.filter(pk__in=relation_ids)
    customers = _known_by_these_alone(relations) if is_whole else []
    rows = list(relations.order_by("pk"))
    identities = list(Identity.objects.filter(customer__in=customers))
    names = {name for row in rows for name in (row.name, row.remark) if len(name) >= 2}
    return Subject(
        relation_ids=tuple(row.pk for row in rows),
        customer_ids=tuple(customers),
        host_ids=tuple(sorted({row.host_id for row in rows} | _whoever_had(relations))),
        phones=frozenset(
            {row.phone for row in rows if row.phone}
            | {one.value for one in identities if one.kind == Identity.Kind.PHONE}
        ),
        accounts=frozenset(
            {row.external_userid for row in rows if row.external_userid}
            | {one.value for one in identities if one.kind != Identity.Kind.PHONE}
        ),
        shop_numbers=tuple(dict.fromkeys(_numbers_of(rows, identities))),
        names=frozenset(names),
        proved=frozenset({proved_phone} - {""}),
        pseudonym=pseudonym,
        by_host=by_host,
    )


def _numbers_of(rows: Sequence[Relation], identities: Sequence[Identity]) -> Iterator[ShopNumber]:
    """What stands on a relation goes before what is known of its person."""
    for row in rows:
        if row.source_key:
            yield ShopNumber(row.source_key, row.host_id, row.pk)
    for one in identities:
        if one.kind == Identity.Kind.SHOP:
            for row in rows:
                if row.customer_id == one.customer_id:
                    yield ShopNumber(f"{one.issuer}:{one.value}", row.host_id, row.pk)


def _known_by_these_alone(relations: RelationQuerySet) -> list[int]:
    customers = set(relations.values_list("customer_id", flat=True))
    others = Relation.objects.filter(customer__in=customers).exclude(pk__in=relations.values("pk"))
    return sorted(customers - set(others.values_list("customer_id", flat=True)))


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    relations = Relation.objects.filter(pk__in=subject.relation_ids).select_related("host").order_by("pk")
    notes = Note.objects.filter(relation__in=subject.relation_ids).order_by("written_at")
    tags = RelationTag.objects.filter(relation__in=subject.relation_ids).select_related("tag")
    identities = Identity.objects.filter(customer__in=subject.customer_ids).order_by("pk")
    moves = HandOverItem.objects.filter(relation__in=subject.relation_ids, state=HandOverItem.State.MOVED)
    if subject.by_host is not None:  # she reads the acts she had a part in
        hers = Q(hand_over__from_host=subject.by_host) | Q(hand_over__to_host=subject.by_host)
        moves = moves.filter(hers)
    return {
        "服务你的人知道的你": [
            {
                "服务你的人": row.host.name,
                "姓名": row.name,
                "她给你的备注": row.remark,
                "手机号": national(row.phone),
                "企业微信客户号": row.external_userid,
                "用的是别家公司的企业微信": row.of_other_company,
                "店铺里的编号": row.source_key,
                "来源里写的阶段": row.get_imported_stage_display(),
                "怎样认识的": row.get_source_display(),
                "生日": row.birthday,
                "算作客户": row.is_customer,
                "成为客户": row.joined_at,
                "上次联系": row.last_contact_at,
                "打算为你做的事": row.next_action,
                "打算的日期": row.next_action_on,
                "解除关系": row.ended_at,
            }
            for row in relations
        ],
        "给你的标签": [{"标签": row.tag.name, "时间": row.tagged_at} for row in tags.order_by("tagged_at")],
        "关于你的笔记": [{"内容": row.text, "时间": row.written_at} for row in notes],
        "换过服务你的人": [
            {"原来": row.hand_over.from_host.name, "后来": row.hand_over.to_host.name, "时间": row.moved_at}
            for row in moves.select_related("hand_over__from_host", "hand_over__to_host").order_by("moved_at")
        ],
        "认出你的号码": [
            {"类型": row.get_kind_display(), "来源": row.issuer, "值": row.value, "时间": row.created_at}
            for row in identities
        ],
    }


@transaction.atomic
def block(subject: Subject, now: datetime) -> None:
    """From here on nobody finds or matches her: no list, search, import, order or message."""
    Relation.objects.filter(pk__in=subject.relation_ids, ended_at=None).update(ended_at=now)
    Relation.objects.filter(pk__in=subject.relation_ids, blocked_at=None).update(
        blocked_at=now,
        pseudonym=subject.pseudonym,
        phone_index=None,
        phone_last4_index=None,
        external_index=None,
        source_key="",
    )
    Identity.objects.filter(customer__in=subject.customer_ids).update(value_index=None, main_index=None)
    _shared_keys(subject).update(value_index=None, main_index=None)


def erase(subject: Subject, now: datetime) -> None:
    """Empty everything; what orders and facts hang on stays, under a pseudonym and a new random id."""
    block(subject, now)
    Note.objects.filter(relation__in=subject.relation_ids).delete()
    RelationTag.objects.filter(relation__in=subject.relation_ids).delete()
    for relation in Relation.objects.filter(pk__in=subject.relation_ids):
        Relation.objects.filter(pk=relation.pk).update(
            public_id=uuid7(),
            name="",
            remark="",
            phone="",
            external_userid="",
            birthday_month=None,
            birthday_day=None,
            imported_stage="",
            next_action="",
            next_action_on=None,
            last_contact_at=None,
        )
    _shared_keys(subject).delete()
    HandOverItem.objects.filter(relation__in=subject.relation_ids).update(
        former_external_index=None, outcome="", transfer_note=""
    )
    Identity.objects.filter(customer__in=subject.customer_ids).delete()
    for pk in subject.customer_ids:
        Customer.objects.filter(pk=pk).update(public_id=uuid7())
    _forget_alone(subject)
    for pk, host_id in Relation.objects.filter(pk__in=subject.relation_ids).values_list("pk", "host_id"):
        tracking.record(
            Fact.CUSTOMER_ERASED,
            at=now,
            host_id=host_id,
            relation_id=pk,
            subject_kind=LedgerSubject.RELATION,
            subject_id=pk,
        )


def _shared_keys(subject: Subject) -> QuerySet[Identity]:
    """The phones that she proved, where they stand at a customer whom other hosts know, too."""
    customers = Relation.objects.filter(pk__in=subject.relation_ids).values("customer_id")
    phones = Identity.objects.filter(customer__in=customers, kind=Identity.Kind.PHONE)
    hers = [one.pk for one in phones if one.value in subject.proved] if subject.proved else []
    return Identity.objects.filter(pk__in=hers)


def _forget_alone(subject: Subject) -> None:
    """A customer whom nobody else knows any more is erased whole; of others only this part goes."""
    customers = Relation.objects.filter(pk__in=subject.relation_ids).values("customer_id")
    known = Relation.objects.open().filter(customer__in=customers).values("customer_id")
    for pk in Customer.objects.filter(pk__in=customers).exclude(pk__in=known).values_list("pk", flat=True):
        Identity.objects.filter(customer=pk).delete()
        Customer.objects.filter(pk=pk).update(public_id=uuid7())


def ids(subject: Subject) -> list[str]:
    """The random ids of her rows, as a backup still has them."""
    relations = Relation.objects.filter(pk__in=subject.relation_ids).values_list("public_id", flat=True)
    customers = Customer.objects.filter(pk__in=subject.customer_ids).values_list("public_id", flat=True)
    return [f"relation:{one}" for one in relations] + [f"customer:{one}" for one in customers]


def digest_of(id_: str) -> bytes:
    return hashlib.sha256(id_.encode()).digest()


def by_digest(digests: list[bytes]) -> tuple[list[int], list[int]]:
    """The rows whose ids have these hashes: found by the database, which hashes all of them."""
    found = []
    for kind, table in (("relation", "customers_relation"), ("customer", "customers_customer")):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table} WHERE sha256(convert_to(%s || public_id::text, 'UTF8')) = ANY(%s)",  # noqa: S608
                [f"{kind}:", digests],
            )
            found.append([row[0] for row in cursor.fetchall()])
    return found[0], found[1]


_INDEX = "由别的列算出来，只用来查找"
_KEY = "我们给行的编号，指向上面列出的行"
HOLDER = Holder(
    name="customers",
    export=export,
    erase=erase,
    exported={
        "customers.Relation": (
            "name", "remark", "phone", "external_userid", "source_key", "imported_stage", "birthday_month",
            "birthday_day", "of_other_company", "is_customer",
            "joined_at", "last_contact_at", "next_action", "next_action_on", "ended_at",
        ),
        "customers.Note": ("text", "written_at"),
        "customers.RelationTag": ("tagged_at",),
        "customers.Identity": ("value", "created_at"),
        "customers.HandOverItem": ("hand_over", "moved_at"),
    },
    exempt={
        "customers.Relation": {
            "customer": _KEY,
            "phone_index": _INDEX,
            "phone_last4_index": _INDEX,
            "external_index": _INDEX,
            "blocked_at": "只在删除过程中有值",
        },
        "customers.Customer": {"*": "总部的一个编号和建立时间，没有资料"},
        "customers.Note": {"relation": _KEY},
        "customers.RelationTag": {"relation": _KEY},
        "customers.Identity": {"customer": _KEY, "value_index": _INDEX, "main_index": _INDEX},
        "customers.HandOverItem": {
            "relation": _KEY,
            "former_external_index": _INDEX,
            "transfer_at": "企业微信转接走到了哪一步",
            "is_customer": "交接那时算不算客户，只用来计数",
        },
        "customers.ImportChunk": {"*": "导入文件里的行号范围，导入完就没有用，一天后删除"},
    },
)  # fmt: skip
