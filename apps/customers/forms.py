"""What a host may write about her own customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.lib.phone import NotAPhoneError, national, normalise


class PhoneField(forms.CharField):
    """A telephone number, cleaned to E.164; empty when not required."""

    default_error_messages = {"phone": _("手机号不对，请填写 11 位手机号，例如 13800008000。")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 30, "label": _("手机号"), **kwargs})
        self.widget.attrs.update({"inputmode": "tel", "autocomplete": "tel"})

    def prepare_value(self, value: Any) -> Any:
        return national(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return normalise(text)
        except NotAPhoneError:
            raise forms.ValidationError(self.error_messages["phone"], code="phone") from None


class RelationForm(forms.Form):
    remark = forms.CharField(label=_("备注名"), max_length=40, required=False)
    phone = PhoneField(required=False)
    next_action = forms.CharField(label=_("下一步"), max_length=100, required=False)
    next_action_on = forms.DateField(label=_("哪天做"), required=False)


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("笔记"), max_length=1000, error_messages={"required": _("写点什么再保存吧。")}
    )


class TagForm(forms.Form):
    name = forms.CharField(label=_("标签"), max_length=20, error_messages={"required": _("请填写标签名。")})
