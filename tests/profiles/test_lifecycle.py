"""One rule for the stage, and every place that speaks of it says the same."""

import re
from datetime import datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.db import connection

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers import erasure
from apps.customers.exports import EXPORT
from apps.customers.models import Relation
from apps.lib.clock import SHANGHAI
from apps.privacy import served
from apps.profiles import selectors
from apps.profiles.lifecycle import Stage, stage_at, stage_of, stage_sql
from apps.profiles.models import Facts
from apps.records.declarations import Span
from tests.factories import a_host, api_of
from tests.happenings import a_customer
from tests.library.desk import a_person, browser
from tests.pages import html_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 5, 9, 0, tzinfo=SHANGHAI)
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)

#: What is known of one customer on either side of each boundary, and her stage.
BOUNDARIES = {
    "新来": ({"orders_count": 0}, Stage.NEW),
    "买一次": ({"orders_count": 1}, Stage.GROWING),
    "买两次": ({"orders_count": 2}, Stage.GROWING),
    "买三次": ({"orders_count": 3}, Stage.MATURE),
    "快睡着": ({"orders_count": 3, "last_event_at": NOW - 60 * DAY + INSTANT}, Stage.MATURE),
    "刚睡着": ({"orders_count": 0, "last_event_at": NOW - 60 * DAY}, Stage.SLEEPING),
    "睡很久": ({"orders_count": 9, "last_event_at": NOW - 180 * DAY + INSTANT}, Stage.SLEEPING),
    "刚流失": ({"orders_count": 9, "last_event_at": NOW - 180 * DAY}, Stage.LOST),
    "已离开": ({"orders_count": 9, "is_current": False}, Stage.LOST),
}
HERE = {"is_current": True, "last_event_at": NOW - DAY}


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def people(host: Host) -> dict[str, Relation]:
    """One customer for each boundary; the file they came from called all of them regulars."""
    made = {}
    for n, (name, (facts, _stage)) in enumerate(BOUNDARIES.items()):
        one = a_customer(host, f"1380000{n:04d}", at=NOW - 5 * DAY, name=name)
        Relation.objects.filter(pk=one.pk).update(imported_stage=Stage.MATURE)
        if facts.get("is_current") is False:
            Relation.objects.filter(pk=one.pk).update(ended_at=NOW - DAY)
        Facts.objects.filter(pk=one.pk).update(**{**HERE, **facts})
        made[name] = one
    return made


def test_python_and_sql_read_the_same_table(host: Host) -> None:
    quiet = [timedelta(0), *(edge + step for edge in (60 * DAY, 180 * DAY) for step in (-INSTANT, 0 * DAY))]
    seen = set()
    for n, (orders, silence, is_current) in enumerate(product(range(4), quiet, (True, False))):
        one = a_customer(host, f"1390000{n:04d}", at=NOW - 5 * DAY)
        Facts.objects.filter(pk=one.pk).update(
            orders_count=orders, last_event_at=NOW - silence, is_current=is_current
        )
    for facts in Facts.objects.annotate(stage=stage_at(NOW)):
        assert stage_of(facts, NOW) == facts.stage, facts.__dict__
        seen.add(facts.stage)
    assert seen == set(Stage.values)
    over_relations = Relation.objects.with_stage(NOW).values_list("pk", "stage")
    assert dict(over_relations) == dict(Facts.objects.values_list("pk", stage_at(NOW)))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT relation_id, {stage_sql('f')} FROM profiles_facts f", {"now": NOW})
        assert dict(cursor.fetchall()) == dict(over_relations)


