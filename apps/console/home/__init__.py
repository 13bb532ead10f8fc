"""HQ's home: the fortnight at a glance, what waits, and whom to call.

A panel answers one question, for those who may know the answer; adding it to its module's `PANELS` and to
`order.ORDER` puts it on the page.
"""

from typing import Any

from django.http import HttpRequest

from apps.accounts import access as accounts
from apps.console.home import content, goods, numbers, waits
from apps.console.home.order import order_for
from apps.console.home.panel import Asked, Panel

KNOWN: dict[str, type[Panel]] = {
    panel.name: panel for panel in [*content.PANELS, *numbers.PANELS, *waits.PANELS, *goods.PANELS]
}
#: Wagtail's own panel that stays: what became of what this person handed in.
KEPT = {"mine": "UserObjectsInWorkflowModerationPanel"}


def arranged(request: HttpRequest, given: list[Any]) -> list[Any]:
    """The panels of this person's home, in the order of her role; `given` are Wagtail's own."""
    asked = Asked(request)
    kept = {type(panel).__name__: panel for panel in given}
    found = []
    for place, name in enumerate(order_for(accounts.role_names(request.user))):
        if name in KEPT:
            panel = kept.get(KEPT[name])
        else:
            panel = KNOWN[name](asked)
            panel = panel if panel.is_shown() else None
        if panel is not None:
            panel.order = place
            found.append(panel)
    return found
