"""What can't be taken back is asked first, with what it does to how many; until then nothing happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import ApiToken, Host, Invitation, User
from apps.accounts.services import joining
from apps.catalog.models import Product, ShelfItem
from apps.customers.models import Relation
from apps.outbox.services import deliveries
from apps.records.models import Notice
from tests.console.test_catalog import form, sku_row
from tests.factories import a_company, a_host, a_sku
from tests.happenings import a_customer
from tests.library import desk

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Case:
    """An act: where it is sent and what with, what the page must name, and whether it has happened."""

    url: str
    data: dict[str, Any]
    says: list[str]
    happened: Callable[[], bool]


def _boss() -> User:
    return desk.a_person(roles.ADMIN, "boss")


def _customers_of(name: str) -> Host:
    host = a_host(name, f"{name}姐")
    for number in range(2):
        a_customer(host, f"1380000800{number}", at=timezone.now())
    return host


def suspending(by: User) -> Case:
    host = _customers_of("lin")
    services.issue_token(host.user, now=timezone.now(), name="店里", life=timedelta(days=3), is_verified=True)
    deliveries.queue("app-message", key="hello", body="{}", host_id=host.pk)
    return Case(
        f"/hq/hosts/{host.public_id}/suspended/",
        {"reason": "长期不响应"},
        ["她的 2 位客户仍在她名下", "她的 1 个接口令牌停用", "排队中要发给她的 1 条消息不再发出"],
        lambda: not Host.objects.get(pk=host.pk).is_active,
    )


def leaving(by: User) -> Case:
    host = _customers_of("lin")
    return Case(
        f"/hq/hosts/{host.public_id}/left/",
        {"reason": "搬走了"},
        ["她的 2 位客户仍在她名下", "办理离开后不能恢复"],
        lambda: Host.objects.get(pk=host.pk).status == Host.Status.LEFT,
    )


def handing_over(by: User) -> Case:
    giver, taker = _customers_of("lin"), a_host("mei", "梅姐")
    return Case(
        f"/hq/hand-overs/from/{giver.public_id}/",
        {"to_host": taker.pk, "which": "all", "reason": "换人"},
        ["lin姐的 2 位客户归梅姐", "lin姐和梅姐各收到一条消息"],
        lambda: Relation.objects.of(taker).count() == 2,
    )


def ending_sales(by: User) -> Case:
    sku = a_sku("高山苹果")
    ShelfItem.objects.create(host=a_host("lin"), product=sku.product, added_at=timezone.now())
    material = desk.a_material(product=sku.product, title="卖苹果")
    issue = desk.an_issue(by, [material], starts_on=desk.MONDAY + timedelta(days=7 * 104))
    row = sku_row(sku.code) | {"id": sku.pk, "retail_price": "59.00", "floor_price": "0"}
    assert issue.entries.count() == 1
    return Case(
        f"/hq/products/edit/{sku.product_id}/",
        form([row], initial=1, status="off", category=sku.product.category_id),
        ["1 位大C的货架上不再显示它", "排期里今天起还有 1 条在卖它", "「卖苹果」"],
        lambda: Product.objects.get(pk=sku.product_id).status == Product.Status.OFF,
    )


def revoking_an_invitation(by: User) -> Case:
    now = timezone.now()
    _secret, made = joining.invite(
        organisation=a_company(),
        kind="owner",
        level=1,
        uses=3,
        expires_at=now + timedelta(days=3),
        by=by,
        now=now,
    )
    return Case(
        f"/hq/invitations/{made.public_id}/revoke/",
        {},
        ["不能恢复"],
        lambda: Invitation.objects.get().revoked_at is not None,
    )


def revoking_tokens(by: User) -> Case:
    host = a_host("lin")
    services.issue_token(host.user, now=timezone.now(), name="店里", life=timedelta(days=3), is_verified=True)
    return Case(
        f"/hq/ways-in/{host.user.public_id}/",
        {"act": "tokens"},
        ["1 个接口令牌马上停用"],
        lambda: not services.tokens_of(host.user, now=timezone.now()).exists() and ApiToken.objects.exists(),
    )


def publishing_a_notice(by: User) -> Case:
    before = Notice.objects.count()
    text = "我们只在你下单时记下姓名、电话和地址，用来送货，不给别人，随时可以收回。"
    return Case(
        "/hq/notices/publish/",
        {"purpose": Notice.Purpose.values[0], "text": text},
        ["给每位小c看的都是这一版"],
        lambda: Notice.objects.count() == before + 1,
    )


@pytest.mark.parametrize(
    "act",
    [
        suspending,
        leaving,
        handing_over,
        ending_sales,
        revoking_an_invitation,
        revoking_tokens,
        publishing_a_notice,
    ],
)
def test_an_act_is_asked_before_it_is_done(act: Callable[[User], Case]) -> None:
    boss = _boss()
    case, client = act(boss), desk.browser(boss)

    page = client.post(case.url, case.data)
    for sentence in case.says:
        assert sentence in page.content.decode()
    client.post(case.url, {**case.data, "confirmed": "made up"})
    assert not case.happened()

    desk.confirm(client, case.url, case.data)
    assert case.happened()
