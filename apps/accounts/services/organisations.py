"""What becomes of a node of the tree: moved with all that hangs on it, or out of use.

A host stays at her node when the node moves, so no past figure of a node changes
(docs/metrics.md): what changes is below whom it stands, from now on.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User

#: What higher apps hang on the places above a node, in sentences for whoever moves it: functions of (node,
#: keys of nodes above that it leaves, of those that it comes under). Registered in their `ready()`.
_told_before: list[Callable[[Organisation, set[int], set[int]], list[str]]] = []


class NotMovedError(Exception):
    """It can't go there. The message says why."""


def tell(about: Callable[[Organisation, set[int], set[int]], list[str]]) -> None:
    if about not in _told_before:
        _told_before.append(about)


def why_not_under(node: Organisation, parent: Organisation) -> str:
    """Why `node` can't stand under `parent`; empty when it can."""
    if node.depth == 1:
        return "公司这一级不能移"
    if parent.pk == node.pk:
        return "不能放到它自己下面"
    if parent.path.startswith(node.path):
        return f"「{parent}」就在它下面，不能放进去"
    if node.get_parent().pk == parent.pk:
        return f"已经在「{parent}」下面"
    return "" if parent.is_active else f"「{parent}」停用了，先启用"


def what_moving_means(node: Organisation, parent: Organisation) -> list[str]:
    """What goes along, who sees it no more and who does from now on, in sentences."""
    below = node.numchild and node.get_descendant_count()
    hosts = Host.objects.below(node).exclude(status=Host.Status.LEFT).count()
    found = [f"「{node}」放到「{parent}」下面。"]
    if below:
        found.append(f"它下面的 {below} 个组织跟着走，上下级不变。")
    if hosts:
        found.append(f"{hosts} 位大C跟着走，客户、订单和货架都不变。")
    if staff := User.objects.filter(organisation__path__startswith=node.path).count():
        found.append(f"放在这里的 {staff} 位总部人员跟着走，角色不变。")
    before, after = _above(node), {*_keys_of_path(parent.path)}
    left, came = before - after, after - before
    for keys, words in ((left, "看不到"), (came, "看得到")):
        managers = User.objects.filter(
            organisation__in=keys, groups__name=roles.REGION_MANAGER, is_active=True
        ).distinct()
        names = [one.name for one in managers.order_by("pk")[:5]]
        if names:
            found.append(f"从现在起{words}这里的区域经理：{'、'.join(names)}。")
    found += [sentence for about in _told_before for sentence in about(node, left, came)]
    return [*found, "各组织过去每天的数字不变。"]


def _above(node: Organisation) -> set[int]:
    return {one.pk for one in node.get_ancestors()}


def _keys_of_path(path: str) -> set[int]:
    step = Organisation.steplen
    paths = [path[:end] for end in range(step, len(path) + 1, step)]
    return set(Organisation.objects.filter(path__in=paths).values_list("pk", flat=True))


@transaction.atomic
def move(node: Organisation, *, under: Organisation, by: User | None) -> None:
    """Put `node`, and all that hangs on it, under another one. NotMovedError."""
    # The paths of a whole branch change: nobody else moves anything in the tree meanwhile.
    held: dict[int, Any] = {one.pk: one for one in Organisation.objects.order_by("pk").select_for_update()}
    if node.pk not in held or under.pk not in held:
        raise NotMovedError("刚被别人删掉了")
    now, parent = held[node.pk], held[under.pk]
    if reason := why_not_under(now, parent):
        raise NotMovedError(reason)
    before = now.get_parent()
    now.move(parent, "last-child")
    log(
        instance=Organisation.objects.get(pk=node.pk),
        action="wagtail.edit",
        user=by,
        content_changed=True,
        data={"moved_from": before.pk, "moved_under": parent.pk},
    )


def why_not_close(node: Organisation) -> str:
    """Why nobody may take it out of use: somebody is still there."""
    if node.depth == 1:
        return "公司这一级不能停用"
    if node.get_children().filter(is_active=True).exists():
        return "下面还有在用的组织"
    if count := node.hosts.exclude(status=Host.Status.LEFT).count():
        return f"还有 {count} 位大C在这里，先调走"
    if User.objects.filter(Q(organisation=node), is_active=True).exists():
        return "还有总部人员放在这里，先改到别处"
    return ""


def why_not_open(node: Organisation) -> str:
    parent = node.get_parent()
    return f"上级「{parent}」停用着，先启用它" if parent is not None and not parent.is_active else ""
