"""Acts of the console that can't be taken back: asked once, with what they will do to how many.

A view reckons an `Act` by the code that carries it out, and goes on only if `is_confirmed()`; else it answers
with `ask()`, a page that sends the same form again together with the mark of what was read there. If the
numbers have changed meanwhile, the mark does not fit any more and she is asked again.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

#: The field of the form that carries the mark.
FIELD = "confirmed"


@dataclass(frozen=True)
class Act:
    """What she is about to do, what will come of it in sentences, and the address she goes back to."""

    question: str
    effects: list[str]
    button: str
    back: str
    keep: str = "先不"
    #: Named fields in which she may write something with it: name and label.
    remarks: dict[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """What stands for everything that she reads on the page."""
        read = json.dumps([self.question, *self.effects], ensure_ascii=False)
        return hashlib.sha256(read.encode()).hexdigest()[:32]


def is_confirmed(request: HttpRequest, act: Act) -> bool:
    """Whether she has read exactly this and said yes."""
    return request.method == "POST" and request.POST.get(FIELD) == act.mark


def ask(request: HttpRequest, act: Act, frame: dict[str, Any], *, action: str = "") -> TemplateResponse:
    """The page; `frame` is `console.page()`, `action` the address to send to, when it is not this one.

    What she has typed so far goes along.
    """
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", FIELD, *act.remarks}
        for value in values
    ]
    remarks = [(name, label, request.POST.get(name, "")) for name, label in act.remarks.items()]
    context = {
        "act": act,
        "field": FIELD,
        "carried": [] if action else carried,
        "remarks": remarks,
        "action": action or request.get_full_path(),
        "has_changed": bool(request.POST.get(FIELD)),
        **frame,
    }
    return TemplateResponse(request, "console/confirm.html", context)
