"""What somebody reads or hears of a page, and what of it is no Chinese of this product."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

from django.apps import apps

#: Attributes that are read out or shown.
SHOWN = {
    "alt",
    "aria-description",
    "aria-label",
    "data-w-progress-active-value",
    "data-w-tooltip-content-value",
    "placeholder",
    "title",
}
#: What nobody reads as words: programs, styles, and samples of code.
UNREAD = {"script", "style", "code", "pre", "kbd"}
#: A count that a script writes before anybody sees it.
UNWRITTEN = "data-side-panel-toggle-counter"
#: The console's menu, of which a script makes what is seen.
MENU = "wagtail-sidebar-props"
#: What a script shows of the data that a page gives it.
SPOKEN = {"label", "labels", "helpText", "help_text", "strings", "title", "placeholder", "text"}
HEADINGS = {"title", "h1", "h2", "h3", "h4", "legend", "caption", "th"}
#: Latin words that readers of this product read in Chinese texts: formats, units, keys, names of things.
WORDS = {
    "API", "App", "CSV", "Ctrl", "Enter", "Esc", "Excel", "H264", "HEIC", "JPEG", "JPG", "JSON", "JavaScript",
    "KB", "MB", "MP4", "OpenAPI", "PDF", "PNG", "SHA", "SKU", "Shift", "URL", "WebP", "XLSX", "ZIP",
    "lc",  # first letters, as somebody types them who looks for 龙井茶
}  # fmt: skip
#: Latin letters that are no word: addresses, mail, keys by which a row or a file is known, measures.
NO_WORD = re.compile(
    r"https?://\S*|Idempotency-Key|/[\w./?=&-]{2,}|[\w.+-]+@[\w-]+\.\w+|H\.264"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{12,}(?:\.\w+)?\b|\b\d+(?:\.\d+)?(?:px|fr|kg|ml|cm|mm)\b|\b\d+x\d+\b"
)
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+")
#: Sentences of frameworks in their own Chinese, which name neither the thing nor the way out.
RAW = re.compile(
    r"(?:这个|该|此|必需)字段|输入一个|有效的|合法的|确保|请至少提交|请提交|主键|对象不存在|无效的|禁止访问"
    r"|不被允许|身份认证信息|未找到。|管理表单|提交的数据|必填项|\{\{|\{%|%\(\w+\)|<\w+ object"
)


@dataclass
class Form:
    """One form as somebody sends it who has filled in nothing; where it has a choice, its first."""

    key: str
    action: str
    method: str
    data: dict[str, str] = field(default_factory=dict)
    has_button: bool = False

    def take(self, tag: str, given: dict[str, str]) -> None:
        """Add what this element sends."""
        name, kind = given.get("name", ""), given.get("type", "")
        if (tag == "button" and kind in {"", "submit"}) or (tag == "input" and kind == "submit"):
            if not self.has_button and name:
                self.data[name] = given.get("value", "")
            self.has_button = True
        elif name and tag == "input" and kind == "hidden":
            self.data[name] = given.get("value", "")
        elif name and tag in {"input", "textarea"} and kind not in {"checkbox", "radio", "file", "button"}:
            self.data.setdefault(name, "")


class Page(HTMLParser):
    """The words of one page, its headings, its links and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._inside: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._templates = 0
        self._is_unwritten = self._is_menu = False
        self._pressed: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in UNREAD | HEADINGS:
            self._inside.append(tag)
            self.headings += [""] if tag in HEADINGS else []
        self._is_unwritten = UNWRITTEN in given
        self._is_menu = tag == "script" and given.get("id") == MENU
        self.texts += [value for name, value in given.items() if name in SHOWN]
        for name, value in given.items():
            if name.startswith("data-") and value[:1] in {"[", "{"}:
                self._hear(value)
        if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
            self.texts.append(given.get("value", ""))
        if tag == "a" and "href" in given and "download" not in given:
            self.links.append(given["href"])
        self._templates += tag == "template"
        if not self._templates:  # what scripts make of a template is no form of the page yet
            self._gather(tag, given)

    def _gather(self, tag: str, given: dict[str, str]) -> None:
        if tag == "button" and given.get("form"):
            self._pressed.add(given["form"])
        if tag == "form" and self._form is None:
            self._form = Form(
                given.get("id", ""), given.get("action", ""), given.get("method", "get").lower()
            )
            self.forms.append(self._form)
        elif self._form is not None:
            self._select = given.get("name", "") if tag == "select" else self._select
            if (
                tag == "option"
                and self._select
                and (self._select not in self._form.data or "selected" in given)
            ):
                self._form.data[self._select] = given.get("value", "")
            self._form.take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        if tag == "template":
            self._templates -= 1
        elif tag == "select":
            self._select = ""
        elif tag == "form" and not self._templates:
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._is_menu:
            self._hear(data)
        if self._is_unwritten or UNREAD.intersection(self._inside):
            return
        self.texts.append(data)
        if self._inside:
            self.headings[-1] += data

    def _hear(self, data: str) -> None:
        """Read what a script will show of this JSON, and where its entries lead."""
        with suppress(ValueError):
            for name, text in _leaves(json.loads(data)):
                if name in SPOKEN:
                    self.texts.append(text)
                elif name == "url":
                    self.links.append(text)

    def close(self) -> None:
        super().close()
        for form in self.forms:
            form.has_button |= form.key in self._pressed


def read(html: str) -> Page:
    """The page as its reader has it."""
    page = Page()
    page.feed(html)
    page.close()
    return page


def wrong_in(page: Page, known: set[str]) -> Iterator[str]:
    """What of the page is no Chinese of this product; `known` are words that people chose themselves."""
    for text in dict.fromkeys(" ".join(one.split()) for one in page.texts):
        if words := [word for word in LATIN.findall(NO_WORD.sub(" ", text)) if word not in WORDS | known]:
            yield f"{' '.join(words)!r} in {text[:120]!r}"
        elif found := RAW.search(text):
            yield f"a framework's {found[0]!r} in {text[:120]!r}"
    for heading in page.headings:
        if set(re.findall(r"[A-Za-z_]{2,}", heading)) & _tables():
            yield f"a heading that names a table: {heading.strip()[:80]!r}"


@cache
def _tables() -> set[str]:
    """Tables and models as programs name them; a word that people say too (SKU) is no such name."""
    models = list(apps.get_models())
    return {model._meta.db_table for model in models} | {model.__name__ for model in models}


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of some JSON with the name it stands under; below `labels` and `strings`, that name."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, name if name in {"labels", "strings"} else key)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, name)
    elif isinstance(value, str):
        yield name, value


def said_in(body: str) -> str:
    """What a person reads of a JSON answer: a window of the console, or why something was refused."""
    data = json.loads(body or "null")
    if isinstance(data, dict) and "step" in data:
        return str(data.get("html", ""))
    return "\n".join(text for name, text in _leaves(data) if name not in {"code", "url", "type", "instance"})
