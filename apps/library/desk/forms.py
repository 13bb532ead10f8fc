"""The forms of the calendar and the posting plan."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

from apps.accounts.models import Host, Organisation
from apps.console_kit.choosing import in_use
from apps.lib.forms import WholeNumberField
from apps.library.desk.plan import Wish
from apps.library.models import Issue, IssueEntry
from apps.library.models.issues import DAYS

DAY_CHOICES = [(day, f"第 {day} 天") for day in range(1, DAYS + 1)]


class DayForm(forms.Form):
    day = forms.TypedChoiceField(
        label="第几天",
        coerce=int,
        choices=DAY_CHOICES,
        error_messages={"invalid_choice": "一期只有第 1 到第 14 天。", "required": "请选一天。"},
    )


class EntryForm(DayForm):
    """One entry of the plan: when, with which hint, for whom."""

    best_time = forms.TimeField(
        label="最佳时间",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "时间写成 09:00 这样。"},
    )
    tip = forms.CharField(label="小提示", max_length=60, required=False)
    organisation: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        label="只给这个组织",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="所有组织",
    )
    host_kind = forms.ChoiceField(label="只给", choices=[("", "所有大C"), *Host.Kind.choices], required=False)
    min_level = WholeNumberField(
        label="等级不低于", min_value=0, validators=[MaxValueValidator(99)], initial=0
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.queryset = in_use(Organisation.objects.order_by("path"), self.initial.get("organisation"))
        field.label_from_instance = lambda node: f"{'　' * (node.depth - 1)}{node.name}"

    @classmethod
    def of(cls, entry: IssueEntry) -> "EntryForm":
        return cls(
            initial={
                "day": entry.day,
                "best_time": entry.best_time,
                "tip": entry.tip,
                "organisation": entry.organisation_id,
                "host_kind": entry.host_kind,
                "min_level": entry.min_level,
            }
        )

    @property
    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)


class CopyIssueForm(forms.Form):
    """Into which fortnight a copy goes."""

    into: forms.ModelChoiceField[Issue] = forms.ModelChoiceField(
        label="放到哪一期", queryset=Issue.objects.none(), required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, rooms: list[Issue], new: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = Issue.objects.filter(pk__in=[room.pk for room in rooms]).order_by("starts_on")
        field.empty_label = new
        field.label_from_instance = lambda room: (
            f"已备好的第 {room.number} 期（{room.starts_on:%-m月%-d日}—{room.last_day:%-m月%-d日}，还是空的）"
        )
