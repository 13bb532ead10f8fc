"""The order form: what must be typed, and the mend for what is wrong."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator

from apps.lib import words
from apps.lib.forms import DigitsField, PhoneField, PlainTextField, WholeNumberField
from apps.storefront.basket import MOST_KINDS
from apps.storefront.notices import ASKED
from apps.trade.pricing import Item
from apps.trade.services import MAX_QUANTITY

_KEY = re.compile(r"[1-9A-HJ-NP-Za-km-z]{16,24}")
_ITEM = re.compile(r"[0-9a-f]{32}:[1-9][0-9]?")


class OrderForm(forms.Form):
    """An order to one address. `key` and `price_fen` come from the page, not from the buyer."""

    use_required_attribute = True

    name = PlainTextField(
        label="收货人",
        max_length=words.LONGEST_NAME,
        error_messages={
            "required": "请填写收货人姓名。",
            "max_length": "姓名最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "name", "placeholder": "姓名"}),
    )
    phone = PhoneField(
        error_messages={"required": "请填写手机号，送货时联系你。"},
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "tel",
                "placeholder": "11 位手机号",
            }
        ),
    )
    address = PlainTextField(
        label="收货地址",
        min_length=6,
        max_length=120,
        error_messages={
            "required": "请填写收货地址。",
            "min_length": "地址太短了，请写到门牌号，比如“杭州市西湖区文三路 1 号 2 单元 301”。",
            "max_length": "地址最多 120 个字，现在有 %(show_value)d 个。",
        },
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "autocomplete": "street-address",
                "placeholder": "省市区、街道、门牌号",
            }
        ),
    )
    note = PlainTextField(
        label="留言",
        required=False,
        max_length=100,
        error_messages={"max_length": "留言最多 100 个字，现在有 %(show_value)d 个。"},
        widget=forms.TextInput(attrs={"placeholder": "送货时间、口味等"}),
    )
    #: That she has read what the order can't do without; the rest is asked apart and may stay empty.
    consent = forms.BooleanField(
        label="看过了", error_messages={"required": "请先勾一下，表示看过收货信息怎么用。"}
    )
    marketing = forms.BooleanField(label="新品和优惠", required=False)
    sharing = forms.BooleanField(label="改进选品", required=False)
    key = forms.CharField(
        validators=[RegexValidator(re.compile(rf"\A{_KEY.pattern}\Z"))], widget=forms.HiddenInput()
    )
    price_fen = WholeNumberField(min_value=0, max_value=10**12, widget=forms.HiddenInput())
    #: She was asked whether she wants the same once more, and does.
    twice = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "phone", "address", "note"):
            self.fields[name].widget.attrs.setdefault("class", "field__input")

    @property
    def agreed(self) -> tuple[str, ...]:
        """The purposes beyond the order that she ticked."""
        return tuple(purpose.value for purpose in ASKED if self.cleaned_data.get(purpose.value))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"key", "price_fen", "items"} & self.errors.keys():
            self.add_error(None, "这张订单表不完整，请重新打开商品页再下单。")
        return cleaned

    def point_to_mistake(self) -> None:
        """Put the cursor into the first field to mend, script or no script."""
        first = next((name for name in self.fields if name in self.errors), None)
        if first is not None:
            self.fields[first].widget.attrs["autofocus"] = True


class OneSkuForm(OrderForm):
    """So many of one SKU; `price_fen` is what one costs."""

    quantity = WholeNumberField(
        label="数量",
        initial=1,
        validators=[
            MinValueValidator(1, "至少买 1 件。"),
            MaxValueValidator(MAX_QUANTITY, "一次最多买 %(limit_value)s 件，要更多请直接说一声。"),
        ],
        error_messages={"required": "请填写数量。", "invalid": "数量要是整数，比如 1。"},
        widget=forms.NumberInput(
            attrs={"min": 1, "max": MAX_QUANTITY, "inputmode": "numeric", "class": "stepper__input num"}
        ),
    )
    field_order = ("quantity",)


class BasketForm(OrderForm):
    """What lay in the basket when the form was made (`items`: SKU and number); `price_fen` is the total."""

    items = forms.CharField(max_length=2_000, widget=forms.HiddenInput())

    def clean_items(self) -> list[tuple[UUID, int]]:
        found = read_items(self.cleaned_data["items"])
        if not found:
            raise forms.ValidationError("这张订单表不完整。")
        return found


def write_items(items: Iterable[Item]) -> str:
    """As a form carries them."""
    return ",".join(f"{item.sku.public_id.hex}:{item.quantity}" for item in items)


def read_items(text: str) -> list[tuple[UUID, int]]:
    """What `write_items` wrote; nothing for any other text."""
    parts = text.split(",")
    if len(parts) > MOST_KINDS or not all(_ITEM.fullmatch(part) for part in parts):
        return []
    read = [(UUID(part[:32]), int(part[33:])) for part in parts]
    return read if len({sku for sku, _ in read}) == len(read) else []


class PhoneOnlyForm(forms.Form):
    """A phone number."""

    phone = PhoneField(
        error_messages={"required": "请填写你留过的手机号。"},
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "tel",
                "placeholder": "11 位手机号",
                "class": "field__input",
            }
        ),
    )


class MyDataForm(PhoneOnlyForm):
    """What she wants, and the phone under which she may be known."""

    kind = forms.ChoiceField(
        label="想做什么",
        choices=[("export", "看一看、带走我的资料"), ("erase", "删除我的资料")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个。"},
    )


class CodeForm(forms.Form):
    code = DigitsField(
        count=6,
        label="验证码",
        error_messages={"required": "请填电话里念给你的六位数。", "invalid": "验证码是六位数字。"},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "field__input num"}
        ),
    )


class Last4Form(forms.Form):
    kind = MyDataForm.base_fields["kind"]
    last4 = DigitsField(
        count=4,
        label="你手机号的最后四位",
        required=False,
        help_text="确认链接没有转给别人。没留过手机号就不用填。",
        error_messages={"invalid": "请填四位数字。"},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "field__input num"}
        ),
    )
