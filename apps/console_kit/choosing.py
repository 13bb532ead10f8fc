"""What a form offers to choose: nothing that is out of use, but what its row chose already."""

from typing import Any

from django import forms
from django.db.models import Q

from apps.console_kit.lists.declaring import Rows


def in_use(rows: Rows, chosen: Any = None) -> Rows:
    """Those of `rows` that may be chosen now; `chosen`, one or several that stand there already, stay."""
    several = [chosen] if chosen is None or not hasattr(chosen, "__iter__") else list(chosen)
    kept = [getattr(one, "pk", one) for one in several if one is not None]
    return rows.filter(Q(is_active=True) | Q(pk__in=kept))


def offer_in_use(form: forms.BaseForm, *names: str) -> None:
    """Narrow these fields of a model's form to what may be chosen."""
    for name in names:
        field: Any = form.fields.get(name)
        if field is not None:
            field.queryset = in_use(field.queryset, form.initial.get(name))
