"""The forms in which HQ keeps products: people write yuan and percent, tables keep fen and basis points."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminModelForm

from apps.catalog import losses
from apps.catalog.models import Product, Sku
from apps.console_kit.choosing import offer_in_use
from apps.lib import money
from apps.lib.forms import DecimalField, WholeNumberField


class YuanField(forms.CharField):
    """An amount in yuan with at most two decimals; fen inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return money.decimal_yuan(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            fen = money.parse_yuan(text)
        except money.CommaError as error:
            raise ValidationError(str(error)) from None
        except money.NotMoneyError:
            fen = -1
        if fen < 0:
            raise ValidationError("请填写金额，最多两位小数，例如 12.50。")
        return fen

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class SkuForm(WagtailAdminModelForm):
    """One SKU. Its stock is changed elsewhere, by a difference."""

    retail_price = YuanField(label="零售价（元）")
    floor_price = YuanField(label="最低售价（元）", required=False)
    supply_price = YuanField(label="供货价（元）", required=False)

    class Meta:
        model = Sku
        fields = ["code", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("retail_price", "floor_price", "supply_price"):
                self.initial[name] = getattr(self.instance, f"{name}_fen")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        retail, floor = data.get("retail_price"), data.get("floor_price") or 0
        if retail is not None and floor > retail:
            self.add_error("floor_price", "最低售价不能高于零售价。")
        return data

    def _post_clean(self) -> None:
        for name in ("retail_price", "floor_price", "supply_price"):
            if name in self.cleaned_data:
                setattr(self.instance, f"{name}_fen", self.cleaned_data[name] or 0)
        super()._post_clean()


class ProductForm(WagtailAdminModelForm):
    commission_percent = DecimalField(
        label="佣金（%）", min_value=0, max_value=90, max_digits=4, decimal_places=2, initial=0
    )

    most_per_order = WholeNumberField(
        label="每单最多（件）",
        min_value=1,
        max_value=9_999,
        required=False,
        help_text="不填就不限。",
    )
    most_per_person = WholeNumberField(
        label="每人最多（件）",
        min_value=1,
        max_value=9_999,
        required=False,
        help_text="同一个手机号或同一台手机，在右边的天数里。不填就不限。",
    )
    limit_days = WholeNumberField(
        label="每人按多少天算", min_value=1, max_value=366, initial=30, required=False
    )

    despite_loss = forms.BooleanField(label="知道会亏，照样保存", required=False)
    #: Why HQ would lose money on it, in sentences, once that is known and not agreed to.
    losses: list[str]

    class Meta:
        model = Product
        fields = [
            *("title", "subtitle", "description", "category", "brand", "supplier", "status"),
            *("most_per_order", "most_per_person", "limit_days"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.losses = []
        offer_in_use(self, "category", "brand", "supplier")
        if self.instance.pk:
            self.initial["commission_percent"] = Decimal(self.instance.commission_bp) / 100

    def clean_limit_days(self) -> int:
        return self.cleaned_data["limit_days"] or 30

    def _post_clean(self) -> None:
        if "commission_percent" in self.cleaned_data:
            self.instance.commission_bp = int(self.cleaned_data["commission_percent"] * 100)
        super()._post_clean()

    def is_valid(self) -> bool:
        valid = bool(super().is_valid())
        for form in self.formsets["skus"].deleted_forms if valid else ():
            sku = form.instance
            if sku.pk and sku.order_lines.exists():
                self.add_error(None, f"规格「{sku}」已有订单，不能删除。不卖了就把库存改成 0。")
        if valid and not self.errors and not self.losses:
            self._warn_of_losses()
        return valid and not self.errors

    def _warn_of_losses(self) -> None:
        skus = self.formsets["skus"]
        is_about_money = {"commission_percent", "status"} & set(self.changed_data) or skus.has_changed()
        if not is_about_money or self.instance.status == Product.Status.OFF:
            return
        kept = [form.instance for form in skus.forms if form not in skus.deleted_forms and form.cleaned_data]
        found = losses.sentences(map(losses.of_sku, kept), self.instance.commission_bp)
        if found and not self.cleaned_data["despite_loss"]:
            self.losses = found
            self.add_error("despite_loss", [*found, "改好价格或佣金再保存；就是要这样卖，勾上再保存。"])


class StockForm(forms.Form):
    """How many to add (or, negative, to take away) for each SKU."""

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skus = {f"sku-{sku.public_id}": sku for sku in product.skus.all()}
        for name, sku in self.skus.items():
            self.fields[name] = WholeNumberField(
                label=str(sku),
                required=False,
                min_value=-1_000_000,
                max_value=1_000_000,
                help_text=f"现有 {sku.stock} 件",
                widget=forms.NumberInput(attrs={"placeholder": "例如 50 或 -3"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.changes():
            raise forms.ValidationError("没有要改的：至少在一个规格上填加几件或减几件。")
        return cleaned

    def changes(self) -> list[tuple[Sku, int]]:
        return [
            (sku, self.cleaned_data[name]) for name, sku in self.skus.items() if self.cleaned_data.get(name)
        ]
