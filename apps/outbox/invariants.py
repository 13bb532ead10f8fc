"""What must be true of a live database at any time. Each app registers its own checks in `ready()`."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import Now

from apps.outbox.models import Delivery, DeliveryCall, Inbox, Job

#: Returns one sentence for each violation, naming rows by their ids and no personal value.
Check = Callable[[], list[str]]

_checks: dict[str, Check] = {}
#: Checks that look at a sample, as they are when all is asked for.
_full: dict[str, Check] = {}

#: No lease is longer than this; a lease that ended three such terms ago has been forgotten.
_LONGEST_LEASE = timedelta(minutes=10)
#: What is due and untouched for this long has been forgotten too.
_UNTOUCHED = timedelta(minutes=90)


def register_check(name: str, check: Check, *, full: Check | None = None) -> None:
    """`full` is for a check that looks at a sample: the same for everything."""
    if _checks.get(name, check) is not check:
        raise ValueError(f"two checks are named {name}")
    _checks[name] = check
    if full is not None:
        _full[name] = full


def checks(*, is_full: bool = False) -> dict[str, Check]:
    return dict(sorted((_checks | _full if is_full else _checks).items()))


def check_outbox() -> list[str]:
    """Everything accepted or intended is under way or has ended with a reason; nothing is forgotten."""
    found: list[str] = []

    def none_of(sentence: str, rows: object) -> None:
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)[:5]]  # type: ignore[attr-defined]
        if ids:
            found.append(f"{sentence}（{', '.join(ids)} 等）")

    forgotten = Now() - 3 * _LONGEST_LEASE
    untouched = Now() - _UNTOUCHED
    for model, name in ((Inbox, "入站事件"), (Job, "后台任务"), (DeliveryCall, "出站请求")):
        none_of(f"{name}的租约早已过期却没有人接手", model.objects.filter(lease_until__lt=forgotten))
    for model, name in ((Inbox, "入站事件"), (Job, "后台任务")):
        none_of(f"{name}到时很久还没有处理", model.objects.filter(state="new", not_before__lt=untouched))
    none_of(
        "出站消息到时很久还没有发",
        Delivery.objects.filter(state=Delivery.State.NEW, call=None, not_before__lt=untouched),
    )
    none_of(
        "出站请求到时很久还没有重试",
        DeliveryCall.objects.filter(state=DeliveryCall.State.WAITING, not_before__lt=untouched),
    )
    under_way = Q(call__state__in=[DeliveryCall.State.LEASED, DeliveryCall.State.WAITING])
    none_of(
        "出站消息还开着，它的请求却已结束",
        Delivery.objects.filter(state__in=Delivery.OPEN, call__isnull=False).exclude(under_way),
    )
    none_of(
        "出站消息已结束，它的请求却还开着",
        Delivery.objects.filter(under_way).exclude(state__in=Delivery.OPEN),
    )
    none_of(
        "出站消息记为已发出，它的请求却没有成功",
        Delivery.objects.filter(state=Delivery.State.SENT).exclude(call__state=DeliveryCall.State.DONE),
    )
    none_of(
        "同一请求里同一位大C出现了两次",
        DeliveryCall.objects.annotate(
            lines=Count("deliveries"), hosts=Count("deliveries__host_id", distinct=True)
        ).filter(lines__gt=F("hosts"), hosts__gt=0),
    )
    return found
