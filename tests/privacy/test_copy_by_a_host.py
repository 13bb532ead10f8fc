"""A copy by one host's word holds what that host may read: nothing of her life with hosts before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests
from apps.profiles.models import Facts
from apps.records.models import AccessLog
from apps.tracking.models import Visitor
from apps.trade.models import Order
from apps.wecom.models import MassSend, MassSendRecipient
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look
from tests.privacy.asking import proved
from tests.privacy.people import PHONE
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def deal(host: Host, title: str, visitor: Visitor, *, at: datetime) -> Relation:
    """She looks at a page of this host's, stays, orders and looks again the day after."""
    link = a_link(host, a_material(title), at=at)
    look(link, visitor, at=at + HOUR, stays=True)
    order = buy(host, a_sku(), at=at + 2 * HOUR, phone=PHONE, link=link, visitor=visitor)
    look(link, visitor, at=at + 26 * HOUR)
    customers.mark_contacted(order.relation, by=host.user, now=at + 27 * HOUR)
    send = MassSend.objects.create(
        host=host, channel="single", key=uuid4(), title=f"{title}的群发", audience="全部", created_at=at
    )
    MassSendRecipient.objects.create(send=send, relation=order.relation)
    AccessLog.objects.create(
        actor_id=host.user_id,
        actor_name=host.name,
        host_id=host.pk,
        relation_id=order.relation_id,
        is_hq=False,
        action=AccessLog.Action.VIEW,
        fields=f"{title}的资料",
        at=at,
    )
    return order.relation


def move(relation: Relation, frm: Host, to: Host, *, at: datetime) -> None:
    hers = Relation.objects.filter(pk=relation.pk)
    hand_over(frm, to, relations=hers, scope="她", reason="换区", by=None, now=at)


@pytest.fixture
def moved() -> tuple[Relation, Host]:
    """林姐 sold to her first, then 阿珍 had her, and 小美 sells to her now."""
    lin, zhen, mei = a_host("lin"), a_host("zhen", "阿珍"), a_host("mei", "小美")
    start, visitor = timezone.now() - timedelta(days=9), a_visitor(timezone.now() - timedelta(days=9))
    relation = deal(lin, "春茶", visitor, at=start)
    customers.add_note(relation, text="爱喝老白茶", by=lin.user, now=start)
    move(relation, lin, zhen, at=start + 48 * HOUR)
    move(relation, zhen, mei, at=start + 72 * HOUR)
    assert deal(mei, "秋茶", visitor, at=start + 96 * HOUR) == relation
    project_now()
    return Relation.objects.get(pk=relation.pk), mei


def copy_by(relation: Relation, host: Host) -> dict[str, Any]:
    now = timezone.now()
    token = data_requests.vouch(
        host_id=host.pk, relation_id=relation.pk, phone=relation.phone, by=host.user, now=now
    )
    asked = data_requests.behind(token, now=now)
    assert asked is not None
    data_requests.prove_by_host(asked, kind=RightsRequest.Kind.EXPORT, last4=PHONE[-4:], now=now)
    return data_requests.gathered(RightsRequest.objects.get(pk=asked.pk), now)


def pages(copy: dict[str, Any]) -> list[str]:
    return [one["关于"] for one in copy["发生过的事"] if "打开" in one["事情"]]


def test_a_hosts_word_gives_nothing_of_the_hosts_before(moved: tuple[Relation, Host]) -> None:
    relation, mei = moved

    copy = copy_by(relation, mei)

    assert pages(copy) == ["《秋茶》", "《秋茶》"]
    [numbers] = copy["按往来算出的数字"]
    assert numbers["来访次数"] == Facts.objects.get(pk=relation.pk).visits == 2
    assert len([one for one in copy["发生过的事"] if one["事情"] == "下单"]) == 1
    assert [(one["原来"], one["后来"]) for one in copy["换过服务你的人"]] == [("阿珍", "小美")]
    assert [one["标题"] for one in copy["为你准备的群发"]] == ["秋茶的群发"]
    assert [one["内容"] for one in copy["谁看过你的资料"] if "茶" in one["内容"]] == ["秋茶的资料"]
    assert [one["卖给你的人"] for one in copy["订单"]] == ["以前服务你的人", "小美"]
    # What came along with her is her present host's to read.
    assert [one["内容"] for one in copy["关于你的笔记"]] == ["爱喝老白茶"]
    for word in ("林姐", "春茶"):
        assert word not in str({name: rows for name, rows in copy.items() if name != "订单"})


def test_her_own_proof_gives_all_of_it(moved: tuple[Relation, Host]) -> None:
    proved("export")

    copy = data_requests.gathered(RightsRequest.objects.get(), timezone.now())

    assert pages(copy) == ["《春茶》", "《春茶》", "《秋茶》", "《秋茶》"]
    assert copy["按往来算出的数字"][0]["来访次数"] == 4
    assert [one["卖给你的人"] for one in copy["订单"]] == ["林姐", "小美"]
    assert Order.objects.count() == 2
    assert len(copy["换过服务你的人"]) == len(copy["为你准备的群发"]) == 2
