"""A host stands where her recorded steps led her."""

import pytest
from django.db import connection

from apps.accounts import services
from apps.accounts.invariants import check_hosts
from apps.accounts.models import Host
from apps.database import db_role
from tests.factories import MORNING, a_branch, a_host

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hosts() -> None:
    """One who never moved, and one who went through everything."""
    a_host("chen")
    lin, south, west = a_host("lin", level=2), a_branch("华南"), a_branch("西北")
    services.place_host(lin, organisation=south, level=3, actor=None, now=MORNING)
    services.move_host(lin, to=Host.Status.SUSPENDED, actor=None, now=MORNING)
    services.place_host(lin, organisation=west, actor=None, now=MORNING)
    services.move_host(lin, to=Host.Status.ACTIVE, actor=None, now=MORNING)
    assert check_hosts() == []


def spoil(statement: str) -> None:
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE accounts_hosttransition DISABLE TRIGGER USER; {statement}")


FIRST = "from_status = ''"
ELSEWHERE = "(SELECT id FROM accounts_organisation WHERE name = '华南')"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (f"UPDATE accounts_host SET organisation_id = {ELSEWHERE}", {"组织": 2}),
        ("UPDATE accounts_host SET level = 9", {"等级": 2}),
        ("UPDATE accounts_host SET status = 'left'", {"状态": 2}),
        ("DELETE FROM accounts_hosttransition", {"组织": 2, "等级": 2, "状态": 2}),
        (f"DELETE FROM accounts_hosttransition WHERE {FIRST}", {"组织": 2, "等级": 2, "状态": 2}),
        # One in the middle, and the last one.
        (f"DELETE FROM accounts_hosttransition WHERE to_organisation_id = {ELSEWHERE}", {"组织": 1}),
        (
            f"DELETE FROM accounts_hosttransition WHERE from_organisation_id = {ELSEWHERE}",
            {"组织": 1},
        ),
    ],
)
def test_a_host_who_can_not_stand_there_is_named(statement: str, named: dict[str, int]) -> None:
    spoil(statement)

    found = check_hosts()

    assert len(found) == len(named)
    for what, count in named.items():
        assert [one for one in found if one.startswith(f"大C的{what}") and f"共 {count} 位" in one]
