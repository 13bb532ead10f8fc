"""Changing keys: killed anywhere all opens, and at the end nothing is left under the old one."""

import base64
import io
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import crypto
from apps.outbox.models import DeliveryCall
from apps.privacy import served
from apps.privacy.services import keys
from tests.library.desk import a_person, browser
from tests.privacy import traces
from tests.privacy.people import PHONE, TRACES, Her, her

pytestmark = pytest.mark.django_db
NEW = base64.b64encode(bytes(range(100, 132))).decode()
OTHER = base64.b64encode(bytes(range(7, 39))).decode()


@pytest.fixture
def she() -> Her:
    return her()


def key_ids() -> set[int]:
    """The key numbers that stand before the stored values."""
    found = set()
    with connection.cursor() as cursor:
        for model, fields in keys.sealed_models():
            for field in fields:
                cursor.execute(
                    f"SELECT DISTINCT get_byte({field.column}, 0) FROM {model._meta.db_table}"
                    f" WHERE length({field.column}) > 0"
                )
                found |= {row[0] for row in cursor.fetchall()}
    return found


def rotate(**options: Any) -> str:
    out = io.StringIO()
    call_command("rotate_field_key", stdout=out, stderr=out, **options)
    return out.getvalue()


def cut_after(steps: Iterator[tuple[str, int]], count: int) -> None:
    """Take `count` batches in which something moved and be gone, as a killed process is."""
    moved = 0
    for _, changed in steps:
        moved += changed > 0
        if moved >= count:
            return


def test_all_opens_wherever_it_is_killed_and_nothing_is_left_at_the_end(she: Her, settings: Any) -> None:
    before = sorted(traces.opened_rows())
    settings.FIELD_KEY = f"2:{NEW},1:{settings.FIELD_KEY}"
    dice = Random(3)
    for n in range(50):
        cut_after(keys.rotate_fields(now=timezone.now(), batch=1), dice.choice((1, 1, 2)))
        if n in {0, 3}:
            assert key_ids() == {1, 2}
            assert sorted(traces.opened_rows()) == before

    said = rotate(batch=3)

    assert "没有旧密钥加密的资料了" in said
    assert key_ids() == {2}
    assert keys.under_old_keys() == {}
    assert sorted(traces.opened_rows()) == before
    # Found as before: the indexes have a root of their own.
    assert Relation.objects.get(phone_index=customers.phone_index(she.lin.pk, f"+86{PHONE}")) == she.at_lin


def test_what_an_old_process_wrote_behind_us_is_met_the_next_time(she: Her, settings: Any) -> None:
    old = settings.FIELD_KEY
    settings.FIELD_KEY = f"2:{NEW},1:{old}"
    rotate()
    settings.FIELD_KEY = old
    she.stranger.remark = "旧进程写的"
    Relation.objects.filter(pk=she.stranger.pk).update(name="")  # what it can't open it does not touch
    Relation(pk=she.stranger.pk, public_id=she.stranger.public_id, remark="旧进程写的").save(
        update_fields=["remark"]
    )
    settings.FIELD_KEY = f"2:{NEW},1:{old}"
    assert keys.under_old_keys() == {"customers.Relation": 1}

    rotate()

    assert key_ids() == {2}
    assert Relation.objects.get(pk=she.stranger.pk).remark == "旧进程写的"


def test_a_value_moved_to_another_row_is_not_resealed(she: Her, settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_relation r SET name = o.name FROM customers_relation o"
            " WHERE o.id = %s AND r.id = %s",
            [she.at_lin.pk, she.stranger.pk],
        )
    settings.FIELD_KEY = f"2:{NEW},1:{settings.FIELD_KEY}"

    with pytest.raises(crypto.CannotDecryptError):
        rotate()


def test_indexes_move_to_a_key_of_their_own(she: Her, settings: Any) -> None:
    old = customers.phone_index(she.lin.pk, f"+86{PHONE}")
    settings.INDEX_KEY = OTHER
    assert [one.id for one in run_checks(databases=["default"]) if "E010" in str(one.id)] == ["privacy.E010"]
    for _ in range(10):  # killed, again and again
        cut_after(keys.rotate_indexes(now=timezone.now(), batch=1), 2)

    rotate(indexes=True, batch=1)

    new = customers.phone_index(she.lin.pk, f"+86{PHONE}")
    assert old != new
    assert not Relation.objects.filter(phone_index=old).exists()
    assert Relation.objects.get(phone_index=new) == she.at_lin
    assert not [one for one in run_checks(databases=["default"]) if "E010" in str(one.id)]
    host = browser(she.lin.user)
    assert "雨姐" in host.get(f"/customers/?q={PHONE}").content.decode()
    assert "雨姐" in host.get(f"/customers/?q={PHONE[-4:]}").content.decode()
    support = browser(a_person("客服"))
    assert str(she.at_lin.public_id) in support.get("/hq/customers/", {"q": PHONE}).content.decode()


def test_the_old_field_key_may_go_once_the_indexes_have_their_own(she: Her, settings: Any) -> None:
    old = settings.FIELD_KEY
    settings.INDEX_KEY = old  # the same root, now named: nothing needs to be computed anew
    settings.FIELD_KEY = f"2:{NEW},1:{old}"
    rotate()
    settings.FIELD_KEY = f"2:{NEW}"

    assert not [one for one in run_checks(databases=["default"]) if "E010" in str(one.id)]
    opened = " ".join(text for _, text in traces.opened_rows())
    assert all(word in opened for word in TRACES if word != "SHOP-778")


def test_every_blind_index_has_its_way() -> None:
    known = {(one.model._meta.label, name) for one in served.INDEXES for name in one.compute(one.model())}
    # A call's mark only groups equal calls of one moment; it is never searched for a person.
    known.add((DeliveryCall._meta.label, "digest"))
    from django.apps import apps

    there = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.get_internal_type() == "BinaryField" and getattr(field, "max_length", None) == 16
    }
    # Tokens of the gateway and rate limits are made anew when they are not found; recovery codes are
    # handed out anew.
    made_anew = {"wecom.AccessToken", "accounts.RateHit", "accounts.RecoveryCode"}
    assert {one for one in there - known if one[0] not in made_anew} == set()


def test_files_are_sealed_for_their_place() -> None:
    sealed = crypto.encrypt_bytes(os.urandom(100), context="a:b:c")

    with pytest.raises(crypto.CannotDecryptError):
        crypto.decrypt_bytes(sealed, context="a:b:d")
