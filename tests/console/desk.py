"""Everybody at HQ, and something of everything for them to look at."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User
from apps.catalog.models import Brand, Supplier
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.outbox.services import deliveries
from apps.trade import services as trade
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from tests.factories import a_branch, a_host, a_sku
from tests.library import desk

PHONE = "13812348000"
NAME = "张小雨"
ADDRESS = "上海市徐汇区漕溪北路 8 号 1204 室"


@dataclass(frozen=True)
class House:
    """One of each thing the console shows."""

    host: Host
    elsewhere: Host
    relation: Relation
    order: Order
    material: Any
    issue: Any
    product: Any
    editor: User


def furnish() -> House:
    east, south = a_branch("华东"), a_branch("华南")
    host, elsewhere = a_host("lin", organisation=east), a_host("mei", "小美", organisation=south)
    sku = a_sku("高山苹果", stock=100)
    Brand.objects.create(name="山野集")
    Supplier.objects.create(name="果园")
    placed = trade.place_order(
        quote(host, [Item(sku=sku, quantity=2)]),
        name=NAME,
        phone=PHONE,
        address=ADDRESS,
        now=timezone.now(),
    )
    editor = desk.an_editor()
    material = desk.a_material()
    issue = desk.an_issue(editor, [material], quotas={"article": 1})
    deliveries.queue("app-message", key="hello", body="{}", host_id=host.pk)
    customers.find_or_make_relation(
        elsewhere, phone="13900000001", name="别处的人", source="manual", now=timezone.now()
    )
    return House(host, elsewhere, placed.order.relation, placed.order, material, issue, sku.product, editor)


def somebody(role: str) -> User:
    """Somebody with this role; a region manager is of 华东."""
    person = desk.a_person(role)
    if role == roles.REGION_MANAGER:
        person.organisation = Organisation.objects.filter(name="华东").first() or a_branch("华东")
        person.save()
    return person


def everybody() -> dict[str, User]:
    """One person for each role; the region manager is of 华东."""
    people = {role: desk.a_person(role) for role in roles.ALL}
    region = people[roles.REGION_MANAGER]
    region.organisation = Host.objects.get(user__username="lin").organisation
    region.save()
    return people
