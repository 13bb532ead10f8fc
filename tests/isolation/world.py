"""Hosts whose customers' data can be told apart by a word, and everybody who might want to read it."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation
from apps.catalog import services as catalog
from apps.catalog.models import Sku
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.insights import services as helping
from apps.lib import masks, money
from apps.lib.ids import uuid7
from apps.outbox.services import deliveries, inbox
from apps.reach import asking
from apps.records import services as privacy
from apps.storefront import services as storefront
from apps.stories import services as stories
from apps.tracking import services as tracking
from apps.tracking.models import Link
from apps.trade import services as trade
from apps.trade.models import Order
from apps.trade.pricing import Item
from apps.wecom.models import MassSend, MassSendRecipient
from tests.factories import a_host
from tests.media import samples

NOW_MINUS = timedelta(hours=2)


@dataclass(frozen=True)
class Property:
    """One host's customers, orders and words. `canary` is in all her customers' texts, in nobody else's."""

    host: Host
    canary: str
    phone: str
    relation: Relation
    order: Order
    link: Link
    token: str
    #: Ids as an attacker finds them in an address: of each kind one, by name.
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """Texts that nobody but its host reads, HQ neither."""
        return self.canary, self.phone

    @property
    def traces(self) -> tuple[str, ...]:
        """What would tell another host, or another region, of the customer: masked phone, order's amount."""
        return masks.mask_phone(f"+86{self.phone}"), money.show_yuan(self.order.total_fen).lstrip("¥")


@cache
def _snapshot() -> bytes:
    return samples.picture()


def a_property(
    number: int, sku: Sku, *, kind: str = Host.Kind.OWNER, organisation: Organisation | None = None
) -> Property:
    """A host with a customer who ordered, was noted, tagged, revealed and written to."""
    now = timezone.now() - NOW_MINUS
    canary, phone = f"CANARY{number:03d}X", f"1380000{number:04d}"
    host = a_host(f"owner{number}", f"大C{number}号", kind=kind, organisation=organisation)
    accounts.keep_phone(host, f"+861390001{number:04}", now=now)
    item = catalog.add_to_shelf(host, sku.product, now=now)
    link = tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=now)
    _, visitor = tracking.new_visitor(now=now)
    storefront.note_view(link, kind="shelf", subject_id=host.pk, visitor=visitor, now=now)
    placed = storefront.place_order(
        link,
        items=[Item(sku, 3 + 4 * number)],
        buyer=storefront.Buyer(f"{canary}姓名", phone, f"{canary}路 1 号", f"{canary}留言"),
        seen_fen=sku.retail_price_fen * (3 + 4 * number),
        visitor=visitor,
        browser="",
        key=f"key-{number}",
        source="test",
        now=now,
    )
    order = Order.objects.get(host=host)
    relation = order.relation
    customers.update_relation(
        relation,
        remark=f"{canary}备注名",
        phone=relation.phone,
        next_action=f"{canary}下一步",
        next_action_on=timezone.localdate(),
        by=host.user,
        now=now,
    )
    note = customers.add_note(relation, text=f"{canary}笔记", by=host.user, now=now)
    tag = customers.tag_relation(relation, name=f"{canary}标签", by=host.user, now=now)
    _secret, story = stories.ask(
        relation,
        title=f"{canary}故事",
        called=f"{canary}妈妈",
        text=f"{canary}说孩子现在自己盛粥",
        pictures=[_snapshot()],
        now=now,
    )
    trade.confirm_order(order, by=host.user, now=now)
    trade.ship_order(order, by=host.user, now=now)
    trade.return_goods(order, amount_fen=100, by=host.user, now=now, reason=f"{canary}原因")
    privacy.record_access(
        actor=host.user,
        action="reveal",
        fields="手机号",
        at=now,
        host_id=host.pk,
        relation_id=relation.pk,
        is_hq=False,
    )
    send = MassSend.objects.create(
        host=host,
        channel="single",
        key=uuid7(),
        title=f"{canary}群发",
        text=f"{canary}群发",
        audience="全部客户",
        state="sent",
        created_at=now,
    )
    MassSendRecipient.objects.create(send=send, relation=relation, state="gone")
    asking.ask(relation, by=host.user, now=now)
    helping.note_call(host, by=host.user, outcome="reached", note="最近在搬家", seen="", now=now)
    deliveries.queue("app-message", key=f"to-{number}", body=f"{canary}消息", host_id=host.pk)
    inbox.accept("wecom.other", text=f"{canary}来信", ignored="测试")
    ids = {
        "relation": relation.public_id,
        "order": order.public_id,
        "shelf": item.public_id,
        "note": note.public_id,
        "tag": tag.public_id,
        "send": send.public_id,
        "host": host.public_id,
        "customer": relation.customer.public_id,
        "pk": relation.pk,
        "story": story.public_id,
        "picture": story.pictures.get().public_id,
    }
    return Property(host, canary, phone, relation, order, link, placed.token, ids)
