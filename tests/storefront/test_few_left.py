"""Hosts and consumers are told that few are left by one rule."""

import pytest

from apps.catalog.availability import FEW, Availability
from apps.catalog.models import Product, Sku
from apps.catalog.prices import Tag
from apps.storefront.selectors import Card, Offer


@pytest.mark.parametrize("left", [0, 1, FEW - 1, FEW, FEW + 1])
def test_a_host_hears_it_when_her_customer_does(left: int) -> None:
    offer = Offer(Sku(stock=left), price_fen=100)
    card = Card(Product(), None, [offer], Tag(100))

    is_told = Availability(left).label.startswith("只剩")

    assert is_told == offer.is_scarce == card.is_scarce == (0 < left < FEW)
