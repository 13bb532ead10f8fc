"""Who was erased does not come back by a file, an order list or a sync without somebody's word."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers import services as customers_of
from apps.customers.models import Relation
from apps.customers.services import find_or_make_relation
from apps.outbox.services import jobs
from apps.privacy.services import data_requests
from apps.records.models import AccessLog, ErasedMark
from apps.trade.models import Order
from apps.wecom.client import Contact
from apps.wecom.services import contacts
from tests.factories import MORNING, a_host
from tests.imports.files import CUSTOMERS, ORDERS, counts, customers, orders, sent_back, written
from tests.library.desk import a_person

pytestmark = pytest.mark.django_db
HERS = "13800008000"


@pytest.fixture
def lin() -> Host:
    return a_host("lin")


@pytest.fixture
def mei() -> Host:
    return a_host("mei", "小美")


def known(host: Host) -> Relation:
    relation, _ = find_or_make_relation(host, phone=HERS, name="王芳", source="manual", now=MORNING)
    relation.external_userid, relation.source_key = "wm-hers", "shop:900"
    relation.save()
    return relation


def erase(relation: Relation) -> None:
    """By the link that her host gave her: it reaches what this host knows."""
    secret = data_requests.vouch(
        host_id=relation.host_id, relation_id=relation.pk, phone="", by=relation.host.user, now=timezone.now()
    )
    request = data_requests.behind(secret, now=timezone.now())
    assert request is not None
    data_requests.prove_by_host(request, kind="erase", last4="", now=timezone.now())
    jobs.drain(seconds=60)
    assert Relation.objects.get(pk=relation.pk).name == ""


def file_of(folder: Path, *hosts: str) -> Path:
    rows = "".join(f"{host},90{number},王芳,{HERS}\n" for number, host in enumerate(hosts))
    return written(folder, CUSTOMERS + rows)


def test_who_has_another_extension_of_the_number_is_somebody_else(tmp_path: Path, lin: Host) -> None:
    relation = known(lin)
    customers_of.update_relation(
        relation, remark="", phone="+8617000001234;ext=5678", by=lin.user, now=MORNING
    )
    erase(relation)
    rows = "lin,901,王芳,17000001234转5678\nlin,902,李明,17000001234-9999\nlin,903,张三,17000001234\n"

    assert counts(customers(written(tmp_path, CUSTOMERS + rows))) == (3, 2, 0, 0, 1)


def test_a_file_with_her_phone_goes_back_until_somebody_says_why(
    tmp_path: Path, lin: Host, mei: Host
) -> None:
    erase(known(lin))
    path = file_of(tmp_path, "lin", "mei")

    outcome = customers(path)

    # Her word reached one host: the other's file is the other's.
    assert counts(outcome) == (2, 1, 0, 0, 1)
    assert ["要求删除过资料" in line for line in sent_back(outcome)] == [True]
    assert list(Relation.objects.open().values_list("host", flat=True)) == [mei.pk]

    options = ["--source", "shop", "--workers", "1"]
    admin, clerk = a_person(roles.ADMIN), a_person(roles.EDITOR)
    for reason, by, wrong in (
        ("", admin.username, "--bring-back"),
        ("她又来店里办了会员", clerk.username, "--by"),
        ("她又来店里办了会员", "nobody", "--by"),
    ):
        with pytest.raises(CommandError, match=wrong):
            call_command("import_customers", str(path), *options, "--bring-back", reason, "--by", by)
    reason = "她又来店里办了会员"
    call_command("import_customers", str(path), *options, "--bring-back", reason, "--by", admin.username)

    assert Relation.objects.open().filter(host=lin).count() == 1
    row = AccessLog.objects.get(action="bring-back")
    assert (row.actor_id, row.host_id, row.purpose, row.count) == (admin.pk, lin.pk, reason, 1)
    # Decided once: the next file is an ordinary one.
    assert counts(customers(file_of(tmp_path, "lin", "mei"))) == (2, 0, 0, 2, 0)


def test_the_shops_number_alone_is_enough_to_know_her(tmp_path: Path, lin: Host) -> None:
    erase(known(lin))

    outcome = customers(written(tmp_path, "门店编号,客户编号,姓名\nlin,900,王芳\nlin,901,别人\n"))

    assert counts(outcome) == (2, 1, 0, 0, 1)


def test_her_orders_count_and_she_stays_forgotten(tmp_path: Path, lin: Host) -> None:
    erase(known(lin))

    orders(written(tmp_path, ORDERS + "A1,lin,900,P1,1,9.90,2026-03-01 10:00\n"))

    order = Order.objects.get()
    assert order.total_fen == 990
    assert order.relation.blocked_at is not None
    assert not Relation.objects.open().exists()


def test_a_sync_brings_her_back_only_when_she_added_her_host_again(lin: Host) -> None:
    erase(known(lin))

    def seen(since: datetime) -> bool:
        contact = Contact("lin", "wm-hers", "王芳", "", "", 1, since)
        return contacts.attach(lin, contact, now=timezone.now())

    assert not seen(MORNING)
    assert not Relation.objects.open().exists()
    assert seen(timezone.now() + timedelta(minutes=1))
    assert Relation.objects.open().count() == 1


def test_a_mark_gives_nothing_back(lin: Host) -> None:
    erase(known(lin))

    for row in ErasedMark.objects.all():
        assert len(bytes(row.mark)) == 16
        assert HERS.encode() not in bytes(row.mark)
    assert ErasedMark.objects.count() == 3


def test_a_second_erasure_renews_the_marks(lin: Host) -> None:
    erase(known(lin))
    first = {bytes(one.mark): one.erased_at for one in ErasedMark.objects.all()}
    again = known(lin)

    erase(again)

    marks = list(ErasedMark.objects.all())
    assert {bytes(one.mark) for one in marks} == set(first)
    assert all(one.erased_at > first[bytes(one.mark)] for one in marks)
    assert {one.relation_id for one in marks} == {None, again.pk}
