"""Two orders of strangers that wait for the first host's yes: more pieces at once than a household eats."""

from datetime import datetime, timedelta

from apps.accounts.models import Host
from apps.catalog.models import Product, Sku
from apps.sharing import subjects
from apps.sharing.services import link_to
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Event, Subject
from apps.trade import services as trade
from apps.trade.doubts import Origin
from apps.trade.pricing import Item, quote

#: (name, the phone's end, address, pieces, minutes since)
_STRANGERS = (
    ("周先生", "0011", "杭州市滨江区江南大道 88 号 3 幢 502 室", 24, 130),
    ("吴小姐", "0012", "杭州市拱墅区湖墅南路 16 号", 30, 45),
)


def strangers(host: Host, shelf: list[Product], *, now: datetime) -> None:
    """Each opened the shelf for the first time, and ordered a lot a few minutes later."""
    known = Sku.objects.filter(product__in=shelf, stock__gte=100).select_related("product").order_by("pk")
    plenty = [sku for sku in known if sku.product.is_on_sale]
    for (name, end, address, pieces, ago), sku in zip(_STRANGERS, plenty, strict=False):
        at = now - timedelta(minutes=ago)
        link = link_to(host, subjects.of_shelf(host), Channel.GROUP, now=at)
        assert link is not None
        _cookie, visitor = tracking.new_visitor(now=at - timedelta(minutes=4))
        seen = Event(
            name=Fact.SHELF_VIEWED,
            occurred_at=at - timedelta(minutes=4),
            host_id=host.pk,
            visitor_id=visitor.pk,
            link_id=link.pk,
            subject_kind=Subject.SHELF,
            subject_id=host.pk,
        )
        tracking.record_many([seen])
        trade.place_order(
            quote(host, [Item(sku, pieces)]),
            name=name,
            phone=f"1390000{end}",
            address=address,
            now=at,
            link=link,
            visitor=visitor,
            origin=Origin(link, visitor, f"demo {end}"),
        )
