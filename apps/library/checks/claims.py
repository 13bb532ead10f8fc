"""Prices that a text promises, beside the catalog's; and whether the product can be bought at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apps.catalog.models import Product
from apps.lib.money import NotMoneyError, parse_yuan, show_yuan
from apps.library.checks.draft import Draft, Finding, Text

_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:\.\d{1,2})?"
#: 「¥59」「59元」「59.9 块钱」; not 「59元素」 and not 「1.5 块蛋糕」.
_PRICE = re.compile(
    rf"[¥￥]\s*(?P<signed>{_AMOUNT})|(?<![\d.])(?P<spoken>{_AMOUNT})\s*(?:元(?!素|旦|宵|气)|块(?:钱|(?=[，。！？、；\s]|$)))"
)
#: What stands before an amount that is no product's price: a saving, a threshold, a postage.
_NOT_A_PRICE = re.compile(
    r"(?:满|减|省|立减|优惠|返|券|红包|运费|邮费|定金|押金|补|多付|差价|抵)[^，。！？；\n]{0,3}$"
)
#: 「2件99元」「三盒 99 元」: a price of several.
_OF_SEVERAL = re.compile(
    r"[2-9两二三四五六七八九十]\d*\s*(?:件|盒|瓶|份|箱|袋|斤|套|个|包|罐|支|提)[^，。！？；\n]{0,4}$"
)
_LOOKS_BACK = 12


@dataclass(frozen=True)
class Claim:
    """An amount in a text, in fen, and whether it speaks of one product's price."""

    text: Text
    at: int
    length: int
    fen: int
    is_price: bool


def claims_in(texts: list[Text]) -> Iterator[Claim]:
    """Every amount of money in the texts."""
    for text in texts:
        for match in _PRICE.finditer(text.words):
            try:
                fen = parse_yuan(match["signed"] or match["spoken"])
            except NotMoneyError:
                continue
            before = text.words[max(0, match.start() - _LOOKS_BACK) : match.start()]
            is_price = not _NOT_A_PRICE.search(before) and not _OF_SEVERAL.search(before)
            yield Claim(text, match.start(), len(match[0]), fen, is_price)


def prices(draft: Draft) -> list[Finding]:
    """Prices that no SKU of the product has block; what can't be compared, or has no end, is named."""
    claims = list(claims_in(draft.texts))
    if not claims:
        return []
    found = []
    if draft.product is not None:
        real = sorted({sku.retail_price_fen for sku in draft.product.skus.all()})
        for claim in claims:
            amount = show_yuan(claim.fen)
            if not claim.is_price:
                problem, mend = f"写了 {amount}，不像单件的价格，没法核对。", "请自己确认活动还有效。"
                found.append(claim.text.finding(claim.at, claim.length, problem, mend, blocks=False))
            elif claim.fen not in real:
                problem = f"写着 {amount}，可是「{draft.product.title}」没有这个价。"
                found.append(claim.text.finding(claim.at, claim.length, problem, _now(real), blocks=True))
    else:
        for claim in claims:
            problem, mend = (
                f"写着 {show_yuan(claim.fen)}，没有关联商品，没法核对。",
                "请关联商品，或确认价格没错。",
            )
            found.append(claim.text.finding(claim.at, claim.length, problem, mend, blocks=False))
    if draft.expire_at is None and any(claim.is_price for claim in claims):
        mend = "请设一个到期时间，价格变了就不会再被分享。"
        found.append(Finding("expire_at", "到期时间", "没有填，文里却写了价格。", mend, False))
    return found


def _now(real: list[int]) -> str:
    if not real:
        return "它还没有规格和价格，请先到商品里补上。"
    shown = "、".join(show_yuan(fen) for fen in real[:5])
    return f"现在的价是 {shown}{'等' if len(real) > 5 else ''}，请改成其中一个或去掉价格。"


def product(draft: Draft) -> list[Finding]:
    """A product that is off the shelf blocks; one that is sold out is named."""
    row = draft.product
    if row is None:
        return []
    if row.status != Product.Status.ACTIVE:
        problem, mend = (
            f"「{row.title}」{row.get_status_display()}，小c买不到。",
            "请换一个在售的商品，或先上架。",
        )
        return [Finding("product", "关联商品", problem, mend, True)]
    if row.skus.all() and row.stock == 0:
        return [Finding("product", "关联商品", f"「{row.title}」没有库存了。", "请确认会补货。", False)]
    return []
