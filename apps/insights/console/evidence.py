"""Where the rows stand that speak for calling a host."""

from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.models import Host
from apps.library.models import Issue

#: The rows that show why a host should be called: number and period.
_BEHIND = {
    "waiting": ("waiting_orders", ""),
    "falling": ("gmv", "14d"),
    "unsold": ("visits", "7d"),
    "absent": ("shares", "30d"),
}
#: Reasons that speak of what she did with the present issue's materials.
_OF_ISSUE = {"unshared", "unopened"}


def rows_behind_call(host: Host, reason: str, issue: Issue | None) -> str:
    """The address of what speaks for calling her: rows of a number, her calls, or how she stands here.

    `issue` is the present one.
    """
    if reason == "promised":
        return f"{reverse('helping:host', args=[host.public_id])}#calls"
    if reason in _OF_ISSUE and issue is not None:
        return rows_address(host, "adopted", issue=str(issue.public_id))
    if reason not in _BEHIND:
        return reverse("host:detail", args=[host.public_id])
    return rows_address(host, *_BEHIND[reason])


def rows_address(host: Host, name: str, period: str = "", **narrowed: str) -> str:
    """Where the rows of a number of hers stand; `narrowed` by whatever else the page of rows understands."""
    query = {"host": host.public_id, **({"period": period} if period else {}), **narrowed}
    return f"{reverse('insights:rows', args=[name])}?{urlencode(query)}"
