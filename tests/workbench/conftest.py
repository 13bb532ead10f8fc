"""Two hosts and their phones: 林姐 with customers and orders, and 梅姐 who must not see any of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.customers.models import Relation
from apps.lib import clock
from apps.tracking import services as tracking
from apps.trade.models import Order
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, buy


@pytest.fixture
def now(db: None) -> Iterator[datetime]:
    """Noon of today, the clock standing still: no test is torn by midnight. The ledger has room before."""
    today = clock.day_of(timezone.now())
    noon = clock.start_of(today) + timedelta(hours=12)
    tracking.make_partitions({(today - timedelta(days=days)).replace(day=1) for days in (0, 31, 62, 93)})
    with time_machine.travel(noon, tick=False):
        yield noon


@pytest.fixture
def lin(now: datetime) -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def mei(now: datetime) -> Host:
    return a_host("mei", "梅姐")


def phone_of(host: Host) -> Client:
    client = Client()
    client.force_login(host.user)
    return client


@pytest.fixture
def phone(lin: Host) -> Client:
    """林姐's phone, signed in."""
    return phone_of(lin)


@pytest.fixture
def apple(now: datetime) -> Sku:
    return a_sku("高山苹果", stock=20, price_fen=5_900, commission_bp=1_500)


@pytest.fixture
def xiaoyu(lin: Host, now: datetime) -> Relation:
    return a_customer(lin, "13800008000", at=now - timedelta(days=40), name="王小雨")


@pytest.fixture
def order(lin: Host, apple: Sku, xiaoyu: Relation, now: datetime) -> Order:
    """小雨's order of two, just placed."""
    return buy(lin, apple, at=now - timedelta(minutes=5), name="王小雨", quantity=2)
