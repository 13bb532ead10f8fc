"""The moving itself: a hundred relations a transaction, each of which is the checkpoint of its own."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Host
from apps.customers import services
from apps.customers.models import HandOver, HandOverItem, Relation, RelationTag, Tag
from apps.lib import addresses
from apps.outbox.letters import APP_MESSAGE, Card, pack
from apps.outbox.models import Lane
from apps.outbox.registry import JobKind
from apps.outbox.services import deliveries
from apps.tracking.facts import Fact
from apps.tracking.models import Event, Subject

logger = logging.getLogger(__name__)

#: Relations of one transaction, and of one request for transfer: WeCom takes no more.
BATCH = 100
#: The kind of delivery by which WeCom is asked to transfer contacts; apps/wecom carries it.
TRANSFER = "wecom.transfer"
_ATTEMPTS = 5
#: What hangs on a relation in higher apps and goes with it: functions of (relation ids, the new host's id),
#: called inside the transaction. Registered in their `ready()`.
_followers: list[Callable[[list[int], int], None]] = []


def follow(act: Callable[[list[int], int], None]) -> None:
    """Have `act` called with the relations of each batch that moves, in the same transaction."""
    if act not in _followers:
        _followers.append(act)


@dataclass(slots=True)
class _Move:
    """One relation on its way: what it will be found by under the new host."""

    item: HandOverItem
    relation: Relation
    phone_index: bytes | None
    last4_index: bytes | None
    external_index: bytes | None
    source_key: str
    told: str = ""


def run(hand_over_id: int, *, now: datetime) -> HandOver:
    """Move what waits, batch after batch; a second runner of the same hand-over waits for its turn."""
    while move_batch(hand_over_id, now=now):
        pass
    return HandOver.objects.get(pk=hand_over_id)


def move_batch(hand_over_id: int, *, now: datetime) -> bool:
    """Move the next relations in one transaction; whether more wait."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _move_batch(hand_over_id, now)
        except IntegrityError:
            # The new host got a customer with the same phone at this very moment: look again.
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _move_batch(hand_over_id: int, now: datetime) -> bool:
    hand_over = HandOver.objects.select_for_update().get(pk=hand_over_id)
    if hand_over.state != HandOver.State.RUNNING:
        return False
    # Not while she is leaving: whoever of the two is first, the other one sees it.
    taker = Host.objects.select_for_update(no_key=True).get(pk=hand_over.to_host_id)
    giver = Host.objects.get(pk=hand_over.from_host_id)
    waiting = hand_over.items.filter(state=HandOverItem.State.WAITING)
    if not taker.is_active:
        hand_over.skipped += waiting.filter(is_customer=True).count()
        waiting.update(state=HandOverItem.State.SKIPPED, outcome="接手的大C已不在用")
        _finish(hand_over, HandOver.State.STOPPED, giver, taker, now)
        return False
    items = list(waiting.order_by("relation_id")[:BATCH])
    if not items:
        _finish(hand_over, HandOver.State.DONE, giver, taker, now)
        return False
    # In one order, so that two hand-overs of the same customers never wait for each other.
    relations = {
        relation.pk: relation
        for relation in Relation.objects.select_for_update(no_key=True)
        .filter(pk__in=[item.relation_id for item in items])
        .order_by("pk")
    }
    moves = []
    for item in items:
        relation = relations[item.relation_id]
        if relation.host_id != giver.pk:
            item.state, item.outcome = HandOverItem.State.SKIPPED, f"已经不在{giver.name}名下"
        else:
            moves.append(_planned(item, relation, taker))
    _settle_conflicts(moves, taker)
    _write(moves, taker)
    _move_tags(moves, taker, now)
    ids = [move.relation.pk for move in moves]
    for act in _followers:
        act(ids, taker.pk)
    _record(moves, hand_over, now)
    _ask_for_transfer(moves, hand_over, giver, taker)
    for move in moves:
        move.item.state, move.item.outcome, move.item.moved_at = HandOverItem.State.MOVED, move.told, now
    HandOverItem.objects.bulk_update(
        items,
        ["state", "outcome", "moved_at", "transfer", "transfer_note", "transfer_at", "former_external_index"],
    )
    customers = Counter(item.state for item in items if item.is_customer)
    hand_over.moved += customers[HandOverItem.State.MOVED]
    hand_over.skipped += customers[HandOverItem.State.SKIPPED]
    hand_over.others += sum(not move.item.is_customer for move in moves)
    if waiting.exists():
        hand_over.save(update_fields=["moved", "skipped", "others"])
        return True
    _finish(hand_over, HandOver.State.DONE, giver, taker, now)
    return False


