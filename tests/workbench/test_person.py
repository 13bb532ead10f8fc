"""One customer on the phone: who she is, why now, what to say and to send, orders that grow."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Sku
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.profiles import selectors as profiles
from apps.profiles.models import Facts
from apps.reach.models import Touch
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from apps.trade import services as trade
from apps.trade.models import Order
from tests.factories import a_sku
from tests.happenings import a_customer, buy
from tests.pages import text_of
from tests.projecting import project_now
from tests.reach.people import agrees, takes_back
from tests.workbench.issues import a_material
from tests.workbench.test_customers import url_of

DAY = timedelta(days=1)


def born_in(relation: Relation, days: int, now: datetime) -> Relation:
    day = (now + days * DAY).date()
    customers.update_relation(
        relation,
        remark=relation.remark,
        phone=relation.phone,
        birthday=(day.month, day.day),
        by=relation.host.user,
        now=now - 30 * DAY,
    )
    return relation


def test_tomorrow_stands_before_the_day_after_however_much_she_buys(
    phone: Client, lin: Host, now: datetime
) -> None:
    for number, (name, days) in enumerate([("后天的", 2), ("明天的", 1)]):
        one = born_in(a_customer(lin, f"1380000000{number}", at=now - 40 * DAY, name=name), days, now)
        Facts.objects.filter(pk=one.pk).update(gmv_fen=900_000 * days)
    cared = profiles.who_to_care_for(lin, now)
    assert [one.name for one in cared] == ["明天的", "后天的"]
    page = text_of(phone.get("/"))
    assert page.index("明天的") < page.index("后天的")


def test_what_is_due_longest_stands_first(lin: Host, now: datetime) -> None:
    for number, days in enumerate((0, 3)):
        one = a_customer(lin, f"1380000000{number}", at=now - 40 * DAY, name=f"等了{days}天")
        customers.update_relation(
            one,
            remark="",
            phone=one.phone,
            next_action="回她",
            next_action_on=(now - days * DAY).date(),
            by=lin.user,
            now=now,
        )
    assert [one.name for one in profiles.who_to_care_for(lin, now)] == ["等了3天", "等了0天"]


def test_one_name_everywhere(phone: Client, lin: Host, order: Order, xiaoyu: Relation, now: datetime) -> None:
    phone.post(url_of(xiaoyu, "edit/"), {"remark": "朵朵妈", "phone": "", "next_action": ""})
    born_in(Relation.objects.get(pk=xiaoyu.pk), 1, now)
    Relation.objects.filter(pk=xiaoyu.pk).update(last_contact_at=now - 9 * DAY)
    agrees(xiaoyu)
    material = a_material()
    pages = {
        "list": "/customers/",
        "page": url_of(xiaoyu),
        "today": "/",
        "orders": "/me/orders/",
        "order": f"/me/orders/{order.public_id}/",
        "send": f"{url_of(xiaoyu, 'send/')}?material={material.public_id}",
    }
    for name, address in pages.items():
        assert "朵朵妈" in text_of(phone.get(address)), name
    for name in ("today", "page", "send"):
        assert "朵朵妈，" in text_of(phone.get(pages[name])), name
        assert "王小雨，" not in text_of(phone.get(pages[name])), name
    answer = phone.get("/api/v1/customers/").json()["results"][0]
    assert answer["name"] == "朵朵妈"


def test_the_first_screen_says_who_why_what_to_say_and_what_to_send(
    phone: Client, lin: Host, order: Order, xiaoyu: Relation, now: datetime
) -> None:
    born_in(xiaoyu, 1, now)
    agrees(xiaoyu)
    catalog.add_to_shelf(lin, a_sku("砀山梨").product, now=now)
    material = a_material("春茶怎么泡")
    project_now()

    page = phone.get(url_of(xiaoyu)).content.decode()
    text = text_of(phone.get(url_of(xiaoyu)))

    for words in (
        "王小雨 成长",
        "认识 40 天，买过 1 次，今年 ¥118.00",
        "刚刚 下单",
        "明天生日",
        "提前祝你生日快乐",
    ):
        assert words in text.replace("5分钟前", "刚刚"), words
    assert f"/customers/{xiaoyu.public_id}/send/?material={material.public_id}" in page
    # Nothing to be typed into stands open, and what was done comes after what to do.
    assert page.index("提前祝你") < page.index('id="to-send"') < page.index("<textarea")
    assert page.count("<details") == page.count("<summary") >= 3
    assert "<details open" not in page


def test_her_figures_open_their_rows(phone: Client, order: Order, xiaoyu: Relation, now: datetime) -> None:
    project_now()
    page = phone.get(url_of(xiaoyu)).content.decode()
    address = f"/me/orders/?customer={xiaoyu.public_id}&amp;year={now.year}"
    assert address in page
    rows = text_of(phone.get(address.replace("&amp;", "&")))
    assert "王小雨" in rows
    assert "成交 ¥118.00" in rows
    assert "¥118.00" in text_of(phone.get(f"/me/orders/?customer={xiaoyu.public_id}"))
    before = text_of(phone.get(f"/me/orders/?customer={xiaoyu.public_id}&year={now.year - 1}"))
    assert "这里还没有订单" in before


def test_another_hosts_customer_opens_no_orders(phone: Client, mei: Host, now: datetime) -> None:
    theirs = a_customer(mei, "13900009000", at=now)
    assert phone.get(f"/me/orders/?customer={theirs.public_id}").status_code == 404
    assert phone.get("/me/orders/?customer=nonsense").status_code == 404
    assert phone.get(url_of(theirs, "send/")).status_code == 404


def test_an_order_is_one_line_that_grows(
    phone: Client, lin: Host, order: Order, xiaoyu: Relation, now: datetime
) -> None:
    trade.confirm_order(order, by=lin.user, now=now)
    trade.mark_paid(order, by=lin.user, now=now)
    trade.ship_order(order, by=lin.user, now=now + DAY)
    trade.finish_order(order, by=lin.user, now=now + 2 * DAY)
    trade.return_goods(order, amount_fen=1_000, reason="", by=lin.user, now=now + 3 * DAY)

    [line] = [one for one in profiles.timeline(xiaoyu) if one.kind == "order"]

    assert (line.words, line.goods, line.at) == ("下单 ¥118.00", "高山苹果", now + 3 * DAY)
    assert [step.words for step in line.steps] == ["下单", "确认", "收款", "发货", "完成", "退货 ¥10.00"]
    page = phone.get(url_of(xiaoyu)).content.decode()
    assert page.count(f"/me/orders/{order.public_id}/") == 1


def test_a_long_story_of_orders_is_read_page_by_page_without_a_gap(
    lin: Host, apple: Sku, xiaoyu: Relation, now: datetime
) -> None:
    orders = [buy(lin, apple, at=now - timedelta(hours=n), name="王小雨") for n in range(1, 8)]
    for one in orders[::2]:
        trade.cancel_order(one, by=lin.user, now=now)  # all at one moment
    whole = [one.id for one in profiles.timeline(xiaoyu, limit=100)]
    pages, cursor = [], ""
    while True:
        page = profiles.timeline(xiaoyu, before=cursor, limit=2)
        pages += [one.id for one in page]
        if not (cursor := page.next):
            break
    assert pages == whole
    assert len(whole) == 8


def test_what_she_looked_at_and_nobody_can_buy_is_not_offered(
    phone: Client, xiaoyu: Relation, now: datetime
) -> None:
    gone, other = a_sku("高山苹果", stock=0).product, a_sku("砀山梨").product
    agrees(xiaoyu)
    Facts.objects.filter(pk=xiaoyu.pk).update(last_subject_kind="product", last_subject_id=gone.pk)
    page = phone.get(url_of(xiaoyu)).content.decode()
    assert f"send/?product={gone.public_id}" not in page
    assert f"send/?product={other.public_id}" in page
    assert "她看过的没货了，这件差不多" in page


# --- sending to her ---------------------------------------------------------------------------------------


def taken(phone: Client, relation: Relation, **what: object) -> int:
    data = {**{name: str(value) for name, value in what.items()}, "took": "copied"}
    return phone.post(url_of(relation, "send/"), data, headers={"x-requested-with": "fetch"}).status_code


def test_what_she_sends_is_written_down_once_a_day_with_the_gates_leave(
    phone: Client, lin: Host, xiaoyu: Relation
) -> None:
    material = a_material("春茶怎么泡")
    agrees(xiaoyu)
    sheet = phone.get(
        f"{url_of(xiaoyu, 'send/')}?material={material.public_id}", headers={"hx-request": "true"}
    )
    assert "王小雨，姐妹们" in sheet.content.decode()
    assert "/s/" in sheet.content.decode()
    assert not Event.objects.filter(name=Fact.MATERIAL_SENT).exists()

    assert taken(phone, xiaoyu, material=material.public_id) == 204
    assert taken(phone, xiaoyu, material=material.public_id) == 204

    [event] = Event.objects.filter(name=Fact.MATERIAL_SENT)
    assert (event.relation_id, event.subject_id, event.actor_id) == (xiaoyu.pk, material.pk, lin.user_id)
    assert Event.objects.filter(name=Fact.MATERIAL_SHARED).count() == 1
    [touch] = Touch.objects.filter(cause="share")
    assert (touch.relation_id, touch.state, touch.purpose) == (xiaoyu.pk, "allowed", "offers")
    xiaoyu.refresh_from_db()
    assert xiaoyu.last_contact_at is not None
    assert "你发了《春茶怎么泡》给她" in text_of(phone.get(url_of(xiaoyu)))


def test_without_her_yes_nothing_is_handed_out(phone: Client, xiaoyu: Relation) -> None:
    material = a_material("春茶怎么泡")
    address = f"{url_of(xiaoyu, 'send/')}?material={material.public_id}"
    page = phone.get(address).content.decode()
    assert "先不给她发新品和优惠：还没有问过" in page
    assert "/s/" not in page
    assert "问问她愿不愿意收" in phone.get(url_of(xiaoyu)).content.decode()
    assert taken(phone, xiaoyu, material=material.public_id) == 422

    agrees(xiaoyu)
    takes_back(xiaoyu)
    assert "收回了同意" in phone.get(address).content.decode()
    assert taken(phone, xiaoyu, material=material.public_id) == 422
    # A page that stands open is told why in one line, and puts it in the place of the words.
    data = {"material": str(material.public_id), "took": "copied"}
    told = phone.post(url_of(xiaoyu, "send/"), data, headers={"x-requested-with": "fetch"})
    assert told.headers["Content-Type"].startswith("text/plain")
    assert told.content.decode().startswith("先不给她发新品和优惠：")
    assert "收回了同意" in told.content.decode()
    assert not Event.objects.filter(name__in=[Fact.MATERIAL_SENT, Fact.MATERIAL_SHARED]).exists()


@pytest.mark.parametrize(
    "query", ["", "material=nonsense", "product=", "material=0190aaaa-0000-7000-8000-000000000000"]
)
def test_what_is_not_there_to_send_is_404(phone: Client, xiaoyu: Relation, query: str) -> None:
    assert phone.get(f"{url_of(xiaoyu, 'send/')}?{query}").status_code == 404
