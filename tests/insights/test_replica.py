"""Numbers are read from the replica once there is one, and from nowhere else."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.accounts.scope import EVERYBODY
from apps.insights import replica, selectors
from apps.library.models import Issue, Material
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look
from tests.insights.test_numbers import NOW, an_issue
from tests.projecting import project_now


@pytest.fixture
def second_connection(ledger: None) -> Iterator[None]:
    connections.databases["replica"] = dict(connection.settings_dict)
    try:
        yield
    finally:
        connections["replica"].close()
        del connections.databases["replica"]
        del connections["replica"]


def test_without_a_replica_there_is_one_database() -> None:
    assert replica.alias() == "default"


def test_every_question_goes_to_the_replica(second_connection: None) -> None:
    host, material = a_host(), a_material()
    issue = an_issue(material)
    link, visitor = a_link(host, material, at=NOW), a_visitor(NOW)
    look(link, visitor, at=NOW)
    buy(host, a_sku(), at=NOW, link=link, visitor=visitor)
    project_now()
    span = selectors.last_days(7, NOW)

    with CaptureQueriesContext(connections["replica"]) as there, CaptureQueriesContext(connection) as here:
        assert selectors.numbers(span, hosts=host).orders == 1
        assert selectors.series(span, hosts=EVERYBODY)[-1].visits == 1
        assert selectors.funnel(span, issue=issue, hosts=EVERYBODY).ordered == 1
        assert selectors.issue_adoption(issue, NOW, hosts=EVERYBODY).active == 2
        assert selectors.material_results(EVERYBODY, [material.pk])[material.pk].orders == 1
        assert selectors.host_results([host], span)[0].orders == 1
        selectors.hosts_to_call(NOW, hosts=EVERYBODY)
        rows = selectors.rows_behind("orders", hosts=EVERYBODY, span=span, now=NOW)
        assert rows.count == 1

    tables = {Issue._meta.db_table, Material._meta.db_table, "catalog_product", "insights_hosthelp"}
    strays = [query["sql"] for query in here if not any(f'"{table}"' in query["sql"] for table in tables)]
    assert strays == []  # what people write is read where they write it
    assert len(there) > 10
