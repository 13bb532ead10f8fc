"""A form of hers that is open twice, in two tabs or on two phones: the later undoes nothing of the earlier.

What she did not touch is written as it stands now. Only where both changed the same field is she asked: what
stands there is told beside what she wrote, and sent again hers is saved. HQ's changes count like her own.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.db.models import QuerySet

from apps.console_kit import edit_conflicts
from apps.workbench.requests import HostRequest

Form = TypeVar("Form", bound=forms.BaseForm)
#: The longest text of hers is told whole.
_LONGEST = 2_000


def opened_or_sent(
    request: HostRequest, build: Callable[[Any], Form], *, rows: QuerySet[Any]
) -> tuple[Form, bool]:
    """The form, and whether it may be saved now.

    `build` makes it, bound to what is given or, for None, as the row reads then; `rows` are held while it is
    sent. The page must show the form's hidden `begun_with`.
    """
    if request.method != "POST":
        form = build(None)
        edit_conflicts.remember(form)
        return form, False
    edit_conflicts.hold(rows)
    conflict = edit_conflicts.look(request.POST, build(None), longest=_LONGEST)
    form = build(request.POST if conflict is None else conflict.data)
    edit_conflicts.remember(form)
    is_sound = form.is_valid()
    clash = conflict.clash if conflict is not None else {}
    for name, value in clash.items():
        form.add_error(name, asks(f"「{value}」"))
    return form, is_sound and not clash


def asks(value: str) -> str:
    """What stands there by now, and what she may do."""
    return f"刚才在别处改成了{value}。要用这里写的，就再保存一次。"
