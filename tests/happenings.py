"""What happens between a host and her customers, told in one line each: for tests of facts and numbers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import db_role
from apps.library.models import Material
from apps.sharing import services
from apps.sharing.subjects import of_material
from apps.tracking import services as tracking
from apps.tracking.models import Channel, Event, Link, Visitor
from apps.trade import services as trade
from apps.trade.doubts import Origin
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from tests.factories import a_host, a_sku

MINUTE = timedelta(minutes=1)


def a_material(title: str = "春日焕新") -> Material:
    material = Material(kind=Material.Kind.ARTICLE, title=title, live=True)
    material.save()
    return material


def a_visitor(at: datetime) -> Visitor:
    return tracking.new_visitor(now=at)[1]


def a_link(host: Host, material: Material, *, at: datetime, channel: str = Channel.GROUP) -> Link:
    return tracking.link_for(host, subject_kind="material", subject_id=material.pk, channel=channel, now=at)


def pass_on(host: Host, material: Material, *, at: datetime, channel: str = Channel.GROUP) -> Link | None:
    """She passes it on; her link, None for words that sell nothing."""
    return services.share(host, of_material(material, at), Channel(channel), at).link


def a_customer(host: Host, phone: str, *, at: datetime, name: str = "小雨") -> Relation:
    return customers.find_or_make_relation(host, phone=phone, name=name, source="manual", now=at)[0]


def look(link: Link, visitor: Visitor, *, at: datetime, stays: bool = False) -> None:
    """A page is served; who stays, has read it a minute later."""
    _page("viewed", link, visitor, at)
    if stays:
        _page("read", link, visitor, at + MINUTE)


def _page(what: str, link: Link, visitor: Visitor, at: datetime) -> Event:
    return tracking.record(
        f"{link.subject_kind}.{what}",
        at=at,
        host_id=link.host_id,
        visitor_id=visitor.pk,
        link_id=link.pk,
        subject_kind=link.subject_kind,
        subject_id=link.subject_id,
    )


def share(link: Link, *, at: datetime) -> None:
    tracking.record(
        "material.shared",
        at=at,
        host_id=link.host_id,
        link_id=link.pk,
        subject_kind="material",
        subject_id=link.subject_id,
        props={"channel": link.channel},
    )


def open_material(host: Host, material: Material, *, at: datetime) -> None:
    tracking.record(
        "material.opened", at=at, host_id=host.pk, subject_kind="material", subject_id=material.pk
    )


def buy(
    host: Host,
    sku: Sku,
    *,
    at: datetime,
    phone: str = "13800008000",
    name: str = "小雨",
    quantity: int = 1,
    link: Link | None = None,
    visitor: Visitor | None = None,
) -> Order:
    return trade.place_order(
        quote(host, [Item(sku, quantity)]),
        name=name,
        phone=phone,
        address="浙江省杭州市西湖区 1 号",
        now=at,
        link=link,
        visitor=visitor,
    ).order


def a_doubtful_order(host: Host, sku: Sku, *, at: datetime, phone: str = "13800008000") -> Order:
    """Thirty pieces for a browser that has only just come, as the storefront places them."""
    link, visitor = a_link(host, a_material(), at=at), a_visitor(at)
    with db_role.acting_as(host.pk):
        placed = trade.place_order(
            quote(host, [Item(sku, 30)]),
            name="小雨",
            phone=phone,
            address="",
            now=at,
            link=link,
            visitor=visitor,
            origin=Origin(link, visitor, "where she is"),
        ).order
    assert placed.doubt == Order.Doubt.MANY
    return placed


def two_strangers(*, at: datetime, after_each: Callable[[], None]) -> None:
    """Two come by a doubtful order and look again: to one the host says yes, to the other no."""
    host, sku = a_host(), a_sku()
    orders = [a_doubtful_order(host, sku, at=at, phone=f"1380000800{n}") for n in range(2)]
    after_each()
    for order, step in zip(orders, (trade.confirm_order, trade.cancel_order), strict=True):
        assert order.link is not None
        assert order.visitor is not None
        look(order.link, order.visitor, at=at + timedelta(days=1))
        step(order, by=None, now=at + timedelta(days=2))
        after_each()
