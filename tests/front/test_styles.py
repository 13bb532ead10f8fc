"""Style sheets hold what pages use, and nothing that no page has."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.ROOT)
#: Marked by Wagtail, into whose pages our rules reach.
OF_OTHERS = {
    "bulk-action-checkbox",
    "bulk-actions-buttons",
    "bulk-actions-filter-checkbox",
    "content-wrapper",
    "editor-view",
    "image-choice",
    "listing__item--active",
    "nice-padding",
    "sidebar",
    "sidebar--slim",
    "sidebar-collapsed",
    "w-form-width",
    "w-panel",
    "w-panel__content",
    "w-panel__header",
}


def styled() -> set[str]:
    """The classes that our style sheets have rules for."""
    found: set[str] = set()
    for sheet in (ROOT / "static" / "css").glob("*.css"):
        css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selector in re.findall(r"([^{}]+)\{", css):
            if not selector.strip().startswith("@"):
                found.update(re.findall(r"\.([a-zA-Z_][\w-]*)", re.sub(r'"[^"]*"', "", selector)))
    return found


def test_every_sheet_closes_what_it_opens() -> None:
    """A browser says nothing of a brace that is missing: it drops what follows."""
    for sheet in (ROOT / "static" / "css").glob("*.css"):
        css = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        open_now = 0
        for brace in re.findall(r"[{}]", css):
            open_now += 1 if brace == "{" else -1
            assert open_now in (0, 1, 2), sheet.name
        assert open_now == 0, sheet.name


def test_no_rule_is_for_a_class_that_nobody_has() -> None:
    files = [
        file
        for folder, kind in (("templates", "*.html"), ("static/js", "*.js"), ("apps", "*.py"))
        for file in (ROOT / folder).rglob(kind)
    ]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    named = set(re.findall(r"[a-zA-Z_][\w-]*", source))
    # A class may end in what the row says: `trail__step_{{ step.kind }}`.
    begun = tuple(re.findall(r"([a-z][\w-]*_)\{\{", source))

    unused = {name for name in styled() - named - OF_OTHERS if not (begun and name.startswith(begun))}

    assert not unused


#: Classes that Wagtail's own sheets have rules for, besides its utilities (`w-…`).
STYLED_BY_WAGTAIL = {"button-secondary", "button-small", "error-message", "no", "serious"}
#: block__element_modifier, each in words with hyphens (docs/decisions.md).
DIALECT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(__[a-z0-9]+(-[a-z0-9]+)*)?(_[a-z0-9]+(-[a-z0-9]+)*)?")


def given() -> set[str]:
    """The classes that our templates give, whole ones: not those that end in what a row says."""
    found: set[str] = set()
    for file in (ROOT / "templates").rglob("*.html"):
        source = file.read_text(encoding="utf-8")
        for text in re.findall(r'\bclass="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)"', source, flags=re.DOTALL):
            whole = re.sub(r"[\w-]*\{\{.*?\}\}[\w-]*|\{%.*?%\}", " ", text, flags=re.DOTALL)
            found.update(whole.split())
    return found


def test_no_class_is_given_without_a_rule() -> None:
    own = {name for name in given() - STYLED_BY_WAGTAIL if not name.startswith(("w-", "sm:w-"))}

    assert own - styled() == set()
    assert own & styled()


def test_classes_are_named_one_way() -> None:
    others = OF_OTHERS | {name for name in styled() if name.startswith("w-")}

    assert {name for name in styled() - others if not DIALECT.fullmatch(name)} == set()
