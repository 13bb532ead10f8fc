"""What must be true of imports and hand-overs at any time."""

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.customers.models import HandOver, HandOverItem, ImportRun


def check_imports() -> list[str]:
    """An import that says it is done is: every chunk is written, every row of the file accounted for."""
    applied = ImportRun.objects.filter(state=ImportRun.State.APPLIED)
    found = []
    for sentence, wrong in (
        (
            "导入记为已完成，行数却对不上",
            applied.exclude(rows_in=F("created") + F("changed") + F("unchanged") + F("rejected")),
        ),
        (
            "导入记为已完成，却有没写完的部分",
            applied.annotate(waiting=Count("chunks", filter=Q(chunks__applied_at=None))).filter(
                waiting__gt=0
            ),
        ),
        (
            "导入的总数和它各部分之和不同",
            applied.annotate(
                written=Coalesce(Sum(F("chunks__created") + F("chunks__changed") + F("chunks__unchanged")), 0)
            ).exclude(written=F("created") + F("changed") + F("unchanged")),
        ),
        (
            "没有写入的部分却有计数",
            ImportRun.objects.filter(
                Q(chunks__created__gt=0) | Q(chunks__changed__gt=0) | Q(chunks__unchanged__gt=0),
                chunks__applied_at=None,
            ),
        ),
    ):
        ids = [str(pk) for pk in wrong.order_by("pk").values_list("pk", flat=True)[:5]]
        if ids:
            found.append(f"{sentence}（{', '.join(ids)} 等）")
    return found


def check_hand_overs() -> list[str]:
    """Every customer of a hand-over is accounted for, and stands where the last act put her."""
    found = []
    wrong = (
        HandOver.objects.exclude(state=HandOver.State.RUNNING)
        .annotate(
            went=Count("items", filter=Q(items__state=HandOverItem.State.MOVED, items__is_customer=True)),
            stayed=Count("items", filter=Q(items__state=HandOverItem.State.SKIPPED, items__is_customer=True)),
            along=Count("items", filter=Q(items__state=HandOverItem.State.MOVED, items__is_customer=False)),
        )
        # Whoever was erased since is counted still, without a line of her own.
        .exclude(moved__gte=F("went"), skipped__gte=F("stayed"), others__gte=F("along"))
    )
    if ids := [str(pk) for pk in wrong.order_by("pk").values_list("pk", flat=True)[:5]]:
        found.append(f"客户交接的人数和它的明细对不上（{', '.join(ids)} 等）")
    moved = HandOverItem.objects.filter(state=HandOverItem.State.MOVED)
    last = moved.filter(relation=OuterRef("relation")).order_by("-moved_at", "-pk").values("pk")[:1]
    astray = moved.filter(pk=Subquery(last)).exclude(relation__host=F("hand_over__to_host"))
    if ids := [str(pk) for pk in astray.order_by("pk").values_list("relation_id", flat=True)[:5]]:
        found.append(f"交接过的客户不在接手的大C名下（关系 {', '.join(ids)} 等）")
    return found
