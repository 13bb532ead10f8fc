"""What the projections hold of one person: what she did, and by which browser."""

from datetime import datetime
from itertools import chain
from typing import Any

from django.utils import timezone

from apps.customers.models import Relation
from apps.lib import money
from apps.profiles import browsers, projection, wording
from apps.profiles.lifecycle import stage_of
from apps.profiles.models import Facts, VisitorRelation
from apps.records.declarations import Holder, Subject
from apps.tracking import services as tracking
from apps.tracking.models import Event
from apps.tracking.models import Subject as Pages

#: What she looked at has a name; an order, a note or a tag has its own part of the copy.
_PAGES = {Pages.MATERIAL, Pages.PRODUCT, Pages.SHELF}


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    facts = Facts.objects.filter(pk__in=subject.relation_ids)
    visits = {one.pk: list(browsers.visits([one.pk], subject.by_host)) for one in facts}
    named = Event.objects.filter(relation_id__in=subject.relation_ids)
    if subject.by_host is not None:
        named = named.filter(host_id=subject.by_host)
    events = sorted(chain(named, *visits.values()), key=lambda one: (one.occurred_at, one.id))
    subjects = wording.subjects_named((one.subject_kind, one.subject_id or 0) for one in events)
    now = timezone.now()
    return {
        "按往来算出的数字": [
            {
                "阶段": str(stage_of(one, now).label),
                "成交单数": one.orders_count,
                "成交金额": money.decimal_yuan(one.gmv_fen),
                "今年金额": money.decimal_yuan(one.gmv_year_fen),
                "来访次数": projection.visits_among(visits[one.pk]),
                "首单": one.first_order_at if one.has_ordered else "",
                "最近下单": one.last_order_at if one.has_ordered else "",
                "最近一次动作": one.last_event_at,
            }
            for one in facts
        ],
        "发生过的事": [
            {
                "时间": one.occurred_at,
                "事情": wording.say_to_her(one.name),
                "关于": wording.say_subject(one.subject_kind, one.subject_id, subjects)
                if one.subject_kind in _PAGES
                else "",
            }
            for one in events
        ],
    }


def erase(subject: Subject, now: datetime) -> None:
    """Facts and events keep ids and numbers alone; the way from a browser to her is cut.

    It is cut here and now, and stays cut by `customer.erased`, which follows when her name goes.
    """
    if subject.customer_ids:
        # All of her: her browser's mark is no longer hers either, at whichever host she comes back to.
        whole = Relation.objects.filter(pk__in=subject.relation_ids, customer__in=subject.customer_ids)
        ids = tuple(whole.values_list("pk", flat=True))
        tracking.forget_visitors(sorted({visitor_id for _, visitor_id in browsers.of(ids)}))
    projection.forget(VisitorRelation.objects.filter(relation_id__in=subject.relation_ids))


_KEY = "我们给行的编号"
HOLDER = Holder(
    name="profiles",
    export=export,
    erase=erase,
    exported={
        "profiles.Facts": (
            "orders_count", "visits", "gmv_fen", "gmv_year_fen", "first_order_at", "last_order_at",
            "last_event_at",
        ),
        "tracking.Event": ("name", "occurred_at"),
    },
    exempt={
        "profiles.Facts": {"*": "从客户资料抄来或只用来排序，原值在上面都有"},
        "profiles.VisitorRelation": {"*": "哪台设备，只有编号"},
        "profiles.RelationDay": {"*": "由发生过的事数出来的次数，事情在上面都有"},
        "tracking.Event": {
            "relation_id": _KEY,
            "visitor_id": _KEY,
            "recorded_at": "写进账本的时间，和发生时间相差几秒",
            "props": "事情的编号和金额，内容在订单里都有",
        },
        "tracking.Visitor": {"*": "一台设备的随机标记，只存摘要，还原不出来"},
        "insights.LinkVisit": {"*": "由发生过的事算出来的统计，只有编号"},
        "insights.MoneyMove": {"*": "由订单算出来的统计，只有编号和金额，内容在订单里都有"},
        "insights.NewCustomer": {"*": "由发生过的事算出来的统计，只有编号"},
    },
)  # fmt: skip
