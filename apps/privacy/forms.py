"""What people at HQ fill in around personal data."""

from typing import Any

from django import forms
from django.utils import timezone

from apps.lib import clock, given
from apps.records import declarations
from apps.records.forms import ReasonField


class ExportForm(forms.Form):
    what = forms.ChoiceField(label="导出什么", widget=forms.RadioSelect)
    start = forms.DateField(
        label="从哪天",
        required=False,
        validators=[given.check_day],
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="客户按成为客户的日期，订单按下单日期；不填就是全部。",
    )
    end = forms.DateField(
        label="到哪天",
        required=False,
        validators=[given.check_day],
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    is_clear = forms.BooleanField(
        label="要完整的姓名、电话、地址",
        required=False,
        help_text="不勾就是打码的。只有真的要寄送、要打电话时才勾。",
    )
    reason = ReasonField(
        label="用途",
        help_text="审批的同事和每一位大C都看得到这句话。",
        error_messages={"required": "请写清楚拿来做什么。"},
    )

    def __init__(self, *args: Any, allowed: list[declarations.Export], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what: Any = self.fields["what"]
        what.choices = [(one.what, one.label) for one in allowed]
        if len(allowed) == 1:
            what.initial = allowed[0].what

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start > end:
            self.add_error("end", "结束的日期要在开始之后。")
        today = clock.day_of(timezone.now())
        for name in ("start", "end"):
            if (day := cleaned.get(name)) and day > today:
                self.add_error(name, f"{day:%Y-%m-%d} 还没有到，最晚填今天；不填就是全部。")
        return cleaned


class DecideForm(forms.Form):
    note = forms.CharField(
        label="意见",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "不通过时请写一句为什么", "autocomplete": "off"}),
    )
