"""Style in one piece: what stands in a consumer's page, and the one sheet that hosts' pages link."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from config import sheets
from tests.factories import a_host
from tests.storefront.people import a_link, a_phone, a_product

FRAMEWORK = """
/* a framework */ *{margin:0}
.wx-root,body,page{--weui-BG-0:#ededed;--weui-RED:#f00;--weui-LINK:var(--weui-BLUE);
--weui-BLUE:#00f} .weui-cell,a{color:var(--weui-LINK)} .weui-btn{padding:9px}
@media (prefers-color-scheme:dark){.wx-root:not([x]),body:not([x]){--weui-BG-0:#111}}
@keyframes turn{from{opacity:0}to{opacity:1}}
[class^="weui-icon-"]{width:1em}
"""


def test_of_a_framework_only_plain_elements_and_named_variables_stay() -> None:
    assert sheets.short(sheets.used_of(FRAMEWORK, "p{background:var(--weui-BG-0)}")) == (
        "*{margin:0}body{--weui-BG-0:#ededed;--weui-LINK:var(--weui-BLUE);--weui-BLUE:#00f}"
        "a{color:var(--weui-LINK)}@media (prefers-color-scheme:dark){body:not([x]){--weui-BG-0:#111}}"
    )


def test_short_says_the_same() -> None:
    long = "/* x */\na  b > c,\n d { margin: calc(1px + 2px) 0 ; color : red; }\n"

    assert sheets.short(long) == "a b > c,d{margin:calc(1px + 2px) 0;color : red}"


@pytest.mark.parametrize("name", ["host", "consumer"])
def test_a_sheet_names_no_variable_that_it_does_not_set(name: str) -> None:
    made = sheets.sheet(name)
    named = set(re.findall(r"var\(\s*(--weui-[\w-]+)", made))

    assert named
    assert named - set(re.findall(r"(--weui-[\w-]+):", made)) == set()
    assert ".weui-" not in made


def test_the_linked_sheet_is_found_and_written_anew_only_when_it_changed() -> None:
    found = finders.find("sheets/host.css")
    assert isinstance(found, str)
    before = Path(found).stat().st_mtime_ns

    assert Path(found).read_text(encoding="utf-8") == sheets.sheet("host")
    assert finders.find("sheets/host.css") == found
    assert Path(found).stat().st_mtime_ns == before
    assert finders.find("sheets/consumer.css") is None
    assert [name for finder in finders.get_finders() for name, _ in finder.list([]) if name == "host.css"]


@pytest.mark.django_db
def test_a_consumers_page_carries_its_style_under_its_own_nonce() -> None:
    link = a_link(a_host(), a_product())
    phone = a_phone()
    nonces = []
    for _ in range(2):
        answer = phone.get(f"/s/{link.code}/")
        [nonce] = re.findall(r'<style nonce="([^"]+)">', answer.content.decode())
        assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]
        assert 'rel="stylesheet"' not in answer.content.decode()
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


@pytest.mark.django_db
def test_a_hosts_page_waits_for_one_sheet(client: Client) -> None:
    client.force_login(a_host().user)
    for address in ("/", "/customers/", "/materials/", "/learn/", "/me/"):
        html = client.get(address).content.decode()
        assert re.findall(r'rel="stylesheet" href="([^"]+)"', html) == ["/static/sheets/host.css"], address
