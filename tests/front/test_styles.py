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
    "image-choice",
    "listing__item--active",
    "nice-padding",
    "sidebar",
    "sidebar--slim",
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


def test_no_rule_is_for_a_class_that_nobody_has() -> None:
    files = [
        file
        for folder, kind in (("templates", "*.html"), ("static/js", "*.js"), ("apps", "*.py"))
        for file in (ROOT / folder).rglob(kind)
    ]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    named = set(re.findall(r"[a-zA-Z_][\w-]*", source))
    # A class may end in what the row says: `trail__step_{{ step.kind }}`.
    begun = tuple(re.findall(r"([a-z][\w-]*(?:_|--))\{\{", source))

    unused = {name for name in styled() - named - OF_OTHERS if not (begun and name.startswith(begun))}

    assert not unused
