"""Reading pages as a browser does: fields of a form, what a page loads, the words on it."""

import re
from html import unescape
from typing import Any

from django.test import Client

from tests.pages import html_of

_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
GOOD = {
    "quantity": "1",
    "name": "张小雨",
    "phone": "138 0000 8000",
    "address": "杭州市西湖区文三路 1 号 301",
    "note": "",
    "consent": "on",
}


def hidden_fields(html: str) -> dict[str, str]:
    """Name and value of the hidden inputs, the CSRF token among them."""
    found = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(html)]
    return {tag["name"]: unescape(tag.get("value", "")) for tag in found if tag.get("type") == "hidden"}


def data_of(html: str, name: str) -> str:
    """One data attribute of the body."""
    match = re.search(rf'<body[^>]*\bdata-{name}="([^"]*)"', html)
    assert match, f"no data-{name}"
    return unescape(match[1])


def words_of(html: str) -> str:
    """What a reader sees, without tags."""
    body = re.sub(r"<(head|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def open_page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.status_code
    return html_of(answer)


def send_order(client: Client, url: str, form: str = "", **fields: Any) -> Any:
    """Open the order form (unless `form` is one opened before), fill it in and send it.

    A refusal is the page to which it sends her, like in a browser.
    """
    form = form or open_page(client, url)
    values = {**hidden_fields(form), **GOOD, **fields}
    answer = client.post(url, {name: value for name, value in values.items() if value is not None})
    return client.get(answer["Location"]) if answer.status_code == 303 else answer
