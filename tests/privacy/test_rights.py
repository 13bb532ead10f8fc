"""A consumer has her data, and has it erased: proved, complete, hers alone, whatever breaks on the way."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.commission.models import Entry
from apps.customers.models import Note, Relation
from apps.lib.phone import normalise
from apps.outbox import invariants
from apps.outbox.models import Delivery, Inbox
from apps.outbox.services import jobs
from apps.privacy import served
from apps.privacy.models import RightsRequest, Tombstone
from apps.privacy.services import data_requests
from apps.records import classification, declarations
from apps.trade.models import Order
from tests.factories import a_host, api_of
from tests.library.desk import a_person, browser, confirm
from tests.pages import lasting_of
from tests.privacy import traces
from tests.privacy.asking import CALL, asked, called_back, proved
from tests.privacy.people import NAME, PHONE, TRACES, Her, her
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
THEIRS = ("王别人", "13900000001", "别人的笔记", "别处路")


@pytest.fixture(autouse=True)
def patience(settings: Any) -> None:
    cache.clear()


@pytest.fixture
def she() -> Her:
    return her()


def erased() -> RightsRequest:
    proved("erase")
    jobs.drain(seconds=60)
    return RightsRequest.objects.latest("pk")


# --- having it ----------------------------------------------------------------------------------------------


def test_who_proves_her_phone_has_all_that_is_hers_and_nothing_of_others(she: Her) -> None:
    project_now()
    client, address = proved("export")
    jobs.drain(seconds=60)

    page = client.get(f"{address}copy/").content.decode()
    data = client.get(f"{address}file/")
    text = json.dumps(json.loads(data.content), ensure_ascii=False)

    for word in TRACES:
        assert word in text, word
    assert "雨姐" in page
    assert "茶友" in text
    for word in (*THEIRS, "lin-user", "kefu"):
        assert word not in text
        assert word not in page
    assert "no-store" in data["Cache-Control"]
    assert data["Referrer-Policy"] == "strict-origin"


def test_the_copy_is_complete(she: Her) -> None:
    """Every personal column of every table is in the copy, or is exempt for a reason."""
    said: dict[str, set[str]] = {}
    for holder in served.HOLDERS.values():
        for label, names in holder.exported.items():
            said.setdefault(label, set()).update(names)
        for label, reasons in holder.exempt.items():
            assert all(reasons.values()), label
            said.setdefault(label, set()).update(reasons)
    missing = []
    for table in classification.tables():
        # Hosts, applicants and staff are not consumers; what names them alone is theirs.
        if table.model._meta.app_label == "accounts":
            continue
        for column in table.columns:
            is_hers = column.is_personal and column.pii != "staff"
            known = said.get(table.model._meta.label, set())
            if is_hers and column.field.name not in known and "*" not in known:
                missing.append(f"{table.model._meta.label}.{column.field.name}")

    assert missing == []


def test_the_copy_lies_sealed_and_is_gone_after_a_day(she: Her) -> None:
    client, address = proved("export")
    jobs.drain(seconds=60)
    assert traces.found(TRACES, traces.files()) == []

    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=True):
        assert client.get(f"{address}copy/").status_code == 404
        data_requests.tidy({}, timezone.now())

    assert RightsRequest.objects.get().state == "expired"
    assert RightsRequest.objects.get().file == ""


def test_one_host_vouches_for_what_she_knows_alone(she: Her) -> None:
    host = Client()
    host.force_login(she.lin.user)
    page = host.post(f"/customers/{she.at_lin.public_id}/my-data/").content.decode()
    address = re.search(r"(/my-data/\w+/)", page)[1]  # type: ignore[index]
    hq = browser(a_person(roles.SUPPORT, "kefu"))
    signed_out = Client()
    signed_out.cookies["own"] = host.cookies["own"].value
    for own in (host, hq, signed_out):
        # Whoever made it, or works at HQ, doesn't see whole what she reads masked.
        for answer in (own.get(address), own.post(address, {"kind": "export", "last4": PHONE[-4:]})):
            assert answer.status_code == 403
            assert "请本人在自己的手机上打开" in answer.content.decode()
    client = Client()
    assert client.post(address, {"kind": "export", "last4": "8001"}).status_code == 400
    assert client.post(address, {"kind": "export", "last4": PHONE[-4:]}).status_code == 302
    jobs.drain(seconds=60)

    text = client.get(f"{address}file/").content.decode()

    assert "雨姐" in text
    for part in ("", "file/", "copy/"):
        for own in (host, hq, signed_out):
            answer = own.get(f"{address}{part}")
            assert answer.status_code == 403
            assert PHONE not in answer.content.decode()
    for word in ("雨妹妹", "第二位的笔记", "小美", *THEIRS):
        assert word not in text


# --- proving ------------------------------------------------------------------------------------------------


def test_a_phone_that_nobody_knows_gets_the_same_answer(she: Her) -> None:
    known, unknown = Client(), Client()
    one = known.post("/my-data/", {"kind": "erase", "phone": PHONE})
    other = unknown.post("/my-data/", {"kind": "erase", "phone": "13700000000"})

    def shown(client: Client, answer: Any) -> str:
        return re.sub(r"\d{3}\*{4}\d{4}|/my-data/\w+/", "", lasting_of(client.get(answer["Location"])))

    assert one.status_code == other.status_code == 302
    assert shown(known, one) == shown(unknown, other)


def test_however_she_writes_her_phone_it_is_the_one_we_know(she: Her) -> None:
    spaced = Client().post("/my-data/", {"kind": "export", "phone": "138-1234 8000"})
    token = data_requests.ask(phone="１３８１２３４８０００", kind="export", now=timezone.now())

    wrong = Client().post("/my-data/", {"kind": "export", "phone": "138l2348000"})

    assert spaced.status_code == 302
    assert token
    assert {one.phone for one in RightsRequest.objects.all()} == {f"+86{PHONE}"}
    assert len({bytes(one.phone_index or b"") for one in RightsRequest.objects.all()}) == 1
    assert wrong.status_code == 400
    assert "请把 l 改成数字 1" in wrong.content.decode()


def test_without_the_code_nothing_is_told_or_touched(she: Her) -> None:
    before = list(traces.opened_rows())
    client, address = asked("erase")
    code = called_back(address)
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    answers = [client.post(address, {"code": wrong}) for _ in range(5)]
    last = client.post(address, {"code": code})

    assert [one.status_code for one in answers] == [400] * 5
    assert "还可以试 4 次" in answers[0].content.decode()
    assert last.status_code == 400
    assert jobs.drain(seconds=5) == 0
    assert [row for row in traces.opened_rows() if row[0] != "privacy_rightsrequest"] == before
    for path in ("copy/", "file/"):
        assert client.get(f"{address}{path}").status_code == 404


def test_a_code_lasts_a_day(she: Her) -> None:
    client, address = asked("erase")
    code = called_back(address)

    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        assert client.post(address, {"code": code}).status_code == 400

    assert RightsRequest.objects.get().state == "requested"


def test_asking_and_trying_are_limited(she: Her) -> None:
    client = Client()
    answers = [
        client.post("/my-data/", {"kind": "export", "phone": f"1370000{n:04d}"}).status_code
        for n in range(11)
    ]

    assert answers == [302] * 10 + [429]


def test_only_the_roles_with_the_right_call_back(she: Her) -> None:
    asked("erase")
    found = RightsRequest.objects.get()

    for role in set(roles.ALL) - {roles.ADMIN, roles.SUPPORT}:
        page = browser(a_person(role)).post(f"/hq/rights/{found.public_id}/", CALL, follow=True)
        assert PHONE not in page.content.decode()
    found.refresh_from_db()
    assert found.code_mac is None


# --- erasing ------------------------------------------------------------------------------------------------


def test_nothing_of_her_remains_but_amounts_under_a_pseudonym(she: Her) -> None:
    project_now()
    money = (Order.objects.aggregate(Sum("total_fen")), Entry.objects.aggregate(Sum("amount_fen")))
    stock = Order.objects.count()

    done = erased()

    assert done.state == "erased"
    assert traces.found(TRACES, traces.opened_rows()) == []
    assert traces.found([*TRACES, "canary-agent"], traces.raw_rows()) == []
    assert traces.found(TRACES, traces.files()) == []
    # What is others' stays theirs.
    others = " ".join(text for _, text in traces.opened_rows())
    assert all(word in others for word in THEIRS)
    assert (Order.objects.aggregate(Sum("total_fen")), Entry.objects.aggregate(Sum("amount_fen"))) == money
    assert Order.objects.count() == stock
    assert {row.shown_name for row in Relation.objects.filter(pk__in=she.ids)} == {
        f"已删除的客户 {done.pseudonym}"
    }
    project_now()
    for name in ("orders", "outbox", "profiles", "insights", "imports"):
        assert invariants.checks()[name]() == [], name


def test_her_hosts_find_her_no_more(she: Her) -> None:
    erased()
    web = Client()
    web.force_login(she.lin.user)

    assert web.get(f"/customers/{she.at_lin.public_id}/").status_code == 404
    gone = Relation.objects.get(pk=she.at_lin.pk)
    assert gone.public_id != she.at_lin.public_id
    assert web.get(f"/customers/{gone.public_id}/").status_code == 404
    for query in ("", "?q=雨姐", f"?q={PHONE}", f"?q={PHONE[-4:]}", "?view=all"):
        page = web.get(f"/customers/{query}").content.decode()
        assert str(gone.public_id) not in page
        assert "雨姐" not in page.replace('value="雨姐"', "")  # what was searched for
    listed = api_of(she.lin).get("/api/v1/customers/").json()["results"]
    assert [row["name"] for row in listed] == ["王别人"]
    order = web.get(f"/me/orders/{she.orders[1].public_id}/").content.decode()
    assert "已删除的客户" in order
    assert NAME not in order
    admin = browser(a_person(roles.ADMIN))
    assert str(gone.public_id) not in admin.get("/hq/customers/", {"q": PHONE}).content.decode()


def test_processing_stops_with_the_proof(she: Her) -> None:
    proved("erase")  # no job has run yet

    assert RightsRequest.objects.get().state == "blocked"
    web = Client()
    web.force_login(she.mei.user)
    assert web.get(f"/customers/{she.at_mei.public_id}/").status_code == 404
    assert "雨妹妹" not in web.get("/customers/").content.decode()


def test_one_hosts_word_ends_nothing_elsewhere(she: Her) -> None:
    now = timezone.now()
    token = data_requests.vouch(
        host_id=she.lin.pk, relation_id=she.at_lin.pk, phone=she.at_lin.phone, by=she.lin.user, now=now
    )
    found = data_requests.behind(token, now=now)
    assert found is not None
    data_requests.prove_by_host(found, kind="erase", last4=PHONE[-4:], now=now)
    jobs.drain(seconds=60)

    mine, other = Relation.objects.get(pk=she.at_lin.pk), Relation.objects.get(pk=she.at_mei.pk)
    assert (mine.name, mine.phone, Note.objects.filter(relation=mine).count()) == ("", "", 0)
    assert (other.remark, other.phone, other.blocked_at) == ("雨妹妹", normalise(PHONE), None)
    assert Order.objects.get(relation=other).receiver_name == NAME
    web = Client()
    web.force_login(she.mei.user)
    assert "雨妹妹" in web.get(f"/customers/{other.public_id}/").content.decode()
    # And the first host learns nothing of the second.
    page = browser(she.lin.user).get("/customers/").content.decode()
    assert "小美" not in page


def test_what_was_not_sent_yet_is_not(she: Her) -> None:
    erased()

    delivery = Delivery.objects.get(key="about-her")
    assert (delivery.state, delivery.letter.body) == ("expired", "")
    assert [row.body for row in Inbox.objects.all()] == [""]


def test_it_is_idempotent(she: Her) -> None:
    done = erased()
    before = sorted(traces.raw_rows())

    for _ in range(3):
        data_requests.erase({"id": done.pk}, timezone.now())

    assert sorted(traces.raw_rows()) == before


def test_she_may_come_back_as_somebody_new(she: Her) -> None:
    erased()
    from tests.privacy.people import _order

    order = _order(she.lin, Order.objects.first().lines.get().sku)  # type: ignore[union-attr]

    assert order.relation_id not in she.ids
    assert order.relation.name == NAME


def test_what_is_disputed_is_kept_until_released(she: Her) -> None:
    proved("erase")
    found = RightsRequest.objects.get()
    admin = browser(a_person(roles.ADMIN))
    admin.post(f"/hq/rights/{found.public_id}/", {"step": "hold", "why": "退款投诉还没了结"})
    jobs.drain(seconds=60)
    assert Relation.objects.get(pk=she.at_lin.pk).name == NAME

    confirm(admin, f"/hq/rights/{found.public_id}/", {"step": "release"})
    jobs.drain(seconds=60)

    assert Relation.objects.get(pk=she.at_lin.pk).name == ""
    found.refresh_from_db()
    assert found.state == "erased"


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing catches it."""


