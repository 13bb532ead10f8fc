"""The form in which HQ chooses which customers go to whom, and why."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import Host, HostQuerySet
from apps.customers.models import Relation, RelationQuerySet

_ALL = ("", gettext_lazy("全部"))


class HostField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.organisation.name} · {obj.get_kind_display()}"


class ChoiceOfCustomers(forms.Form):
    """Filters over one host's customers; what is empty or makes no sense filters nothing."""

    stage = forms.ChoiceField(
        label=gettext_lazy("阶段"), choices=[_ALL, *Relation.Stage.choices], required=False
    )
    source = forms.ChoiceField(
        label=gettext_lazy("来源"), choices=[_ALL, *Relation.Source.choices], required=False
    )
    contact = forms.ChoiceField(
        label=gettext_lazy("企业微信"),
        choices=[_ALL, ("yes", gettext_lazy("是好友")), ("no", gettext_lazy("不是好友"))],
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

    to_host = HostField(
        Host.objects.none(), label=gettext_lazy("交给谁"), empty_label=gettext_lazy("选一位在用的大C")
    )
    which = forms.ChoiceField(
        label=gettext_lazy("哪些客户"),
        choices=[
            (Which.ALL, gettext_lazy("全部")),
            (Which.FILTERED, gettext_lazy("筛选出来的")),
            (Which.TICKED, gettext_lazy("勾选的")),
        ],
        widget=forms.RadioSelect,
        initial=Which.ALL,
    )
    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("两位大C都会看到这句话。"),
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
            self.add_error("which", _("还没有勾选客户：在右边的名单里勾上，或改选“全部”。"))
        return data
