"""From a host, or from a buyer's private link, to orders."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host
from apps.commission import selectors as commission
from apps.database import crypto
from apps.trade.models import Order


def orders_of(host: Host) -> "QuerySet[Order]":
    """Her orders, with the customer and what is left of her commission (`commission_fen`)."""
    orders = Order.objects.filter(host=host).select_related("relation")
    return orders.annotate(commission_fen=commission.of_order(host.pk))


def orders_to_confirm(host: Host) -> int:
    """How many of her orders wait for her yes."""
    return Order.objects.filter(host=host, status=Order.Status.PLACED).count()


def order_for(host: Host, public_id: Any) -> Order:
    """One of her orders; Http404 for another host's as for an absent one."""
    return get_object_or_404(orders_of(host), public_id=public_id)


def host_behind_private_link(token: str) -> int:
    """With which host the order of this private link was placed; Http404 for any other text.

    This much a stranger's request may know; to see the order it acts as that host.
    """
    if token and len(token) <= 64:
        with connection.cursor() as cursor:
            cursor.execute("SELECT trade_order_link_host_as_worker(%s)", [crypto.digest(token)])
            host_id: int | None = cursor.fetchone()[0]
        if host_id is not None:
            return host_id
    raise Http404


def order_by_private_link(token: str) -> Order:
    """The order that this private link shows, for who acts as its host; Http404 for any other text."""
    return get_object_or_404(Order.objects.select_related("host"), view_digest=crypto.digest(token))


def hosts_behind_private_links(tokens: Sequence[str]) -> dict[str, int]:
    """The same for several links in one question; what is no private link is left out."""
    digests = {crypto.digest(token): token for token in tokens if token and len(token) <= 64}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest, trade_order_link_host_as_worker(digest) FROM unnest(%s::bytea[]) AS digest",
            [list(digests)],
        )
        found = cursor.fetchall()
    return {digests[bytes(digest)]: host_id for digest, host_id in found if host_id is not None}


def orders_by_private_links(tokens: Sequence[str]) -> dict[str, Order]:
    """The orders that these private links show, for who acts as their host, with what a list tells."""
    digests = {crypto.digest(token): token for token in tokens}
    orders = Order.objects.filter(view_digest__in=list(digests)).prefetch_related(
        "lines__sku", "lines__product__pictures__image__renditions"
    )
    return {digests[bytes(order.view_digest or b"")]: order for order in orders}
