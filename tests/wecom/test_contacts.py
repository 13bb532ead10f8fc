"""A consumer adds a host in WeCom: customer, relation and welcome, whatever happens on the way."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.customers.models import Relation
from apps.outbox import invariants
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Job
from apps.outbox.services import inbox, jobs
from apps.tracking.models import Event, Link
from apps.wecom.services import sync
from tests.outbox.people import a_host
from tests.sandbox_fixture import Sandbox
from tests.storefront.people import a_product, on_shelf

PassTime = Callable[..., None]
Work = Callable[[], None]


@pytest.fixture
def lin(listening: Sandbox) -> Host:
    listening.add_member("lin.guide", "林导")
    lin = a_host("lin.guide", name="林姐")
    on_shelf(lin, a_product("高山苹果"))
    return lin


def facts() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def add(wecom: Sandbox, name: str = "小雨", **more: object) -> str:
    return str(wecom.customer_adds("lin.guide", name=name, wait=5, **more)["external_userid"])


def test_a_new_contact_is_a_customer_with_a_welcome(listening: Sandbox, lin: Host, work: Work) -> None:
    hers = add(listening, state="store_S001", unionid="oUNION1")
    work()

    relation = Relation.objects.get()
    assert (relation.host_id, relation.name, relation.external_userid) == (lin.pk, "小雨", hers)
    assert set(relation.customer.identities.values_list("kind", flat=True)) == {"external", "unionid"}
    assert facts() == ["customer.joined"]
    assert Event.objects.get().props == {"source": "wecom", "state": "store_S001"}
    welcome = listening.welcome_of(hers)
    assert welcome is not None
    assert "我是林姐" in welcome["text"]
    assert Link.objects.get(subject_kind="shelf").code in welcome["text"]
    assert Delivery.objects.get().state == "sent"
    assert invariants.check_outbox() == []


def test_the_welcomes_link_opens_her_shelf(listening: Sandbox, lin: Host, work: Work, client: Client) -> None:
    hers = add(listening)
    work()

    welcome = listening.welcome_of(hers)
    assert welcome is not None
    [address] = [line for line in welcome["text"].splitlines() if line.startswith("http")]
    assert urlsplit(address).path == f"/s/{Link.objects.get().code}/"
    assert "高山苹果" in client.get(urlsplit(address).path).content.decode()


def test_without_anything_to_buy_the_welcome_names_no_shelf(
    listening: Sandbox, lin: Host, work: Work
) -> None:
    Product.objects.update(status="off")
    hers = add(listening)
    work()

    welcome = listening.welcome_of(hers)
    assert welcome is not None
    assert welcome["text"] == "你好呀，我是林姐。\n想问什么直接发我，看到就回。"
    assert not Link.objects.exists()


@pytest.mark.parametrize("mode", ["duplicate", "answer_lost"])
def test_a_callback_that_comes_again_has_no_second_effect(
    listening: Sandbox, lin: Host, work: Work, mode: str
) -> None:
    listening.settings(callback_mode=mode)
    hers = add(listening)
    work()
    listening.settle()
    work()

    assert Inbox.objects.count() == 1
    assert facts() == ["customer.joined"]
    assert len(listening.received_by(hers, kind="welcome")) == 1


def test_a_half_added_contact_is_welcomed_and_becomes_a_customer_when_accepted(
    listening: Sandbox, lin: Host, work: Work
) -> None:
    hers = add(listening, skip_verify=False)
    work()
    assert listening.welcome_of(hers) is not None
    assert Relation.objects.count() == 0

    listening.member_accepts("lin.guide", hers, wait=5)
    work()

    assert Relation.objects.get().external_userid == hers
    assert len(listening.received_by(hers, kind="welcome")) == 1


def test_without_a_code_there_is_no_welcome(listening: Sandbox, lin: Host, work: Work) -> None:
    listening.add_member("lin.guide", has_admin_welcome=True)
    add(listening)
    work()

    assert Relation.objects.count() == 1
    assert Delivery.objects.count() == 0


def test_a_welcome_that_is_late_expires_and_is_not_sent(
    listening: Sandbox, lin: Host, work: Work, pass_time: PassTime
) -> None:
    hers = add(listening)
    inbox.drain("welcome")
    pass_time(seconds=19)
    work()

    assert Delivery.objects.get().state == "expired"
    assert listening.calls("externalcontact/send_welcome_msg") == []
    assert listening.welcome_of(hers) is None
    assert Relation.objects.count() == 1


def test_an_event_that_comes_too_late_for_its_welcome_still_makes_the_customer(
    listening: Sandbox, lin: Host, work: Work
) -> None:
    listening.advance(-60)  # WeCom wrote the event a minute ago
    add(listening)
    work()

    assert Delivery.objects.get().state == "expired"
    assert Relation.objects.count() == 1


def test_an_expired_code_is_refused_with_its_reason(listening: Sandbox, lin: Host, work: Work) -> None:
    add(listening)
    listening.advance(30)
    work()

    row = Delivery.objects.get()
    assert (row.state, row.errcode) == ("refused", "41050")


@pytest.mark.parametrize("reused", [41050, 41051])
def test_a_welcome_whose_answer_was_lost_is_found_to_be_sent(
    listening: Sandbox, lin: Host, work: Work, pass_time: PassTime, reused: int
) -> None:
    listening.settings(welcome_reuse_errcode=reused)
    listening.fail_next("externalcontact/send_welcome_msg", kind="lost")
    hers = add(listening)
    work()
    assert Delivery.objects.get().state == "unknown"

    pass_time(seconds=2)
    work()

    assert Delivery.objects.get().state == "sent"
    assert len(listening.received_by(hers, kind="welcome")) == 1


@pytest.mark.parametrize("errcode", [-1, 41096])
def test_a_busy_wecom_is_asked_again_within_the_twenty_seconds(
    listening: Sandbox, lin: Host, work: Work, pass_time: PassTime, errcode: int
) -> None:
    listening.fail_next("externalcontact/send_welcome_msg", errcode=errcode, times=2)
    hers = add(listening)
    for _ in range(3):
        work()
        pass_time(seconds=2)

    assert listening.welcome_of(hers) is not None
    assert Delivery.objects.get().state == "sent"


def test_a_welcome_does_not_wait_for_a_slow_reading(listening: Sandbox, lin: Host, work: Work) -> None:
    listening.fail_next("externalcontact/get", errcode=-1, times=99)
    hers = add(listening)
    work()

    assert listening.welcome_of(hers) is not None
    assert Relation.objects.count() == 0
    assert Inbox.objects.get().state == "new"


def test_a_failed_reading_is_repeated(listening: Sandbox, lin: Host, work: Work, pass_time: PassTime) -> None:
    listening.fail_next("externalcontact/get", kind="reset")
    add(listening)
    work()
    assert Relation.objects.count() == 0

    pass_time(seconds=30)
    work()
    assert Relation.objects.count() == 1
    assert Inbox.objects.get().state == "done"


def test_a_new_nick_name_is_taken_over(listening: Sandbox, lin: Host, work: Work) -> None:
    hers = add(listening, name="小雨")
    work()
    listening.add_customers([{"external_userid": hers, "name": "小雨雨"}])
    listening.member_edits("lin.guide", hers, remark="老客户", wait=5)
    work()

    assert Relation.objects.get().name == "小雨雨"
    assert facts() == ["customer.joined"]


def test_who_deletes_whom_ends_the_relation_and_keeps_the_facts(
    listening: Sandbox, lin: Host, work: Work
) -> None:
    first, second = add(listening, name="一"), add(listening, name="二")
    work()
    listening.advance(5)
    listening.customer_deletes("lin.guide", first, wait=5)
    listening.member_deletes("lin.guide", second, wait=5)
    work()

    assert Relation.objects.filter(ended_at__isnull=False).count() == 2
    assert facts()[2:] == ["customer.deleted_host", "customer.removed"]


def test_a_customer_who_comes_back_is_current_again(listening: Sandbox, lin: Host, work: Work) -> None:
    hers = add(listening)
    work()
    listening.advance(5)
    listening.member_deletes("lin.guide", hers, wait=5)
    work()
    listening.advance(5)
    add(listening, external_userid=hers)
    work()

    assert Relation.objects.get().ended_at is None


def _deliver(wecom: Sandbox, texts: list[str]) -> None:
    for text in texts:
        assert wecom.post_callback(text)["statuses"] == [200]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2), (2, 0, 1), (0, 2, 1)])
def test_any_order_of_events_ends_the_same(
    listening: Sandbox, web: str, lin: Host, work: Work, order: tuple[int, ...]
) -> None:
    listening.set_callback_url("")
    hers = add(listening)
    listening.advance(5)
    listening.member_edits("lin.guide", hers, remark="老客户")
    listening.advance(5)
    listening.customer_deletes("lin.guide", hers)
    listening.set_callback_url(f"{web}/wecom/callback/")
    texts = [event["plaintext"] for event in listening.callbacks()]
    assert len(texts) == 3

    for place in order:
        _deliver(listening, [texts[place]])
        work()
    _deliver(listening, texts)
    work()

    relation = Relation.objects.get()
    assert relation.ended_at is not None
    assert facts() == ["customer.joined", "customer.deleted_host"]


def test_an_event_of_a_member_who_is_no_host_is_ignored(listening: Sandbox, work: Work) -> None:
    listening.add_member("boss")
    listening.customer_adds("boss", name="客户", wait=5)
    work()

    assert Relation.objects.count() == 0
    assert (Inbox.objects.get().state, Inbox.objects.get().reason) == ("ignored", "这位成员不是在用的大C")
    assert Delivery.objects.count() == 0


def test_two_hosts_know_nothing_of_each_others_customers(listening: Sandbox, lin: Host, work: Work) -> None:
    zhao = a_host("zhao")
    listening.add_member("zhao")
    hers = add(listening)
    listening.customer_adds("zhao", external_userid=hers, wait=5)
    work()

    mine, theirs = Relation.objects.order_by("pk")
    assert {mine.host_id, theirs.host_id} == {lin.pk, zhao.pk}
    assert mine.customer_id != theirs.customer_id
    assert mine.external_index != theirs.external_index


# --- reconciliation ---------------------------------------------------------------------------------


def test_what_callbacks_lost_is_found_by_the_sync(listening: Sandbox, lin: Host, work: Work) -> None:
    add(listening, name="听到的")
    work()
    listening.settings(callback_mode="drop", callback_n=1)
    for number in range(3):
        listening.customer_adds("lin.guide", name=f"没听到 {number}")
    gone = Relation.objects.get().external_userid
    listening.advance(5)
    listening.member_deletes("lin.guide", gone)
    assert Relation.objects.count() == 1

    report = sync.reconcile(now=timezone.now())

    assert (report.joined, report.ended) == (3, 1)
    assert Relation.objects.current().count() == 3
    again = sync.reconcile(now=timezone.now())
    assert (again.joined, again.ended) == (0, 0)


def test_the_sync_does_not_revive_who_deleted_the_host(listening: Sandbox, lin: Host, work: Work) -> None:
    hers = add(listening)
    work()
    listening.advance(5)
    listening.customer_deletes("lin.guide", hers, wait=5)
    work()

    report = sync.reconcile(now=timezone.now())

    assert (report.seen, report.joined) == (1, 0)
    assert Relation.objects.get().ended_at is not None


def test_a_sync_that_cannot_be_finished_ends_nothing(listening: Sandbox, lin: Host, work: Work) -> None:
    hers = add(listening)
    work()
    listening.member_deletes("lin.guide", hers)
    listening.fail_next("externalcontact/batch/get_by_user", errcode=48002)

    with pytest.raises(CommandError, match="没能读完"):
        call_command("wecom_sync")
    assert Relation.objects.current().count() == 1


def test_the_sync_can_only_look(listening: Sandbox, lin: Host) -> None:
    listening.settings(callback_mode="drop", callback_n=1)
    add(listening)
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("wecom_sync", "--check", stdout=out)
    assert "补上 1 个" in out.getvalue()
    assert Relation.objects.count() == 0

    call_command("wecom_sync", stdout=out)
    call_command("wecom_sync", "--check", stdout=out)
    assert Relation.objects.count() == 1


def test_the_nightly_sync_is_a_job_that_waits_when_wecom_is_away(
    listening: Sandbox, lin: Host, pass_time: PassTime
) -> None:
    listening.fail_next("externalcontact/get_follow_user_list", errcode=-1)
    jobs.queue_period("wecom.sync", now=timezone.now())
    jobs.drain()

    assert Job.objects.get().state == "new"
    pass_time(minutes=1)
    jobs.drain()
    assert Job.objects.get().state == "done"


def test_many_contacts_come_in_by_a_few_calls(listening: Sandbox, lin: Host) -> None:
    listening.add_customers(
        [{"name": f"客户{number}", "follows": [{"userid": "lin.guide"}]} for number in range(120)]
    )

    report = sync.reconcile(now=timezone.now())

    assert report.joined == 120
    assert len(listening.calls("externalcontact/batch/get_by_user")) == 2
    assert len(listening.calls("externalcontact/get")) == 0


def test_no_personal_value_leaves_the_sealed_columns(listening: Sandbox, lin: Host, work: Work) -> None:
    hers = add(listening, name="王小雨")
    work()

    delivery = Delivery.objects.get()
    call = DeliveryCall.objects.get()
    plain = json.dumps([delivery.key, delivery.outcome, call.outcome, Inbox.objects.get().reason])
    assert hers not in plain
    assert "王小雨" not in plain
    assert "welcome_code" in call.request
    assert timedelta(0) < delivery.deadline_at - delivery.created_at < timedelta(seconds=19)
