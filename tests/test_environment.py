"""`.env.example` lists what the code asks for: nothing is missing, nothing is left over."""

import re
from pathlib import Path

from config import env

ROOT = Path(__file__).resolve().parents[1]

#: Set by other programs, not by the person who runs the platform.
OTHERS = {"MAKELEVEL", "PATH"}


def _documented() -> set[str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return {found[1] for line in lines if (found := re.match(r"#?([A-Z][A-Z0-9_]+)=", line))}


def _asked_in_the_source() -> set[str]:
    readers = (
        r"\benv\.(?:choice|text|number|flag|words|hours|secret)\(\s*\"([A-Z0-9_]+)\"",
        r"\benviron(?:\.get)?[(\[]\s*\"([A-Z0-9_]+)\"",
        r"\b(?:_port|_number|_secret|text)\(\s*\"([A-Z0-9_]+)\"",
    )
    files = [*(ROOT / "platform").rglob("*.py"), *(ROOT / "apps").rglob("*.py")]
    found: set[str] = set()
    for file in files:
        text = file.read_text(encoding="utf-8")
        for reader in readers:
            found.update(re.findall(reader, text))
    return {name.removesuffix("_FILE") for name in found} - OTHERS


def test_every_variable_that_the_settings_asked_for_is_documented() -> None:
    asked = {name.removesuffix("_FILE") for name in env.asked}

    assert asked
    assert asked - _documented() == set()


def test_the_source_asks_for_every_documented_variable_and_no_other() -> None:
    assert _asked_in_the_source() == _documented()
