"""verify_invariants computes the projections anew for some hosts: no wrong number stays unseen."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from apps.customers.handover import acts as handing_over
from apps.customers.models import Relation
from apps.lib.clock import SHANGHAI
from apps.tracking import reader, recounting
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look, share
from tests.projecting import project_now
from tests.tracking.test_rebuild import rows
from tests.world import live_through

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def check(*, is_full: bool = False) -> list[str]:
    return recounting.check(is_full=is_full, patience_s=0)


@pytest.fixture
def sound(ledger: None) -> None:
    """A fortnight of two hosts, one customer handed over, all of it read."""
    live_through()
    relation = Relation.objects.filter(orders__isnull=False).order_by("pk").first()
    assert relation is not None
    hers = Relation.objects.filter(pk=relation.pk)
    other = a_host("mei", "小美")
    handing_over.hand_over(relation.host, other, relations=hers, scope="", reason="换人", by=None, now=NOW)
    buy(other, a_sku(), at=NOW, phone="13900000001")
    project_now()
    before = rows()
    assert (check(), check(is_full=True)) == ([], [])
    assert rows() == before


def spoil(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


#: A day on which nothing was.
INVENTED = """
    INSERT INTO {0} (n, relation_id, day, fact) SELECT 1, relation_id, '2026-01-30', fact FROM {0} LIMIT 1
"""
#: Some row of the table.
ONE = "ctid = (SELECT min(ctid) FROM {0})"
#: Another customer of the same host.
SOMEBODY_ELSE = """
    (SELECT max(id) FROM customers_relation r WHERE r.host_id = {0}.host_id AND r.id <> {0}.relation_id)
"""


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("profiles_relationday", "UPDATE {0} SET n = n + 1 WHERE {one}"),
        ("profiles_relationday", "DELETE FROM {0} WHERE {one}"),
        (
            "profiles_relationday",
            INVENTED,
        ),
        ("profiles_relationday", "UPDATE {0} SET fact = 'customer.noted' WHERE {one}"),
        ("profiles_facts", "UPDATE {0} SET visits = visits + 1 WHERE {one}"),
        ("profiles_facts", "UPDATE {0} SET last_event_at = last_event_at + interval '1 day' WHERE {one}"),
        ("profiles_facts", "UPDATE {0} SET gmv_year_fen = gmv_year_fen + 1 WHERE {one}"),
        ("profiles_facts", "UPDATE {0} SET gmv_year = gmv_year - 1 WHERE {one}"),
        ("profiles_facts", "DELETE FROM {0} WHERE {one}"),
        (
            "profiles_visitorrelation",
            f"UPDATE {{0}} SET relation_id = {SOMEBODY_ELSE} WHERE {{one}}",
        ),
        ("profiles_visitorrelation", "DELETE FROM {0} WHERE {one}"),
        ("insights_actday", "UPDATE {0} SET opened = opened + 1 WHERE {one}"),
        ("insights_actday", "DELETE FROM {0} WHERE {one}"),
        ("insights_actday", "UPDATE {0} SET subject_id = 999999 WHERE {one}"),
        (
            "insights_linkvisit",
            "UPDATE {0} SET read_at = NULL, ordered_at = NULL WHERE ordered_at IS NOT NULL",
        ),
        ("insights_linkvisit", "DELETE FROM {0} WHERE {one}"),
        ("insights_hostday", "UPDATE {0} SET visits = visits + 1 WHERE {one}"),
        ("insights_hostday", "UPDATE {0} SET visitors = visitors + 1 WHERE {one}"),
        ("insights_hostday", "UPDATE {0} SET shares = shares - 1 WHERE {one}"),
        ("insights_hostday", "DELETE FROM {0} WHERE {one}"),
        ("insights_moneymove", "UPDATE {0} SET is_repeat = NOT is_repeat WHERE {one}"),
        ("insights_moneymove", "UPDATE {0} SET link_id = NULL WHERE link_id IS NOT NULL"),
        ("insights_newcustomer", "UPDATE {0} SET at = at - interval '1 day' WHERE {one}"),
        ("insights_newcustomer", "DELETE FROM {0} WHERE {one}"),
    ],
)
def test_what_is_planted_is_found(sound: None, table: str, statement: str) -> None:
    assert spoil(statement.format(table, one=ONE.format(table))) > 0
    found = check()
    assert [sentence.split("：")[0] for sentence in found] == [table]


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("profiles_relationday", "UPDATE {0} SET relation_id = 999999 WHERE {one}"),
        ("insights_hostday", "UPDATE {0} SET host_id = 999999 WHERE {one}"),
        (
            "profiles_visitorrelation",
            "INSERT INTO {0} VALUES (999999, 1, 1, now(), now())",
        ),
    ],
)
def test_rows_of_nobody_are_found_when_all_is_looked_at(sound: None, table: str, statement: str) -> None:
    spoil(statement.format(table, one=ONE.format(table)))
    (found,) = check(is_full=True)
    assert found.startswith(f"{table}：")
    assert "999999" in found


def test_who_is_behind_is_not_called_sound(sound: None) -> None:
    spoil("UPDATE tracking_checkpoint SET tx = 0, event_id = NULL WHERE name = 'profiles'")
    (found,) = check()
    assert found.startswith("profiles：账本里有 ")
    spoil("UPDATE tracking_checkpoint SET epoch = epoch + 1")
    assert len(check()) == len(reader.projections())


def test_a_host_whose_events_are_not_read_yet_is_left_for_the_next_time(sound: None) -> None:
    """What happens after we asked is no violation; what was wrong with another host is one still."""
    link = a_link(a_host("new"), a_material(), at=NOW)
    end = reader.newest()
    share(link, at=NOW)
    look(link, a_visitor(NOW), at=NOW)
    profiles = next(one for one in reader.projections() if one.name == "profiles")
    assert reader.unread(profiles) == 2
    assert reader.unread(profiles, upto=end) == 0
    assert reader.unread(profiles, hosts=[link.host_id]) == 1
    differing: dict[str, list[str]] = {}
    recounting.compare(profiles, [link.host_id], differing)
    assert differing == {}


def test_an_operator_asks_for_all_and_is_told_where(sound: None) -> None:
    out = StringIO()
    call_command("verify_invariants", "projections", "--full", stdout=out)
    assert out.getvalue() == "projections: 好\n"

    spoil("UPDATE insights_hostday SET visits = visits + 1 WHERE day = '2025-12-26'")
    for asked in (["projections"], ["projections", "--full"]):
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("verify_invariants", *asked, stdout=out)
        assert "insights_hostday：" in out.getvalue()
        assert "day=2025-12-26" in out.getvalue()
