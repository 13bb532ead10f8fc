"""Who came only by a doubtful order goes along with a host's customers, and is counted as none of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers.handover import acts, moving
from apps.customers.invariants import check_hand_overs
from apps.customers.models import HandOver, HandOverItem, Relation
from apps.outbox.models import Delivery
from apps.outbox.services import jobs
from apps.records.models import AccessLog
from apps.trade import services as trade
from apps.trade.models import Order
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, a_doubtful_order
from tests.library.desk import a_person, browser, confirm
from tests.pages import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def mei() -> Host:
    return a_host("mei", "小美")


@pytest.fixture
def lin(now: Any) -> Host:
    """With two customers, and one who only placed a doubtful order."""
    host = a_host("lin", "林姐")
    for n in range(2):
        a_customer(host, f"1380000800{n}", at=now - timedelta(days=40), name="张小雨")
    a_doubtful_order(host, a_sku(stock=100), at=now - timedelta(hours=1), phone="13900009000")
    stranger = Relation.objects.strangers().get()
    stranger.name = "欧阳生"
    stranger.save()
    return host


def give(giver: Host, taker: Host, relations: Any) -> HandOver:
    return acts.hand_over(
        giver,
        taker,
        relations=relations,
        scope="全部客户",
        reason="林姐回老家了",
        by=None,
        now=timezone.now(),
    )


def told(host: Host) -> str:
    return Delivery.objects.select_related("letter").get(host_id=host.pk).letter.body


def test_hq_lists_and_counts_them_apart(lin: Host, mei: Host) -> None:
    client = browser(a_person(roles.OPERATOR))
    assert "现在有 2 位客户，另有 1 位只下过存疑的单" in html_of(client.get(f"/hq/hosts/{lin.public_id}/"))

    url = f"/hq/hand-overs/from/{lin.public_id}/"
    page = html_of(client.get(url))

    assert "有 2 位客户，另有 1 位只下过存疑的单" in page
    assert "全部 2 位" in page
    assert page.count('name="ticked"') == 2
    before, after = page.split("还不算客户")
    assert ("欧" in before, "欧*" in after) == (False, True)
    assert AccessLog.objects.filter(host_id=lin.pk).latest("pk").count == 3
    assert "筛选出 2 位" in html_of(client.get(f"{url}?contact=no"))

    form = {"to_host": mei.pk, "reason": "换人", "which": "all"}
    asked = html_of(client.post(url, form))
    assert "林姐的 2 位客户归小美" in asked
    assert "另有 1 位只下过存疑的单，还不算客户，也归小美" in asked
    stranger = str(Relation.objects.strangers().get().public_id)
    confirm(client, url, {**form, "which": "ticked", "ticked": [stranger]})
    assert not HandOver.objects.exists()
    confirm(client, url, {**form, "which": "filtered"})
    assert Relation.objects.of(lin).get().is_customer is False
    confirm(client, url, form)

    assert list(HandOver.objects.order_by("pk").values_list("total", "moved", "others")) == [
        (2, 2, 0),
        (0, 0, 1),
    ]
    detail = html_of(client.get(f"/hq/hand-overs/{HandOver.objects.latest('pk').public_id}/"))
    assert "1 位只下过存疑的单，一起交接了" in detail
    assert "那时还不算客户" in detail
    assert check_hand_overs() == []


def test_messages_and_logs_count_customers_alone(lin: Host, mei: Host) -> None:
    made = give(lin, mei, Relation.objects.all())

    assert (made.state, made.total, made.moved, made.skipped, made.others) == ("done", 2, 2, 0, 1)
    assert set(Relation.objects.of(mei)) == set(Relation.objects.all())
    assert "林姐的 2 位客户交接给你了，另有 1 位只下过存疑的单，资料" in told(mei)
    assert "你的 2 位客户交接给小美了，另有 1 位只下过存疑的单，以前" in told(lin)
    page = html_of(browser(mei.user).get("/me/hand-overs/"))
    assert "林姐的 2 位客户交给你，另有 1 位只下过存疑的单" in page
    # Whom her new host says yes to is a customer from then on; the log tells what was.
    trade.confirm_order(Order.objects.get(), by=mei.user, now=timezone.now())
    made.refresh_from_db()
    assert (made.moved, made.others) == (2, 1)
    assert check_hand_overs() == []


def test_without_any_customer_it_still_is_told(lin: Host, mei: Host) -> None:
    made = give(lin, mei, Relation.objects.strangers())

    assert (made.state, made.total, made.moved, made.others) == ("done", 0, 0, 1)
    assert "林姐的 1 位只下过存疑的单的人交接给你了" in told(mei)
    page = html_of(browser(lin.user).get("/me/hand-overs/"))
    assert "你的 1 位只下过存疑的单的人交给小美" in page


def test_many_batches_take_them_along(
    lin: Host, mei: Host, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 1)
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    made = give(lin, mei, Relation.objects.all())
    assert moving.move_batch(made.pk, now=now)
    assert moving.move_batch(made.pk, now=now)
    made.refresh_from_db()
    assert (made.state, made.moved, made.others) == ("running", 2, 0)

    jobs.drain()

    made.refresh_from_db()
    assert (made.state, made.moved, made.skipped, made.others) == ("done", 2, 0, 1)
    assert not HandOverItem.objects.exclude(state=HandOverItem.State.MOVED).exists()
