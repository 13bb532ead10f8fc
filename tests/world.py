"""A fortnight of two hosts with everything that can happen, each happening committed by itself."""

from datetime import date, datetime, timedelta

from apps.customers import services as customers
from apps.lib.clock import SHANGHAI
from apps.tracking import services as tracking
from apps.trade import services as trade
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, a_link, a_material, a_visitor, buy, look, open_material, share

START = datetime(2025, 12, 26, 9, 0, tzinfo=SHANGHAI)


def live_through() -> None:
    """Views, reads, orders, cancellations, returns, a gift, a stranger, a departure, over the new year."""
    tracking.make_partitions([date(2025, 12, 1)])
    lin, zhao = a_host("lin"), a_host("zhao", "赵店长")
    sku = a_sku(price_fen=9_900, commission_bp=1_000)
    materials = [a_material(title) for title in ("春日焕新", "冬日暖锅")]
    links = [a_link(host, one, at=START) for host in (lin, zhao) for one in materials]
    visitors = [a_visitor(START) for _ in range(6)]
    a_customer(lin, "13900000001", at=START)
    for day in range(14):
        now = START + timedelta(days=day)
        link = links[day % 4]
        open_material(link.host, materials[day % 2], at=now)
        share(link, at=now + timedelta(minutes=1))
        for n, visitor in enumerate(visitors):
            if (day + n) % 3:
                look(link, visitor, at=now + timedelta(minutes=10 + n), stays=(day + n) % 2 == 0)
        visitor = visitors[day % 5]
        order = buy(
            link.host,
            sku,
            at=now + timedelta(minutes=40),
            phone=f"1380000800{day % 4 + day // 8}",
            quantity=1 + day % 3,
            link=link,
            visitor=visitor,
        )
        if day % 4 == 1:
            trade.cancel_order(order, by=None, now=now + timedelta(days=2))
        if day % 4 == 2:
            trade.confirm_order(order, by=None, now=now + timedelta(hours=2))
            trade.ship_order(order, by=None, now=now + timedelta(hours=5))
            trade.return_goods(order, amount_fen=1_234, by=None, now=now + timedelta(days=7))
    friend, _ = customers.attach_external_contact(lin, external_userid="wm1", name="阿秀", now=START)
    left_at = START + timedelta(days=3)
    customers.detach_external_contact(lin, external_userid="wm1", by="customer", now=left_at)
    customers.add_note(friend, text="喜欢淡口味", by=lin.user, now=START)
