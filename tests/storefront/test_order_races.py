"""Many buyers at the same moment, each with a real connection and a real commit."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client

from apps.catalog.models import Sku
from apps.customers.models import Customer, Relation
from apps.records.models import Consent
from apps.tracking.models import Link, Visitor
from apps.trade.models import IdempotencyKey, Order, OrderLine, OrderRules
from tests.at_once import at_once, during
from tests.storefront.pages import data_of, open_page, send_order
from tests.storefront.people import a_host, a_link, a_phone, a_product, a_sku, events, on_shelf, order_url

BUYERS = 64


def test_of_64_buyers_of_the_last_10_exactly_10_get_one(transactional_db: None) -> None:
    product = a_product(stock=10)
    link = a_link(a_host(), product)
    url = order_url(link, product)

    def buyer(number: int) -> Callable[[], int]:
        phone = a_phone(**{"X-Forwarded-For": f"10.0.0.{number}"})
        form = open_page(phone, url)
        return lambda: send_order(phone, url, form=form, phone=f"138{number:08d}").status_code

    statuses = Counter(at_once([buyer(number) for number in range(BUYERS)]))

    assert statuses == {302: 10, 410: BUYERS - 10}
    assert Sku.objects.get().stock == 0
    assert Order.objects.count() == OrderLine.objects.count() == len(events("order.placed")) == 10
    # Who came too late left nothing behind but her visit.
    assert Relation.objects.count() == Customer.objects.count() == Consent.objects.count() == 10
    assert IdempotencyKey.objects.count() == 10
    assert len(events("customer.joined")) == 10
    assert Visitor.objects.count() == BUYERS


def test_one_form_sent_by_16_taps_at_once_is_one_order(transactional_db: None) -> None:
    product = a_product(stock=100)
    url = order_url(a_link(a_host(), product), product)
    phone = a_phone()
    form = open_page(phone, url)

    def tap() -> Callable[[], str]:
        again = a_phone()
        again.cookies = phone.cookies.copy()  # type: ignore[assignment]
        return lambda: str(send_order(again, url, form=form)["Location"])

    places = at_once([tap() for _ in range(16)])

    assert len(set(places)) == 1
    assert str(places[0]).startswith("/o/")
    assert Order.objects.count() == len(events("order.placed")) == 1
    assert Sku.objects.get().stock == 99


def test_one_person_ordering_on_two_phones_at_once_is_one_customer(transactional_db: None) -> None:
    product = a_product(stock=100)
    url = order_url(a_link(a_host(), product), product)

    def phone() -> Callable[[], int]:
        one = a_phone()
        form = open_page(one, url)
        return lambda: send_order(one, url, form=form).status_code

    assert at_once([phone() for _ in range(8)]) == [302] * 8

    assert Order.objects.count() == 8
    assert Relation.objects.count() == Customer.objects.count() == 1
    assert len(events("customer.joined")) == 1


def test_the_page_and_a_tap_saying_at_once_that_it_is_read_count_once(transactional_db: None) -> None:
    product = a_product()
    link = a_link(a_host(), product)
    phone = a_phone()
    html = open_page(phone, f"/s/{link.code}/")

    def signal() -> Callable[[], int]:
        again = a_phone()
        again.cookies = phone.cookies.copy()  # type: ignore[assignment]
        body = {"page": data_of(html, "page"), "csrfmiddlewaretoken": data_of(html, "csrf")}
        return lambda: again.post(f"/s/{link.code}/read/", body).status_code

    assert at_once([signal() for _ in range(8)]) == [204] * 8
    assert len(events("product.read")) == 1


def same_browser(link: Link) -> list[Client]:
    first, second = a_phone(), a_phone()
    open_page(first, f"/s/{link.code}/")
    second.cookies = first.cookies.copy()  # type: ignore[assignment]
    return [first, second]


def two_browsers(link: Link) -> list[Client]:
    return [a_phone(), a_phone()]


def statuses_during(link: Link, phones: list[Client], skus: list[Sku], quantity: int) -> list[int]:
    """The second order is placed while the first one is written, not yet committed."""
    found: list[int] = []

    def order(number: int) -> Callable[[], None]:
        url = f"/s/{link.code}/order/?sku={skus[number].public_id}"
        form = open_page(phones[number], url)
        fields = {"form": form, "phone": f"1380000{number:04d}", "quantity": str(quantity)}
        return lambda: found.append(send_order(phones[number], url, **fields).status_code)

    assert during(order(0), order(1)) is None
    return found


@pytest.mark.parametrize(
    ("limit", "phones"), [("held_by_browser", same_browser), ("held_by_address", two_browsers)]
)
def test_two_sizes_of_a_product_at_once_hold_no_more_than_one(
    transactional_db: None, limit: str, phones: Callable[[Link], list[Client]]
) -> None:
    OrderRules.objects.create(pk=1, **{limit: 20})
    product = a_product(stock=200)
    link = a_link(a_host(), product)
    sizes = [product.skus.get(), a_sku(product, name="大", stock=200)]

    assert statuses_during(link, phones(link), sizes, 20) == [302, 302]

    assert list(Order.objects.order_by("pk").values_list("doubt", flat=True)) == ["", "held"]
    assert sorted(Sku.objects.values_list("stock", flat=True)) == [180, 200]


def test_of_two_doubtful_orders_of_one_browser_at_once_one_waits(transactional_db: None) -> None:
    one, other, host = a_product(stock=200), a_product("梨", stock=200), a_host()
    link = a_link(host, host)
    for product in (one, other):
        on_shelf(host, product)
    many = [one.skus.get(), other.skus.get()]

    assert statuses_during(link, same_browser(link), many, 60) == [302, 409]

    assert [order.doubt for order in Order.objects.all()] == ["many"]
