"""Her orders: the list, one order, and each step."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.records.models import AccessLog
from apps.sharing import subjects
from apps.sharing.services import link_to
from apps.tracking.models import Channel
from apps.trade import services as trade
from apps.trade.models import Order, OrderReversal
from tests.factories import a_host, a_sku
from tests.happenings import a_doubtful_order, buy
from tests.pages import html_of, text_of
from tests.workbench.conftest import phone_of
from tests.workbench.questions import questions


def url_of(order: Order, more: str = "") -> str:
    return f"/me/orders/{order.public_id}/{more}"


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_the_list_counts_by_status(phone: Client, order: Order) -> None:
    page = html_of(phone.get("/me/orders/"))
    assert "王小雨" in page
    assert "高山苹果 ×2" in page
    assert "¥118.00" in page
    assert "待确认 1" in page
    assert "已发货 0" in page
    assert "王小雨" not in html_of(phone.get("/me/orders/?status=shipped"))


def test_an_order_from_placing_to_done(phone: Client, order: Order) -> None:
    steps = [("confirm", "已确认，记得备货"), ("ship", "已标记发货"), ("finish", "订单完成")]
    for step, said in steps:
        answer = phone.post(url_of(order, f"{step}/"), follow=True)
        assert said in html_of(answer)
    assert status_of(order) == "done"


@pytest.mark.parametrize("step", ["ship", "finish"])
def test_a_step_out_of_turn_changes_nothing(phone: Client, order: Order, step: str) -> None:
    answer = phone.post(url_of(order, f"{step}/"), follow=True)
    assert "看看最新状态再操作" in html_of(answer)
    assert status_of(order) == "placed"


def test_a_second_tap_changes_nothing(phone: Client, order: Order) -> None:
    phone.post(url_of(order, "confirm/"))
    phone.post(url_of(order, "confirm/"))
    assert order.transitions.filter(to_status="confirmed").count() == 1


def test_payment_is_noted_by_her(phone: Client, order: Order) -> None:
    phone.post(url_of(order, "paid/"))
    assert Order.objects.get(pk=order.pk).is_paid
    assert "已收款" in html_of(phone.get(url_of(order)))


def test_cancelling_returns_the_stock_and_the_money(phone: Client, order: Order, apple: Sku) -> None:
    answer = phone.post(url_of(order, "cancel/"), {"reason": "不要了"}, follow=True)
    page = html_of(answer)
    assert "已取消，库存已退回" in page
    assert "-¥118.00" in page
    assert "不要了" in page
    apple.refresh_from_db()
    assert apple.stock == 20


def test_a_shipped_order_is_not_cancelled(phone: Client, order: Order, lin: Host, now: datetime) -> None:
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=lin.user, now=now)
    assert "取消这一单" not in html_of(phone.get(url_of(order)))
    phone.post(url_of(order, "cancel/"))
    assert status_of(order) == "shipped"


def test_returned_goods_take_money_back(phone: Client, order: Order, lin: Host, now: datetime) -> None:
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=lin.user, now=now)
    answer = phone.post(url_of(order, "return/"), {"amount_fen": "59", "reason": "坏了一个"}, follow=True)
    assert "退货已记下" in html_of(answer)
    assert OrderReversal.objects.get().amount_fen == 5_900


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "请填退款金额"),
        ("abc", "金额写成数字就好"),
        ("5，5", "5.5 还是 55？请用小数点写"),
        ("11,8", "11.8 还是 118？请用小数点写"),
        ("0", "最多还能退 ¥118.00"),
        ("500", "最多还能退 ¥118.00"),
    ],
)
def test_a_wrong_amount_is_told(
    phone: Client, order: Order, lin: Host, now: datetime, amount: str, words: str
) -> None:
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=lin.user, now=now)
    answer = phone.post(url_of(order, "return/"), {"amount_fen": amount, "reason": ""})
    assert answer.status_code == 422
    assert words in html_of(answer)
    assert not OrderReversal.objects.exists()


def test_the_buyers_phone_shows_on_request_and_that_is_written_down(
    phone: Client, order: Order, xiaoyu: Relation
) -> None:
    page = html_of(phone.get(url_of(order)))
    assert "138****8000" in page
    assert "13800008000" not in page
    assert "浙江省杭州市西湖区 1 号" in page
    assert "13800008000" in html_of(phone.post(url_of(order, "phone/")))
    look = AccessLog.objects.get(action="reveal")
    assert (look.relation_id, look.fields) == (xiaoyu.pk, "收货电话")


@pytest.mark.parametrize(
    ("typed", "shown", "dialled"),
    [
        ("0571-88888888", "0571-88888888", "057188888888"),
        ("0571-88888888-801", "0571-88888888 转 801", "057188888888,801"),
        ("400 812 3456", "400-812-3456", "4008123456"),
    ],
)
def test_a_landline_is_shown_and_dialled_as_people_do(
    phone: Client, lin: Host, apple: Sku, now: datetime, typed: str, shown: str, dialled: str
) -> None:
    order = buy(lin, apple, at=now, phone=typed)

    page = html_of(phone.post(url_of(order, "phone/")))

    assert f'href="tel:{dialled}">{shown}</a>' in page


def test_an_order_that_comes_in_meanwhile_doubles_none(
    phone: Client, lin: Host, apple: Sku, now: datetime
) -> None:
    Sku.objects.filter(pk=apple.pk).update(stock=99)
    for number in range(31):
        buy(lin, apple, at=now - timedelta(minutes=number), phone=f"138000091{number:02d}")
    first = phone.get("/me/orders/").content.decode()
    buy(lin, apple, at=now + timedelta(minutes=1), phone="13800009199")
    following = unescape(first.split('hx-get="?')[1].split('"')[0])
    second = phone.get(f"/me/orders/?{following}").content.decode()

    pages = [set(re.findall(r'href="/me/orders/([\w-]{36})/"', page)) for page in (first, second)]
    assert [len(page) for page in pages] == [30, 1]
    assert not pages[0] & pages[1]


def test_the_list_asks_the_same_with_few_and_with_many(
    phone: Client, order: Order, lin: Host, apple: Sku, now: datetime
) -> None:
    phone.get("/me/orders/")  # the first look of a session is written down
    few = questions(phone, "/me/orders/")
    for number in range(8):
        buy(lin, apple, at=now, phone=f"1380000900{number}")
    assert questions(phone, "/me/orders/") == few


# --- whose numbers change -----------------------------------------------------------------------------------


def test_a_question_promises_only_the_change_that_comes(
    phone: Client, order: Order, lin: Host, now: datetime
) -> None:
    """A doubtful order counts nowhere; what was handed over counts for who gave her the customer."""
    mine = html_of(phone.get(url_of(order)))
    assert "取消后库存退回，¥118.00 会从今天的业绩里减去。" in mine

    Order.objects.filter(pk=order.pk).update(doubt=Order.Doubt.MANY)
    doubtful = html_of(phone.get(url_of(order)))
    assert "这一单没占过库存，也没算过业绩，取消后数字都不变。" in doubtful
    assert "业绩里减去" not in doubtful
    assert "再点「确认」或「记为已收款」，那时才占库存、算业绩；" in doubtful

    giver = a_host("giver", "小美")
    Order.objects.filter(pk=order.pk).update(earned_by=giver)
    assert "算原来的大C的业绩；" in html_of(phone.get(url_of(order)))
    Order.objects.filter(pk=order.pk).update(doubt="")
    theirs = html_of(phone.get(url_of(order)))
    assert "¥118.00 会从原来的大C的业绩里减去，你的不变。" in theirs
    assert "算给原来的大C" in theirs
    assert "我的佣金" not in theirs

    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=lin.user, now=now)
    assert "会从原来的大C的业绩里减去，你的不变。" in html_of(phone.get(url_of(order)))
    answer = phone.post(url_of(order, "return/"), {"amount_fen": "59", "reason": ""}, follow=True)
    assert "原来的大C的业绩会相应减少，你的不变" in html_of(answer)


def test_noting_the_money_of_a_doubtful_order_is_asked_about_and_told(
    phone: Client, order: Order, lin: Host, now: datetime
) -> None:
    """It takes the stock and counts, as 「确认」 does."""
    assert "占上库存" not in html_of(phone.get(url_of(order)))
    order = a_doubtful_order(lin, a_sku("梨", stock=100), at=now - timedelta(minutes=5))
    page = html_of(phone.get(url_of(order)))
    assert "这一单还没占库存：一次买得特别多。" in page
    assert 'data-confirm="这一单还没占库存。记下收款，就占上库存、算业绩。确定记下？"' in page

    phone.post(url_of(order, "paid/"))

    trail = html_of(phone.get(url_of(order))).split("经过</h2>")[1]
    assert trail.index("下单") < trail.index("记为已收款") < trail.index("占上库存，算进业绩")


def test_a_question_about_money_names_it(phone: Client, order: Order, lin: Host, now: datetime) -> None:
    assert "记得退给客户" not in html_of(phone.get(url_of(order)))
    trade.mark_paid(order, by=lin.user, now=now)
    assert "这一单已经收了 ¥118.00，记得退给客户。取消后库存退回" in html_of(phone.get(url_of(order)))
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=lin.user, now=now)
    assert 'data-confirm="退货 {amount_fen} 元，会从今天' in html_of(phone.get(url_of(order)))


def test_of_whom_was_erased_it_says_so_and_asks_for_no_word_with_her(
    phone: Client, order: Order, now: datetime
) -> None:
    Order.objects.filter(pk=order.pk).update(receiver_name="", receiver_phone="", receiver_address="")
    assert "没留" in html_of(phone.get(url_of(order)))
    Relation.objects.update(blocked_at=now)

    for doubt in ("", Order.Doubt.MANY):
        Order.objects.filter(pk=order.pk).update(doubt=doubt)
        page = html_of(phone.get(url_of(order)))
        assert "没法再跟她" in page
        assert "确认一下数量" not in page
        assert "核对清楚" not in page
        assert "没留" not in page
        assert page.count("<dd>已删除</dd>") == 2


def test_a_shelf_is_hers_only_on_her_own_page(
    phone: Client, order: Order, lin: Host, mei: Host, now: datetime
) -> None:
    """An order that was handed over came by the former host's shelf."""
    for host, said in ((lin, "你的货架"), (mei, "梅姐的货架")):
        link = link_to(host, subjects.of_shelf(host), Channel.GROUP, now=now)
        Order.objects.filter(pk=order.pk).update(link=link)
        assert f"来自：社群 · {said}" in html_of(phone.get(url_of(order)))