def _planned(item: HandOverItem, relation: Relation, taker: Host) -> _Move:
    """The indexes are keyed by host: nothing that was kept for the former one finds her any more."""
    return _Move(
        item=item,
        relation=relation,
        phone_index=services.phone_index(taker.pk, relation.phone) if relation.phone else None,
        last4_index=services.last4_index(taker.pk, relation.phone) if relation.phone else None,
        external_index=services.external_index(taker.pk, relation.external_userid)
        if relation.external_userid and relation.external_index is not None
        else None,
        source_key=relation.source_key,
    )


def _settle_conflicts(moves: list[_Move], taker: Host) -> None:
    """Whom the new host knows already stays apart: two relations, only one of them found by the equal key."""
    hers = Relation.objects.of(taker)
    phones = _known(hers, "phone_index", [move.phone_index for move in moves])
    contacts = _known(hers, "external_index", [move.external_index for move in moves])
    keys = set(
        hers.filter(source_key__in=[move.source_key for move in moves if move.source_key]).values_list(
            "source_key", flat=True
        )
    )
    for move in moves:
        told = []
        if move.phone_index in phones:
            move.phone_index = None
            told.append("手机号和她的另一位客户相同，两份都留着，没有合并")
        elif move.phone_index:
            phones.add(move.phone_index)
        if move.external_index in contacts:
            move.external_index = None
            told.append("她们已经是企业微信好友")
        elif move.external_index:
            contacts.add(move.external_index)
        if move.source_key in keys:
            move.source_key = ""
            told.append("来源编号重复，已去掉")
        elif move.source_key:
            keys.add(move.source_key)
        move.told = "；".join(told)


def _known(hers: Any, column: str, indexes: list[bytes | None]) -> set[bytes]:
    wanted = [index for index in indexes if index is not None]
    found = hers.filter(**{f"{column}__in": wanted}).values_list(column, flat=True) if wanted else []
    return {bytes(index) for index in found}


def _write(moves: list[_Move], taker: Host) -> None:
    if not moves:
        return
    with connection.cursor() as cursor:
        # `began_with` is the host whose new customer she was; given back to her, it is nobody's word again.
        cursor.execute(
            """
            UPDATE customers_relation r
               SET host_id = %s, began_with_id = nullif(coalesce(r.began_with_id, r.host_id), %s),
                   phone_index = moved.phone_index, phone_last4_index = moved.last4_index,
                   external_index = moved.external_index, source_key = moved.source_key
              FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::text[])
                   AS moved (id, phone_index, last4_index, external_index, source_key)
             WHERE r.id = moved.id
            """,
            [
                taker.pk,
                taker.pk,
                [move.relation.pk for move in moves],
                [move.phone_index for move in moves],
                [move.last4_index for move in moves],
                [move.external_index for move in moves],
                [move.source_key for move in moves],
            ],
        )


def _move_tags(moves: list[_Move], taker: Host, now: datetime) -> None:
    """Her own words become the new host's words of the same name; HQ's are everybody's."""
    marks = list(
        RelationTag.objects.filter(
            relation__in=[move.relation.pk for move in moves], tag__host__isnull=False
        ).select_related("tag")
    )
    names = sorted({mark.tag.name for mark in marks})
    Tag.objects.bulk_create(
        [Tag(host=taker, name=name, created_at=now) for name in names], ignore_conflicts=True
    )
    hers = {tag.name: tag for tag in Tag.objects.filter(host=taker, name__in=names)}
    for mark in marks:
        mark.tag = hers[mark.tag.name]
    RelationTag.objects.bulk_update(marks, ["tag"])


