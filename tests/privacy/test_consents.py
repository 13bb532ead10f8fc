"""What consumers are told and asked: in versions that never change, apart, unticked, taken back easily."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.customers.models import Relation
from apps.records.models import Consent, Notice
from apps.records.services import consents
from apps.storefront import notices
from apps.tracking import services as tracking
from tests.factories import MORNING, a_host, a_sku
from tests.library.desk import a_person, browser, confirm
from tests.storefront.pages import GOOD, hidden_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def address(host: Host) -> str:
    sku = a_sku()
    catalog.add_to_shelf(host, sku.product, now=MORNING)
    link = tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)
    return f"/s/{link.code}/order/?sku={sku.public_id}"


def order(address: str, **ticked: str) -> tuple[Client, str]:
    """A phone that has ordered, and the address of its order page."""
    client = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)"})
    html = client.get(address).content.decode()
    answer = client.post(address, {**hidden_fields(html), **GOOD, **ticked})
    assert answer.status_code == 302
    return client, answer["Location"]


def test_what_the_order_needs_is_told_and_the_rest_is_asked_apart_and_unticked(address: str) -> None:
    html = Client(headers={"user-agent": "Mozilla/5.0 (iPhone)"}).get(address).content.decode()

    boxes = re.findall(r'<input type="checkbox" name="(\w+)"([^>]*)>', html)
    assert [name for name, _ in boxes] == ["consent", "marketing", "sharing"]
    assert not any("checked" in rest for _, rest in boxes)
    assert "required" not in dict(boxes)["marketing"] + dict(boxes)["sharing"]
    for text in notices.TEXTS.values():
        assert text in html


def test_an_order_without_ticks_agrees_to_nothing(address: str) -> None:
    order(address)

    [told] = Consent.objects.all()
    assert (told.basis, told.notice.purpose, told.recipient) == ("contract", "order", "林姐、山野集")
    assert not consents.is_agreed(Relation.objects.get().pk, "marketing")


def test_each_tick_is_a_row_with_its_recipient_and_evidence(address: str, host: Host) -> None:
    order(address, marketing="on", sharing="on")

    rows = {row.notice.purpose: row for row in Consent.objects.select_related("notice")}
    assert {purpose: (row.basis, row.recipient) for purpose, row in rows.items()} == {
        "order": ("contract", "林姐、山野集"),
        "marketing": ("consent", "林姐、山野集"),
        "sharing": ("consent", "山野集"),
    }
    for row in rows.values():
        assert bytes(row.notice.sha256)
        assert row.evidence["agent"].startswith("Mozilla/5.0 (iPhone")
        assert row.evidence["page"].endswith("/order/")
        assert len(row.evidence["source"]) == 32
        assert "127.0.0.1" not in str(row.evidence)
        # Anybody may have typed the phone: nothing of it is hers before it is proved (tests/reach).
        assert (row.is_claim, row.proof) == (row.basis == "consent", "")
    relation = Relation.objects.get()
    assert not consents.is_agreed(relation.pk, "marketing")
    assert (
        consents.confirm([relation.pk], "marketing", host_id=host.pk, proof="host", by=host.user, now=MORNING)
        == 1
    )
    assert consents.is_agreed(relation.pk, "marketing")


def test_taking_back_is_one_tap_on_her_order_page(address: str) -> None:
    client, page = order(address, marketing="on", sharing="on")
    html = client.get(page).content.decode()
    taps = re.findall(r'action="(/o/\w+/consents/[\w-]+/)"', html)
    assert len(taps) == 2  # what the order needs can't be taken back

    assert client.post(taps[0]).status_code == 302

    standing = Consent.objects.filter(basis="consent", withdrawn_at=None)
    assert [row.notice.purpose for row in standing] == ["sharing"]
    assert "已收回" in client.get(page).content.decode()


def test_nobody_takes_back_for_another(address: str) -> None:
    order(address, marketing="on")
    other, page = order(address, phone="13900009000", name="别人")
    hers = Consent.objects.get(notice__purpose="marketing")

    other.post(f"{page}consents/{hers.public_id}/")
    told = Consent.objects.filter(basis="contract").first()
    assert told is not None
    other.post(f"{page}consents/{told.public_id}/")

    assert Consent.objects.filter(withdrawn_at=None).count() == 3


def test_a_notice_never_changes(address: str) -> None:
    order(address)

    for sql in ("UPDATE records_notice SET text = '别的'", "DELETE FROM records_notice"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)


def test_hq_publishes_the_next_version_and_it_is_what_is_shown(address: str) -> None:
    order(address)
    admin = browser(a_person(roles.ADMIN))
    text = "以后有新品时，我们会用短信和微信告诉你，随时可以在订单页收回。"

    answer = confirm(admin, "/hq/notices/publish/", {"purpose": "marketing", "text": text})
    again = confirm(admin, "/hq/notices/publish/", {"purpose": "marketing", "text": text})

    assert "已发布" in answer.content.decode()
    assert "一字不差" in again.content.decode()
    client, _ = order(address, phone="13900009000", marketing="on")
    given = Consent.objects.get(basis="consent")
    assert (given.notice.version, given.notice.text) == (2, text)
    assert text in client.get(address).content.decode()
    assert [row.version for row in Notice.objects.filter(purpose="marketing").order_by("version")] == [1, 2]
    assert text in admin.get(f"/hq/notices/{given.notice.public_id}/").content.decode()


def test_the_products_own_words_make_a_version_when_they_change() -> None:
    now = timezone.now()
    first = consents.notice_for("order", "第一版的话", now=now)

    assert consents.notice_for("order", "第一版的话", now=now) == first
    assert consents.notice_for("order", "第二版的话", now=now).version == 2


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_taking_back_is_a_post(address: str, method: str) -> None:
    client, page = order(address, marketing="on")
    given: Any = Consent.objects.get(basis="consent")

    assert getattr(client, method)(f"{page}consents/{given.public_id}/").status_code == 405
