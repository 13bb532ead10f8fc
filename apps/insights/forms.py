"""What may be asked of the lists of numbers."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.accounts.forms import NodeField
from apps.accounts.models import Host, Organisation


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
