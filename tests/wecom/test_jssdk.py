"""Pages signed for WeCom's client: the vector of its own documents, and tickets that lie ready."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client
from django.utils import timezone

from apps.wecom.models import AccessToken
from apps.wecom.services import jssdk
from tests.factories import a_host
from tests.sandbox_fixture import Sandbox


def refresh() -> str:
    return jssdk.refresh_tickets({}, timezone.now())


def asked_for_tickets(wecom: Sandbox) -> int:
    calls = wecom.control("GET", "calls")["calls"]
    return sum("ticket" in str(call["path"]) for call in calls)


def test_the_signature_is_that_of_wecoms_own_example() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"

    signed = jssdk.sign(
        ticket, url="http://mp.weixin.qq.com?params=value", stamp=1414587457, nonce="Wm3WZYTPz0wzccnW"
    )

    assert signed.signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_a_hosts_page_is_signed_with_both_tickets(wecom: Sandbox) -> None:
    assert refresh() == "票据都在有效期内"
    client = Client()
    client.force_login(a_host("lin").user)

    answer = client.get("/wecom/sign/", {"url": f"{settings.SITE_URL}/materials/?q=1"})

    signed = answer.json()
    assert signed["corpId"] == settings.WECOM_CORP_ID
    assert signed["corp"]["signature"] != signed["agent"]["signature"]
    for kind in jssdk.KINDS:
        ticket = jssdk.tokens.known(jssdk.ticket_of(kind))
        mine = jssdk.sign(
            str(ticket),
            url=f"{settings.SITE_URL}/materials/?q=1",
            stamp=signed[kind]["timestamp"],
            nonce=signed[kind]["nonceStr"],
        )
        assert mine.signature == signed[kind]["signature"]
        assert str(ticket) not in answer.content.decode()


def test_tickets_are_fetched_once_and_again_before_they_end(wecom: Sandbox) -> None:
    for _ in range(3):
        refresh()
    kept = AccessToken.objects.count()
    before = set(AccessToken.objects.values_list("fetches", flat=True))
    assert before == {1}

    AccessToken.objects.update(expires_at=F("expires_at") - timedelta(minutes=105))
    refresh()

    assert AccessToken.objects.count() == kept
    assert AccessToken.objects.filter(fetches=2).count() >= 2


@pytest.mark.parametrize(
    "url", ["", "https://evil.example/", "{site}.evil.example/", "{site}/x#y", "/materials/"]
)
def test_only_our_own_pages_are_signed(wecom: Sandbox, url: str) -> None:
    refresh()
    client = Client()
    client.force_login(a_host("lin").user)

    assert client.get("/wecom/sign/", {"url": url.format(site=settings.SITE_URL)}).status_code == 400


def test_without_tickets_the_page_is_told_to_do_without(wecom: Sandbox) -> None:
    client = Client()
    client.force_login(a_host("lin").user)

    answer = client.get("/wecom/sign/", {"url": f"{settings.SITE_URL}/"})

    assert answer.status_code == 503
    assert "先复制" in answer.json()["message"]


def test_strangers_get_no_signature(wecom: Sandbox) -> None:
    refresh()

    assert Client().get("/wecom/sign/", {"url": f"{settings.SITE_URL}/"}).status_code == 302
