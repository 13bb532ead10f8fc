"""Search over everything: each kind within her scope, a customer by her whole phone alone."""

from typing import Any

import pytest
from django.test import Client, override_settings

from apps.accounts import roles
from apps.catalog.models import Product
from apps.records.models import AccessLog
from tests.console import desk
from tests.library import desk as editorial
from tests.pages import html_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> desk.House:
    return desk.furnish()


def somebody(role: str) -> Client:
    return editorial.browser(desk.somebody(role))


def ask(client: Client, words: str, *, status: int = 200) -> str:
    """Type the words into the box, and read what it leads to."""
    sent = client.post("/hq/search/", {"q": words})
    assert sent.status_code == 302
    answer = client.get(sent["Location"])
    assert answer.status_code == status
    return text_of(html_of(answer).split('class="hq-found"')[1])


@pytest.mark.parametrize("words", ["林姐", "linjie", "lj", " 林 姐 "])
def test_a_host_is_found_by_her_name_and_its_pinyin(house: desk.House, words: str) -> None:
    assert "林姐" in ask(somebody(roles.OPERATOR), words)


def test_what_is_found_is_grouped_and_leads_to_its_page(house: desk.House) -> None:
    client = somebody(roles.ADMIN)

    for words, kind, href in (
        ("林姐", "大C", f"/hq/hosts/{house.host.public_id}/"),
        ("苹果", "商品", f"/hq/products/edit/{house.product.pk}/"),
        (house.material.title, "素材", f"/hq/materials/edit/{house.material.pk}/"),
        ("春日焕新", "双周主题", f"/hq/issues/edit/{house.issue.pk}/"),
        (str(house.order.public_id), "订单", f"/hq/orders/{house.order.public_id}/"),
    ):
        page = html_of(client.get("/hq/search/", {"q": words}))
        group = page.split(f'aria-label="{kind}"')[1].split("</section>")[0]
        assert href in group, words


def test_many_of_a_kind_are_led_to_their_list(house: desk.House) -> None:
    for n in range(7):
        Product.objects.create(title=f"脆柿子{n}号", category=house.product.category)

    page = html_of(somebody(roles.MERCHANDISER).get("/hq/search/", {"q": "脆柿子"}))

    assert page.count("号</b>") == 5
    assert "7 个" in page
    assert "/hq/products/?q=" in page


def test_nothing_found_says_where_it_was_looked(house: desk.House) -> None:
    told = ask(somebody(roles.EDITOR), "没有这样的东西")

    assert "没有找到「没有这样的东西」" in told
    assert "商品（名称、品牌）" in told
    for unseen in ("大C（", "客户（", "订单（"):
        assert unseen not in told


def test_a_region_manager_finds_her_own_branch_alone(house: desk.House) -> None:
    client = somebody(roles.REGION_MANAGER)

    assert "林姐" in ask(client, "林姐")
    assert "没有找到" in ask(client, "小美")
    assert "没有找到" in ask(client, "13900000001")


def test_an_order_of_another_branch_is_not_there(house: desk.House) -> None:
    house.order.host_id = house.elsewhere.pk
    type(house.order).objects.filter(pk=house.order.pk).update(host=house.elsewhere)

    assert "没有找到" in ask(somebody(roles.REGION_MANAGER), str(house.order.public_id))


def test_a_customer_is_found_by_her_whole_phone_masked_and_logged(house: desk.House) -> None:
    client = somebody(roles.SUPPORT)
    sent = client.post("/hq/search/", {"q": "138 1234 8000"})

    page = html_of(client.get(sent["Location"]))

    assert desk.PHONE not in sent["Location"]
    assert "8000" not in sent["Location"]
    assert "张**" in page
    assert f"/hq/customers/{house.relation.public_id}/" in page
    for clear in (desk.NAME, desk.PHONE, desk.ADDRESS):
        assert clear not in page
    looks = AccessLog.objects.order_by("pk").values_list("action", "host_id", "purpose")
    assert list(looks) == [("search", None, ""), ("view", house.host.pk, "总部搜索")]


@pytest.mark.parametrize("words", [desk.NAME, "张小", "1381234", "8000"])
def test_no_part_of_a_person_finds_her(house: desk.House, words: str) -> None:
    told = ask(somebody(roles.SUPPORT), words)

    assert "没有找到" in told
    assert not AccessLog.objects.exists()


def test_phones_are_of_the_quota_of_reveals(house: desk.House) -> None:
    with override_settings(REVEALS_A_DAY={roles.SUPPORT: 1}):
        client = somebody(roles.SUPPORT)
        assert "张**" in ask(client, desk.PHONE)
        assert "张**" in ask(client, desk.PHONE)  # the same question again

        told = ask(client, "13900000001", status=429)

    assert "次数用完了" in told
    assert AccessLog.objects.filter(action="search").count() == 1


def test_who_may_not_see_customers_spends_nothing_and_finds_nobody(house: desk.House) -> None:
    told = ask(somebody(roles.ANALYST), desk.PHONE)

    assert "没有找到" in told
    assert desk.PHONE not in told
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("made_up", ["x", "AAAA", "é"])
def test_an_address_that_somebody_made_up_asks_for_nothing(house: desk.House, made_up: str) -> None:
    answer: Any = somebody(roles.ADMIN).get(f"/hq/search/?for={made_up}")

    assert answer.status_code == 200
    assert "找过的地方" not in html_of(answer)
