"""The call that proves a phone: nobody at HQ makes it for herself, no stranger's page is in its way."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import User
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.privacy.models import RightsRequest
from apps.records.models import AccessLog
from tests.factories import a_host
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
PHONE = "13800138000"
WHY = "她来电要删除资料"


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def hers() -> list[Relation]:
    hosts = (a_host("lin"), a_host("mei", "小美"))
    now = timezone.now()
    return [
        customers.find_or_make_relation(host, phone=PHONE, name="张小雨", source="manual", now=now)[0]
        for host in hosts
    ]


def asks(kind: str = "export", *, at: str = "10.0.0.1") -> tuple[Client, Any]:
    client = Client(REMOTE_ADDR=at)
    return client, client.post("/my-data/", {"kind": kind, "phone": PHONE})


def called(by: User, request: RightsRequest, why: str = WHY) -> str:
    page = browser(by).post(f"/hq/rights/{request.public_id}/", {"step": "call", "why": why}, follow=True)
    found = re.search(r"<strong>(\d{6})</strong>", page.content.decode())
    return found[1] if found else ""


def test_a_call_has_a_reason_and_each_host_reads_it(hers: list[Relation]) -> None:
    asks()
    support, request = a_person(roles.SUPPORT), RightsRequest.objects.get()

    assert called(support, request, "") == ""
    assert called(support, request, "打给 13800138000") == ""
    assert called(support, request) != ""

    lines = AccessLog.objects.filter(action="reveal").order_by("host_id")
    assert [(one.host_id, one.relation_id, one.purpose) for one in lines] == [
        (one.host_id, one.pk, WHY) for one in hers
    ]
    page = browser(hers[0].host.user).get("/me/access-log/").content.decode()
    assert WHY in page


def test_a_call_is_of_the_quota_of_reveals(settings: Any) -> None:
    settings.REVEALS_A_DAY = {roles.SUPPORT: 2}
    asks()
    support, request = a_person(roles.SUPPORT), RightsRequest.objects.get()
    assert called(support, request) != ""  # two hosts know her: both are told

    assert called(support, request) == ""
    assert called(a_person(roles.SUPPORT), request) != ""


def test_who_is_signed_in_here_neither_asks_nor_proves() -> None:
    stranger, answer = asks()
    page, request = answer["Location"], RightsRequest.objects.get()
    support = a_person(roles.SUPPORT)
    code = called(support, request)

    for own in (browser(support), browser(a_host("zhen", "阿珍").user)):
        assert own.get(page).status_code == 403
        assert own.post(page, {"code": code}).status_code == 403
        assert own.post("/my-data/", {"kind": "export", "phone": PHONE}).status_code == 403
    request.refresh_from_db()
    assert (request.state, RightsRequest.objects.count()) == ("requested", 1)
    assert stranger.post(page, {"code": code}).status_code == 302


def test_a_stranger_s_pages_shut_nobody_out_and_the_code_is_good_on_hers() -> None:
    for _ in range(5):
        asks("erase", at="10.0.0.9")
    assert RightsRequest.objects.count() == 3
    strangers = RightsRequest.objects.earliest("pk")

    client, answer = asks()
    assert answer.status_code == 302
    code = called(a_person(roles.SUPPORT), strangers)

    assert client.post(answer["Location"], {"code": code}).status_code == 302
    mine = RightsRequest.objects.latest("pk")
    assert (mine.state, mine.kind) == ("verified", "export")
    # Once: on the stranger's pages it is nothing any more.
    assert not RightsRequest.objects.exclude(code_mac=None).exists()
    assert Relation.objects.open().count() == 2


def test_wrong_words_on_a_stranger_s_page_spend_none_of_hers() -> None:
    stranger, his = asks(at="10.0.0.9")
    client, answer = asks()
    code = called(a_person(roles.SUPPORT), RightsRequest.objects.latest("pk"))
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    for _ in range(5):
        stranger.post(his["Location"], {"code": wrong})
    assert stranger.post(his["Location"], {"code": code}).status_code == 400

    assert client.post(answer["Location"], {"code": code}).status_code == 302
