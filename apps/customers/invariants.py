"""What must be true of imports at any time."""

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from apps.customers.models import ImportRun


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