@time_machine.travel(NOW, tick=False)
def test_the_phone_says_it_in_list_chips_and_page(host: Host, people: dict[str, Relation]) -> None:
    phone = browser(host.user)
    rows = {row.relation.pk: row.stage for row in selectors.customer_rows(host, now=NOW).rows}
    assert rows == {people[name].pk: stage for name, (_, stage) in BOUNDARIES.items()}
    counts = selectors.view_counts(host, NOW)
    for view in (Stage.SLEEPING, Stage.LOST):
        inside = {row.name for row in selectors.customer_rows(host, view=view.value, now=NOW).rows}
        assert inside == {name for name, (_, stage) in BOUNDARIES.items() if stage == view}
        assert counts[view.value] == len(inside)
    for name, (_, stage) in BOUNDARIES.items():
        page = html_of(phone.get(f"/customers/{people[name].public_id}/"))
        assert f'<span class="label label_brand">{stage.label}</span>' in page
        assert "<dt>导入时写的</dt><dd>熟客</dd>" in page


@time_machine.travel(NOW, tick=False)
def test_the_api_says_it_in_list_filter_and_facts(host: Host, people: dict[str, Relation]) -> None:
    api = api_of(host)
    wanted = {str(people[name].public_id): stage.value for name, (_, stage) in BOUNDARIES.items()}

    rows = api.get("/api/v1/customers/").json()["results"]
    assert {row["id"]: row["stage"] for row in rows} == wanted
    assert {row["imported_stage"] for row in rows} == {"mature"}
    for stage in Stage.values:
        found = api.get("/api/v1/customers/", {"stage": stage}).json()["results"]
        assert {row["id"] for row in found} == {id_ for id_, one in wanted.items() if one == stage}
    for id_, stage in wanted.items():
        assert api.get(f"/api/v1/customers/{id_}/").json()["stage"] == stage
        assert api.get(f"/api/v1/customers/{id_}/facts/").json()["stage"] == stage
        assert api.patch(f"/api/v1/customers/{id_}/", {}, "application/json").json()["stage"] == stage


@time_machine.travel(NOW, tick=False)
def test_hq_says_it_in_list_filter_page_and_hand_over(host: Host, people: dict[str, Relation]) -> None:
    hq = browser(a_person(roles.OPERATOR))
    listed = html_of(hq.get("/hq/customers/"))
    lines = re.findall(r"<tr.*?</tr>", listed, re.DOTALL)
    for name, (_, stage) in BOUNDARIES.items():
        one = people[name]
        (line,) = (line for line in lines if str(one.public_id) in line)
        assert re.search(rf"<td[^>]*>\s*{stage.label}\s*</td>", line), (name, line)
        page = html_of(hq.get(f"/hq/customers/{one.public_id}/"))
        assert f"<dt>阶段</dt><dd>{stage.label}</dd>" in page
        assert "<dt>来源里写的阶段</dt><dd>熟客</dd>" in page
    for address in ("/hq/customers/", f"/hq/hand-overs/from/{host.public_id}/"):
        for stage in Stage.values:
            page = html_of(hq.get(address, {"stage": stage}))
            found = {name for name, one in people.items() if str(one.public_id) in page}
            assert found == {name for name, (_, one) in BOUNDARIES.items() if one == stage}, address


@time_machine.travel(NOW, tick=False)
def test_exports_and_copies_of_own_data_say_it(host: Host, people: dict[str, Relation]) -> None:
    wanted = {name: str(stage.label) for name, (_, stage) in BOUNDARIES.items()}
    for is_own in (True, False):
        columns = EXPORT.own_columns if is_own else EXPORT.columns
        rows = EXPORT.rows(Host.objects.all(), Span(None, None), is_clear=True, is_own=is_own)
        told = [dict(zip(columns, row.cells, strict=True)) for row in rows]
        assert {line["姓名"]: line["阶段"] for line in told} == wanted

    customers, profiles = (
        next(holder for holder in served.HOLDERS.values() if holder.name == name)
        for name in ("customers", "profiles")
    )
    for name, one in people.items():
        subject = erasure.subject([one.pk], False, "")
        (known,) = customers.export(subject)["服务你的人知道的你"]
        (counted,) = profiles.export(subject)["按往来算出的数字"]
        assert (known["来源里写的阶段"], counted["阶段"]) == ("熟客", wanted[name])