def handed_over(order: Order, to: Host, now: datetime) -> None:
    rows = Relation.objects.filter(pk=order.relation_id)
    hand_over(order.host, to, relations=rows, scope="", reason="换区", by=None, now=now)


def test_the_next_host_reads_all_that_happened_to_it(
    phone: Client, order: Order, mei: Host, now: datetime
) -> None:
    phone.post(url_of(order, "paid/"))
    handed_over(order, mei, now)

    trail = html_of(phone_of(mei).get(url_of(order))).split("经过</h2>")[1]

    assert trail.index("下单") < trail.index("记为已收款")


def test_the_list_says_whose_the_commission_is(phone: Client, order: Order, mei: Host, now: datetime) -> None:
    assert "佣金 ¥17.70" in text_of(phone.get("/me/orders/"))
    handed_over(order, mei, now)
    hers = text_of(phone_of(mei).get("/me/orders/"))
    assert "佣金算给原来的大C" in hers
    assert "¥0.00" not in hers


def test_nobody_says_yes_to_the_order_of_whom_was_erased(phone: Client, order: Order, now: datetime) -> None:
    """Not by a page that was open before either; what can still be done is said at every step."""
    Relation.objects.filter(pk=order.relation_id).update(blocked_at=now)
    for _ in range(2):
        page = html_of(phone.get(url_of(order)))
        assert url_of(order, "confirm/") not in page
        assert '<details class="card folded" open>' in page
        answer = phone.post(url_of(order, "confirm/"), follow=True)
        assert "客户已经要求删除资料，没有人能核对，也没有地址能送，这一单只能取消" in html_of(answer)
    assert status_of(order) == "placed"
    phone.post(url_of(order, "cancel/"))
    assert status_of(order) == "cancelled"


