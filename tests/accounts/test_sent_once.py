"""A form that is sent twice has one effect, and both times the same page."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host, SentForm
from apps.accounts.tasks import forget_tries
from apps.customers.models import Note, Relation
from apps.privacy.models import RightsRequest
from apps.trade import services as trade
from apps.trade.models import IdempotencyKey, Order, OrderReversal
from tests.at_once import at_once
from tests.committed import own_tables, transactional_db
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, buy
from tests.storefront.pages import hidden_fields, open_page, send_order
from tests.storefront.people import a_link, a_material, a_phone, order_url

__all__ = ["own_tables", "transactional_db"]


def browser_of(host: Host) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(host.user)
    return client


def mark_on(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]  # type: ignore[index]


@pytest.fixture
def lin(transactional_db: None) -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def relation(lin: Host) -> Relation:
    return a_customer(lin, "13800008000", at=timezone.now())


def test_a_note_sent_by_eight_taps_at_once_is_one_note(lin: Host, relation: Relation) -> None:
    page = f"/customers/{relation.public_id}/"
    client = browser_of(lin)
    mark = mark_on(client, page)

    def tap() -> Any:
        again = Client(enforce_csrf_checks=True)
        again.cookies = client.cookies.copy()  # type: ignore[assignment]
        return lambda: again.post(f"{page}notes/", {"csrfmiddlewaretoken": mark, "text": "爱喝茶"})

    answers = at_once([tap() for _ in range(8)])

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, page)}
    assert Note.objects.count() == 1

    # Other words from the same page, and the same words from a page opened anew, are meant.
    client.post(f"{page}notes/", {"csrfmiddlewaretoken": mark, "text": "不吃辣"})
    client.post(f"{page}notes/", {"csrfmiddlewaretoken": mark_on(client, page), "text": "爱喝茶"})
    assert Note.objects.count() == 3
    # What was refused is not remembered: mended, it goes through.
    for text, status in (("", 422), ("补上了", 302), ("", 422)):
        answer = client.post(f"{page}notes/", {"csrfmiddlewaretoken": mark, "text": text})
        assert answer.status_code == status
    twin = client.post(f"{page}notes/", {"csrfmiddlewaretoken": mark, "text": "补上了"}, follow=True)
    assert "刚才已经提交过了，没有重复提交。" in twin.content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=False):
        forget_tries()
    assert not SentForm.objects.exists()


def test_money_goes_back_once(lin: Host) -> None:
    order = buy(lin, a_sku(), at=timezone.now(), quantity=2)
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=None, now=timezone.now())
    client, page = browser_of(lin), f"/me/orders/{order.public_id}/"
    body = {"csrfmiddlewaretoken": mark_on(client, page), "amount_fen": "59.00", "reason": "坏了一箱"}

    for _ in range(3):
        assert client.post(f"{page}return/", body).status_code == 302

    assert OrderReversal.objects.count() == 1


def test_asking_for_her_data_twice_is_one_request_and_one_private_page(transactional_db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    body = {"csrfmiddlewaretoken": mark_on(client, "/my-data/"), "kind": "export", "phone": "13800008000"}

    first, second = client.post("/my-data/", body), client.post("/my-data/", body)

    assert first["Location"] == second["Location"]
    assert RightsRequest.objects.count() == 1
    # The private address is nowhere to be read in the row that remembers it.
    token = first["Location"].split("/")[2]
    assert token.encode() not in bytes(SentForm.objects.get().led_to)


def test_an_order_form_is_one_order_in_any_state(lin: Host) -> None:
    product = a_sku(stock=10).product
    url = order_url(a_link(lin, a_material(product=product)), product)
    phone = a_phone()
    # Opened in advance by the browser: no visitor's cookie comes with it.
    form = open_page(phone, url)
    phone.cookies.pop("v", None)

    first, second = send_order(phone, url, form=form), send_order(phone, url, form=form)
    IdempotencyKey.objects.all().delete()
    SentForm.objects.all().delete()
    late = send_order(phone, url, form=form)
    changed = send_order(phone, url, form=form, address="杭州市拱墅区另一条路 9 号")

    assert first["Location"] == second["Location"] == late["Location"]
    assert (changed.status_code, first["Location"] in changed.content.decode()) == (409, True)
    assert Order.objects.count() == 1

    # Gone to another host with its customer, it is still there, and nobody is shown it by the old link.
    IdempotencyKey.objects.all().delete()
    SentForm.objects.all().delete()
    Order.objects.update(host=a_host("mei", "梅姐"))
    after = send_order(phone, url, form=form)
    assert (after.status_code, Order.objects.count()) == (409, 1)
    assert hidden_fields(form)["key"]
