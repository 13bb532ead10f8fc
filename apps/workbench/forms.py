"""What hosts type."""

from typing import Any, ClassVar

from django import forms

from apps.accounts.models import Host
from apps.catalog.models import ShelfItem, Sku
from apps.catalog.prices import PriceList
from apps.catalog.services import MAX_PRICE_FEN
from apps.customers.forms import AddForm, NoteForm, RelationForm, RemindForm, TagForm
from apps.customers.models import Relation
from apps.database import crypto
from apps.lib import money
from apps.library.posters import Look
from apps.media.forms import CodeField, FaceField
from apps.media.models import HostPicture
from apps.tracking.models import Channel


class H5Form(forms.Form):
    """A form whose fields carry the classes of templates/components/field.html."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, (forms.CheckboxInput, forms.RadioSelect, forms.HiddenInput)):
                field.widget.attrs.setdefault("class", "field__input")


class SignInForm(H5Form):
    username = forms.CharField(
        label="账号",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": "请填账号。"},
    )
    password = forms.CharField(
        label="密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填密码。"},
    )


class TokenForm(H5Form):
    """A token for another system of hers."""

    name = forms.CharField(
        label="给什么用",
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "例如：店里的收银系统", "autocomplete": "off"}),
        error_messages={"required": "写一句它给什么用，以后好认。"},
    )
    days = forms.TypedChoiceField(
        label="多久有效",
        choices=[(7, "7 天"), (30, "30 天"), (90, "90 天")],
        initial=30,
        coerce=int,
    )


class YuanField(forms.CharField):
    """An amount in yuan, cleaned to fen; None when empty."""

    default_error_messages = {"money": "金额写成数字就好，最多两位小数，例如 39.90。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 16, **kwargs})
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return money.decimal_yuan(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = money.parse_yuan(text)
        except money.CommaError as error:
            raise forms.ValidationError(str(error), code="money") from None
        except money.NotMoneyError:
            raise forms.ValidationError(self.error_messages["money"], code="money") from None
        if fen < 0:
            raise forms.ValidationError(self.error_messages["money"], code="money")
        return fen


class ShelfItemForm(H5Form):
    """Her words for a product, and her price of each of its SKUs: empty is the retail price.

    `anyway`: she was asked about a price above the retail price, and means it.
    """

    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput())
    pitch = forms.CharField(
        label="推荐语",
        max_length=80,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "用你自己的话说说它好在哪"}),
    )

    def __init__(self, *args: Any, item: ShelfItem, prices: PriceList, **kwargs: Any) -> None:
        super().__init__(*args, initial={"pitch": item.pitch}, **kwargs)
        self.item = item
        self.skus, self.own = list(item.product.skus.all()), prices.own
        for sku in self.skus:
            name = self.price_name(sku)
            field = YuanField(
                label="我的售价（元）" if len(self.skus) == 1 else f"{sku}的售价（元）",
                required=False,
                initial=prices.own.get(sku.pk),
                help_text=_what_may_be_asked(sku),
            )
            field.widget.attrs["class"] = "field__input"
            self.fields[name] = field
        self.order_fields([*map(self.price_name, self.skus), "pitch"])

    @staticmethod
    def price_name(sku: Sku) -> str:
        return f"price_{sku.public_id}"

    @property
    def above_retail(self) -> list[str]:
        """What is to be asked about, in sentences: the price that she is changing is above HQ's."""
        return [
            f"{sku if len(self.skus) > 1 else '这件'}零售价 {money.show_yuan(sku.retail_price_fen)}，"
            f"你填的是 {money.show_yuan(fen)}，比零售价高。"
            for sku, fen in self.prices.items()
            if fen is not None and sku.retail_price_fen < fen <= MAX_PRICE_FEN and fen != self.own.get(sku.pk)
        ]

    @property
    def prices(self) -> dict[Sku, int | None]:
        """What she typed, in fen by SKU."""
        return {sku: self.cleaned_data[self.price_name(sku)] for sku in self.skus}


def _what_may_be_asked(sku: Sku) -> str:
    lowest = f"，最低可以卖 {money.show_yuan(sku.floor_price_fen)}" if sku.floor_price_fen else ""
    return f"零售价 {money.show_yuan(sku.retail_price_fen)}{lowest}。留空就按零售价卖。"


class ChannelForm(forms.Form):
    """Which way she shares."""

    channel = forms.ChoiceField(choices=Channel.choices)
    #: Which of a material's texts goes along (`apps.workbench.variants`).
    say = forms.CharField(max_length=12, required=False)
    #: What she took from the way she chose; empty while she chooses it.
    took = forms.ChoiceField(choices=[(one, one) for one in ("copied", "saved", "sent")], required=False)
    #: How the poster is laid out; what she chose is remembered.
    look = forms.ChoiceField(choices=Look.choices, required=False)


class MassForm(H5Form):
    """What WeCom shall prepare, and for which customers. What WeCom does not take, the service says.

    `anyway`: she has read our doubts about her words and sends them. `again`: she was asked whether she wants
    the same once more, and does.
    """

    #: Made with the page: a double tap brings the same one.
    key = forms.UUIDField(
        widget=forms.HiddenInput(),
        error_messages={"required": "页面不完整，返回素材再点一次。", "invalid": "返回素材再点一次。"},
    )
    text = forms.CharField(
        label="要发的话",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"max_length": "要发的话太长，最多 20000 个字，删一点再发。"},
    )
    audience = forms.ChoiceField(choices=[("all", ""), ("tag", ""), ("pick", "")], required=False)
    anyway = forms.BooleanField(required=False)
    again = forms.BooleanField(required=False)


