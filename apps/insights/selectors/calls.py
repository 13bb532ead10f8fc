"""Which hosts HQ should call: those who stall, why in words, and what to talk about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.accounts.models import Host
from apps.accounts.scope import Whose, clause
from apps.insights import metrics, replica
from apps.insights.metrics import Metric, Question
from apps.insights.metrics.base import Condition
from apps.insights.periods import last_days, span_of_issue
from apps.insights.selectors.hosts import LAST_SHARE
from apps.lib import clock, humanize, money
from apps.library import selectors as content
from apps.library.models import Issue

#: Who has not been seen for so long: neither signed in nor done anything.
ABSENT_AFTER = timedelta(days=14)
#: Why a host is called, the most pressing first: what it means, as the page explains it.
REASONS = {
    "waiting": "有订单放了一天多没人确认：客户在等，最急",
    "falling": "近两周成交比前两周少了一半以上（前两周至少 500 元）",
    "unsold": "7 天里有 10 次以上来访，一单没成",
    "absent": "14 天没有登录，也没有打开、复制、保存或转发过什么",
    "unshared": "本期过了第一天，打开了素材却没有转发",
    "unopened": "本期过了第一天，还没打开过素材",
}
#: So many of one reason before others come.
_OF_ONE_REASON = 3


@dataclass(frozen=True, slots=True)
class HostToCall:
    """`reason` is one of REASONS; money is of the last 28 days."""

    host: Host
    reason: str
    why: str
    say: str
    recent_fen: int


@dataclass(frozen=True, slots=True)
class _Activity:
    """What speaks for calling one host."""

    host_id: int
    reason: str
    recent_fen: int
    last_fen: int
    before_fen: int
    visits: int
    waiting: int
    waiting_fen: int
    opened: int
    last_sign_in: datetime | None
    last_share: date | None


def hosts_to_call(
    now: datetime, *, hosts: Whose, limit: int = 10, issue: Issue | None = None
) -> list[HostToCall]:
    """At most `limit` active hosts, the most pressing reasons first, the most money first within each.

    Who has read the running issue already gives it.
    """
    issue = issue or content.current_issue(now)
    activities = _activities(now, issue, hosts, limit)
    named = Host.objects.using(replica.alias()).select_related("organisation")
    found = named.in_bulk([activity.host_id for activity in activities])
    return [
        HostToCall(
            host=found[activity.host_id],
            reason=activity.reason,
            why=_why(activity, issue, now),
            say=_SAY[activity.reason],
            recent_fen=activity.recent_fen,
        )
        for activity in activities
    ]


def _activities(now: datetime, issue: Issue | None, hosts: Whose, limit: int) -> list[_Activity]:
    today = clock.day_of(now)
    whose, params = clause(hosts, "h.id")

    def brought(told: Sequence[Metric], days: int) -> Condition:
        return metrics.of_hosts(told, Question(hosts=hosts, span=last_days(days, now), now=now))

    parts = {
        "four_weeks": brought((metrics.GMV,), 2 * _FORTNIGHT),
        "two_weeks": brought((metrics.GMV,), _FORTNIGHT),
        "one_week": brought((metrics.VISITS, metrics.ORDERS), 7),
        "waiting": metrics.of_hosts(
            (metrics.WAITING_ORDERS,),
            Question(hosts=hosts, span=last_days(1, now), now=now),
            worth=metrics.WAITING_ORDERS,
        ),
        "taken": metrics.of_hosts(
            (metrics.ADOPTED, metrics.SHARES),
            Question(hosts=hosts, span=span_of_issue(issue, now), now=now, issue=issue),
        )
        if issue
        else _NOTHING_TAKEN,
    }
    sql = _STALLED.replace("{whose}", whose)
    for name, part in parts.items():
        sql = sql.replace(f"{{{name}}}", part.sql)
    day = content.issue_day(issue, now) if issue else 0
    with replica.cursor() as cursor:
        cursor.execute(
            sql,
            [
                *(param for part in parts.values() for param in part.params),
                today - ABSENT_AFTER,
                *params,
                now - ABSENT_AFTER,
                now - ABSENT_AFTER,
                day >= 2,
                day >= 2,
                _OF_ONE_REASON,
                limit,
            ],
        )
        return [_Activity(*row) for row in cursor.fetchall()]


_FORTNIGHT = 14
#: Between two issues.
_NOTHING_TAKEN = Condition("SELECT NULL::bigint AS host_id, 0 AS adopted, 0 AS shares WHERE FALSE")
#: A host has one reason, the first that fits. What she brought is put in by the numbers themselves.
_STALLED = """
WITH four_weeks AS ({four_weeks}
), two_weeks AS ({two_weeks}
), one_week AS ({one_week}
), waiting AS ({waiting}
), taken AS ({taken}
), seen AS (
    SELECT DISTINCT host_id FROM insights_actday WHERE day > %s
), activity AS (
    SELECT h.id AS host_id, coalesce(four_weeks.gmv, 0) AS recent_fen, coalesce(two_weeks.gmv, 0) AS last_fen,
           coalesce(four_weeks.gmv, 0) - coalesce(two_weeks.gmv, 0) AS before_fen,
           coalesce(visits, 0) AS visits, coalesce(orders, 0) AS orders,
           coalesce(waiting_orders, 0) AS waiting, coalesce(worth_fen, 0) AS waiting_fen,
           coalesce(adopted, 0) AS opened, coalesce(shares, 0) AS shared,
           seen.host_id IS NOT NULL AS is_seen, h.joined_at, u.last_login
      FROM accounts_host h
      JOIN accounts_user u ON u.id = h.user_id
      LEFT JOIN seen ON seen.host_id = h.id
      LEFT JOIN four_weeks ON four_weeks.host_id = h.id
      LEFT JOIN two_weeks ON two_weeks.host_id = h.id
      LEFT JOIN one_week ON one_week.host_id = h.id
      LEFT JOIN waiting ON waiting.host_id = h.id
      LEFT JOIN taken ON taken.host_id = h.id
     WHERE h.status = 'active' AND {whose}
), stalled AS (
    SELECT *, CASE
           WHEN waiting > 0 THEN 'waiting'
           WHEN before_fen >= 50000 AND last_fen * 2 < before_fen THEN 'falling'
           WHEN visits >= 10 AND orders = 0 THEN 'unsold'
           WHEN NOT is_seen AND joined_at < %s AND coalesce(last_login, '-infinity') < %s THEN 'absent'
           WHEN %s AND opened > 0 AND shared = 0 THEN 'unshared'
           WHEN %s AND opened = 0 THEN 'unopened'
           END AS reason
      FROM activity
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY reason
                                     ORDER BY waiting_fen DESC, before_fen - last_fen DESC,
                                              recent_fen DESC, visits DESC, host_id) AS place
      FROM stalled
      JOIN (VALUES ('waiting', 1), ('falling', 2), ('unsold', 3), ('absent', 4), ('unshared', 5),
                   ('unopened', 6))
           AS known (reason, urgency) USING (reason)
)
SELECT host_id, reason, recent_fen, last_fen, before_fen, visits, waiting, waiting_fen, opened,
       last_login, {last_share}
  FROM ranked
 ORDER BY (place > %s), urgency, place
 LIMIT %s
