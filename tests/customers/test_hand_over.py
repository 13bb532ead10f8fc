"""Customers go from one host to another by a named act: what moves, what stays, what both see."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.customers import services
from apps.customers.handover import acts, moving
from apps.customers.invariants import check_hand_overs
from apps.customers.models import HandOver, HandOverItem, Relation
from apps.database import db_role
from apps.insights import selectors as insights
from apps.insights.invariants import check_numbers
from apps.outbox.letters import APP_MESSAGE
from apps.outbox.models import Delivery, Job
from apps.outbox.services import jobs
from apps.profiles.invariants import check_facts
from apps.profiles.models import Facts
from apps.tracking.models import Event
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from tests.factories import a_host, a_sku, api_of
from tests.happenings import a_customer, a_link, a_material, a_visitor, buy, look, share
from tests.library.desk import a_person, browser, confirm
from tests.pages import html_of
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
PHONE = "13800008000"


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def mei() -> Host:
    return a_host("mei", "小美")


def give(giver: Host, taker: Host, **choice: Any) -> HandOver:
    return acts.hand_over(
        giver,
        taker,
        relations=choice.pop("relations", Relation.objects.all()),
        scope="全部客户",
        reason="林姐回老家了",
        by=choice.pop("by", None),
        now=choice.pop("now", None) or timezone.now(),
    )


def test_everything_she_knew_goes_with_the_customer(lin: Host, mei: Host, now: Any) -> None:
    relation = a_customer(lin, PHONE, at=now - timedelta(days=40), name="张小雨")
    services.update_relation(
        relation,
        remark="爱喝茶的张姐",
        phone=f"+86{PHONE}",
        next_action="寄新茶",
        by=lin.user,
        now=now,
    )
    services.add_note(relation, text="女儿三月生日", by=lin.user, now=now)
    services.tag_relation(relation, name="爱喝茶", by=lin.user, now=now)

    made = give(lin, mei, now=now)

    assert (made.state, made.total, made.moved, made.skipped) == ("done", 1, 1, 0)
    moved = Relation.objects.get()
    assert (moved.host, moved.pk, moved.public_id) == (mei, relation.pk, relation.public_id)
    assert (moved.name, moved.remark, moved.phone) == ("张小雨", "爱喝茶的张姐", f"+86{PHONE}")
    assert moved.next_action == "寄新茶"
    assert moved.notes.get().text == "女儿三月生日"
    [mark] = moved.relation_tags.select_related("tag")
    assert (mark.tag.host, mark.tag.name) == (mei, "爱喝茶")
    assert bytes(moved.phone_index or b"") == services.phone_index(mei.pk, f"+86{PHONE}")
    assert bytes(moved.phone_last4_index or b"") == services.last4_index(mei.pk, f"+86{PHONE}")
    [event] = Event.objects.filter(name="customer.handed_over")
    assert (event.host_id, event.relation_id) == (mei.pk, relation.pk)
    assert event.props["from_host_id"] == lin.pk
    assert check_hand_overs() == []


def test_the_new_host_sees_her_and_the_former_one_does_not(lin: Host, mei: Host, now: Any) -> None:
    relation = a_customer(lin, PHONE, at=now, name="张小雨")
    order = buy(lin, a_sku(), at=now, phone=PHONE)
    give(lin, mei)
    pages = (f"/customers/{relation.public_id}/", f"/me/orders/{order.public_id}/")
    calls = (f"/api/v1/customers/{relation.public_id}/", f"/api/v1/orders/{order.public_id}/")

    for host, status in ((mei, 200), (lin, 404)):
        web, api = browser(host.user), api_of(host)
        assert [web.get(page).status_code for page in pages] == [status, status]
        assert [api.get(call).status_code for call in calls] == [status, status]
    page = html_of(browser(mei.user).get(pages[0]))
    assert "张小雨" in page
    assert "高山苹果" in page


def test_past_numbers_stay_with_who_made_them(lin: Host, mei: Host, now: Any) -> None:
    past = now - timedelta(days=3)
    a_customer(lin, PHONE, at=past)
    order = buy(lin, a_sku(price_fen=10_000), at=past, phone=PHONE, quantity=2)
    project_now()
    before = insights.host_numbers(lin, "7d", now)
    give(lin, mei)

    project_now()  # from zero: nothing may depend on when it was read

    after, hers = insights.host_numbers(lin, "7d", now), insights.host_numbers(mei, "7d", now)
    assert (before.orders, before.gmv_fen, before.new_customers) == (1, 20_000, 1)
    assert (after.orders, after.gmv_fen, after.new_customers) == (1, 20_000, 1)
    assert (hers.orders, hers.gmv_fen, hers.new_customers, hers.buyers) == (0, 0, 0, 0)
    assert (after.customers, hers.customers) == (0, 1)
    order.refresh_from_db()
    assert (order.host, order.earned_by) == (mei, lin)
    # Each number still opens its rows behind both walls, without telling who the customer is now.
    for name in ("orders", "gmv", "commission", "buyers", "new_customers"):
        with db_role.acting_as(lin.pk):
            rows = insights.rows_behind(name, span=before.span, now=now, hosts=lin)
            assert rows.count == 1
            assert (rows.rows[0].relation, rows.rows[0].visitor) == (None, "已交接的客户")
            assert rows.rows[0].order_id is None
        with db_role.acting_as(mei.pk):
            assert insights.rows_behind(name, span=before.span, now=now, hosts=mei).count == 0
    assert [check() for check in (check_numbers, check_facts, check_orders)] == [[], [], []]


def test_her_pages_open_what_she_earned_and_nothing_of_who_has_gone(lin: Host, mei: Host, now: Any) -> None:
    material, visitor = a_material(), a_visitor(now)
    link = a_link(lin, material, at=now - timedelta(days=3))
    share(link, at=now - timedelta(days=3))
    look(link, visitor, at=now - timedelta(days=3))
    order = buy(
        lin,
        a_sku(price_fen=12_345),
        at=now - timedelta(days=3),
        phone=PHONE,
        name="张小雨",
        link=link,
        visitor=visitor,
    )
    relation = order.relation
    services.update_relation(relation, remark="爱喝茶的张姐", phone=f"+86{PHONE}", by=lin.user, now=now)
    project_now()
    client, result = browser(lin.user), f"/api/v1/materials/{material.public_id}/results/"
    names = ("visits", "visitors", "new_customers", "orders", "gmv", "buyers", "reached", "read", "ordered")
    pages = [f"/me/numbers/{name}/?period=7d" for name in names]
    figures = [client.get("/me/?period=7d").context["numbers"], api_of(lin).get(result).json()]
    rows = [
        (client.get(page).context["found"].count, client.get(page).context["found"].sum_fen) for page in pages
    ]
    assert rows == [(1, 12_345 if name in ("orders", "gmv") else None) for name in names]

    give(lin, mei)
    project_now()

    after = [client.get("/me/?period=7d").context["numbers"], api_of(lin).get(result).json()]
    assert after[1] == figures[1]
    for field in (
        "visits",
        "new_customers",
        "orders",
        "gmv_fen",
        "commission_fen",
        "buyers",
        "returning_buyers",
    ):
        assert getattr(after[0], field) == getattr(figures[0], field), field
    for page, row in zip(pages, rows, strict=True):
        answer = client.get(page)
        assert (answer.context["found"].count, answer.context["found"].sum_fen) == row, page
        shown = html_of(answer)
        assert "已交接的客户" in shown
        for trace in ("张小雨", "爱喝茶的张姐", PHONE[-4:], str(relation.public_id), str(order.public_id)):
            assert trace not in shown, (page, trace)
    theirs = browser(mei.user)
    assert all(theirs.get(page).context["found"].count == 0 for page in pages)
    assert browser(mei.user).get("/me/?period=7d").context["numbers"].gmv_fen == 0


def test_a_return_after_the_hand_over_counts_for_who_sold(lin: Host, mei: Host, now: Any) -> None:
    from apps.trade import services as trade

    order = buy(lin, a_sku(price_fen=10_000), at=now - timedelta(days=3), phone=PHONE)
    trade.confirm_order(order, by=None, now=now)
    trade.ship_order(order, by=None, now=now)
    give(lin, mei)

    trade.return_goods(Order.objects.get(), amount_fen=4_000, by=mei.user, now=now)
    project_now()

    assert insights.host_numbers(lin, "7d", now).gmv_fen == 6_000
    assert insights.host_numbers(mei, "7d", now).gmv_fen == 0
    new = buy(mei, a_sku(price_fen=5_000), at=now, phone=PHONE)
    project_now()
    assert new.relation_id == order.relation_id
    assert insights.host_numbers(mei, "7d", now).gmv_fen == 5_000
    assert check_numbers() == []


def test_given_back_she_is_as_before(lin: Host, mei: Host, now: Any) -> None:
    relation = a_customer(lin, PHONE, at=now)
    order = buy(lin, a_sku(), at=now, phone=PHONE)
    give(lin, mei)
    give(mei, lin)

    relation.refresh_from_db()
    order.refresh_from_db()
    assert (relation.host, relation.began_with) == (lin, None)
    assert (order.host, order.earned_by) == (lin, None)
    assert bytes(relation.phone_index or b"") == services.phone_index(lin.pk, f"+86{PHONE}")
    assert check_hand_overs() == []


def test_whom_the_new_host_knows_already_stays_apart_and_is_shown(lin: Host, mei: Host, now: Any) -> None:
    theirs = a_customer(mei, PHONE, at=now, name="小雨（美）")
    came = a_customer(lin, PHONE, at=now, name="小雨（林）")

    give(lin, mei)

    came.refresh_from_db()
    theirs.refresh_from_db()
    assert came.customer_id != theirs.customer_id
    assert (came.phone, came.phone_index) == (f"+86{PHONE}", None)
    assert bytes(theirs.phone_index or b"") == services.phone_index(mei.pk, f"+86{PHONE}")
    assert "两份都留着" in HandOverItem.objects.get().outcome
    page = html_of(browser(mei.user).get(f"/customers/{came.public_id}/"))
    assert "手机号相同" in page
    assert "小雨（美）" in page
    # What she writes about her is saved; only a phone that somebody has can't be given.
    services.update_relation(came, remark="同一个人", phone=came.phone, by=mei.user, now=now)
    came.refresh_from_db()
    assert (came.remark, came.phone_index) == ("同一个人", None)
    services.update_relation(came, remark="同一个人", phone="+8613900009000", by=mei.user, now=now)
    assert services.namesake_by_phone(came) is None
    with pytest.raises(services.PhoneTakenError):
        services.update_relation(came, remark="同一个人", phone=f"+86{PHONE}", by=mei.user, now=now)


def test_only_the_chosen_ones_go(lin: Host, mei: Host, now: Any) -> None:
    stays, goes = a_customer(lin, "13800008001", at=now), a_customer(lin, "13800008002", at=now)
    theirs = a_customer(mei, "13800008003", at=now)

    made = give(lin, mei, relations=Relation.objects.filter(pk__in=[goes.pk, theirs.pk]))

    assert made.total == 1
    assert set(Relation.objects.of(lin)) == {stays}
    assert set(Relation.objects.of(mei)) == {goes, theirs}


def test_nobody_takes_over_who_is_not_there(lin: Host, mei: Host, now: Any) -> None:
    a_customer(lin, PHONE, at=now)
    accounts.move_host(mei, to="suspended", actor=None, now=now)

    for taker in (mei, lin):
        with pytest.raises(acts.CannotTakeOverError):
            give(lin, taker)
    with pytest.raises(acts.NobodyToHandOverError):
        give(a_host("zhao"), lin)
    assert not HandOver.objects.exists()
    assert Relation.objects.get().host == lin


def test_who_was_handed_over_meanwhile_is_not_edited_any_more(lin: Host, mei: Host, now: Any) -> None:
    from django.http import Http404

    relation = a_customer(lin, PHONE, at=now)
    stale = Relation.objects.get()
    give(lin, mei)

    with pytest.raises(Http404):
        services.update_relation(stale, remark="我的", phone="", by=lin.user, now=now)
    relation.refresh_from_db()
    assert (relation.host, relation.remark) == (mei, "")
    again, is_new = services.find_or_make_relation(lin, phone=PHONE, name="又来", source="order", now=now)
    assert is_new
    assert again.pk != relation.pk


# --- many ------------------------------------------------------------------------------------------------


def test_many_are_moved_by_a_job_that_may_be_cut_off_anywhere(
    lin: Host, mei: Host, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 3)
    monkeypatch.setattr(acts, "AT_ONCE", 5)
    people = [a_customer(lin, f"1380000{n:04}", at=now) for n in range(8)]

    made = give(lin, mei)

    assert (made.state, made.total, made.moved) == ("running", 8, 0)
    assert Relation.objects.of(lin).count() == 8
    assert moving.move_batch(made.pk, now=now)  # … and here the worker dies
    made.refresh_from_db()
    assert (made.moved, Relation.objects.of(mei).count()) == (3, 3)
    assert check_hand_overs() == []

    jobs.drain()

    made.refresh_from_db()
    assert (made.state, made.moved) == ("done", 8)
    assert set(Relation.objects.of(mei)) == set(people)
    assert Event.objects.filter(name="customer.handed_over").count() == 8
    assert Job.objects.get(name="customers.hand_over").state == Job.State.DONE
    assert not moving.move_batch(made.pk, now=now)


def test_it_stops_when_the_new_host_leaves_on_the_way(
    lin: Host, mei: Host, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 2)
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    for n in range(4):
        a_customer(lin, f"1380000{n:04}", at=now)
    made = give(lin, mei)
    moving.move_batch(made.pk, now=now)
    accounts.move_host(mei, to="left", actor=None, now=now)

    jobs.drain()

    made.refresh_from_db()
    assert (made.state, made.moved, made.skipped) == ("stopped", 2, 2)
    assert Relation.objects.of(lin).count() == 2
    assert check_hand_overs() == []


# --- who sees it -----------------------------------------------------------------------------------------


def test_both_hosts_and_hq_see_the_act(lin: Host, mei: Host, now: Any) -> None:
    operator = a_person(roles.OPERATOR, "op", "运营小何")
    a_customer(lin, PHONE, at=now, name="张小雨")
    made = give(lin, mei, by=operator)

    hers, theirs = (html_of(browser(host.user).get("/me/hand-overs/")) for host in (lin, mei))
    assert "你的 1 位客户交给小美" in hers
    assert "林姐的 1 位客户交给你" in theirs
    for page in (hers, theirs):
        assert "林姐回老家了" in page
        assert "运营小何" in page
        assert "张小雨" not in page
    elsewhere = html_of(browser(a_host("zhao").user).get("/me/hand-overs/"))
    assert "没有交接过客户" in elsewhere
    assert "林姐回老家了" not in elsewhere
    hq = browser(operator)
    for host in (lin, mei):
        assert "林姐回老家了" in html_of(hq.get(f"/hq/hosts/{host.public_id}/"))
    page = html_of(hq.get(f"/hq/hand-overs/{made.public_id}/"))
    assert "张**" in page
    assert "张小雨" not in page
    told = Delivery.objects.filter(kind=APP_MESSAGE).values_list("host_id", flat=True)
    assert set(told) == {lin.pk, mei.pk}


def begin(client: Client, giver: Host, query: str = "", **form: Any) -> Any:
    return confirm(client, f"/hq/hand-overs/from/{giver.public_id}/{query}", form)


def test_hq_chooses_by_filter_or_by_ticking(lin: Host, mei: Host, now: Any) -> None:
    client = browser(a_person(roles.OPERATOR))
    first, second, third = (a_customer(lin, f"1380000800{n}", at=now) for n in range(3))
    Facts.objects.filter(pk=second.pk).update(orders_count=3)
    page = html_of(client.get(f"/hq/hand-overs/from/{lin.public_id}/?stage=mature"))
    assert str(second.public_id) in page
    assert str(first.public_id) not in page
    common = {"to_host": mei.pk, "reason": "换人"}

    assert "还没有勾选客户" in html_of(begin(client, lin, **common, which="ticked"))
    assert Relation.objects.of(lin).count() == 3
    begin(client, lin, **common, which="ticked", ticked=[str(first.public_id)])
    assert set(Relation.objects.of(mei)) == {first}
    begin(client, lin, "?stage=mature", **common, which="filtered")
    assert set(Relation.objects.of(mei)) == {first, second}
    begin(client, lin, to_host=mei.pk, which="all", reason=" ")
    assert set(Relation.objects.of(lin)) == {third}
    begin(client, lin, **common, which="all")
    assert not Relation.objects.of(lin).exists()
    assert [row.scope for row in HandOver.objects.order_by("pk")] == ["勾选了 1 位", "筛选：熟客", "全部客户"]


def test_hq_can_not_tick_what_is_not_hers_nor_give_to_who_left(lin: Host, mei: Host, now: Any) -> None:
    client = browser(a_person(roles.OPERATOR))
    a_customer(lin, PHONE, at=now)
    foreign = a_customer(mei, "13800008001", at=now)
    gone = a_host("gone", "走了的")
    accounts.move_host(gone, to="left", actor=None, now=now)

    begin(client, lin, to_host=mei.pk, which="ticked", ticked=[str(foreign.public_id)], reason="x")
    begin(client, lin, to_host=gone.pk, which="all", reason="x")

    assert not HandOver.objects.exists()


def test_whoever_may_not_hand_over_does_not(lin: Host, mei: Host, now: Any) -> None:
    a_customer(lin, PHONE, at=now)
    for role in (roles.SUPPORT, roles.ANALYST, roles.EDITOR, roles.REGION_MANAGER):
        begin(browser(a_person(role)), lin, to_host=mei.pk, which="all", reason="x")
    begin(browser(lin.user), lin, to_host=mei.pk, which="all", reason="x")
    assert not HandOver.objects.exists()
    assert browser(a_person(roles.SUPPORT, "s2")).get("/hq/hand-overs/").status_code == 302
