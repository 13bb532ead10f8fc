"""What people at HQ fill in when they ask to see personal data, or look into an alert."""

from typing import Any

from django import forms

from apps.records.services.access_log import MAX_REASON, ReasonError, sound_reason


class ReasonField(forms.CharField):
    """Why: words enough to mean something, and no number that would stay in the log."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "原因", "max_length": MAX_REASON, **kwargs})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return sound_reason(text)
        except ReasonError as error:
            raise forms.ValidationError(str(error)) from None


class RevealForm(forms.Form):
    reason = ReasonField(
        widget=forms.TextInput(attrs={"placeholder": "比如：客户来电查物流", "autocomplete": "off"}),
        error_messages={"required": "请写一句为什么要看，大C看得到。"},
    )
    #: The same form sent twice reveals once.
    once = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput())


class HandleForm(forms.Form):
    conclusion = forms.CharField(
        label="了解到的情况",
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "比如：电话回访老客户，正常", "autocomplete": "off"}),
        error_messages={"required": "请写一句了解到的情况。"},
    )
