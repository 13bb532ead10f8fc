"""What waits for this person: one line for each kind, each opening exactly its rows."""

from typing import Any

from django.urls import reverse

from apps.console.home.panel import Panel
from apps.console_kit import waiting
from apps.privacy.console import RIGHTS
from apps.privacy.console.data_requests import due, who

#: So many requests stand on the home; the list has all.
_REQUESTS = 8


class WaitsPanel(Panel):
    """Reviews and late publications by the panels below; everything else by the list that holds it."""

    name = "waits"
    template_name = "console/home/waits.html"

    def told(self) -> dict[str, Any]:
        mine = sum(bool(one["actions"]) for one in self.asked.reviews)
        lines = [
            _line(mine, "份内容等你审核", "#reviews"),
            _line(len(self.asked.late), "份内容到时间没发出去", "#late", is_late=True),
        ]
        for one, count in waiting.counted(self.asked.user):
            more = one.more(one.rows(self.asked.user)) if one.more else ""
            lines.append(_line(count, one.words, one.href, more=more))
        return {"lines": [line for line in lines if line["count"]]}


def _line(count: int, words: str, href: str, *, more: str = "", is_late: bool = False) -> dict[str, Any]:
    return {"count": count, "words": words, "href": href, "more": more, "is_late": is_late}


class RequestsPanel(Panel):
    """Consumers who asked for their data or its end, the nearest day first."""

    name = "requests"
    permission = RIGHTS.permission
    template_name = "console/home/requests.html"

    def told(self) -> dict[str, Any]:
        rows = RIGHTS.rows(self.asked.user).order_by("due_at", "pk")
        found = list(rows[: _REQUESTS + 1])
        return {
            "requests": [
                {
                    "who": who(row),
                    "kind": row.get_kind_display(),
                    "due": due(row),
                    "is_late": row.due_at <= self.asked.now,
                    "href": reverse("rights:detail", args=[row.public_id]),
                }
                for row in found[:_REQUESTS]
            ],
            "has_more": len(found) > _REQUESTS,
            "href": RIGHTS.href,
        }


PANELS: list[type[Panel]] = [WaitsPanel, RequestsPanel]
