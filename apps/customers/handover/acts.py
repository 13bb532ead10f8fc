"""HQ's act: who gives, who takes, which customers, why."""

from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from apps.accounts.models import Host, User
from apps.accounts.services import two_people
from apps.customers.handover import moving
from apps.customers.models import HandOver, Relation, RelationQuerySet
from apps.outbox.services import jobs

#: More than this many are moved by a job, so that no request waits for them.
AT_ONCE = 200


class CannotTakeOverError(Exception):
    """Who should take over is not an active host, or is the one who gives."""


class OneHandError(Exception):
    """One person may be acting as who hands over and as who takes: another has to do it."""


class NobodyToHandOverError(Exception):
    """No customer fits the choice."""


@transaction.atomic
def hand_over(
    from_host: Host,
    to_host: Host,
    *,
    relations: RelationQuerySet,
    scope: str,
    reason: str,
    by: User | None,
    now: datetime,
) -> HandOver:
    """Give those of `relations` that are `from_host`'s to `to_host`: at once, or by a job when they are many.

    CannotTakeOverError, OneHandError, NobodyToHandOverError: nothing was begun.
    """
    taker = Host.objects.select_for_update(no_key=True).get(pk=to_host.pk)
    if not taker.is_active or taker.pk == from_host.pk:
        raise CannotTakeOverError
    if by is not None and may_be_one_hand(taker, by, now=now):
        raise OneHandError
    made = HandOver.objects.create(
        from_host=from_host,
        to_host=taker,
        actor=by,
        reason=reason.strip(),
        scope=scope,
        started_at=now,
    )
    try:
        chosen, params = (
            relations.of(from_host).order_by().values("pk", "is_customer").query.sql_with_params()
        )
    except EmptyResultSet as error:  # Django knows that there are none
        raise NobodyToHandOverError from error
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_handoveritem "  # noqa: S608 - Django's own SQL
            "(hand_over_id, relation_id, is_customer, state, outcome, transfer, transfer_note) "
            "SELECT %s, chosen.id, chosen.is_customer, 'waiting', '', '', '' "
            f"FROM ({chosen}) AS chosen (id, is_customer)",
            [made.pk, *params],
        )
        count = cursor.rowcount
    if not count:
        raise NobodyToHandOverError
    made.total = made.items.filter(is_customer=True).count()
    made.save(update_fields=["total"])
    if count > AT_ONCE:
        jobs.queue(moving.JOB.name, key=str(made.pk), payload={"hand_over": made.pk})
        return made
    return moving.run(made.pk, now=now)


def may_be_one_hand(taker: Host, by: User, *, now: datetime) -> bool:
    """Whether one person may be acting as `by` and as `taker`.

    Whole lists leave HQ with two people's word alone. Who adds a host holds the link to her account,
    and a host takes her own list with her unasked.
    """
    return two_people.may_be_one_hand(taker.user, by, now=now)


def who_stays(host: Host) -> list[str]:
    """What becomes of her customers when she is out, in words."""
    count = Relation.objects.of(host).customers().count()
    return [f"她的 {count} 位客户仍在她名下，交接要另外办理。"] if count else []


def what_it_means(giver: Host, taker: Host, relations: RelationQuerySet) -> list[str]:
    """What handing these over will do to how many, in sentences."""
    chosen = relations.of(giver)
    count, others = chosen.customers().count(), chosen.strangers().count()
    contacts = chosen.current().filter(external_index__isnull=False).count()
    found = []
    if count or not others:
        found.append(f"{giver.name}的 {count} 位客户归{taker.name}，马上生效，{giver.name}不再看得到。")
    if others:
        besides = "另有" if count else f"{giver.name}的"
        found.append(
            f"{besides} {others} 位只下过存疑的单，还不算客户，也归{taker.name}，单子由{taker.name}来看。"
        )
    unbound = [host.name for host in (giver, taker) if not host.wecom_userid]
    if contacts and unbound:
        who = "和".join(unbound)
        found.append(
            f"其中 {contacts} 位是企业微信好友。{who}没有绑定企业微信，这里转接不了，要在企业微信后台转接。"
        )
    elif contacts:
        found.append(f"其中 {contacts} 位是企业微信好友，同时请企业微信转接，她们 24 小时内可以不同意。")
    if count:
        found.append(
            f"愿意收新品和优惠的，是对{giver.name}说的：{taker.name}群发前要自己再问一次，{giver.name}没发出的会撤下。"
        )
    told = [host.name for host in (giver, taker) if host.is_active and host.wecom_userid]
    if told:
        found.append(f"{'和'.join(told)}{'各' if told[1:] else ''}收到一条消息，看得到原因。")
    untold = [host.name for host in (giver, taker) if host.is_active and not host.wecom_userid]
    if untold:
        found.append(f"{'和'.join(untold)}没有绑定企业微信，收不到消息，请另外告诉她。")
    if count + others > AT_ONCE:
        found.append("人多，几分钟内做完。")
    return [*found, "不能一键退回：要还回去，得由接手的人再交接一次。"]
