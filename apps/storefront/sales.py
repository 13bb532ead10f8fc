"""What an order form sells: one SKU whose number is typed on it, or the basket as it was shown."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from apps.catalog.models import Sku
from apps.catalog.services import OutOfStockError
from apps.lib import money
from apps.storefront import access, basket, selectors
from apps.storefront.access import GoneError, Reason
from apps.storefront.basket import Entry
from apps.storefront.forms import BasketForm, OneSkuForm, OrderForm, read_items, write_items
from apps.tracking.models import Link
from apps.trade.pricing import Item, Quote, quote

#: In the address of the page that says why an order was refused.
AGAIN = "again"


class Sale(ABC):
    """Behind one link; `what` tells its drafts from those of another sale."""

    form_class: type[OrderForm]
    what: str

    def __init__(self, link: Link) -> None:
        self.link = link

    @property
    @abstractmethod
    def address(self) -> str:
        """Of its form."""

    @property
    def address_again(self) -> str:
        """Of the page that says why its form was refused."""
        return f"{self.address}{'&' if '?' in self.address else '?'}{AGAIN}=1"

    @abstractmethod
    def fresh(self) -> dict[str, Any]:
        """What a new form carries besides its key. GoneError when nothing of it can be had."""

    @abstractmethod
    def items_of(self, form: OrderForm) -> list[Item]:
        """What a form in order asks for."""

    @abstractmethod
    def seen_fen(self, form: OrderForm) -> int:
        """The total that its buyer saw."""

    @abstractmethod
    def shown(self, form: OrderForm) -> dict[str, Any]:
        """What the page of the form tells of the goods."""

    @abstractmethod
    def mend_stock(self, form: OrderForm, error: OutOfStockError | None) -> bool:
        """Say in the form what is short; False when nothing is left to be ordered."""

    @abstractmethod
    def carry(self, posted: Any) -> None:
        """Put into a form that is shown again what stands now: the price of what there is."""

    @abstractmethod
    def price_words(self, form: OrderForm, asked: Quote) -> str:
        """That the price is another one than she saw."""

    limit_mend = ""
    #: Where one begins anew.
    anew = ""


class OneSku(Sale):
    form_class = OneSkuForm

    def __init__(self, link: Link, sku: Sku) -> None:
        super().__init__(link)
        self.sku = sku
        self.what = str(sku.public_id)
        self.offer = selectors.offer_of(link.host, sku)

    @property
    def address(self) -> str:
        return f"{reverse('storefront:order', args=[self.link.code])}?{urlencode({'sku': self.what})}"

    @property
    def anew(self) -> str:  # type: ignore[override]
        return self.address

    def fresh(self) -> dict[str, Any]:
        if self.offer.is_sold_out:
            raise GoneError(Reason.SOLD_OUT, self.link, self.sku.product)
        return {"price_fen": self.offer.price_fen}

    def items_of(self, form: OrderForm) -> list[Item]:
        return [Item(self.sku, form.cleaned_data["quantity"])]

    def seen_fen(self, form: OrderForm) -> int:
        return int(form.cleaned_data["price_fen"] * form.cleaned_data["quantity"])

    def shown(self, form: OrderForm) -> dict[str, Any]:
        quantity = form.cleaned_data.get("quantity", 1) if form.is_bound else 1
        return {
            "offer": self.offer,
            "product": self.sku.product,
            "quantity": quantity,
            "total_fen": quote(self.link.host, [Item(self.sku, quantity)]).total_fen,
        }

    def mend_stock(self, form: OrderForm, error: OutOfStockError | None) -> bool:
        if error is None or error.left == 0:
            return False
        self.sku.stock = error.left
        form.add_error("quantity", f"只剩 {error.left} 件了，请改成 {error.left} 件或更少。")
        return True

    def carry(self, posted: Any) -> None:
        posted["price_fen"] = str(self.offer.price_fen)

    def price_words(self, form: OrderForm, asked: Quote) -> str:
        before, after = form.cleaned_data["price_fen"], asked.lines[0].unit_fen
        return _changed("每件", before, after)


class WholeBasket(Sale):
    """`entries` is what lies in it: on this device for a new form, in the form that is sent else."""

    form_class = BasketForm
    what = "basket"
    limit_mend = "回购物车改一下数量，再来提交。"

    def __init__(self, link: Link, entries: tuple[Entry, ...], now: datetime) -> None:
        super().__init__(link)
        self.entries, self.now = entries, now
        self._look()

    def _look(self) -> None:
        self.chosen = access.chosen_in(self.link.host, self.entries, self.now)
        self.items, self.said = basket.fitting(self.chosen)
        self.quote = quote(self.link.host, self.items)

    @classmethod
    def of_form(cls, request: HttpRequest, link: Link, text: str, now: datetime) -> "WholeBasket":
        """What a form that was shown before asks for, by the links under which its things lie here."""
        known = {entry.sku_id: entry for entry in basket.of(request, link.host_id).entries}
        asked = dict(read_items(text))
        skus = Sku.objects.filter(public_id__in=asked)
        numbers = {sku.pk: (asked[sku.public_id], sku.public_id) for sku in skus}
        order = {public_id: place for place, public_id in enumerate(asked)}
        entries = [
            Entry(link.host_id, known[pk].link_id if pk in known else link.pk, pk, number)
            for pk, (number, public_id) in sorted(numbers.items(), key=lambda row: order[row[1][1]])
        ]
        return cls(link, tuple(entries), now)

    @property
    def address(self) -> str:
        return reverse("storefront:basket-order", args=[self.link.code])

    @property
    def anew(self) -> str:  # type: ignore[override]
        return reverse("storefront:basket", args=[self.link.code])

    def fresh(self) -> dict[str, Any]:
        return {"price_fen": self.quote.total_fen, "items": write_items(self.items)}

    def items_of(self, form: OrderForm) -> list[Item]:
        # As it was sent: a repeat is known by that, whatever is left by now.
        return [Item(one.sku, one.quantity) for one in self.chosen]

    def seen_fen(self, form: OrderForm) -> int:
        return int(form.cleaned_data["price_fen"])

    def shown(self, form: OrderForm) -> dict[str, Any]:
        return {
            "lines": self.quote.lines,
            "quantity": self.quote.pieces,
            "total_fen": self.quote.total_fen,
            "left_out": [] if form.is_bound else self.said,
        }

    def mend_stock(self, form: OrderForm, error: OutOfStockError | None) -> bool:
        self._look()
        if not self.items:
            return False
        for words in self.said:
            form.add_error(None, words)
        form.add_error(None, "其余的都还在，没问题就再点一次提交。")
        return True

    def carry(self, posted: Any) -> None:
        posted["price_fen"], posted["items"] = str(self.quote.total_fen), write_items(self.items)

    def price_words(self, form: OrderForm, asked: Quote) -> str:
        before, after = form.cleaned_data["price_fen"], asked.total_fen
        return _changed("合计", before, after)


def _changed(what: str, before: int, after: int) -> str:
    prices = f"从 {money.show_yuan(before)} 变成 {money.show_yuan(after)}"
    return f"价格刚刚变了：{what}{prices}。可以接受的话，再点一次提交。"
