"""The console speaks Chinese: no English word in anything that people read."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from apps.accounts import roles
from tests.console import desk
from tests.library.desk import browser

pytestmark = pytest.mark.django_db

#: Names of formats and keys, and what the test's own people typed.
ALLOWED = re.compile(
    r"\b(JPG|JPEG|PNG|WebP|HEIC|MP4|MB|H\.264|Esc|Ctrl|Shift|Enter|lin|mei|editor|app-message|SKU-\d+|None|JavaScript)\b"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{10,}\.\w+"
)
WORD = re.compile(r"[A-Za-z]{3,}")
SHOWN = {
    "aria-label",
    "title",
    "placeholder",
    "alt",
    "data-w-tooltip-content-value",
    "data-w-progress-active-value",
}


class Reader(HTMLParser):
    """What a person reads or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in {"script", "style"}:
            self._inside.append(tag)
        self.texts += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


def english_in(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    return sorted({text.strip() for text in reader.texts if WORD.search(ALLOWED.sub("", text))})


PAGES = [
    "", "materials/", "materials/add/", "materials/edit/{material}/", "materials/history/{material}/",
    "materials/usage/{material}/", "materials/withdraw/{material}/", "issues/", "issues/add/",
    "issues/edit/{issue}/", "images/", "images/add/", "images/multiple/add/", "videos/", "videos/new/",
    "products/", "products/new/", "products/edit/{product}/", "products/stock/{product}/",
    "products/history/{product}/", "categories/", "categories/new/", "brands/", "suppliers/", "hosts/",
    "hosts/add/", "hosts/{host}/", "hosts/{host}/suspended/", "organisations/", "organisations/new/",
    "customers/", "customers/{relation}/", "orders/", "orders/{order}/", "deliveries/", "access-log/",
    "staff/", "staff/new/", "account/",
]  # fmt: skip


def test_no_page_of_the_console_holds_an_english_word() -> None:
    house = desk.furnish()
    ids = {
        "material": house.material.pk,
        "issue": house.issue.pk,
        "product": house.product.pk,
        "host": house.host.public_id,
        "relation": house.relation.public_id,
        "order": house.order.public_id,
    }
    client = browser(desk.everybody()[roles.ADMIN])

    found = {}
    for page in PAGES:
        answer = client.get(f"/hq/{page.format(**ids)}")
        assert answer.status_code == 200, page
        if english := english_in(answer.content.decode()):
            found[page] = english

    assert found == {}


def test_the_sign_in_page_too(client: Any) -> None:
    assert english_in(client.get("/hq/login/").content.decode()) == []


def test_scripts_speak_chinese_too(client: Any) -> None:
    catalogue = client.get("/hq/jsi18n/").content.decode()

    assert '"Changes have been autosaved.": "\\u5df2\\u81ea\\u52a8\\u4fdd\\u5b58\\u3002"' in catalogue
