"""The numbers that HQ's texts quote, read when the text is shown."""

from collections.abc import Sequence
from datetime import datetime

from apps.database import db_role
from apps.insights import metrics, replica
from apps.learning.figures import Metric, Question

#: The column in which each number is kept by host and day.
_COLUMNS = {name: metrics.column_of(metrics.BY_NAME[name]) for name in Metric.values}
_VALUES = """
SELECT coalesce(sum(CASE q.metric {} END), 0)::bigint
  FROM unnest(%s::int[], %s::text[], %s::bigint[], %s::date[], %s::date[])
       AS q (place, metric, host_id, first, last)
  LEFT JOIN insights_hostday d ON d.host_id = q.host_id AND d.day BETWEEN q.first AND q.last
 GROUP BY q.place
 ORDER BY q.place
""".format(" ".join(f"WHEN '{name}' THEN d.{column}" for name, column in _COLUMNS.items()))


def resolve(questions: Sequence[Question], now: datetime) -> list[int]:
    """Counts, and fen for money, in the order of the questions: one query for all of them."""
    # HQ chose these numbers for every host to read, whosever they are; nothing else leaves the block.
    with db_role.as_worker(), replica.cursor() as cursor:
        cursor.execute(
            _VALUES,
            [
                list(range(len(questions))),
                [question.metric for question in questions],
                [question.host_id for question in questions],
                [question.first for question in questions],
                [question.last for question in questions],
            ],
        )
        return [value for (value,) in cursor.fetchall()]