class ShelfStepForm(forms.Form):
    """What a button on a product or a shelf item asks for, and which part of the page to answer with."""

    step = forms.ChoiceField(choices=[("add", ""), ("remove", "")])
    part = forms.ChoiceField(choices=[("card", ""), ("detail", "")], required=False)


class MoveForm(forms.Form):
    way = forms.ChoiceField(choices=[("up", ""), ("down", "")])


class ActForm(forms.Form):
    """What she did with a material on her phone."""

    act = forms.ChoiceField(choices=[("copied", ""), ("saved", "")])


class WordsForm(H5Form):
    """Her own variant of a material's text. `anyway`: she has read our doubts and keeps it."""

    text = forms.CharField(
        label="我的说法",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={
            "required": "还没有写。想用总部的文案，点「恢复总部文案」。",
            "max_length": "最多 1000 个字，现在有 %(show_value)d 个。删一点再保存。",
        },
    )
    anyway = forms.BooleanField(required=False)
    again = forms.BooleanField(required=False)


class CancelForm(H5Form):
    reason = forms.CharField(
        label="原因",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "例如：客户不要了"}),
    )


class ReturnForm(H5Form):
    amount_fen = YuanField(label="退多少（元）", error_messages={"required": "请填退款金额。"})
    reason = forms.CharField(label="原因", max_length=100, required=False)


class HostForm(forms.ModelForm[Host]):
    """What she may change of herself; her name and status are HQ's."""

    class Meta:
        model = Host
        fields = ("tagline", "quiet_from", "quiet_to")
        widgets: ClassVar = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        help_texts: ClassVar = {"tagline": "客户在你的页面和海报上会看到。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "field__input")


class FaceForm(H5Form):
    file = FaceField(label="头像")


class CodeForm(H5Form):
    file = CodeField(label="微信码", error_messages={"required": "请选一张有微信码的图片。"})


#: The form by which a host puts up each picture of herself.
MY_PICTURES: dict[HostPicture.Kind, type[H5Form]] = {
    HostPicture.Kind.FACE: FaceForm,
    HostPicture.Kind.CODE: CodeForm,
}


class PersonForm(RelationForm, H5Form):
    """What she writes about a customer; an empty phone leaves the known one alone."""

    field_order = ("remark", "phone", "birthday", "next_action", "next_action_on")
    #: Which number is known, in a word that says nothing of it: the page never holds the number itself.
    phone_was = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, relation: Relation, **kwargs: Any) -> None:
        self.relation = relation
        initial = {name: getattr(relation, name) for name in self.field_order if name != "phone"}
        initial["phone_was"] = self._word_for(relation.phone)
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["remark"].help_text = "列表、订单、群发和给她的话里都这么叫她。要记别的事，写在笔记里。"
        self.fields["phone"].help_text = "留空就不改。"
        self.fields["birthday"].help_text = "只记几月几日，提前三天提醒你。"
        self.fields["next_action"].widget.attrs["placeholder"] = "例如：问问上次的茶喝得惯吗"
        self.fields["next_action_on"].widget = forms.DateInput(
            attrs={"type": "date", "class": "field__input"}, format="%Y-%m-%d"
        )

    def has_another_phone_than(self, word: str) -> bool:
        """Whether another number is known by now than when the page that sent `word` was opened."""
        return bool(word) and word != self._word_for(self.relation.phone)

    @staticmethod
    def _word_for(phone: str) -> str:
        return crypto.blind_index(phone, scope="workbench:phone").hex()


class NewPersonForm(AddForm, H5Form):
    """Somebody she adds by hand: one field is needed, the rest when she knows it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = {
            "name": "例如：朵朵妈",
            "phone": "知道就填",
            "tags": "例如：爱喝茶，邻居",
            "known_from": "例如：小区群里认识的",
            "note": "她喜欢什么、要留意什么",
        }
        for name, hint in hints.items():
            self.fields[name].widget.attrs["placeholder"] = hint
        self.fields["tags"].help_text = "几个标签之间用逗号隔开。"
        self.fields["phone"].widget.attrs["autocomplete"] = "off"
        self.fields["note"].widget = forms.Textarea(
            attrs={"rows": 3, "class": "field__input", "placeholder": hints["note"], "maxlength": 900}
        )


class ManyTagForm(TagForm, H5Form):
    """One tag for many."""


class ManyNoteForm(NoteForm, H5Form):
    """One note for many."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget = forms.Textarea(
            attrs={"rows": 4, "class": "field__input", "placeholder": "她们每个人的笔记里都会有这一条"}
        )


class ManyRemindForm(RemindForm, H5Form):
    """One next step for many."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].widget.attrs["placeholder"] = "例如：问问上次的茶喝得惯吗"
        self.fields["on"].widget = forms.DateInput(
            attrs={"type": "date", "class": "field__input"}, format="%Y-%m-%d"
        )


class ToHerForm(forms.Form):
    """What goes to one customer; `took` says that she copied it or handed it on."""

    material = forms.UUIDField(required=False)
    product = forms.UUIDField(required=False)
    took = forms.ChoiceField(choices=[("copied", ""), ("sent", "")], required=False)
