"""How an issue is taken up day by day: the curve, and below it the same numbers, each opening its hosts."""

from typing import Any
from urllib.parse import urlencode

from apps.insights.selectors import Adoption
from apps.library.models import Issue


def curve(issue: Issue, adoption: Adoption, before: Adoption | None = None) -> dict[str, Any]:
    """What `console/results/_adoption.html` shows: `chart`, and `days` with the query of their rows.

    Counts are hosts since the first day. `before`: who shared the issue before on the same days.
    """
    days = adoption.days
    series = [
        {"name": "打开", "unit": "位", "kind": "line", "values": [day.opened for day in days]},
        {"name": "转发", "unit": "位", "kind": "line", "values": [day.shared for day in days]},
    ]
    if before is not None:
        old = [day.shared for day in before.days]
        series.append({"name": "上期转发", "unit": "位", "kind": "line", "values": old})
    first = issue.starts_on.isoformat()
    return {
        "chart": {"labels": [f"第{day.number}天" for day in days], "series": series},
        "days": [
            {
                "day": day,
                "query": urlencode({"issue": issue.public_id, "from": first, "to": day.day.isoformat()}),
            }
            for day in days
        ],
    }