def _record(moves: list[_Move], hand_over: HandOver, now: datetime) -> None:
    Event.objects.bulk_create(
        Event(
            name=Fact.CUSTOMER_HANDED_OVER,
            occurred_at=now,
            host_id=hand_over.to_host_id,
            relation_id=move.relation.pk,
            actor_id=hand_over.actor_id,
            subject_kind=Subject.RELATION,
            subject_id=move.relation.pk,
            props={"from_host_id": hand_over.from_host_id, "hand_over_id": hand_over.pk},
        )
        for move in moves
    )


def _ask_for_transfer(moves: list[_Move], hand_over: HandOver, giver: Host, taker: Host) -> None:
    """WeCom is asked where the customer is a contact; the delivery leaves after this transaction."""
    asked = []
    for move in moves:
        relation = move.relation
        if move.external_index is None or relation.ended_at is not None:
            continue
        if not giver.wecom_userid or not taker.wecom_userid:
            who = taker.name if giver.wecom_userid else giver.name
            move.item.transfer = HandOverItem.Transfer.FAILED
            move.item.transfer_note = f"{who}没有绑定企业微信，要在企业微信后台转接"
            continue
        move.item.transfer = HandOverItem.Transfer.QUEUED
        move.item.former_external_index = services.external_index(giver.pk, relation.external_userid)
        asked.append(move.item.pk)
    if asked:
        body = {
            "from": giver.wecom_userid,
            "to": taker.wecom_userid,
            "is_resigned": giver.status == Host.Status.LEFT,
            "words": f"你好，以后由我{taker.name}接着为你服务，有事随时找我。",
            "items": asked,
        }
        deliveries.queue(
            TRANSFER,
            key=transfer_key(asked),
            body=json.dumps(body, ensure_ascii=False, sort_keys=True),
            lane=Lane.BULK,
        )


def transfer_key(item_ids: list[int]) -> str:
    """The key of the delivery that asks WeCom for these items: the first of them is in no other."""
    return f"transfer:{item_ids[0]}"


def _finish(hand_over: HandOver, state: str, giver: Host, taker: Host, now: datetime) -> None:
    hand_over.state, hand_over.finished_at = state, now
    hand_over.save(update_fields=["state", "moved", "skipped", "others", "finished_at"])
    if not hand_over.moved and not hand_over.others:
        return
    who, besides = hand_over.who, hand_over.besides
    kept, earned = (
        ("资料、标签和笔记都在", "以前的订单和佣金仍算你的")
        if hand_over.moved
        else ("订单由你来看", "订单由她来看")
    )
    url = addresses.page("workbench:hand-overs")
    for host, words in (
        (taker, f"{giver.name}的 {who}交接给你了{besides}，{kept}。"),
        (giver, f"你的 {who}交接给{taker.name}了{besides}，{earned}。"),
    ):
        if host.is_active:
            deliveries.queue(
                APP_MESSAGE,
                key=f"hand-over:{hand_over.pk}:{host.pk}",
                body=pack(Card("客户交接", f"{words}\n原因：{hand_over.reason}", url)),
                host_id=host.pk,
            )


def counts(hand_over: HandOver) -> Counter[str]:
    """How WeCom's transfers of this hand-over stand: how many of each."""
    return Counter(
        hand_over.items.exclude(transfer=HandOverItem.Transfer.NONE).values_list("transfer", flat=True)
    )


def _run_job(payload: dict[str, Any], now: datetime) -> str:
    done = run(int(payload["hand_over"]), now=now)
    return f"交接了 {done.who}{done.besides}，{done.skipped} 位没有交接"


JOB = JobKind("customers.hand_over", _run_job)
