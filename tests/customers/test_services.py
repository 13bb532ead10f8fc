"""What happens between one host and one customer, and what never crosses to another host."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.customers import services
from apps.customers.models import Customer, Identity, Note, Relation
from apps.tracking.models import Event
from tests.factories import MORNING, a_host

pytestmark = pytest.mark.django_db


def test_the_same_phone_at_one_host_is_one_customer() -> None:
    host = a_host()

    first, is_new = services.find_or_make_relation(
        host, phone="13800008000", name="张小雨", source=Relation.Source.ORDER, now=MORNING
    )
    second, is_new_again = services.find_or_make_relation(
        host, phone="+86 138 0000 8000", name="别的名字", source=Relation.Source.ORDER, now=MORNING
    )

    assert (is_new, is_new_again) == (True, False)
    assert first.pk == second.pk
    assert Relation.objects.get().name == "张小雨"  # an order form corrects nothing
    assert list(Event.objects.values_list("name", flat=True)) == ["customer.joined"]


def test_two_hosts_never_share_a_customer_by_themselves() -> None:
    services.find_or_make_relation(a_host(), phone="13800008000", name="甲", source="order", now=MORNING)
    services.find_or_make_relation(
        a_host("zhen", "阿珍"), phone="13800008000", name="乙", source="order", now=MORNING
    )

    assert Customer.objects.count() == 2
    assert Identity.objects.count() == 2


def test_a_contact_who_comes_back_lives_again() -> None:
    host = a_host()
    contact = {"external_userid": "wm-xiaoyu", "now": MORNING}
    relation, _ = services.attach_external_contact(host, name="小雨", unionid="o-1", **contact)

    services.detach_external_contact(host, external_userid="wm-xiaoyu", by="customer", now=MORNING)
    ended = Relation.objects.get().ended_at
    again, is_new = services.attach_external_contact(host, name="小雨妈妈", **contact)

    assert ended == MORNING
    assert (again.pk, is_new) == (relation.pk, False)
    assert (Relation.objects.get().ended_at, Relation.objects.get().name) == (None, "小雨妈妈")
    assert list(Event.objects.order_by("occurred_at", "id").values_list("name", flat=True)) == [
        "customer.joined",
        "customer.deleted_host",
        "customer.joined",
    ]


def test_deleting_twice_or_a_stranger_tells_nothing_new() -> None:
    host = a_host()
    services.attach_external_contact(host, external_userid="wm-1", name="小雨", now=MORNING)

    for _ in range(2):
        services.detach_external_contact(host, external_userid="wm-1", by="host", now=MORNING)

    assert services.detach_external_contact(host, external_userid="wm-2", by="host", now=MORNING) is None
    assert Event.objects.filter(name="customer.removed").count() == 1


def test_a_host_cannot_give_two_customers_one_phone() -> None:
    host = a_host()
    services.find_or_make_relation(host, phone="13800008000", name="甲", source="order", now=MORNING)
    other, _ = services.find_or_make_relation(
        host, phone="13900009000", name="乙", source="order", now=MORNING
    )

    with pytest.raises(services.PhoneTakenError):
        services.update_relation(other, remark="乙", phone="+8613800008000", by=other.host.user, now=MORNING)

    assert Relation.objects.get(pk=other.pk).phone == "+8613900009000"


def test_the_table_itself_refuses_a_second_row_for_one_contact() -> None:
    host = a_host()
    relation, _ = services.attach_external_contact(host, external_userid="wm-1", name="小雨", now=MORNING)
    twin = Relation(
        host=host,
        customer=relation.customer,
        source="wecom",
        joined_at=MORNING,
        external_index=relation.external_index,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_note_counts_as_contact_and_needs_words() -> None:
    host = a_host()
    relation, _ = services.attach_external_contact(host, external_userid="wm-1", name="小雨", now=MORNING)
    later = MORNING + timedelta(hours=2)

    services.add_note(relation, text=" 爱吃辣 ", by=host.user, now=later)
    with pytest.raises(services.EmptyNoteError):
        services.add_note(relation, text="   ", by=host.user, now=later)

    assert Note.objects.get().text == "爱吃辣"
    assert Relation.objects.get().last_contact_at == later


def test_a_tag_put_twice_is_once() -> None:
    host = a_host()
    relation, _ = services.attach_external_contact(host, external_userid="wm-1", name="小雨", now=MORNING)

    first = services.tag_relation(relation, name="宝妈", by=host.user, now=MORNING)
    second = services.tag_relation(relation, name=" 宝妈 ", by=host.user, now=MORNING)

    assert first == second
    assert Event.objects.filter(name="customer.tagged").count() == 1