""".replace("{last_share}", LAST_SHARE.format(host="ranked.host_id"))


def _why(activity: _Activity, issue: Issue | None, now: datetime) -> str:
    match activity.reason:
        case "waiting":
            worth = money.show_yuan(activity.waiting_fen)
            return f"{activity.waiting} 张订单放了一天多还没确认，共 {worth}"
        case "falling":
            lost = activity.before_fen - max(0, activity.last_fen)
            share = (lost * 200 + activity.before_fen) // (2 * activity.before_fen)  # half up
            return f"近两周成交 {money.show_yuan(activity.last_fen)}，比前两周少了 {share}%"
        case "unsold":
            return f"7 天里带来 {activity.visits} 次来访，一单没成"
        case "absent":
            return f"{_last_sign_in(activity, now)}{_last_time(activity, now)}"
        case "unshared":
            if _shared_another(activity, issue, now):
                return f"打开了 {activity.opened} 个本期的素材，还没转发过；{_another_time(activity, now)}"
            return f"本期打开了 {activity.opened} 个素材，还没转发过{_last_time(activity, now)}"
        case _:
            number = content.issue_day(issue, now) if issue else 0
            if _shared_another(activity, issue, now):
                return f"本期第 {number} 天了，还没打开过本期的素材；{_another_time(activity, now)}"
            return f"本期第 {number} 天了，还没打开过{_last_time(activity, now)}"


def _last_sign_in(activity: _Activity, now: datetime) -> str:
    if activity.last_sign_in is None:
        return "还没登录过工作台"
    return f"上次登录是{humanize.say_day(clock.day_of(activity.last_sign_in), today=clock.day_of(now))}"


def _last_time(activity: _Activity, now: datetime) -> str:
    if activity.last_share is None:
        return "，以前也没转发过"
    return f"，上次转发是{humanize.say_day(activity.last_share, today=clock.day_of(now))}"


def _shared_another(activity: _Activity, issue: Issue | None, now: datetime) -> bool:
    """Whether who shared nothing of the issue shared something else in its days."""
    if issue is None or activity.last_share is None:
        return False
    return activity.last_share >= span_of_issue(issue, now).first


def _another_time(activity: _Activity, now: datetime) -> str:
    assert activity.last_share is not None
    return f"上次转发别的是{humanize.say_day(activity.last_share, today=clock.day_of(now))}"


_SAY = {
    "waiting": "先问是不是缺货或忙不过来，请她今天把这几单确认掉，客户在等。",
    "falling": "问问群里最近怎么样、客户在说什么，一起挑两款她的老客会再买的。",
    "unsold": "来看的人不少，问她客户卡在哪：价格、运费还是不放心，帮她备一句话术。",
    "absent": "先问候她最近忙不忙，听她说说为什么停下来；想接着做，就陪她登录一次、发第一条。",
    "unshared": "问她哪里不顺手，陪她把今天这条发出去，改成她自己的口气也行。",
    "unopened": "先关心近况，再告诉她今天发哪一条、几点发最好，三下就能转发。",
}
