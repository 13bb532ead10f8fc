"""Whether what a waiting message is about still holds: asked by the outbox at the moment of sending."""

from datetime import datetime

from apps.accounts.models import Host
from apps.library import access
from apps.library.models import Issue, Material
from apps.outbox.registry import Cause

Recipients = list[int | None]
Reasons = dict[int | None, str]


def _of_issue(pk: int, recipients: Recipients, now: datetime) -> Reasons:
    """It must be live, its fortnight not over, and its plan must still hold something for the host."""
    issue = Issue.objects.filter(pk=pk, live=True).first()
    if issue is None:
        return dict.fromkeys(recipients, "这一期下架了，没有再发")
    if now >= issue.ends_at:
        return dict.fromkeys(recipients, "这一期已经结束，没有再发")
    # Who is not active any more is left out by the sender, with that as the reason.
    active = Host.objects.active().filter(pk__in=[pk for pk in recipients if pk is not None])
    lost = active.exclude(pk__in=access.hosts_meant_by(issue).values("pk"))
    return dict.fromkeys(lost.values_list("pk", flat=True), "这一期的排期里没有她要发的了，没有再发")


def _of_material(pk: int, recipients: Recipients, now: datetime) -> Reasons:
    if Material.objects.live_at(now).filter(pk=pk).exists():
        return {}
    return dict.fromkeys(recipients, "这条素材下架或到期了，没有再发")


def _of_end(pk: int, recipients: Recipients, now: datetime) -> Reasons:
    """That a material is over is no news once it can be shared again."""
    if Material.objects.live_at(now).filter(pk=pk).exists():
        return dict.fromkeys(recipients, "这条素材又能发了，没有再说它到期")
    return {}


ISSUE = Cause("issue", _of_issue)
MATERIAL = Cause("material", _of_material)
#: That a material is over, told to those who shared it.
END = Cause("over", _of_end)
