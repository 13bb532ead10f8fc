"""Two hosts, one customer by a shop's number: what one types opens and erases nothing of the other's."""

import json
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.customers import erasure
from apps.customers import services as customers
from apps.customers.console import find_person
from apps.customers.models import Identity, Note, Relation
from apps.lib.phone import normalise
from apps.outbox.services import jobs
from apps.privacy.models import RightsRequest
from apps.records.models import ErasedMark
from apps.records.services import marks
from tests.factories import a_host, a_sku, api_of
from tests.happenings import buy
from tests.imports.files import CUSTOMERS, counts, written
from tests.imports.files import customers as bring_in
from tests.library.desk import a_person, browser
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
HERS, SECOND_SIM = "13800008000", "13911112222"
NOTE = "她家孩子在备考"


@pytest.fixture
def known(tmp_path: Path) -> tuple[Relation, Relation]:
    """As lin and as chen know her; lin has put a phone of her own beside her."""
    cache.clear()
    lin, chen = a_host("lin"), a_host("chen", "陈姐")
    bring_in(written(tmp_path, CUSTOMERS + f"lin,900,王芳,{HERS}\nchen,900,芳姐,{HERS}\n"))
    mine, theirs = Relation.objects.get(host=lin), Relation.objects.get(host=chen)
    assert mine.customer_id == theirs.customer_id
    customers.add_note(theirs, text=NOTE, by=chen.user, now=timezone.now())
    answer = api_of(lin).patch(
        f"/api/v1/customers/{mine.public_id}/",
        json.dumps({"phone": SECOND_SIM}),
        content_type="application/json",
    )
    assert answer.status_code == 200
    project_now()
    return mine, theirs


def proved(phone: str, kind: str) -> tuple[Client, str]:
    """HQ rang this phone, and whoever answered typed the code."""
    client = Client()
    address = client.post("/my-data/", {"kind": kind, "phone": phone})["Location"]
    found = RightsRequest.objects.latest("pk")
    staff = browser(a_person(roles.SUPPORT))
    page = staff.post(
        f"/hq/rights/{found.public_id}/", {"step": "call", "why": "打电话核实本人"}
    ).content.decode()
    client.post(address, {"code": re.search(r"<strong>(\d{6})</strong>", page)[1]})  # type: ignore[index]
    jobs.drain(seconds=60)
    return client, address


def test_a_typed_phone_opens_no_other_hosts_knowledge(known: tuple[Relation, Relation]) -> None:
    client, address = proved(SECOND_SIM, "export")

    copy = client.get(f"{address}file/").content.decode()

    assert "王芳" in copy
    for word in (NOTE, HERS, "芳姐", "陈姐"):
        assert word not in copy


def test_a_typed_phone_erases_nothing_of_another_host(
    known: tuple[Relation, Relation], tmp_path: Path
) -> None:
    mine, theirs = known
    proved(SECOND_SIM, "erase")

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.name, mine.phone) == ("", "")
    assert (theirs.name, theirs.phone, theirs.blocked_at) == ("芳姐", f"+86{HERS}", None)
    assert theirs.phone_index == customers.phone_index(theirs.host_id, theirs.phone)
    assert Note.objects.get(relation=theirs).text == NOTE
    # The keys by which she is known stay findable, and no file about her is turned back.
    keys = {(one.kind, one.value) for one in Identity.objects.filter(value_index__isnull=False)}
    assert {("phone", f"+86{HERS}"), ("shop", "900")} <= keys
    assert counts(bring_in(written(tmp_path, CUSTOMERS + f"chen,900,芳姐,{HERS}\n"))) == (1, 0, 0, 1, 0)
    everywhere = {bytes(one.mark) for one in ErasedMark.objects.filter(host_id=None)}
    assert everywhere == {marks.of_phone(f"+86{SECOND_SIM}")}
    assert set(ErasedMark.objects.exclude(host_id=None).values_list("host_id", flat=True)) == {mine.host_id}


def test_her_own_number_reaches_whoever_has_it_and_no_more(known: tuple[Relation, Relation]) -> None:
    mine, theirs = known
    proved(HERS, "erase")

    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (theirs.name, theirs.phone) == ("", "")
    assert (mine.name, mine.phone) == ("王芳", f"+86{SECOND_SIM}")
    # The number is hers, so it goes from the customer whom lin still knows, too.
    assert f"+86{HERS}" not in {one.value for one in Identity.objects.all()}


def test_the_number_is_found_where_a_hand_over_left_it_without_an_index(tmp_path: Path) -> None:
    lin = a_host("lin")
    one, _ = customers.find_or_make_relation(
        lin, phone=HERS, name="王芳", source="manual", now=timezone.now()
    )
    Relation.objects.filter(pk=one.pk).update(phone_index=None)
    cache.clear()

    proved(HERS, "erase")

    assert Relation.objects.get(pk=one.pk).name == ""


#: A shop's number for parcels, behind which two people stand, and the same number alone.
BEHIND_ONE = {"张三丰": "17000001234-5678", "李四光": "17000001234-9999", "王重阳": "17000001234"}


@pytest.mark.parametrize("name", BEHIND_ONE)
def test_a_proof_reaches_the_number_with_its_extension_and_nobody_else_behind_it(name: str) -> None:
    lin, sku = a_host("lin"), a_sku()
    for one, number in BEHIND_ONE.items():
        buy(lin, sku, at=timezone.now(), phone=number, name=one)
    cache.clear()

    client, address = proved(BEHIND_ONE[name], "export")
    copy = client.get(f"{address}file/").content.decode()
    assert [one for one in BEHIND_ONE if one in copy] == [name]

    cache.clear()
    proved(BEHIND_ONE[name], "erase")
    left = {row.name for row in Relation.objects.open()}
    assert left == {*BEHIND_ONE} - {name}
    assert {one.value for one in Identity.objects.all()} == {normalise(BEHIND_ONE[one]) for one in left}


def test_a_number_from_a_file_is_found_at_hq_without_its_extension_until_she_asks(tmp_path: Path) -> None:
    a_host("lin")
    bring_in(written(tmp_path, CUSTOMERS + "lin,900,张三丰,17000001234-5678\n"))
    her = find_person(Relation.objects.all(), "17000001234").get()
    assert her.name == "张三丰"

    erasure.block(erasure.subject([her.pk], True, "用户甲"), timezone.now())

    assert not find_person(Relation.objects.all(), "17000001234").exists()
