"""Cases for tests: a whole one, as an editor leaves it."""

from datetime import date, timedelta
from typing import Any

from apps.accounts.models import Host
from apps.learning.cases import services as cases
from apps.learning.models import Case, CaseFigure, CaseLine, CaseStep
from apps.library import services as content

MARCH = date(2026, 3, 1)
STEPS = ("列出沉睡客户", "每天问候三位", "周五发一条新品")


def a_case(
    host: Host, *, month: date = MARCH, title: str = "三句问候，老客回来了", steps: Any = STEPS, **fields: Any
) -> Case:
    """A draft with every part of the template; its numbers are of the month before."""
    case = Case(
        month=month, title=title, host=host, background="群里冷了两个月。", actions="每天问候三位。", **fields
    )
    first = month - timedelta(days=28)
    return cases.add_case(
        case,
        figures=[
            CaseFigure(label="之后的成交", metric="gmv", host=host, first=first, last=month),
            CaseFigure(label="之后的订单", metric="orders", host=host, first=first, last=month),
        ],
        lines=[CaseLine(when="问候", text="好久不见，家里都好吗？")],
        steps=[CaseStep(text=text) for text in steps],
    )


def published(host: Host, **fields: Any) -> Case:
    case = a_case(host, **fields)
    content.publish(case, by=None)
    return case
