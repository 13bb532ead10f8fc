"""What came of materials, for one host or for all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Sum

from apps.insights.models import ActDay, LinkVisit
from apps.insights.replica import alias
from apps.insights.scope import Whose, earned_by, within
from apps.tracking.models import Subject
from apps.trade.models import Order, OrderReversal


@dataclass(frozen=True, slots=True)
class MaterialResult:
    """`hosts` shared it `shares` times; by link, visitors reached, read, ordered; orders and money too."""

    hosts: int = 0
    shares: int = 0
    reached: int = 0
    read: int = 0
    ordered: int = 0
    orders: int = 0
    gmv_fen: int = 0


def material_results(
    hosts: Whose, material_ids: Iterable[int], *, kind: str = Subject.MATERIAL
) -> dict[int, MaterialResult]:
    """What came of each material so far, in four queries; every asked id is in the answer."""
    wanted = set(material_ids)
    found = {pk: MaterialResult() for pk in wanted}
    if not wanted:
        return found
    subject = {"subject_kind": kind, "subject_id__in": wanted}
    acts = within(ActDay.objects.using(alias()).filter(**subject, shared__gt=0), hosts)
    counted: Any = acts.values("subject_id").annotate(n=Sum("shared"), of=Count("host", distinct=True))
    for row in counted:
        found[row["subject_id"]] = replace(found[row["subject_id"]], shares=row["n"], hosts=row["of"])
    visits = within(LinkVisit.objects.using(alias()).filter(**subject), hosts)
    counted = visits.values("subject_id").annotate(n=Count("*"), on=Count("read_at"), far=Count("ordered_at"))
    for row in counted:
        pk = row["subject_id"]
        found[pk] = replace(found[pk], reached=row["n"], read=row["on"], ordered=row["far"])
    linked = {f"link__{name}": value for name, value in subject.items()}
    orders = earned_by(Order.objects.using(alias()).filter(**linked), hosts)
    counted = orders.values("link__subject_id").annotate(n=Count("pk"), fen=Sum("total_fen"))
    for row in counted:
        pk = row["link__subject_id"]
        found[pk] = replace(found[pk], orders=row["n"], gmv_fen=int(row["fen"]))
    linked = {f"order__{name}": value for name, value in linked.items()}
    taken_back = earned_by(OrderReversal.objects.using(alias()).filter(**linked), hosts, "order__")
    counted = taken_back.values("order__link__subject_id").annotate(fen=Sum("amount_fen"))
    for row in counted:
        pk = row["order__link__subject_id"]
        found[pk] = replace(found[pk], gmv_fen=found[pk].gmv_fen - int(row["fen"]))
    return found
