"""Acts on many stories in the console's list."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.console_kit.lists.declaring import Given, ListAct, RefusedError
from apps.stories import access, services
from apps.stories.models import Story

#: Taking one stores each of its pictures anew, which takes seconds.
_MOST_TAKEN, _MOST_REFUSED = 20, 200


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label="为什么不用，大C会看到",
        max_length=100,
        error_messages={
            "required": "请写一句为什么不用，大C会看到。",
            "max_length": "原因最多 100 个字。",
        },
    )


def _why_not(story: Story, given: Given) -> str:
    return services.what_stops_review(story, by=given.by, now=given.now)


def _rows(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("host__user", "consent").prefetch_related("pictures")


def _or_refused(do: Callable[[Story, Given], object]) -> Callable[[Story, Given], None]:
    def apply(story: Story, given: Given) -> None:
        try:
            do(story, given)
        except services.NotPossibleError as error:
            raise RefusedError(str(error)) from None

    return apply


TAKE = ListAct(
    "take",
    "采用",
    access.REVIEW,
    apply=_or_refused(lambda story, given: services.take(story, by=given.by, now=given.now)),
    means=lambda rows, given: [
        f"{len(rows)} 篇照她们同意的原样成为素材草稿，编辑提交审核、通过以后大C才能发。",
    ],
    why_not=_why_not,
    rows=_rows,
    most=_MOST_TAKEN,
)
REFUSE = ListAct(
    "refuse",
    "不采用",
    access.REVIEW,
    apply=_or_refused(
        lambda story, given: services.refuse(story, reason=given.data["reason"], by=given.by, now=given.now)
    ),
    means=lambda rows, given: [
        f"{len(rows)} 篇不采用，收集的大C都会看到这句原因：「{given.data['reason']}」。",
        "审过就不能再改。",
    ],
    why_not=_why_not,
    form=lambda data, user: RefuseForm(data),
    rows=_rows,
    most=_MOST_REFUSED,
    is_serious=True,
)
ACTS = (TAKE, REFUSE)
