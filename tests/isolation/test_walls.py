"""What the database shows to whom, whatever a query asks."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Customer, Identity, Note, Relation, Tag
from apps.database import db_role, grants
from apps.database.db_role import HQ, NOBODY, OWNER, WORKER
from apps.database.db_role import Identity as Standing
from apps.database.transactions import own_transaction
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from apps.trade.models import Order, OrderLine
from tests.factories import MORNING, a_host, a_person_at_hq, a_sku, api_of
from tests.isolation.test_list import PROTECTED
from tests.isolation.world import Property, a_property
from tests.projecting import project_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> tuple[Property, Property]:
    sku = a_sku(stock=50, commission_bp=1_000)
    found = a_property(1, sku), a_property(2, sku)
    project_now()
    return found


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(PROTECTED):
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def who() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user || ':' || coalesce(current_setting('app.host_id', true), '')")
        return str(cursor.fetchone()[0])


# --- rows ----------------------------------------------------------------------------------------------


def test_the_owner_and_a_request_of_nobody_see_no_row_at_all(two: tuple[Property, Property]) -> None:
    empty = dict.fromkeys(sorted(PROTECTED), 0)
    unused = {
        "console_kit_savedview",
        "customers_handover",
        "customers_handoveritem",
        "customers_importrun",
        "customers_importchunk",
        "insights_actday",
        "outbox_deliverycall",
        "records_erasedmark",
        "privacy_exportrequest",
        "records_legalhold",
        "privacy_rightsrequest",
    }
    assert {table for table, count in counts().items() if not count} == unused

    for standing in (OWNER, NOBODY):
        with db_role.as_identity(standing):
            assert counts() == empty


def test_a_host_sees_her_half_of_everything_and_nothing_of_the_machines(
    two: tuple[Property, Property],
) -> None:
    everything = counts()
    everything["tracking_event"] -= Event.objects.filter(host_id=None).count()  # what HQ published
    # Who else knows this phone, what leaves and what comes, what HQ says of her: HQ's and the jobs' alone.
    hidden = {"insights_hostcall", "insights_hosthelp"}
    hidden |= {name for name in PROTECTED if name.startswith(("outbox_", "customers_i"))}

    for one in two:
        with db_role.acting_as(one.host.pk):
            found = counts()
            assert hidden <= {name for name, count in found.items() if not count}
            assert [name for name in PROTECTED - hidden if found[name] * 2 != everything[name]] == []
            assert [row.host_id for row in Relation.objects.all()] == [one.host.pk]
            assert [note.text for note in Note.objects.all()] == [f"{one.canary}笔记"]
            assert [line.order.host_id for line in OrderLine.objects.all()] == [one.host.pk]


def test_hq_and_the_worker_see_all_of_it(two: tuple[Property, Property]) -> None:
    everything = counts()
    with db_role.as_identity(WORKER):
        assert counts() == everything
    # A story is not HQ's to read before its consumer has answered.
    unanswered = {"stories_story": 0, "stories_storypicture": 0}
    with db_role.as_identity(HQ):
        assert counts() == {**everything, **unanswered}


def test_a_host_reads_hqs_tags_and_makes_none_of_them(two: tuple[Property, Property]) -> None:
    Tag.objects.create(host=None, name="总部的词", created_at=MORNING)
    with db_role.acting_as(two[0].host.pk):
        assert set(Tag.objects.values_list("name", flat=True)) == {"总部的词", f"{two[0].canary}标签"}
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Tag.objects.create(host=None, name="冒充总部", created_at=MORNING)
        assert Tag.objects.filter(host=None).update(name="改") == 0


def test_a_host_writes_among_her_own_rows_alone(two: tuple[Property, Property]) -> None:
    mine, theirs = two
    with db_role.acting_as(mine.host.pk):
        assert Relation.objects.filter(pk=theirs.relation.pk).update(source="manual") == 0
        assert Note.objects.filter(relation_id=theirs.relation.pk).delete()[0] == 0
        for wrong in (
            lambda: tracking.record(Fact.HOST_SIGNED_IN, at=MORNING, host_id=theirs.host.pk),
            lambda: customers.add_note(theirs.relation, text="插话", by=mine.host.user, now=MORNING),
            lambda: Relation.objects.filter(pk=mine.relation.pk).update(host=theirs.host),
            lambda: Order.objects.filter(pk=mine.order.pk).update(host=theirs.host),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                wrong()
        assert customers.add_note(mine.relation, text="自己的", by=mine.host.user, now=MORNING).pk


def test_a_new_customer_of_a_host_is_hers_and_what_identifies_her_is_nobodys_to_read() -> None:
    lin, zhao = a_host("lin"), a_host("zhao")
    with db_role.acting_as(lin.pk):
        relation, is_new = customers.find_or_make_relation(
            lin, phone="13800008000", name="小雨", source="manual", now=MORNING
        )
        again, is_newer = customers.find_or_make_relation(
            lin, phone="13800008000", name="小雨", source="manual", now=MORNING
        )
        assert (is_new, is_newer, again) == (True, False, relation)
        assert Customer.objects.get() == relation.customer
        assert Identity.objects.count() == 0
    with db_role.acting_as(zhao.pk):
        assert Customer.objects.count() == 0
        # That the person exists elsewhere is not even told by a constraint.
        _, is_new = customers.find_or_make_relation(
            zhao, phone="13800008000", name="小雨", source="manual", now=MORNING
        )
        assert is_new
    assert Identity.objects.count() == Customer.objects.count() == 2


def test_a_twin_request_leaves_no_customer_without_relation() -> None:
    lin = a_host("lin")
    with db_role.acting_as(lin.pk):
        found = customers.find_or_make_relation(
            lin, phone="13800008000", name="雨", source="manual", now=MORNING
        )
        twin = Relation(host=lin, customer=found[0].customer, name="", source="manual", joined_at=MORNING)
        customers.set_phone(twin, "+8613800008000")
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save()
    assert Customer.objects.count() == 1


# --- standing ------------------------------------------------------------------------------------------


def test_the_role_ends_with_its_block_its_savepoint_and_its_error(two: tuple[Property, Property]) -> None:
    mine, theirs = two
    assert who() == "app_worker:"
    with db_role.acting_as(mine.host.pk):
        with db_role.acting_as(theirs.host.pk):
            assert who() == f"app_host:{theirs.host.pk}"
        assert who() == f"app_host:{mine.host.pk}"
        with pytest.raises(ZeroDivisionError), db_role.as_worker():
            raise ZeroDivisionError
        assert who() == f"app_host:{mine.host.pk}"
        with pytest.raises(DatabaseError), transaction.atomic(), db_role.as_worker():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        assert who() == f"app_host:{mine.host.pk}"
        with transaction.atomic():
            db_role.enter(HQ)
            transaction.set_rollback(True)
        assert who() == f"app_host:{mine.host.pk}"
    assert who() == "app_worker:"
    assert db_role.current() == WORKER


def test_a_process_that_serves_the_web_shows_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_role, "_process", WORKER)
    db_role.serve_the_web()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT current_user || ':' || current_setting('app.host_id')")
            assert cursor.fetchone()[0] == "app_host:"
            cursor.execute("SELECT count(*) FROM trade_order")
            assert cursor.fetchone()[0] == 0
    finally:
        other.close()


def test_the_web_entry_points_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    for name in ("wsgi", "asgi"):
        monkeypatch.setattr(db_role, "_process", WORKER)
        importlib.reload(importlib.import_module(f"config.{name}"))
        assert db_role._process == NOBODY, name


# --- requests ------------------------------------------------------------------------------------------


def tell(request: HttpRequest) -> HttpResponse:
    return HttpResponse(who())


@own_transaction
def tell_without(request: HttpRequest) -> HttpResponse:
    return HttpResponse(who())


class Telling:
    urlpatterns = [
        path("tell/", tell),
        path("hq/tell/", tell),
        path("without/", tell_without),
    ]


@pytest.fixture
def telling() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=Telling):
        yield


def test_a_request_stands_as_who_asks(telling: None) -> None:
    host, staff = a_host(), a_person_at_hq(roles.ANALYST)
    gone = a_host("gone")
    Host.objects.filter(pk=gone.pk).update(status=Host.Status.LEFT)

    def answer(user: object, address: str = "/tell/") -> str:
        client = Client()
        if user is not None:
            client.force_login(user)  # type: ignore[arg-type]
        return client.get(address).content.decode()

    assert answer(None) == "app_host:"
    assert answer(host.user) == f"app_host:{host.pk}"
    assert answer(gone.user) == "app_host:"
    assert answer(staff) == "app_hq:"
    assert answer(staff, "/hq/tell/") == "app_hq:"
    # Views with transactions of their own take on what they need themselves.
    for user in (None, host.user, staff):
        assert answer(user, "/without/") == "app_host:"
    assert who() == "app_worker:"


def test_a_host_who_works_at_hq_too_is_hq_where_hq_works(telling: None) -> None:
    from django.contrib.auth.models import Group

    host = a_host()
    host.user.groups.add(Group.objects.get(name=roles.OPERATOR))
    client = Client()
    client.force_login(host.user)

    assert client.get("/tell/").content.decode() == f"app_host:{host.pk}"
    assert client.get("/hq/tell/").content == b"app_hq:"


def test_a_token_stands_as_its_holder_whatever_the_cookie_says(two: tuple[Property, Property]) -> None:
    mine, theirs = two
    client = api_of(mine.host)
    client.force_login(theirs.host.user)

    found = client.get("/api/v1/customers/").json()["results"]

    assert [row["id"] for row in found] == [str(mine.relation.public_id)]
    assert theirs.canary not in str(found)


# --- jobs, migrations, replica -------------------------------------------------------------------------


def test_tables_are_changed_by_their_owner_and_by_nobody_else() -> None:
    for standing in (WORKER, HQ, NOBODY):
        with db_role.as_identity(standing), pytest.raises(DatabaseError), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE stray (n int)")
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE stray (n int)")


def test_a_month_of_the_ledger_is_made_by_jobs_and_closed_to_the_others() -> None:
    from datetime import date

    tracking.make_partitions([date(1998, 7, 1)])
    for standing in (HQ, NOBODY):
        with db_role.as_identity(standing):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT * FROM tracking_event_1998_07")
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                tracking.make_partitions([date(1998, 8, 1)])
    assert Event.objects.count() == 0


def test_migrations_run_as_the_owner_and_give_the_roles_their_rights() -> None:
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("REVOKE ALL ON catalog_sku FROM app_host")
    call_command("migrate", verbosity=0)

    assert who() == "app_worker:"
    with db_role.as_identity(NOBODY), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_sku")


def test_what_the_administrator_runs_is_exact() -> None:
    older, newer = (grants.sql_for_administrator("the owner", version) for version in (150000, 180000))

    assert older == (
        "CREATE ROLE app_host NOLOGIN; CREATE ROLE app_hq NOLOGIN; CREATE ROLE app_worker NOLOGIN; "
        'ALTER SCHEMA public OWNER TO "the owner"; ALTER ROLE "the owner" NOINHERIT; '
        'GRANT app_host, app_hq, app_worker TO "the owner";'
    )
    assert newer == older.removesuffix(";") + " WITH INHERIT FALSE, SET TRUE;"


# --- what is temporary -----------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", [NOBODY, HQ])
def test_whoever_comes_by_the_web_makes_no_temporary_table(standing: Standing) -> None:
    """One of the same name would be found before ours, inside a function of the worker too."""
    with db_role.as_identity(standing):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE customers_relation (id bigint)")


def test_functions_with_anothers_rights_look_into_temporary_tables_last() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        found = dict(cursor.fetchall())
    assert len(found) >= 5
    assert {name for name, path in found.items() if path != ["search_path=public, pg_temp"]} == set()
