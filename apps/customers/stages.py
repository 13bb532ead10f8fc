"""A relation's stage, for the lists, filters and exports of this app.

The rule belongs to `profiles.lifecycle`, which stands above us and hands it in when the project starts.
"""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Case

StageRule = Callable[[datetime], Case]
_rule: list[StageRule] = []


def fill_stage_rule(rule: StageRule) -> None:
    """`rule(now)` is the stage of a `Relation`, as an SQL expression over its row."""
    _rule[:] = [rule]


def stage_expression(now: datetime) -> Case:
    return _rule[0](now)
