"""A customer's facts and story over the API, for her own host alone."""

from datetime import datetime
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.customers import services as customers
from apps.lib.clock import SHANGHAI
from tests.factories import a_host, a_person_at_hq, a_sku, api_of
from tests.happenings import MINUTE, a_customer, a_link, a_material, a_visitor, buy, look
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)


@time_machine.travel(NOW, tick=False)
def test_a_host_reads_the_facts_about_her_customer() -> None:
    host, visitor = a_host(), a_visitor(NOW)
    look(a_link(host, a_material(), at=NOW), visitor, at=NOW - 2 * MINUTE)
    order = buy(host, a_sku(price_fen=9_900), at=NOW - MINUTE, visitor=visitor)
    project_now()

    body = api_of(host).get(f"/api/v1/customers/{order.relation.public_id}/facts/").json()

    assert body == {
        "stage": "growing",
        "orders": 1,
        "gmv": "99.00",
        "gmv_this_year": "99.00",
        "visits": 1,
        "first_order_at": "2026-03-05T08:59:00+08:00",
        "last_order_at": "2026-03-05T08:59:00+08:00",
        "last_act_at": "2026-03-05T08:59:00+08:00",
    }


def test_what_never_happened_is_null() -> None:
    host = a_host()
    relation = a_customer(host, "13800008000", at=NOW)
    body = api_of(host).get(f"/api/v1/customers/{relation.public_id}/facts/").json()
    assert (body["first_order_at"], body["last_order_at"], body["gmv"]) == (None, None, "0.00")


def test_the_timeline_goes_on_by_cursor_to_its_end() -> None:
    host = a_host()
    relation = a_customer(host, "13800008000", at=NOW)
    for n in range(5):
        customers.add_note(relation, text=f"第 {n} 笔", by=host.user, now=NOW + n * MINUTE)
    client = api_of(host)

    first = client.get(f"/api/v1/customers/{relation.public_id}/timeline/?page_size=4").json()
    second = client.get(first["next"]).json()

    assert (first["count"], first["previous"], second["next"]) == (None, None, None)
    texts = [step["text"] for step in first["results"] + second["results"]]
    assert texts == [*(f"第 {n} 笔" for n in (4, 3, 2, 1, 0)), ""]
    assert second["results"][-1]["kind"] == "contact"


@pytest.mark.parametrize(
    "query", ["cursor=nonsense", "cursor=%00", "page_size=0", "page_size=-3", "page_size=x"]
)
def test_a_query_that_makes_no_sense_gives_the_first_page(query: str) -> None:
    host = a_host()
    relation = a_customer(host, "13800008000", at=NOW)
    answer = api_of(host).get(f"/api/v1/customers/{relation.public_id}/timeline/?{query}")
    assert (answer.status_code, len(answer.json()["results"])) == (200, 1)


@pytest.mark.parametrize("what", ["facts", "timeline"])
def test_a_foreign_customer_is_absent(what: str) -> None:
    hers = a_customer(a_host("zhao"), "13800008000", at=NOW)
    client = api_of(a_host())

    foreign = client.get(f"/api/v1/customers/{hers.public_id}/{what}/")
    absent = client.get(f"/api/v1/customers/{uuid4()}/{what}/")

    assert (foreign.status_code, foreign.json()) == (404, absent.json())


@pytest.mark.parametrize("what", ["facts", "timeline"])
def test_only_hosts_may_ask(what: str) -> None:
    url = f"/api/v1/customers/{a_customer(a_host(), '13800008000', at=NOW).public_id}/{what}/"
    text, _ = accounts.issue_token(a_person_at_hq(roles.ADMIN), is_verified=False, now=NOW)

    assert Client().get(url).status_code == 401
    with time_machine.travel(NOW):
        assert Client(headers={"authorization": f"Bearer {text}"}).get(url).status_code == 403
