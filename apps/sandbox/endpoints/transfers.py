"""Handing customers over, from a colleague at work or from one who left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.sandbox import fieldcheck
from apps.sandbox.actors import handover
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.models import Customer, Follow, Member, Transfer
from apps.sandbox.paging import page

PER_CALL = 100
QUARTER = timedelta(days=90)
TRANSFERS_PER_QUARTER = 2
EMPTY: dict[str, Any] = {"customer": []}


def people(call: Call, *, is_resigned: bool) -> tuple[Member, Member]:
    giver = Member.objects.filter(
        userid__iexact=fieldcheck.text(call.body, "handover_userid", missing=41009)
    ).first()
    taker = (
        Member.objects.all()
        .in_corp()
        .filter(userid__iexact=fieldcheck.text(call.body, "takeover_userid", missing=41009))
        .first()
    )
    if giver is None or taker is None:
        raise ApiError(60111)
    if not call.app.sees(taker):
        raise ApiError(60011)
    if giver == taker:
        raise ApiError(40130)
    if is_resigned and giver.status != Member.Status.LEFT:
        raise ApiError(40097)
    if not is_resigned and giver.status == Member.Status.LEFT:
        raise ApiError(60111)
    return giver, taker


def start(call: Call, *, is_resigned: bool) -> Answer:
    giver, taker = people(call, is_resigned=is_resigned)
    if not taker.is_real_name:
        raise ApiError(40098)
    if not taker.has_customer_contact:
        raise ApiError(84074)
    wanted = fieldcheck.texts(call.body, "external_userid", most=PER_CALL)
    if not wanted:
        raise ApiError(41035)
    message = ""
    if not is_resigned:
        message = fieldcheck.optional_text(call.body, "transfer_success_msg", max_chars=200)
    answers = []
    for external in wanted:
        errcode = start_one(call, giver, taker, external, message=message, is_resigned=is_resigned)
        answers.append({"external_userid": external, "errcode": errcode})
    return {"customer": answers}


def start_one(
    call: Call, giver: Member, taker: Member, external: str, *, message: str, is_resigned: bool
) -> int:
    customer = Customer.objects.filter(external_userid=external).first()
    if customer is None:
        return 40096
    follow = Follow.objects.all().readable().filter(member=giver, customer=customer).first()
    if follow is None:
        return 40131
    if Transfer.objects.filter(customer=customer, handover=giver, status=Transfer.Status.WAITING).exists():
        return 40129
    recent = Transfer.objects.filter(
        customer=customer,
        is_resigned=False,
        status=Transfer.Status.DONE,
        started_at__gt=call.now - QUARTER,
    )
    if not is_resigned and recent.count() >= TRANSFERS_PER_QUARTER:
        return 40128
    Transfer.objects.create(
        handover=giver,
        takeover=taker,
        customer=customer,
        is_resigned=is_resigned,
        message=message,
        started_at=call.now,
    )
    return 0


def result(call: Call, *, is_resigned: bool) -> Answer:
    giver, taker = people(call, is_resigned=is_resigned)
    handover.finish_due(call.simulation, call.now)
    transfers = Transfer.objects.filter(handover=giver, takeover=taker, is_resigned=is_resigned)
    keys, cursor = page(call, list(transfers.order_by("pk").values_list("pk", flat=True)), limit=1000)
    rows = Transfer.objects.select_related("customer").filter(pk__in=keys).order_by("pk")
    return {
        "customer": [
            {
                "external_userid": row.customer.external_userid,
                "status": row.status,
                "takeover_time": int(row.taken_at.timestamp()) if row.taken_at else 0,
            }
            for row in rows
        ],
        "next_cursor": cursor,
    }


@endpoint("externalcontact/transfer_customer", is_customer_api=True, empty=EMPTY)
def transfer_customer(call: Call) -> Answer:
    return start(call, is_resigned=False)


@endpoint("externalcontact/transfer_result", is_customer_api=True, empty=EMPTY)
def transfer_result(call: Call) -> Answer:
    return result(call, is_resigned=False)


@endpoint("externalcontact/resigned/transfer_customer", is_customer_api=True, empty=EMPTY)
def resigned_transfer_customer(call: Call) -> Answer:
    return start(call, is_resigned=True)


@endpoint("externalcontact/resigned/transfer_result", is_customer_api=True, empty=EMPTY)
def resigned_transfer_result(call: Call) -> Answer:
    return result(call, is_resigned=True)


@endpoint("externalcontact/get_unassigned_list", is_customer_api=True, empty={"info": []})
def get_unassigned_list(call: Call) -> Answer:
    limit = fieldcheck.number(call.body, "page_size", default=1000, least=1, most=1000)
    left = Follow.objects.all().readable().filter(member__status=Member.Status.LEFT)
    keys, cursor = page(call, list(left.order_by("pk").values_list("pk", flat=True)), limit=limit)
    rows = Follow.objects.select_related("member", "customer").filter(pk__in=keys).order_by("pk")
    return {
        "info": [
            {
                "handover_userid": row.member.userid,
                "external_userid": row.customer.external_userid,
                "dimission_time": int(call.now.timestamp()),
            }
            for row in rows
        ],
        "is_last": not cursor,
        "next_cursor": cursor,
    }
