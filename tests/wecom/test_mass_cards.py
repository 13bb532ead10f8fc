"""What a mass message shows of her link is what the link's page says of itself, at the moment it is sent."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Sku
from apps.library.models import Material
from apps.media.models import Poster
from apps.wecom.models import MassSend
from tests.factories import a_sku
from tests.sandbox_fixture import Sandbox
from tests.wecom.mass_sending import Work, ask, befriend, lin, phone
from tests.workbench.issues import a_material, sold, with_pictures

__all__ = ["lin", "phone"]


def previewed(phone: Client, url: str) -> dict[str, str]:
    """What the page behind an address tells chats."""
    html = phone.get(url.removeprefix(settings.SITE_URL).partition("?")[0]).content.decode()
    return dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html))


def test_the_card_says_what_the_page_says(wecom: Sandbox, lin: Host, phone: Client, work: Work) -> None:
    befriend(wecom, lin, "小雨")
    album = with_pictures(a_material("采茶的早晨", summary="清明前三天，露水还在"), 2)
    ask(phone, album, audience="all")
    work()

    [task] = wecom.mass_tasks()
    card = task["attachments"][-1]["link"]
    page = previewed(phone, card["url"])
    assert (card["title"], card["desc"], card["picurl"]) == (
        page["title"],
        page["description"],
        page["image"],
    )
    assert card["desc"] == "清明前三天，露水还在"
    assert card["picurl"].startswith(f"{settings.SITE_URL}/media/")


def test_the_card_knows_what_changed_while_it_waited(
    wecom: Sandbox, lin: Host, phone: Client, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    tea = a_material("明前龙井", summary="旧的一句")
    ask(phone, tea, audience="all")
    Material.objects.filter(pk=tea.pk).update(summary="新的一句")
    work()

    [task] = wecom.mass_tasks()
    [card] = task["attachments"]
    assert card["link"]["desc"] == "新的一句"
    assert "picurl" not in card["link"]


@pytest.fixture
def apple() -> Sku:
    return a_sku()


def test_a_moments_poster_is_drawn_anew_when_its_price_is_another(
    wecom: Sandbox, lin: Host, phone: Client, apple: Sku, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    album = sold(with_pictures(a_material("采茶的早晨"), 1), apple.product)
    ask(phone, album, channel="moments")
    before: Any = MassSend.objects.get().poster
    item = catalog.add_to_shelf(lin, apple.product, now=timezone.now())
    catalog.edit_shelf_item(item, prices={apple: 5_500}, pitch="", now=timezone.now())
    work()

    after = MassSend.objects.get().poster
    assert after is not None
    assert after.digest != before.digest
    [moment] = wecom.moments()
    assert [one["msgtype"] for one in moment["attachments"]] == ["image"] * 2
    assert Poster.objects.count() == 2


def test_what_did_not_change_is_not_drawn_again(
    wecom: Sandbox, lin: Host, phone: Client, apple: Sku, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, sold(with_pictures(a_material("采茶的早晨"), 1), apple.product), channel="moments")
    work()

    assert Poster.objects.count() == 1
