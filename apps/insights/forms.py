"""What may be asked of the lists of numbers, and what somebody writes down who calls hosts."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.accounts.forms import NodeField
from apps.accounts.models import Host, Organisation, User
from apps.insights import access
from apps.insights.models import HostCall
from apps.insights.services import NEXT_IN
from apps.lib.forms import PhoneField, PlainTextField


class HelpFilter(forms.Form):
    """Which hosts: a node with everything below it, a level, a kind. What makes no sense filters nothing."""

    organisation = NodeField(Organisation.objects.none(), label="组织", required=False, empty_label="全部")
    level = forms.TypedChoiceField(label="等级", coerce=int, empty_value=None, required=False)
    kind = forms.ChoiceField(label="身份", choices=[("", "全部"), *Host.Kind.choices], required=False)

    def __init__(self, *args: Any, nodes: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = nodes  # type: ignore[attr-defined]
        levels = Host.objects.order_by("level").values_list("level", flat=True).distinct()
        self.fields["level"].choices = [("", "全部"), *((one, f"{one} 级") for one in levels)]  # type: ignore[attr-defined]


class CallForm(forms.Form):
    """What came of a call."""

    outcome = forms.ChoiceField(
        label="结果",
        choices=HostCall.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "先选这通电话的结果。"},
    )
    promised = PlainTextField(
        label="说好什么",
        max_length=100,
        required=False,
        help_text="只在「说好一件事」时写，比如：周五前发第一条。到了下次联系那天，它会自己回到名单最前面。",
    )
    note = forms.CharField(
        label="记一笔", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    next_on = forms.DateField(
        label="下次联系",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期看不懂，请写成 2026-03-05 这样。"},
        help_text="在那天之前她不上名单。不填就按结果来：聊过 {reached} 天，说好一件事 {promised} 天，"
        "没接到或号码不对第二天，不想再接 {unwanted} 天。".format_map(
            {str(outcome): days for outcome, days in NEXT_IN.items()}
        ),
    )
    #: The last call that the page knew of.
    seen = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today

    def clean_next_on(self) -> date | None:
        day: date | None = self.cleaned_data["next_on"]
        if day is not None and day <= self.today:
            raise forms.ValidationError("下次联系要在今天以后。")
        if day is not None and day > self.today + timedelta(days=365):
            raise forms.ValidationError("下次联系最晚一年以后。")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_promise = data.get("outcome") == HostCall.Outcome.PROMISED
        if is_promise and not data.get("promised") and "promised" not in self.errors:
            self.add_error("promised", "写下说好的是什么，下次才接得上。")
        if data.get("outcome") and not is_promise and data.get("promised"):
            self.add_error("outcome", "写了说好什么，结果请选「接通了，说好一件事」。")
        return data


class HostPhoneForm(forms.Form):
    """Her number, as she or her region told it."""

    phone = PhoneField(label="她的手机号", error_messages={"required": "请填她的手机号。"})


class HelperField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class AssignForm(forms.Form):
    """Who is on these hosts from now on."""

    helper = HelperField(User.objects.none(), label="分给谁跟", empty_label="请选一位同事")

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        self.fields["helper"].queryset = access.helpers()  # type: ignore[attr-defined]
