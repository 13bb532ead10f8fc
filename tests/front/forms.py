"""Every form of our templates has a name here, and a real browser posts it as a person would."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.template import Origin, Template, engines
from playwright.sync_api import Error, Page

_TEMPLATES = Path(settings.ROOT) / "templates"
#: A tag that sends something: a form by post, or whatever htmx posts.
_SENDS = re.compile(r'<(\w+)(?=[^>]*(?:method="post"|hx-post=))')
#: Fills what is empty and sends, by the button that a person would press.
_SEND = """
(tag, {fields, button}) => {
  const form = tag.form ?? tag;  // a button may send a form its own way
  const words = {tel: "13800008000", number: "1", date: "2026-03-05"};
  for (const one of form.elements) {
    if (!one.name || ["hidden", "submit", "button", "file"].includes(one.type)) continue;
    const given = fields[one.name];
    if (one.type === "radio") {
      const chosen = [...form.elements].some((other) => other.name === one.name && other.checked);
      if (given !== undefined ? one.value === given : !chosen) one.checked = true;
    } else if (one.type === "checkbox") {
      if (given !== undefined ? given : one.required) one.checked = true;
    } else if (given !== undefined) one.value = given;
    else if (one.tagName === "SELECT") {
      if (!one.value) one.value = [...one.options].find((option) => option.value)?.value ?? "";
    } else if (!one.value) one.value = words[one.type] ?? "说明一下";
    one.dispatchEvent(new Event("change", {bubbles: true}));
  }
  document.body.dataset.sent = "1";  // gone with this page
  form.dataset.confirmed = "1";  // asked "sure?", she says yes
  const buttons = [...form.elements].filter((one) => one.type === "submit");
  const pressed = tag.form ? tag : buttons.find((one) => !button || one.value === button);
  if (pressed) pressed.click();
  else form.requestSubmit();
}
"""


def _mark(source: str, name: str) -> str:
    """Name each sending tag by its template and its place in it."""
    numbers = count(1)
    return _SENDS.sub(lambda found: f'{found[0]} data-form="{name}#{next(numbers)}"', source)


def written(*folders: str) -> set[str]:
    """The names of all forms in these folders of our templates."""
    return {
        f"{path.relative_to(_TEMPLATES)}#{number}"
        for folder in folders
        for path in (_TEMPLATES / folder).rglob("*.html")
        for number, _ in enumerate(_SENDS.finditer(path.read_text(encoding="utf-8")), 1)
    }


@contextmanager
def named() -> Iterator[None]:
    """Pages say in `data-form` which form of which template each form on them is."""
    patch = pytest.MonkeyPatch()
    begin = Template.__init__

    @wraps(begin)
    def marked(self: Template, source: Any, origin: Origin | None = None, *more: Any, **named: Any) -> None:
        name = origin.template_name if origin is not None else None
        begin(self, _mark(str(source), str(name)) if name else source, origin, *more, **named)

    _forget_templates()
    patch.setattr(Template, "__init__", marked)
    try:
        yield
    finally:
        patch.undo()
        _forget_templates()


def _forget_templates() -> None:
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        loader.reset()


@dataclass(frozen=True)
class Act:
    """One form, sent from one page. What `fields` does not name is filled in as anybody might."""

    form: str
    address: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    button: str = ""
    file: Path | None = None


def send(page: Page, act: Act) -> str:
    """Fill in and send; what is wrong with the answer, or nothing."""
    there = urlsplit(page.url)
    # Without an address the form stands where the last one led.
    # The answer to a form stands at the address of the page that it came from.
    is_answer = page.locator("html[data-answers]").count() > 0
    if act.address and (is_answer or f"{there.path}?{there.query}".rstrip("?") != act.address):
        page.goto(act.address)
    form = page.locator(f'[data-form="{act.form}"]').first
    try:
        form.wait_for(state="attached", timeout=5_000)
    except Error:
        return f"{act.form}: not on {act.address} ({page.url}): {page.locator('body').inner_text()[:300]}"
    if act.file:
        form.locator("input[type=file]").set_input_files(act.file)
    try:
        with page.expect_response(lambda answer: answer.request.method == "POST") as waited:
            form.evaluate(_SEND, {"fields": dict(act.fields), "button": act.button})
        answer = waited.value
    except Error as error:
        return f"{act.form}: nothing was sent: {error}"
    if answer.request.is_navigation_request():
        page.locator("body[data-sent]").wait_for(state="detached")
    # The plan of a fortnight is put in place of the old one: who looks waits for it.
    page.locator("#plan[aria-busy]").wait_for(state="detached")
    # What is to be mended has come through the door too.
    if answer.status < 400 or answer.status in {409, 422}:
        return ""
    return f"{act.form}: {answer.status}: {page.locator('body').inner_text()[:600]}"