def test_a_doubtful_order_of_whom_was_erased_is_not_made_to_count_by_noting_money(
    phone: Client, lin: Host, now: datetime
) -> None:
    order = a_doubtful_order(lin, a_sku("梨", stock=100), at=now - timedelta(minutes=5))
    Relation.objects.filter(pk=order.relation_id).update(blocked_at=now)
    assert url_of(order, "paid/") not in html_of(phone.get(url_of(order)))
    assert "只能取消" in html_of(phone.post(url_of(order, "paid/"), follow=True))
    assert not Order.objects.get(pk=order.pk).is_paid


def test_each_later_step_says_that_she_was_erased_and_what_is_left_to_do(
    phone: Client, order: Order, now: datetime
) -> None:
    trade.confirm_order(order, by=None, now=now)
    trade.mark_paid(order, by=None, now=now)
    Relation.objects.filter(pk=order.relation_id).update(blocked_at=now)
    page = text_of(phone.get(url_of(order)))
    assert "备好货发出后" not in page
    assert "还没发就取消这一单，钱退给她；已经发出了，再点「已发货」。" in page
    phone.post(url_of(order, "ship/"))
    assert "退回来了就记下退货" in text_of(phone.get(url_of(order)))
    phone.post(url_of(order, "finish/"))
    page = text_of(phone.get(url_of(order)))
    assert "她后来要求删除了资料，要退货也只能按金额记。" in page
    assert "客户退货" in page


def test_money_that_went_back_is_written_in_one_way(
    phone: Client, order: Order, lin: Host, now: datetime
) -> None:
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=lin.user, now=now)
    trade.return_goods(order, amount_fen=1_050, by=lin.user, now=now)
    page = html_of(phone.get(url_of(order)))
    assert "-¥10.50" in page
    assert "−" not in page
