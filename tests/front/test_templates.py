"""Templates can be read: the formatter breaks what it may, a person the rest."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.ROOT)
LONGEST = 160  # characters


def templates() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    assert files
    return files


def test_no_line_of_a_template_is_longer_than_a_screen() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in templates()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST
    ]

    assert not long, "break these by hand, `make fmt` could not"


LETTER = r"[\u3400-\u9fff，。：；、！？…“”「」（）]"
#: A variable that shows words, to which no blank belongs, as it does to numbers.
WORDS = (
    r"\{\{ ?(?:[\w.]+[._])?(?:name|owner|target|title|label|words|heading|display|customer|relation)"
    r"(?:\|\w+(?::\"[^\"]*\")?)* ?\}\}"
)
HER = r"\{\{ ?[\w.]*shown_name ?\}\}"
BLANK = re.compile(
    rf"{LETTER}\s*\n\s*(?:{LETTER}|{WORDS})|{WORDS}\s*\n\s*{LETTER}|{LETTER} +{HER}|{HER} +{LETTER}"
)
UNSEEN = re.compile(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}|<script.*?</script>|<!--.*?-->", re.DOTALL)


def blanks(text: str) -> list[str]:
    """Where a browser shows a blank within a Chinese sentence, for a break of a line in the template."""
    shown = UNSEEN.sub(lambda found: "\n" * found[0].count("\n"), text)
    return [f"{shown[: found.start()].count(chr(10)) + 1}" for found in BLANK.finditer(shown)]


def test_no_break_of_a_line_is_a_blank_within_a_sentence() -> None:
    found = [f"{file.relative_to(ROOT)}:{line}" for file in templates() for line in blanks(file.read_text())]

    assert not found, "join these lines: what is between Chinese letters must stand without a blank"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("和\n    {{ order.relation.shown_name }}确认", 1),
        ("和 {{ order.relation.shown_name }} 确认", 1),
        ("{{ host.name }}\n 说", 1),
        ("确认一下\n数量", 1),
        ("还有\n {{ days }} 天", 0),
        ("和{{ order.relation.shown_name }}确认", 0),
        ("{# 这里\n可以 #}", 0),
    ],
)
def test_the_blanks_are_found(text: str, count: int) -> None:
    assert len(blanks(text)) == count
