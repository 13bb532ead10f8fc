"""One customer whom two hosts know, with something of hers in every corner."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Customer, Relation
from apps.library import services as content
from apps.outbox.services import deliveries, inbox
from apps.reach import asking as reach
from apps.records import services as privacy
from apps.stories import services as stories
from apps.tracking import services as tracking
from apps.trade import services as trade
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look

PHONE = "13812348000"
NAME = "张小雨"
ADDRESS = "上海市徐汇区漕溪北路 8 号 1204 室"
#: Every word that must be gone afterwards, each from another corner.
TRACES = [
    PHONE, NAME, "漕溪北路", "送货前打电话", "雨姐", "爱喝老白茶", "腊八要送礼", "wm-canary-1", "SHOP-778",
    "退货缘由甲", "雨妹妹", "第二位的笔记",
    "早晚两碗粥",
]  # fmt: skip


@dataclass(frozen=True)
class Her:
    lin: Host
    mei: Host
    at_lin: Relation
    at_mei: Relation
    orders: list[Order]
    stranger: Relation

    @property
    def ids(self) -> set[int]:
        return {self.at_lin.pk, self.at_mei.pk}


def her() -> Her:
    """She, whom 林姐 and 小美 both know as one customer, beside a stranger whose things must stay."""
    now = timezone.now()
    lin, mei = a_host("lin"), a_host("mei", "小美")
    sku = a_sku(price_fen=5_900)
    link, visitor = a_link(lin, a_material("小米粥"), at=now), a_visitor(now)
    look(link, visitor, at=now, stays=True)
    first = buy(lin, sku, at=now, phone=PHONE, link=link, visitor=visitor)
    orders = [Order.objects.get(pk=first.pk), _order(lin, sku), _order(mei, sku)]
    Order.objects.filter(pk=orders[0].pk).update(external_no="")
    at_lin, at_mei = Relation.objects.get(host=lin), Relation.objects.get(host=mei)
    # The same person, once OneID has found out.
    lonely = at_mei.customer_id
    Relation.objects.filter(pk=at_mei.pk).update(customer=at_lin.customer_id)
    at_mei.refresh_from_db()
    at_mei.customer.identities.model.objects.filter(customer=lonely).update(customer=at_lin.customer_id)
    Customer.objects.filter(pk=lonely).delete()
    at_lin.name, at_lin.external_userid = NAME, "wm-canary-1"
    at_lin.external_index = customers.external_index(lin.pk, "wm-canary-1")
    at_lin.source_key, at_lin.birthday_month, at_lin.birthday_day = "SHOP-778", 3, 5
    at_lin.save()
    customers.update_relation(
        at_lin,
        remark="雨姐",
        phone=at_lin.phone,
        next_action="腊八要送礼",
        next_action_on=now.date(),
        by=lin.user,
        now=now,
    )
    customers.update_relation(at_mei, remark="雨妹妹", phone=at_mei.phone, by=mei.user, now=now)
    customers.add_note(at_lin, text="爱喝老白茶", by=lin.user, now=now)
    customers.add_note(at_mei, text="第二位的笔记", by=mei.user, now=now)
    customers.tag_relation(at_lin, name="茶友", by=lin.user, now=now)
    trade.confirm_order(orders[1], by=lin.user, now=now)
    trade.ship_order(orders[1], by=lin.user, now=now)
    trade.return_goods(orders[1], amount_fen=100, by=lin.user, now=now, reason="退货缘由甲")
    body = json.dumps({"Text": {"text": f"{NAME} 下单了，电话 {PHONE}"}}, ensure_ascii=False)
    deliveries.queue("app-message", key="about-her", body=body, host_id=lin.pk)
    inbox.accept("wecom.event", text='{"UserID": "lin", "ExternalUserID": "wm-canary-1"}', ignored="测试")
    privacy.give_consent(
        notice=privacy.notice_for("marketing", "可以联系你", now=now),
        recipient="林姐",
        host_id=lin.pk,
        channel="storefront",
        now=now,
        relation_id=at_lin.pk,
        proof="link",
        evidence={"source": "abc", "agent": "canary-agent"},
    )
    reach.ask(at_lin, by=lin.user, now=now)
    _secret, story = stories.ask(
        at_lin, title="喝粥的故事", called="爱喝粥的人", text="早晚两碗粥，三个月没断过。", now=now
    )
    seen = stories.mark_of(story, stories.notice(now=now))
    content.publish(
        stories.take(stories.agree(story, seen=seen, evidence={}, now=now), by=mei.user, now=now), by=None
    )
    stranger, _ = customers.find_or_make_relation(
        lin, phone="13900000001", name="王别人", source="manual", now=now
    )
    customers.add_note(stranger, text="别人的笔记", by=lin.user, now=now)
    _order(lin, sku, phone="13900000001", name="王别人")
    return Her(lin, mei, at_lin, at_mei, orders, stranger)


def _order(host: Host, sku: Any, *, phone: str = PHONE, name: str = NAME) -> Order:
    placed = trade.place_order(
        quote(host, [Item(sku, 2)]),
        name=name,
        phone=phone,
        address=ADDRESS if name == NAME else "别处路 1 号 101",
        note="送货前打电话" if name == NAME else "",
        now=timezone.now(),
        key_scope=f"host:{host.pk}",
        key=f"key-{name}-{Order.objects.count()}",
    )
    return placed.order


__all__ = ["ADDRESS", "NAME", "PHONE", "TRACES", "Her", "her", "tracking"]
