"""A refusal said in passing is a refusal: the device keeps what was typed, and says so."""

import ast
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.test import Client

from apps.accounts.models import Host
from apps.trade import services as trade
from apps.trade.models import Order
from tests.storefront.pages import GOOD, hidden_fields, open_page
from tests.storefront.people import a_link, a_phone, a_product, on_shelf, order_url


def word_for(client: Client, address: str, data: dict[str, Any]) -> str:
    """What the device is told that sent this form with a proof of its own."""
    proof = str(uuid4())
    client.post(address, {**data, "_once": proof})
    said = client.cookies["sent"].value
    assert said.startswith(f"{proof}.")
    return said.removeprefix(f"{proof}.")


def test_an_order_that_changed_meanwhile(phone: Client, lin: Host, order: Order, now: datetime) -> None:
    page = f"/me/orders/{order.public_id}/"
    trade.cancel_order(order, by=lin.user, now=now, reason="客户不要了")
    assert word_for(phone, f"{page}cancel/", {"reason": "她想换一种"}) == "mend"
    assert word_for(phone, f"{page}return/", {"amount_fen": "10", "reason": "破了"}) == "mend"
    assert word_for(phone, f"{page}confirm/", {}) == "mend"


def test_an_order_that_stands_as_she_saw_it(phone: Client, order: Order) -> None:
    assert word_for(phone, f"/me/orders/{order.public_id}/cancel/", {"reason": "她想换一种"}) == "done"


def test_what_a_consumer_can_not_have(lin: Host, now: datetime) -> None:
    product = a_product("秋月梨", stock=3)
    item = on_shelf(lin, product)
    link, guest = a_link(lin, lin), a_phone()
    form = open_page(guest, order_url(link, product))
    sku = product.skus.get()
    product.skus.update(stock=0)
    basket = f"/s/{link.code}/basket/"
    assert word_for(guest, basket, {"sku": sku.public_id.hex}) == "mend"
    item.delete()
    typed = {**hidden_fields(form), **GOOD}
    assert word_for(guest, order_url(link, product), typed) == "mend"


def test_every_refusal_that_a_view_says_and_leads_on_from_is_marked() -> None:
    """Where a view catches a refusal and says it, the redirect is marked; `error` marks by itself."""
    seen, wrong = 0, []
    for folder in ("workbench", "storefront"):
        for path in sorted(Path(__file__).parents[2].joinpath("apps", folder, "views").glob("*.py")):
            for handler in ast.walk(ast.parse(path.read_text())):
                if not isinstance(handler, ast.ExceptHandler):
                    continue
                text = ast.unparse(handler)
                if "messages.info" in text or "messages.warning" in text:
                    seen += 1
                    if "kept_forms.refused" not in text:
                        wrong.append(f"{path.name}:{handler.lineno}")
    assert seen > 5
    assert wrong == []
