from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.tracking import facts

PAGE = Path(__file__).resolve().parents[4] / "docs" / "events.md"

_HEAD = """# Events

Every act leaves one event in the ledger ([ledger.md](ledger.md)), written in the transaction of the act.
Reading leaves none, but for the looks that are counted: `*.viewed` and, by going on to the order form,
`*.read`; a host's `material.opened`, `case.opened` and, the first time, `lesson.started`. The kinds of events
are the members of `Fact` in `apps/tracking/facts.py`; `tracking.services.record` takes nothing else.

This page is made of them: `manage.py document_events` writes it, and a test fails while it differs.

"""


class Command(BaseCommand):
    help = "由代码里的事件词表重写 docs/events.md。"

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(page())


def page() -> str:
    """The whole text of docs/events.md."""
    lines = ["| code | 意思 | 谁 | about | written in | groups |", "|---|---|---|---|---|---|"]
    for fact in facts.Fact:
        groups = " ".join(name for name, members in facts.GROUPS.items() if fact in members)
        places = "<br>".join(f"`{place}`" for place in fact.written_in)
        cells = (f"`{fact}`", fact.meaning, fact.by, fact.subject or "–", places, groups)
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## Groups", "", "| group | kinds |", "|---|---|"]
    for name, members in facts.GROUPS.items():
        lines.append(f"| {name} | {' '.join(f'`{one}`' for one in members)} |")
    return _HEAD + "\n".join(lines) + "\n"
