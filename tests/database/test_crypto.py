"""Sealed fields and blind indexes, through the models that use them."""

import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import crypto
from tests.factories import MORNING, a_host

KEY_1 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
KEY_2 = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="


def _stored(relation: Relation, column: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM customers_relation WHERE id = %s", [relation.pk])
        return bytes(cursor.fetchone()[0])


@pytest.fixture
def relation(db: None) -> Relation:
    made, _ = customers.find_or_make_relation(
        a_host(), phone="13800008000", name="张小雨", source=Relation.Source.ORDER, now=MORNING
    )
    return made


def test_no_personal_value_lies_in_plain_text(relation: Relation) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text FROM customers_relation t UNION ALL SELECT t::text FROM customers_identity t"
        )
        rows = " ".join(row[0] for row in cursor.fetchall())

    assert "13800008000" not in rows
    assert b"13800008000".hex() not in rows
    assert "张小雨" not in rows
    assert "张小雨".encode().hex() not in rows
    assert Relation.objects.get(pk=relation.pk).name == "张小雨"


def test_a_ciphertext_moved_to_another_row_does_not_open(relation: Relation) -> None:
    other, _ = customers.find_or_make_relation(
        relation.host, phone="13900009000", name="李四", source=Relation.Source.ORDER, now=MORNING
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_relation r SET name = o.name FROM customers_relation o"
            " WHERE o.id = %s AND r.id = %s",
            [relation.pk, other.pk],
        )

    with pytest.raises(crypto.CannotDecryptError):
        _ = Relation.objects.get(pk=other.pk).name


def test_one_phone_under_two_hosts_has_two_indexes(relation: Relation) -> None:
    other, _ = customers.find_or_make_relation(
        a_host("zhen", "阿珍"), phone="13800008000", name="小雨", source=Relation.Source.ORDER, now=MORNING
    )

    assert _stored(relation, "phone_index") != _stored(other, "phone_index")
    assert _stored(relation, "phone_last4_index") != _stored(other, "phone_last4_index")
    assert other.customer_id != relation.customer_id


def test_a_bulk_update_of_plain_text_is_refused(relation: Relation) -> None:
    with pytest.raises(TypeError):
        Relation.objects.filter(pk=relation.pk).update(name="明文")
    relation.name = "明文"
    with pytest.raises(TypeError):
        Relation.objects.bulk_update([relation], ["name"])


def test_after_a_new_key_is_put_first_old_values_open_and_indexes_stay(settings: object) -> None:
    context = f"t:c:{uuid.uuid4()}"
    settings.FIELD_KEY = KEY_1  # type: ignore[attr-defined]
    old = crypto.encrypt("张小雨", context=context)
    index = crypto.blind_index("+8613800008000", scope="host:1")

    settings.FIELD_KEY = f"2:{KEY_2},1:{KEY_1}"  # type: ignore[attr-defined]

    assert crypto.decrypt(old, context=context) == "张小雨"
    assert crypto.encrypt("张小雨", context=context)[0] == 2
    assert crypto.blind_index("+8613800008000", scope="host:1") == index
    settings.FIELD_KEY = f"2:{KEY_2}"  # type: ignore[attr-defined]
    with pytest.raises(crypto.CannotDecryptError):
        crypto.decrypt(old, context=context)


@pytest.mark.parametrize("spec", ["", "short", f"{KEY_1},{KEY_1}", f"0:{KEY_1}", "1:不是密钥"])
def test_an_unsound_key_stops_at_once(settings: object, spec: str) -> None:
    settings.FIELD_KEY = spec  # type: ignore[attr-defined]

    with pytest.raises(ImproperlyConfigured):
        crypto.encrypt("x", context="t:c:1")
