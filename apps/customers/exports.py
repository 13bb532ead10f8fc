"""Customers as rows of an export."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from apps.accounts.models import HostQuerySet
from apps.customers.models import Relation, RelationTag
from apps.lib import clock
from apps.lib.masks import mask_name, mask_phone
from apps.lib.phone import national
from apps.records.declarations import Export, Row, Span

_AT_ONCE = 2_000


def rows(hosts: HostQuerySet, span: Span, *, is_clear: bool, is_own: bool) -> Iterator[Row]:
    tags = Prefetch("relation_tags", RelationTag.objects.select_related("tag").order_by("tagged_at"))
    found = (
        Relation.objects.open()
        .customers()
        .with_stage(timezone.now())
        .filter(host__in=hosts.order_by().values("pk"))
        .select_related("host__organisation", "customer")
        .prefetch_related(tags)
        .order_by("pk")
    )
    if span.start:
        found = found.filter(joined_at__gte=clock.start_of(span.start))
    if span.end:
        found = found.filter(joined_at__lt=clock.day_range(span.end)[1])
    for relation in found.iterator(chunk_size=_AT_ONCE):
        yield Row(relation.host_id, _own(relation) if is_own else _at_hq(relation, is_clear=is_clear))


def _own(relation: Relation) -> list[Any]:
    """All that she knows of her customer, in her own words."""
    return [
        relation.name,
        relation.remark,
        national(relation.phone),
        relation.stage_label,
        relation.get_source_display(),
        relation.birthday,
        "、".join(row.tag.name for row in relation.relation_tags.all()),
        relation.joined_at,
        relation.last_contact_at,
        relation.next_action,
        relation.next_action_on,
    ]


def _at_hq(relation: Relation, *, is_clear: bool) -> list[Any]:
    """What HQ may know: no remark, no tag and no plan of the host's own."""
    return [
        relation.customer.public_id,
        relation.name if is_clear else mask_name(relation.name),
        national(relation.phone) if is_clear else mask_phone(relation.phone),
        relation.host.name,
        relation.host.organisation.name,
        relation.stage_label,
        relation.get_source_display(),
        relation.joined_at,
        relation.last_contact_at,
    ]


EXPORT = Export(
    what="customers",
    label="客户名单",
    permission="customers.view_relation",
    columns=("客户编号", "姓名", "手机号", "大C", "组织", "阶段", "来源", "成为客户", "上次联系"),
    own_columns=(
        "姓名", "称呼", "手机号", "阶段", "来源", "生日", "标签", "成为客户", "上次联系", "下一步",
        "下一步日期",
    ),
    rows=rows,
)  # fmt: skip
