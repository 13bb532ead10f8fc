"""When a host wants no message."""

from datetime import datetime
from typing import Any

from django.db.models import Case, DateField, DateTimeField, Expression, F, Func, Q, Value, When
from django.db.models.functions import Cast

from apps.lib.clock import SHANGHAI


class _ShanghaiMoment(Func):
    """A Shanghai date plus a time of day, as a moment."""

    template = "((%(expressions)s) AT TIME ZONE 'Asia/Shanghai')"
    arg_joiner = " + "
    output_field = DateTimeField()


def end_of_quiet(moment: datetime) -> Expression:
    """Per host: the end of her quiet hours when `moment` falls into them, else null."""
    local = moment.astimezone(SHANGHAI)
    clock = local.time().replace(tzinfo=None)
    today = Cast(Value(local.date()), DateField())
    tomorrow = Cast(Value(local.date().fromordinal(local.date().toordinal() + 1)), DateField())

    def at_end(day: Any) -> Expression:
        return _ShanghaiMoment(day, F("quiet_to"))

    over_midnight = Q(quiet_from__gt=F("quiet_to"))
    return Case(
        When(over_midnight & Q(quiet_from__lte=clock), then=at_end(tomorrow)),
        When(over_midnight & Q(quiet_to__gt=clock), then=at_end(today)),
        When(~over_midnight & Q(quiet_from__lte=clock, quiet_to__gt=clock), then=at_end(today)),
        default=Value(None),
        output_field=DateTimeField(),
    )
