"""Templates can be read: the formatter breaks what it may, a person the rest."""

import subprocess
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.ROOT)
LONGEST = 160  # characters


def test_no_line_of_a_template_is_longer_than_a_screen() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    assert files

    long = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST
    ]

    assert not long, "break these by hand, `make fmt` could not"
