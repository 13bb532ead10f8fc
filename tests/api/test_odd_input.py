"""Input that is no JSON of ours, and places in a list that are none: refused by name, never a 500."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog import services as catalog
from apps.customers import services as customers
from tests.factories import a_host, a_sku, api_of
from tests.happenings import buy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([{"price": "40.00"}], "prices.0.sku"),
        ([{"sku": "SKU"}], "prices.0.price"),
        ([{"sku": "SKU", "price": "40.00"}, {}], "prices.1.sku"),
        ([{"sku": None, "price": None}], "prices.0.sku"),
        ([[]], "prices.0"),
        ({}, "prices"),
        (None, "prices"),
    ],
)
def test_a_row_of_an_edit_is_whole(rows: Any, field: str) -> None:
    host, sku = a_host(), a_sku()
    item = catalog.add_to_shelf(host, sku.product, now=timezone.now())
    body = json.dumps({"prices": rows}).replace("SKU", str(sku.public_id))

    answer = api_of(host).patch(f"/api/v1/shelf/{item.public_id}/", body, content_type="application/json")

    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["fields"]), answer.json()


def test_what_an_edit_does_not_name_stays() -> None:
    host, sku = a_host(), a_sku()
    item = catalog.add_to_shelf(host, sku.product, now=timezone.now())
    address, client = f"/api/v1/shelf/{item.public_id}/", api_of(host)
    client.patch(address, json.dumps({"pitch": "早晚一碗"}), content_type="application/json")

    answer = client.patch(address, "{}", content_type="application/json")

    assert (answer.status_code, answer.json()["pitch"]) == (200, "早晚一碗")


PLACES = [
    "p=9999-12-31T23:59:59-23:59", "p=0001-01-01", "p=0001-01-01T00:00:00%2B23:59", "p=2026-03-05", "p=abc",
    "p=2026-13-45T00:00:00%2B08:00", "p=", "p=2026-03-05T10:00:00", "p=%00",
]  # fmt: skip


@pytest.mark.parametrize("has_rows", [False, True])
@pytest.mark.parametrize("name", ["orders", "customers", "links"])
def test_a_place_that_is_none_in_a_list_is_not_found(name: str, has_rows: bool) -> None:
    host, sku = a_host(), a_sku()
    if has_rows:
        buy(host, sku, at=timezone.now(), phone="13800138000")
    client = api_of(host)
    for place in PLACES:
        answer = _at(client, f"/api/v1/{name}/", place)
        assert answer.status_code == 404, (place, answer.content[:200])
        assert answer.json()["code"] == "not_found"
    # The calendar's last days but one are moments like others.
    for place in (
        "p=9998-12-31T23:59:59-23:59",
        "p=0002-01-01T00:00:00%2B23:59",
        "r=1&p=2026-03-05 10:00:00%2B00:00",
    ):
        assert _at(client, f"/api/v1/{name}/", place).status_code == 200, place


def test_a_timeline_begins_anew_from_a_place_that_is_none() -> None:
    host = a_host()
    person, _ = customers.find_or_make_relation(
        host, phone="13800138000", name="小雨", source="manual", now=timezone.now()
    )
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        answer = _at(api_of(host), f"/api/v1/customers/{person.public_id}/timeline/", f"{moment}|{uuid4()}")
        assert answer.status_code == 200, moment


def _at(client: Client, address: str, place: str) -> Any:
    return client.get(address, {"cursor": base64.urlsafe_b64encode(place.encode()).decode()})
