"""Whether learning goes with results: hosts by how much they finished, and what they brought."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.scope import Whose, clause
from apps.insights import metrics, replica
from apps.insights.metrics import Question
from apps.insights.periods import last_days
from apps.insights.selectors.presence import STAYED

DAYS = 28
#: A group smaller than this is shown and not interpreted.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Learners:
    """Hosts who finished so much; orders, money and visits per host over the last four weeks."""

    name: str
    word: str
    size: int
    orders: float
    gmv_fen: float
    visits: float


@dataclass(frozen=True, slots=True)
class Learning:
    """`absent` are active hosts who have not been in use for all of the four weeks: they are in no group."""

    groups: list[Learners]
    absent: int

    @property
    def words(self) -> str:
        """What may honestly be said of it."""
        some = [group for group in self.groups if group.size]
        if not some:
            return f"还没有一直在用满 {DAYS} 天、又有课可学的大C，先不比。"
        if len(some) < 2:
            return "大家学得一样多，还没有可比的。"
        few = [group for group in some if group.size < ENOUGH]
        if few:
            named = "、".join(f"「{group.word}」{group.size} 位" for group in few)
            return f"样本太少（{named}，每组要 {ENOUGH} 位以上），只列数字，不下结论。"
        return "学得多的人可能本来就更勤快：这里只说两件事一起出现，不说谁带来谁。"


def learning_and_results(now: datetime, *, hosts: Whose) -> Learning:
    """Hosts in three groups by the share of the lessons for their level that they finished: one query.

    Only those in use on all of the DAYS: who came within them would pull the average by that alone.
    """
    asked = Question(hosts=hosts, span=last_days(DAYS, now), now=now)
    brought = metrics.of_hosts((metrics.ORDERS, metrics.GMV, metrics.VISITS), asked)
    whose, params = clause(hosts, "h.id")
    with replica.cursor() as cursor:
        cursor.execute(
            _GROUPS.replace("{whose}", whose).replace("{brought}", brought.sql),
            [asked.span.starts_at, asked.span.ends_at, *params, *brought.params],
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    words = {"most": "学完一半以上", "some": "学了一些", "none": "还没学完一课"}
    return Learning(
        [Learners(name, word, *(found.get(name) or (0, 0.0, 0.0, 0.0))) for name, word in words.items()],
        absent=found["absent"][0] if "absent" in found else 0,
    )


_GROUPS = """
WITH days AS (
    SELECT %s::timestamptz AS starts, %s::timestamptz AS ends
), learner AS (
    SELECT h.id, {stayed} AS stayed,
           (SELECT count(DISTINCT l.id)
              FROM learning_path p JOIN learning_pathlesson r ON r.path_id = p.id
              JOIN learning_lesson l ON l.id = r.lesson_id AND l.live
             WHERE p.live AND p.min_level <= h.level AND (p.max_level IS NULL OR p.max_level >= h.level)
           ) AS offered,
           (SELECT count(DISTINCT g.lesson_id)
              FROM learning_progress g JOIN learning_lesson l ON l.id = g.lesson_id AND l.live
              JOIN learning_pathlesson r ON r.lesson_id = l.id
              JOIN learning_path p ON p.id = r.path_id AND p.live AND p.min_level <= h.level
                                 AND (p.max_level IS NULL OR p.max_level >= h.level)
             WHERE g.host_id = h.id AND g.finished_at IS NOT NULL) AS finished
      FROM accounts_host h, days
     WHERE h.status = 'active' AND {whose}
), brought AS ({brought})
SELECT CASE WHEN NOT stayed THEN 'absent' WHEN finished = 0 THEN 'none'
            WHEN finished * 2 >= offered THEN 'most' ELSE 'some' END AS name,
       count(*)::int, avg(coalesce(orders, 0))::float, avg(coalesce(gmv, 0))::float,
       avg(coalesce(visits, 0))::float
  FROM learner LEFT JOIN brought ON brought.host_id = learner.id
 WHERE offered > 0
 GROUP BY 1
""".replace("{stayed}", STAYED.format(host="h", starts="days.starts", ends="days.ends"))