def test_killed_at_every_step_it_completes(she: Her) -> None:
    proved("erase")
    found = RightsRequest.objects.get()
    deaths = 0
    for holder in served.HOLDERS.values():
        for is_late in (False, True):

            def die(
                subject: declarations.Subject,
                now: Any,
                holder: declarations.Holder = holder,
                late: bool = is_late,
            ) -> None:
                if late:
                    holder.erase(subject, now)
                raise Killed

            served.HOLDERS[holder.name] = declarations.Holder(holder.name, holder.export, die)
            try:
                with pytest.raises(Killed):
                    data_requests.erase({"id": found.pk}, timezone.now())
                deaths += 1
            finally:
                served.HOLDERS[holder.name] = holder
        found.refresh_from_db()
        assert holder.name not in found.steps
        assert found.state == "blocked"
        _one_more(found, holder.name)

    data_requests.erase({"id": found.pk}, timezone.now())

    found.refresh_from_db()
    assert deaths == 2 * len(served.HOLDERS)
    assert found.state == "erased"
    assert traces.found(TRACES, traces.opened_rows()) == []
    assert Tombstone.objects.count() == 3


def _one_more(found: RightsRequest, name: str) -> None:
    """Let the job get through the part `name` and die at the next."""
    order = [one.name for one in served.HOLDERS.values()]
    following = order[order.index(name) + 1 :]
    if not following:
        return
    holder = next(one for one in served.HOLDERS.values() if one.name == following[0])

    def die(subject: declarations.Subject, now: Any) -> None:
        raise Killed

    served.HOLDERS[holder.name] = declarations.Holder(holder.name, holder.export, die)
    try:
        with pytest.raises(Killed):
            data_requests.erase({"id": found.pk}, timezone.now())
    finally:
        served.HOLDERS[holder.name] = holder


