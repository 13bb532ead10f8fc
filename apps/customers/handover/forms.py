"""The form in which HQ chooses which customers go to whom, and why."""

from typing import Any

from django import forms
from django.db.models import Q

from apps.accounts.models import Host, HostQuerySet
from apps.customers.models import Relation, RelationQuerySet

_ALL = ("", "全部")


class HostField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.organisation.name} · {obj.get_kind_display()}"


class ChoiceOfCustomers(forms.Form):
    """Filters over one host's customers; what is empty or makes no sense filters nothing."""

    stage = forms.ChoiceField(label="阶段", choices=[_ALL, *Relation.Stage.choices], required=False)
    source = forms.ChoiceField(label="来源", choices=[_ALL, *Relation.Source.choices], required=False)
    contact = forms.ChoiceField(
        label="企业微信",
        choices=[_ALL, ("yes", "是好友"), ("no", "不是好友")],
        required=False,
    )

    def chosen(self, relations: RelationQuerySet) -> tuple[RelationQuerySet, list[str]]:
        """The relations that fit, and what was chosen in words."""
        self.is_valid()
        data = {name: value for name, value in self.cleaned_data.items() if value}
        words = [str(dict(self.fields[name].choices)[value]) for name, value in data.items()]  # type: ignore[attr-defined]
        contact = data.pop("contact", "")
        found = relations.filter(**data)
        if contact:
            is_friend = Q(external_index__isnull=False, ended_at=None)
            found = found.filter(is_friend if contact == "yes" else ~is_friend)
        return found, words


class HandOverForm(forms.Form):
    class Which:
        ALL, FILTERED, TICKED = "all", "filtered", "ticked"

    to_host = HostField(Host.objects.none(), label="交给谁", empty_label="选一位在用的大C")
    which = forms.ChoiceField(
        label="哪些客户",
        choices=[
            (Which.ALL, "全部"),
            (Which.FILTERED, "筛选出来的"),
            (Which.TICKED, "勾选的"),
        ],
        widget=forms.RadioSelect,
        initial=Which.ALL,
    )
    reason = forms.CharField(
        label="原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="两位大C都会看到这句话。",
    )
    ticked = forms.ModelMultipleChoiceField(
        Relation.objects.none(), to_field_name="public_id", required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(self, *args: Any, takers: HostQuerySet, relations: RelationQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_host"].queryset = takers  # type: ignore[attr-defined]
        self.fields["ticked"].queryset = relations  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("which") == self.Which.TICKED and "ticked" in data and not data["ticked"]:
            self.add_error("which", "还没有勾选客户：在右边的名单里勾上，或改选“全部”。")
        return data
