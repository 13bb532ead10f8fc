"""Doubts about a text that somebody wrote about a product: said to whoever wrote it, in her words."""

import re

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.catalog.prices import prices_of
from apps.lib import money
from apps.library.checks.draft import Draft, Text
from apps.library.checks.forbidden_words import forbidden

#: An amount as people write it: ￥59, 59.9元, 59块9, only 59 块.
_NUMBER = rf"(?:{money.GROUPED}(?!\d)|\d{{1,12}})(?:\.\d{{1,2}})?"
_AMOUNT = re.compile(rf"[¥￥]\s*({_NUMBER})|({_NUMBER})\s*(?:元|块(?:钱|(\d))?)")


def doubts_of(text: str, *, product: Product | None, host: Host) -> list[str]:
    """What is doubtful in `text`, as sentences; empty when nothing is."""
    listed = forbidden(Draft([Text("text", "文案", text)]))
    return [*dict.fromkeys(str(one) for one in listed), *_about_prices(text, product, host)]


def amounts_in(text: str) -> list[int]:
    """The amounts of money that a text names, in fen."""
    found = []
    for match in _AMOUNT.finditer(text):
        whole, said, tenths = match.groups()
        try:
            fen = money.parse_yuan(whole or said) + (int(tenths) * 10 if tenths else 0)
        except money.NotMoneyError:  # more digits than any price has
            continue
        found.append(fen)
    return found


def _about_prices(text: str, product: Product | None, host: Host) -> list[str]:
    if product is None:
        return []
    asked = prices_of(host, [product.pk])
    prices = {asked.of(sku) for sku in product.skus.all()}
    wrong = [fen for fen in dict.fromkeys(amounts_in(text)) if fen not in prices]
    if not wrong or not prices:
        return []
    named = "、".join(money.show_yuan(fen) for fen in wrong)
    sold = "、".join(money.show_yuan(fen) for fen in sorted(prices))
    return [f"文案里写了 {named}，「{product.title}」现在的售价是 {sold}。价格写错，买家会找你。"]
