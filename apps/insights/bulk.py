"""Acts on many hosts of 该帮谁: who is on them."""

from typing import Any

from apps.accounts.models import Host, User
from apps.console_kit.lists.declaring import Given, ListAct, RefusedError, Rows, TakingBack
from apps.insights import access, services
from apps.insights.forms import AssignForm
from apps.insights.models import HostHelp

#: What is asked about each host by herself: no more at once.
_MOST = 500


def _rows(rows: Rows) -> Rows:
    return rows.select_related("help__helper")


def _helper(host: Host, given: Given) -> User | None:
    held: HostHelp | None = getattr(host, "help", None)
    return services.helper_of(held, now=given.now)


def _seen_by(helper: User, given: Given) -> set[int]:
    """The hosts whom the colleague may see, read once for an act."""
    known: set[int] | None = given.data.get("_seen")
    if known is None:
        known = given.data["_seen"] = set(access.hosts_helped_by(helper).values_list("pk", flat=True))
    return known


def _why_not_hers(host: Host, given: Given) -> str:
    known: set[int] | None = given.data.get("_hers")
    if known is None:
        known = given.data["_hers"] = set(access.hosts_helped_by(given.by).values_list("pk", flat=True))
    return "" if host.pk in known else "不在你打电话的范围里"


def _why_not_assign(host: Host, given: Given) -> str:
    helper: User = given.data["helper"]
    if why := _why_not_hers(host, given):
        return why
    if not host.is_active:
        return "已经不在用了"
    if host.pk not in _seen_by(helper, given):
        return f"不在「{helper.name}」的区域里"
    return f"已经是「{helper.name}」在跟" if _helper(host, given) == helper else ""


def _assign_means(hosts: list[Any], given: Given) -> list[str]:
    taken = sum(_helper(host, given) is not None for host in hosts)
    found = [f"{len(hosts)} 位大C分给「{given.data['helper'].name}」跟，别人的今天名单里不再出现。"]
    return [*found, f"其中 {taken} 位从现在跟她的同事手里接过来。"] if taken else found


def _reads(host: Any) -> dict[str, Any]:
    held: HostHelp | None = HostHelp.objects.filter(host_id=host.pk).first()
    return {"helper": held.helper_id if held else None}


def _restore(host: Any, before: dict[str, Any], given: Given) -> None:
    if before["helper"] is None:
        services.release(host, by=given.by, now=given.now)
        return
    helper = access.helpers().filter(pk=before["helper"]).first()
    if helper is None:
        raise RefusedError("原来跟她的同事已经不打电话了")
    services.take(host, helper, by=given.by, now=given.now, over=True)


ASSIGN = ListAct(
    "assign",
    "分给同事",
    access.CALLS,
    apply=lambda host, given: services.take(
        host, given.data["helper"], by=given.by, now=given.now, over=True
    ),
    means=_assign_means,
    why_not=_why_not_assign,
    form=AssignForm,
    rows=_rows,
    taking_back=TakingBack(_reads, _restore),
    most=_MOST,
)


def _release(host: Host, given: Given) -> None:
    services.release(host, by=given.by, now=given.now)


RELEASE = ListAct(
    "release",
    "不再跟",
    access.CALLS,
    apply=_release,
    means=lambda hosts, given: [f"{len(hosts)} 位大C没有人跟了，谁都可以接手。约好的日子不变。"],
    why_not=lambda host, given: (
        _why_not_hers(host, given) or ("" if _helper(host, given) else "本来就没有人跟")
    ),
    rows=_rows,
    taking_back=TakingBack(_reads, _restore),
    most=_MOST,
)
HELPING = (ASSIGN, RELEASE)
