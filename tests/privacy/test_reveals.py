"""Who may see a customer whole: hosts their own, HQ for a reason and so often a day, analysts never."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts import roles
from apps.records.models import AccessLog, Alert
from apps.records.services.access_log import REVEALS_A_DAY
from tests.console import desk
from tests.factories import api_of
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
REASON = {"reason": "客户来电查物流"}


@pytest.fixture
def house() -> desk.House:
    return desk.furnish()


def addresses(house: desk.House) -> tuple[str, str]:
    return f"/hq/customers/{house.relation.public_id}/reveal/", f"/hq/orders/{house.order.public_id}/reveal/"


def test_hq_reveals_for_a_reason_and_the_host_reads_who_when_and_why(house: desk.House) -> None:
    support = browser(a_person(roles.SUPPORT, "kefu", "客服小张"))
    customer, order = addresses(house)

    shown = support.post(customer, REASON)
    receiver = support.post(order, REASON)

    assert shown.status_code == 200
    assert desk.NAME in shown.content.decode()
    assert desk.PHONE in shown.content.decode()
    assert desk.ADDRESS in receiver.content.decode()
    assert "no-store" in shown["Cache-Control"]
    looks = AccessLog.objects.filter(host_id=house.host.pk, action="reveal")
    assert {(one.actor_name, one.purpose, one.is_hq) for one in looks} == {
        ("客服小张", "客户来电查物流", True)
    }
    own = Client()
    own.force_login(house.host.user)
    page = own.get("/me/access-log/").content.decode()
    assert "客服小张" in page
    assert "客户来电查物流" in page


def test_loading_the_shown_page_again_shows_nothing_and_counts_once(house: desk.House) -> None:
    support = browser(a_person(roles.SUPPORT))

    for address in addresses(house):
        page = address.removesuffix("reveal/")
        form = {**REASON, **support.get(page).context["reveal"]["form"].initial}
        assert desk.PHONE in support.post(address, form).content.decode()
        again = support.post(address, form)
        assert (again.status_code, again["Location"]) == (302, page)
        assert desk.PHONE not in support.get(page).content.decode()
    assert AccessLog.objects.filter(action="reveal").count() == 2


@pytest.mark.parametrize("reason", ["", "看看", "客户 13812348000 来电", "长" * 101])
def test_without_a_sound_reason_nothing_shows(house: desk.House, reason: str) -> None:
    support = browser(a_person(roles.SUPPORT))

    for address in addresses(house):
        answer = support.post(address, {"reason": reason})
        assert answer.status_code == 400
        assert "138****8000" in answer.content.decode()
        # What she typed stands in the field again; nothing else may hold the number.
        assert desk.ADDRESS not in answer.content.decode()
        assert desk.NAME not in answer.content.decode()
    assert not AccessLog.objects.filter(action="reveal").exists()


def test_one_more_than_the_quota_is_429_with_a_sentence(house: desk.House, settings: Any) -> None:
    settings.REVEALS_A_DAY = {roles.SUPPORT: 3}
    support = browser(a_person(roles.SUPPORT))
    customer, order = addresses(house)

    answers = [support.post(address, REASON) for address in (customer, order, customer, customer)]

    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    last = answers[-1].content.decode()
    assert "24 小时里最多显示 3 次" in last
    assert desk.PHONE not in last
    assert answers[-1]["Retry-After"]
    assert AccessLog.objects.filter(action="reveal").count() == 3


@pytest.mark.parametrize("role", [roles.ANALYST, roles.EDITOR, roles.REVIEWER, roles.MERCHANDISER])
def test_other_roles_never_reveal(house: desk.House, role: str) -> None:
    client = browser(a_person(role))

    for address in addresses(house):
        page = client.post(address, REASON, follow=True).content.decode()
        assert desk.PHONE not in page
        assert desk.NAME not in page
    assert "显示完整信息" not in client.get(f"/hq/orders/{house.order.public_id}/").content.decode()
    assert not AccessLog.objects.filter(action="reveal").exists()


def test_a_region_manager_reveals_in_her_region_alone(house: desk.House) -> None:
    region = browser(desk.everybody()[roles.REGION_MANAGER])
    foreign = house.elsewhere.relations.get()

    assert region.post(addresses(house)[0], REASON).status_code == 200
    assert region.post(f"/hq/customers/{foreign.public_id}/reveal/", REASON).status_code == 404


def test_page_and_api_are_alike_and_the_fifty_first_is_told_to_hq(house: desk.House) -> None:
    page, api = Client(), api_of(house.host)
    page.force_login(house.host.user)
    public_id = house.relation.public_id

    for n in range(REVEALS_A_DAY + 2):
        if n % 2:
            answer = page.post(f"/customers/{public_id}/phone/")
            assert desk.PHONE in answer.content.decode()
        else:
            answer = api.post(f"/api/v1/customers/{public_id}/reveal/")
            assert answer.json() == {"phone": desk.PHONE}
        assert Alert.objects.count() == (1 if n >= REVEALS_A_DAY else 0)

    alert = Alert.objects.get()
    assert (alert.actor_id, alert.count) == (house.host.user_id, REVEALS_A_DAY + 2)
    assert {look.fields for look in AccessLog.objects.filter(action="reveal")} == {"手机号"}
    admin = browser(a_person(roles.ADMIN))
    assert "林姐" in admin.get("/hq/privacy-alerts/").content.decode()
    assert "/hq/privacy-alerts/?" in admin.get("/hq/").content.decode()  # the line of what waits
    done = admin.post(f"/hq/privacy-alerts/{alert.public_id}/", {"conclusion": "电话回访老客户，正常"})
    assert done.status_code == 302
    alert.refresh_from_db()
    assert (alert.conclusion, alert.handled_by_id is not None) == ("电话回访老客户，正常", True)


def test_reading_by_the_api_is_one_line_however_often(house: desk.House) -> None:
    api = api_of(house.host)

    for _ in range(3):
        api.get("/api/v1/customers/")
        api.get(f"/api/v1/customers/{house.relation.public_id}/")

    [look] = AccessLog.objects.filter(host_id=house.host.pk)
    assert (look.action, look.is_hq, look.fields) == ("view", False, "客户资料（接口）")


def test_a_search_by_a_whole_phone_is_of_the_same_quota(house: desk.House, settings: Any) -> None:
    settings.REVEALS_A_DAY = {roles.SUPPORT: 2}
    support = browser(a_person(roles.SUPPORT))

    found = support.get("/hq/customers/", {"q": desk.PHONE})
    again = support.get("/hq/customers/results/", {"q": desk.PHONE})  # the same answer, another part of it
    absent = support.get("/hq/customers/", {"q": "13911112222"})
    spent = support.get("/hq/customers/", {"q": "13911113333"})

    assert [one.status_code for one in (found, again, absent, spent)] == [200, 200, 200, 429]
    assert "138****8000" in found.content.decode()
    assert "按手机号找人也算" in spent.content.decode()
    assert support.post(addresses(house)[0], REASON).status_code == 429
    # Part of a number and a customer's own number say nothing about whose a phone is.
    for words in ("8000", str(house.relation.customer.public_id)):
        assert support.get("/hq/customers/", {"q": words}).status_code == 200
    looks = AccessLog.objects.filter(action="search")
    assert looks.count() == 2
    assert all(desk.PHONE not in f"{one.fields}{one.purpose}" for one in looks)