def test_a_restored_backup_loses_her_again(she: Her) -> None:
    tables = (
        "customers_relation",
        "customers_identity",
        "customers_note",
        "customers_customer",
        "trade_order",
    )
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE backup_{table} AS SELECT * FROM {table}")
    done = erased()
    _restore(tables)
    assert Relation.objects.get(pk=she.at_lin.pk).remark == "雨姐"

    call_command("replay_erasures")
    call_command("replay_erasures")

    assert traces.found(TRACES, traces.opened_rows()) == []
    assert Relation.objects.get(pk=she.at_lin.pk).pseudonym == done.pseudonym
    assert Relation.objects.get(pk=she.stranger.pk).name == "王别人"
    assert not [text for _, text in traces.files() if any(word in text for word in TRACES)]


def _restore(tables: tuple[str, ...]) -> None:
    """Put the rows back as the backup has them; what the database knew of the erasure is gone with it."""
    RightsRequest.objects.all().delete()
    Tombstone.objects.all().delete()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                " AND table_schema = 'public' AND column_name <> 'id' AND is_generated = 'NEVER'",
                [table],
            )
            columns = [row[0] for row in cursor.fetchall()]
            sets = ", ".join(f"{name} = b.{name}" for name in columns)
            cursor.execute(f"UPDATE {table} t SET {sets} FROM backup_{table} b WHERE b.id = t.id")
            names = ", ".join(["id", *columns])
            cursor.execute(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM backup_{table} b"
                f" WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.id = b.id)"
            )


def test_a_stranger_learns_nothing_by_guessing(she: Her) -> None:
    a_host("other", "别的")

    assert Client().get("/my-data/notatoken/").status_code == 404
    assert Client().get(f"/my-data/{'1' * 80}/").status_code == 404
