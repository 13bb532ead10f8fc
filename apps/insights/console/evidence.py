"""Where the rows stand that speak for calling a host."""

from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.models import Host

#: The rows that show why a host should be called: number and period.
_BEHIND = {
    "waiting": ("waiting_orders", ""),
    "falling": ("gmv", "14d"),
    "unsold": ("visits", "7d"),
    "absent": ("shares", "30d"),
    "unshared": ("adopted", "issue"),
    "unopened": ("adopted", "issue"),
}


def rows_behind_call(host: Host, reason: str) -> str:
    """The address of what speaks for calling her: rows of a number, her calls, or how she stands here."""
    if reason == "promised":
        return f"{reverse('helping:host', args=[host.public_id])}#calls"
    if reason not in _BEHIND:
        return reverse("host:detail", args=[host.public_id])
    return rows_address(host, *_BEHIND[reason])


def rows_address(host: Host, name: str, period: str = "", **days: str) -> str:
    query = {"host": host.public_id, **({"period": period} if period else {}), **days}
    return f"{reverse('insights:rows', args=[name])}?{urlencode(query)}"
