"""Handed-over customers who are WeCom contacts: WeCom is asked, and what it says is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.customers.handover import acts
from apps.customers.models import HandOver, HandOverItem, Relation
from apps.outbox import invariants
from apps.outbox.models import Delivery
from apps.wecom.services import sync, transfers
from tests.outbox.people import a_host
from tests.sandbox_fixture import Sandbox

Work = Callable[[], None]
DAY = 25 * 3600


@pytest.fixture
def lin(listening: Sandbox) -> Host:
    listening.add_member("lin.guide", "林导")
    return a_host("lin.guide", name="林姐")


@pytest.fixture
def mei(listening: Sandbox, lin: Host) -> Host:
    listening.add_member("mei.guide", "小美")
    return a_host("mei.guide", name="小美")


@pytest.fixture
def contact(listening: Sandbox, lin: Host, work: Work) -> str:
    hers = str(listening.customer_adds("lin.guide", name="小雨", wait=5)["external_userid"])
    work()
    return hers


def give(lin: Host, mei: Host) -> HandOver:
    everybody = Relation.objects.all()
    return acts.hand_over(
        lin, mei, relations=everybody, scope="全部客户", reason="换区", by=None, now=timezone.now()
    )


def item() -> HandOverItem:
    return HandOverItem.objects.get()


def states(wecom: Sandbox, contact: str) -> dict[str, str]:
    return {row["userid"]: row["status"] for row in wecom.follows(external_userid=contact)}


def test_wecom_moves_the_contact_and_says_so(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    give(lin, mei)
    assert item().transfer == "queued"
    assert Relation.objects.get().host == mei

    work()

    [call] = listening.calls("externalcontact/transfer_customer")
    assert call["body"]["handover_userid"] == "lin.guide"
    assert call["body"]["takeover_userid"] == "mei.guide"
    assert call["body"]["external_userid"] == [contact]
    assert "小美" in call["body"]["transfer_success_msg"]
    assert set(call["body"]) == {
        "handover_userid",
        "takeover_userid",
        "external_userid",
        "transfer_success_msg",
    }
    assert item().transfer == "waiting"
    transfers.follow_up(now=timezone.now())
    assert item().transfer == "waiting"

    listening.advance(DAY)
    transfers.follow_up(now=timezone.now())
    listening.settle()
    work()

    assert item().transfer == "done"
    assert states(listening, contact) == {"lin.guide": "removed", "mei.guide": "both"}
    relation = Relation.objects.get()
    assert (relation.host, relation.ended_at) == (mei, None)
    assert invariants.check_outbox() == []


def test_while_it_is_under_way_nobody_is_joined_or_parted_anew(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    give(lin, mei)
    for _ in range(2):
        report = sync.reconcile(now=timezone.now() + timedelta(seconds=5))
        assert (report.joined, report.ended) == (0, 0)
        work()

    relation = Relation.objects.get()
    assert (relation.host, relation.ended_at) == (mei, None)

    listening.advance(DAY)
    transfers.follow_up(now=timezone.now())
    listening.settle()
    work()
    sync.reconcile(now=timezone.now() + timedelta(seconds=5))
    assert Relation.objects.get().ended_at is None


def test_a_customer_who_does_not_want_stays_a_friend_of_the_former_host(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    give(lin, mei)
    work()
    listening.act("customer_refuses_transfer", external_userid=contact)

    transfers.follow_up(now=timezone.now())

    assert (item().transfer, item().transfer_note) == ("refused", "客户选择不换人")
    relation = Relation.objects.get()
    assert (relation.host, relation.external_index) == (mei, None)


def test_who_becomes_a_friend_after_a_refused_transfer_is_the_one_who_was_handed_over(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    """She is no second customer: not for the nightly look, nor for the event of the friendship."""
    accounts.move_host(lin, to="left", actor=None, now=timezone.now())
    give(lin, mei)
    work()
    listening.act("customer_refuses_transfer", external_userid=contact)
    transfers.follow_up(now=timezone.now())
    known = Relation.objects.get()
    listening.customer_adds("mei.guide", external_userid=contact)

    sync.reconcile(now=timezone.now() + timedelta(seconds=5))
    report = sync.reconcile(now=timezone.now() + timedelta(seconds=5))
    work()

    relation = Relation.objects.get()
    assert (relation.pk, relation.host, relation.ended_at) == (known.pk, mei, None)
    assert relation.external_index is not None
    assert (report.joined, report.ended) == (0, 0)


def test_who_has_left_the_company_hands_over_as_such(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    accounts.move_host(lin, to="left", actor=None, now=timezone.now())
    give(lin, mei)
    listening.act("member_leaves", userid="lin.guide")

    work()

    [call] = listening.calls("externalcontact/resigned/transfer_customer")
    assert call["body"]["external_userid"] == [contact]
    assert item().transfer == "waiting"
    listening.advance(DAY)
    transfers.follow_up(now=timezone.now())
    assert item().transfer == "done"


def test_who_left_here_but_not_there_hands_over_as_a_colleague(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    accounts.move_host(lin, to="left", actor=None, now=timezone.now())
    give(lin, mei)

    work()

    assert listening.calls("externalcontact/resigned/transfer_customer")[0]["errcode"] == 40097
    [call] = [
        call
        for call in listening.calls("externalcontact/transfer_customer")
        if not call["path"].endswith("resigned/transfer_customer")
    ]
    assert call["errcode"] == 0
    assert item().transfer == "waiting"


def test_an_answer_that_was_lost_is_found_out(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work, pass_time: Any
) -> None:
    give(lin, mei)
    listening.fail_next("externalcontact/transfer_customer", kind="lost")

    work()
    assert item().transfer == "queued"
    assert Delivery.objects.get(kind="wecom.transfer").state == "unknown"
    pass_time(minutes=10)
    work()

    assert item().transfer == "waiting"
    assert Delivery.objects.get(kind="wecom.transfer").state == "sent"
    listening.advance(DAY)
    transfers.follow_up(now=timezone.now())
    assert item().transfer == "done"


def test_whom_wecom_does_not_know_is_told_with_the_reason(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    Host.objects.filter(pk=mei.pk).update(wecom_userid="nobody.there")
    mei.refresh_from_db()
    give(lin, mei)

    work()

    assert item().transfer == "failed"
    assert item().transfer_note
    assert Relation.objects.get().external_index is None


def test_without_a_wecom_account_nothing_is_sent(
    listening: Sandbox, lin: Host, mei: Host, contact: str, work: Work
) -> None:
    Host.objects.filter(pk=mei.pk).update(wecom_userid=None)
    mei.refresh_from_db()
    give(lin, mei)

    work()

    assert item().transfer == "failed"
    assert "小美没有绑定企业微信" in item().transfer_note
    assert not Delivery.objects.filter(kind="wecom.transfer").exists()
    assert listening.calls("externalcontact/transfer_customer") == []
