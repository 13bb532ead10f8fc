"""Two people on one form of the console: the second is told what the first changed, and nothing is lost.

A form remembers, in a hidden field, how every field read when it was opened. When it is sent and the row
reads otherwise by now, it is shown once more instead of being saved: what only the other one changed is taken
over, what the sender typed stays, and a field that both changed says what stands there now. Sent again, it is
saved.

All is compared as a browser would post it, so any field and any widget will do. Rows below the row (prices of
a product) are compared one by one, by their keys.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bs4 import BeautifulSoup, Tag
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from wagtail.admin import messages
from wagtail.log_actions import registry as logs

#: The hidden field: how each field read, as digests.
BEGUN = "begun_with"
_CHILD = re.compile(r"(?P<formset>.+)-(?P<number>\d+)-(?P<name>\w+)")
_LONGEST_SHOWN = 60

Posted = dict[str, list[str]]
Form = TypeVar("Form", bound=forms.BaseForm)


@dataclass(frozen=True)
class Conflict:
    """What to show again: her words and theirs together, and what is to be told."""

    data: QueryDict
    #: What the other one changed, in the words of the form.
    theirs: list[str]
    #: Fields that both changed, with the value that stands there now.
    clash: dict[str, str] = field(default_factory=dict)


def remember(form: forms.BaseForm) -> None:
    """Give the form its hidden field; an unbound form fills it with how it reads now."""
    form.fields[BEGUN] = forms.CharField(required=False, widget=forms.HiddenInput())
    if not form.is_bound:
        form.initial[BEGUN] = _fingerprints(_reading(form))


def look(posted: QueryDict, fresh: forms.BaseForm, *, longest: int = _LONGEST_SHOWN) -> Conflict | None:
    """Whether the row reads otherwise than when the form was opened; `fresh` is the unbound form of now.

    Of a value that both changed, `longest` characters are told.
    """
    try:
        begun = json.loads(posted.get(BEGUN, ""))
        assert isinstance(begun, dict)
    except (ValueError, AssertionError):
        return None
    now = _reading(fresh)
    theirs = {key for key in begun.keys() | now.keys() if begun.get(key) != _digest(now.get(key))}
    if not theirs:
        return None
    hers, names = _by_child(_values(posted))
    mine = {key for key in theirs if _digest(hers.get(key)) != begun.get(key)}
    data = posted.copy()
    for key in theirs - mine:
        _take_over(data, key, now.get(key), names)
    both = {key for key in mine if hers.get(key) != now.get(key)}
    data[BEGUN] = _fingerprints(now)
    clash = {names[key]: _shown(fresh, key, now.get(key), longest) for key in both if key in names}
    return Conflict(data, _labels(fresh, theirs), clash)


class ToldOfOthers:
    """First base of an edit view over rows without versions."""

    object: Any
    request: HttpRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            # Two that save at once come one after the other, and the second sees what the first wrote.
            key = kwargs[getattr(self, "pk_url_kwarg", "pk")]
            hold(self.model._default_manager.filter(pk=key))  # type: ignore[attr-defined]
        super().setup(request, *args, **kwargs)  # type: ignore[misc]

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)  # type: ignore[misc]
        remember(form)
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not hasattr(self, "object"):
            self.object = self.get_object()  # type: ignore[attr-defined]
        known = self.get_form_kwargs()  # type: ignore[attr-defined]
        form_class = self.get_form_class()  # type: ignore[attr-defined]
        unbound = {name: value for name, value in known.items() if name not in {"data", "files"}}
        conflict = look(request.POST, form_class(**unbound))
        if conflict is None:
            answer: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
            return answer
        form = form_class(**{**known, "data": conflict.data})
        remember(form)
        point_out(request, form, conflict, who=_last_editor(self.object, request.user))
        self.form = form
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]


def opened_or_sent(
    request: HttpRequest, build: Callable[[Any], Form], *, rows: QuerySet[Any]
) -> tuple[Form, bool]:
    """The form of a page of our own, and whether it may be saved now.

    `build` makes it, bound to what is given or, for None, as the row reads; `rows` are held while it is sent.
    """
    if request.method != "POST":
        form = build(None)
        remember(form)
        return form, False
    hold(rows)
    conflict = look(request.POST, build(None))
    form = build(request.POST if conflict is None else conflict.data)
    remember(form)
    if conflict is not None:
        point_out(request, form, conflict, who="别人")
        return form, False
    is_sound = form.is_valid()
    form.cleaned_data.pop(BEGUN, None)
    return form, is_sound


def hold(rows: QuerySet[Any]) -> None:
    """Lock these rows until the transaction ends: who saves meanwhile comes after."""
    list(rows.order_by().select_for_update(of=("self",)).values_list("pk"))


def point_out(request: HttpRequest, form: forms.BaseForm, conflict: Conflict, *, who: str) -> None:
    """Say what the other one changed, above the form and at the fields that both changed."""
    form.is_valid()
    for name, value in conflict.clash.items():
        if name in form.fields:
            form.add_error(name, f"{who}改成了「{value}」。")
    fields = "、".join(conflict.theirs)
    messages.error(
        request,
        f"还没有保存：你打开以后，{who}也改了{fields}。对方改的已经放进来，你写的都还在；看一眼，再保存一次就好。",
    )


def _last_editor(row: Any, me: Any) -> str:
    last = logs.get_logs_for_instance(row).select_related("user").order_by("-timestamp", "-pk").first()
    if last is None or last.user is None:
        return "别人"
    return "你在别处" if last.user.pk == me.pk else str(last.user.name)


# --- as a browser posts it ----------------------------------------------------------------------------------


def _reading(form: forms.BaseForm) -> Posted:
    """How the form reads: what a browser would post of it untouched, by field or by child and field."""
    parts: list[str] = [str(form[name]) for name in form.fields if name != BEGUN]
    for formset in getattr(form, "formsets", {}).values():
        for child in formset.initial_forms:
            parts.extend(str(bound) for bound in child)
    found: Posted = {}
    for tag in BeautifulSoup("".join(parts), "html.parser").find_all(["input", "select", "textarea"]):
        name = str(tag.get("name") or "")
        if name and not tag.has_attr("disabled"):
            found.setdefault(name, []).extend(_sent_by(tag))
    return _by_child({name: values for name, values in found.items() if values})[0]


def _sent_by(tag: Tag) -> list[str]:
    if tag.name == "textarea":
        return [_plain(tag.get_text().removeprefix("\n"))]
    if tag.name == "select":
        options = tag.find_all("option")
        chosen = [one for one in options if one.has_attr("selected")]
        if not chosen and options and not tag.has_attr("multiple"):
            chosen = options[:1]
        return [str(one.get("value", one.get_text())) for one in chosen]
    kind = str(tag.get("type") or "text")
    if kind in {"file", "submit", "button", "image", "reset"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [str(tag.get("value", "on"))] if tag.has_attr("checked") else []
    return [_plain(str(tag.get("value", "")))]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _values(posted: QueryDict) -> Posted:
    return {name: [_plain(str(value)) for value in values] for name, values in posted.lists()}


def _by_child(values: Mapping[str, list[str]]) -> tuple[Posted, dict[str, str]]:
    """The values by field or `formset#key#field`, and the name of each in the form.

    Rows that are not stored yet have no key: they are whoever's who typed them.
    """
    found: Posted = {}
    names: dict[str, str] = {}
    for name, value in values.items():
        child = _CHILD.fullmatch(name)
        key = name
        if child is not None:
            stored = "".join(values.get(f"{child['formset']}-{child['number']}-id", []))
            if not stored or child["name"] in {"id", "DELETE"}:
                continue
            key = f"{child['formset']}#{stored}#{child['name']}"
        found[key], names[key] = value, name
    return found, names


def _take_over(data: QueryDict, key: str, value: list[str] | None, names: Mapping[str, str]) -> None:
    """Put what only the other one changed into her form."""
    name = names.get(key)
    if value is not None:
        if name is not None or "#" not in key:
            data.setlist(name or key, value)
        return
    if name is None:
        return
    child = _CHILD.fullmatch(name)
    data.pop(name, None)
    if child is not None:
        # The row below is gone: it is not made again.
        row = f"{child['formset']}-{child['number']}"
        data[f"{row}-id"], data[f"{row}-DELETE"] = "", "on"


def _digest(value: Iterable[str] | None) -> str | None:
    if value is None:
        return None
    return hashlib.sha256(json.dumps(list(value)).encode()).hexdigest()[:12]


def _fingerprints(reading: Posted) -> str:
    return json.dumps({key: _digest(value) for key, value in reading.items()})


# --- in words -----------------------------------------------------------------------------------------------


def _labels(form: forms.BaseForm, keys: Iterable[str]) -> list[str]:
    found = dict.fromkeys(_label(form, key) for key in sorted(keys))
    return list(found)


def _label(form: forms.BaseForm, key: str) -> str:
    formset = getattr(form, "formsets", {}).get(key.partition("#")[0])
    if formset is not None:
        return str(formset.model._meta.verbose_name_plural)
    known = form.fields.get(key)
    return str(known.label or key) if known is not None else key


def _shown(form: forms.BaseForm, key: str, value: list[str] | None, longest: int) -> str:
    known = form.fields.get(key)
    choices = dict(getattr(known, "choices", None) or [])
    words = [str(choices.get(one, one)) for one in value or []]
    text = "、".join(one for one in words if one) or "空"
    return text if len(text) <= longest else f"{text[:longest]}…"
