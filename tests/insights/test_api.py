"""Numbers over the API: a host her own, HQ by role, a region manager the own branch."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.insights import access, api, metrics
from tests.factories import a_branch, a_host, a_person_at_hq, a_sku, api_of
from tests.happenings import a_link, a_material, a_visitor, buy, look, open_material, share
from tests.insights.test_numbers import NOW, an_issue
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def hq(role: str, **fields: Any) -> Client:
    return as_user(a_person_at_hq(role, username=f"hq-{roles.ALL.index(role)}", **fields))


def as_user(user: User) -> Client:
    text, _ = accounts.issue_token(user, is_verified=False, now=NOW)
    return Client(headers={"authorization": f"Bearer {text}"})


@pytest.fixture
def lin() -> Host:
    """A host with a share, a visit and an order yesterday."""
    host, material, visitor = a_host(), a_material("春日焕新"), a_visitor(NOW)
    link = a_link(host, material, at=NOW)
    open_material(host, material, at=NOW - DAY)
    share(link, at=NOW - DAY)
    look(link, visitor, at=NOW - DAY)
    buy(host, a_sku(price_fen=12_345, commission_bp=1_000), at=NOW - DAY, link=link, visitor=visitor)
    an_issue(material)
    project_now()
    return host


def test_a_host_reads_her_numbers(lin: Host) -> None:
    body = api_of(lin).get("/api/v1/numbers/", {"period": "7d"}).json()

    assert body == {
        "visits": 1,
        "new_customers": 1,
        "orders": 1,
        "shares": 1,
        "gmv": "123.45",
        "commission": "12.35",
        "first_day": "2026-02-27",
        "last_day": "2026-03-05",
        "visitors": 1,
        "customers": 1,
        "buyers": 1,
        "returning_buyers": 0,
    }
    assert api_of(a_host("zhao")).get("/api/v1/numbers/").json()["orders"] == 0


def test_a_host_reads_her_days(lin: Host) -> None:
    days = api_of(lin).get("/api/v1/numbers/series/", {"days": 3}).json()["results"]

    assert [(day["day"], day["gmv"]) for day in days] == [
        ("2026-03-03", "0.00"),
        ("2026-03-04", "123.45"),
        ("2026-03-05", "0.00"),
    ]


@pytest.mark.parametrize("query", ["days=0", "days=93", "days=x", "days=-1", "days=1e3", "days=٣"])
def test_days_that_make_no_sense_are_refused_with_the_mend(lin: Host, query: str) -> None:
    answer = api_of(lin).get(f"/api/v1/numbers/series/?{query}")
    assert answer.status_code == 400
    assert answer.json()["fields"]["days"] == ["请填写 1 到 92 之间的整数。"]


def test_a_period_nobody_knows_is_refused(lin: Host) -> None:
    answer = api_of(lin).get("/api/v1/numbers/?period=century")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["period"])


def test_a_host_reads_what_a_material_brought_her(lin: Host) -> None:
    from apps.library.models import Material

    material, other = Material.objects.get(), a_host("mei")
    share(a_link(other, material, at=NOW), at=NOW)
    buy(other, a_sku(), at=NOW, link=a_link(other, material, at=NOW))
    project_now()
    url = f"/api/v1/materials/{material.public_id}/results/"

    body = api_of(lin).get(url).json()
    assert body["mine"] == {
        "shares": 1,
        "reached": 1,
        "read": 1,
        "ordered": 1,
        "orders": 1,
        "gmv": "123.45",
    }
    assert (body["everybody_shares"], body["everybody_hosts"], body["everybody_orders"]) == (2, 2, 2)

    Material.objects.update(live=False)  # archived: still hers, since she worked with it
    assert api_of(lin).get(url).status_code == 200
    assert api_of(a_host("zhao")).get(url).status_code == 404
    assert api_of(lin).get(f"/api/v1/materials/{uuid4()}/results/").status_code == 404


def test_hq_reads_adoption_funnel_and_days(lin: Host) -> None:
    body = hq(roles.OPERATOR).get("/api/v1/hq/overview/").json()

    assert body["issue"]["number"] == 7
    assert (body["adoption"]["opened"], body["adoption"]["shared"]) == (1, 1)
    assert body["funnel"] == {"reached": 1, "read": 1, "ordered": 1, "shares": 1}
    assert sum(day["orders"] for day in body["days"]) == 1
    assert len(body["days"]) == 14
    assert sum(day["visitors"] for day in body["days"]) == 1


def test_hq_reads_hosts_side_by_side(lin: Host) -> None:
    body = hq(roles.ANALYST).get("/api/v1/hq/hosts/", {"period": "7d"}).json()

    assert set(body) == {"count", "next", "previous", "results"}
    row = next(row for row in body["results"] if row["id"] == str(lin.public_id))
    assert (row["name"], row["orders"], row["gmv"], row["shares"]) == ("林姐", 1, "123.45", 1)


def test_a_funnel_can_be_one_hosts(lin: Host) -> None:
    client, other = hq(roles.OPERATOR), a_host("zhao")
    ask = "/api/v1/hq/funnel/"

    assert client.get(ask, {"period": "issue", "host": lin.public_id}).json()["reached"] == 1
    assert client.get(ask, {"host": other.public_id}).json()["reached"] == 0
    assert client.get(ask, {"host": uuid4()}).status_code == 404
    assert client.get(ask, {"host": "x"}).status_code == 400


def test_a_region_manager_sees_the_own_branch_alone(lin: Host) -> None:
    east = a_branch("华东")
    mine = a_host("east", organisation=east)
    buy(mine, a_sku("苹果", price_fen=100), at=NOW)
    project_now()
    client = hq(roles.REGION_MANAGER, organisation=east)

    assert [row["id"] for row in client.get("/api/v1/hq/hosts/").json()["results"]] == [str(mine.public_id)]
    assert sum(day["orders"] for day in client.get("/api/v1/hq/overview/").json()["days"]) == 1
    assert client.get("/api/v1/hq/overview/").json()["adoption"]["active"] == 1
    assert client.get("/api/v1/hq/funnel/", {"period": "issue"}).json()["reached"] == 0
    assert client.get("/api/v1/hq/funnel/", {"host": lin.public_id}).status_code == 404


@pytest.mark.parametrize("path", ["overview", "funnel", "hosts"])
@pytest.mark.parametrize("role", roles.ALL)
def test_hqs_numbers_are_open_by_role(path: str, role: str) -> None:
    answer = hq(role).get(f"/api/v1/hq/{path}/")
    assert answer.status_code == (200 if role in access.ROLES else 403)


@pytest.mark.parametrize("path", ["hq/overview", "hq/funnel", "hq/hosts"])
def test_a_host_is_not_hq(path: str) -> None:
    assert api_of(a_host()).get(f"/api/v1/{path}/").status_code == 403
    assert Client().get(f"/api/v1/{path}/").status_code == 401


@pytest.mark.parametrize("path", ["numbers", "numbers/series"])
def test_hq_has_no_numbers_of_its_own(path: str) -> None:
    assert hq(roles.ADMIN).get(f"/api/v1/{path}/").status_code == 403
    assert Client().get(f"/api/v1/{path}/").status_code == 401


def test_the_list_of_hosts_takes_the_same_queries_for_one_and_for_many(lin: Host) -> None:
    client = hq(roles.OPERATOR)
    taken = []
    for n in (1, 12):
        for k in range(n):
            a_host(f"h{n}-{k}")
        client.get("/api/v1/hq/hosts/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/hq/hosts/")
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_the_api_explains_each_number_in_the_words_of_its_page() -> None:
    for shape in (
        api.NumbersOutput,
        api.DayOutput,
        api.ResultOutput,
        api.FunnelOutput,
        api.HostResultOutput,
    ):
        fields: dict[str, Any] = shape().fields
        numbers = {name: fields[name].help_text for name in fields if name in metrics.BY_NAME}
        assert numbers
        assert numbers == {name: metrics.BY_NAME[name].formula for name in numbers}
