"""Which hosts HQ should call: those who stall, those who have just come, and why in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Q

from apps.accounts.models import Host, User
from apps.accounts.scope import Whose, clause
from apps.insights import metrics, replica
from apps.insights.metrics import Metric, Question
from apps.insights.metrics.base import Condition
from apps.insights.models import HostCall, HostHelp
from apps.insights.periods import last_days, span_of_issue
from apps.insights.selectors.hosts import LAST_SHARE
from apps.lib import clock, humanize, money
from apps.library import selectors as content
from apps.library.models import Issue

#: Who has not been seen for so long: neither signed in nor done anything.
ABSENT_AFTER = timedelta(days=14)
#: So long a host has just come.
NEW_FOR = timedelta(days=7)
#: Why a host is called, the most pressing first: what it means, as the page explains it.
REASONS = {
    "promised": "上次电话里说好今天再看的事：到了那天就回来",
    "waiting": "有订单放了一天多没人确认：客户在等，最急",
    "falling": "近两周成交比前两周少了一半以上（前两周至少 500 元）",
    "unsold": "7 天里有 10 次以上来访，一单没成",
    "absent": "14 天没有登录，也没有打开、复制、保存或转发过什么",
    "unshared": "本期过了第一天，打开了素材却没有转发",
    "unopened": "本期过了第一天，还没打开过素材",
}
#: Why somebody who has just come needs another thing than a talk about her numbers.
NEWCOMERS = {
    "uninvited": "账号建好了，还没有能用的登录入口：先把链接给她",
    "invited": "登录入口给了，还没登录过：陪她登录一次",
    "settling": "加入不到 7 天，登录过了，还没转发：陪她发第一条",
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
class Need:
    """What speaks for calling one host: `reason` is of REASONS or NEWCOMERS, money of the last 28 days."""

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
    joined_at: datetime
    issue_day: int = 0
    why: str = ""
    promise: str = ""

    @property
    def say(self) -> str:
        """What to talk about."""
        return _SAY[self.reason]


def hosts_to_call(
    now: datetime, *, hosts: Whose, limit: int = 10, for_: User | None = None, issue: Issue | None = None
) -> list[HostToCall]:
    """At most `limit` active hosts, the most pressing reasons first, the most money first within each.

    Left out are who has just come, who rests until a day that was agreed, and whom somebody else than `for_`
    is on. Who has read the running issue already gives it.
    """
    today, helps = clock.day_of(now), _helps(now)
    without = {
        one.host_id
        for one in helps
        if (one.next_on is not None and one.next_on > today)
        or (one.held_until is not None and one.held_until > now and one.helper_id != (for_ and for_.pk))
    }
    found = _needs(
        now,
        hosts,
        helps,
        issue=issue or content.current_issue(now),
        limit=limit,
        without=without,
        of_one_reason=_OF_ONE_REASON,
        unlike=NEWCOMERS,
    )
    named = Host.objects.using(replica.alias()).select_related("organisation")
    known = named.in_bulk([need.host_id for need in found])
    return [
        HostToCall(known[need.host_id], need.reason, need.why, need.say, need.recent_fen) for need in found
    ]


def needs(now: datetime, *, hosts: Whose) -> list[Need]:
    """Every active host who needs a call or a hand, whoever is on it, the most pressing first."""
    return _needs(now, hosts, _helps(now), issue=content.current_issue(now))


def _helps(now: datetime) -> list[HostHelp]:
    """Whom somebody is on, and with whom a day was agreed: few, and read where they are written."""
    return list(HostHelp.objects.filter(Q(held_until__gt=now) | Q(next_on__isnull=False)))


def _needs(
    now: datetime,
    hosts: Whose,
    helps: list[HostHelp],
    *,
    issue: Issue | None,
    limit: int | None = None,
    without: Collection[int] = (),
    of_one_reason: int | None = None,
    unlike: Collection[str] = (),
) -> list[Need]:
    today = clock.day_of(now)
    promised = [
        one.host_id for one in helps if one.is_promised and one.next_on is not None and one.next_on <= today
    ]
    rows = _stalled(
        now,
        issue,
        hosts,
        promised=promised,
        without=list(without),
        unlike=list(unlike),
        of_one_reason=of_one_reason or _ALL,
        limit=limit,
    )
    promises = _promises([need.host_id for need in rows if need.reason == "promised"])
    found = []
    for need in rows:
        call = promises.get(need.host_id)
        why = _why_promised(call, now) if call else _why(need, issue, now)
        found.append(replace(need, why=why, promise=call.promised if call else ""))
    return found


def _promises(ids: list[int]) -> dict[int, HostCall]:
    """What was agreed last with each of these."""
    if not ids:
        return {}
    calls = HostCall.objects.filter(host_id__in=ids, outcome=HostCall.Outcome.PROMISED)
    return {call.host_id: call for call in calls.order_by("at", "pk")}


def _why_promised(call: HostCall, now: datetime) -> str:
    return f"{humanize.say_day(clock.day_of(call.at), today=clock.day_of(now))}说好：{call.promised}"


def _stalled(
    now: datetime,
    issue: Issue | None,
    hosts: Whose,
    *,
    promised: list[int],
    without: list[int],
    unlike: list[str],
    of_one_reason: int,
    limit: int | None,
) -> list[Need]:
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
                promised,
                now,
                *params,
                now - NEW_FOR,
                now - ABSENT_AFTER,
                now - ABSENT_AFTER,
                day >= 2,
                day >= 2,
                without,
                unlike,
                of_one_reason,
                limit,
            ],
        )
        return [replace(Need(*row), issue_day=day) for row in cursor.fetchall()]


#: No bound to how many of one reason.
_ALL = 2**31
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
           seen.host_id IS NOT NULL AS is_seen, h.joined_at, u.last_login, h.id = ANY(%s) AS is_promised,
           u.last_login IS NULL
           AND NOT EXISTS (SELECT FROM insights_actday a WHERE a.host_id = h.id) AS is_outside,
           u.password NOT LIKE '!%%' OR coalesce(h.wecom_userid, '') > '' OR EXISTS (
               SELECT FROM accounts_onetimelink l
                WHERE l.user_id = u.id AND l.used_at IS NULL AND l.ended_at IS NULL AND l.expires_at > %s
           ) AS has_way_in
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
           WHEN is_promised THEN 'promised'
           WHEN waiting > 0 THEN 'waiting'
           WHEN before_fen >= 50000 AND last_fen * 2 < before_fen THEN 'falling'
           WHEN visits >= 10 AND orders = 0 THEN 'unsold'
           WHEN is_outside AND NOT has_way_in THEN 'uninvited'
           WHEN is_outside THEN 'invited'
           WHEN joined_at > %s AND last_login IS NOT NULL AND {last_share_of_all} IS NULL THEN 'settling'
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
      JOIN (VALUES ('promised', 0), ('waiting', 1), ('falling', 2), ('unsold', 3), ('absent', 4),
                   ('unshared', 5), ('unopened', 6), ('uninvited', 7), ('invited', 8), ('settling', 9))
           AS known (reason, urgency) USING (reason)
     WHERE host_id <> ALL(%s) AND reason <> ALL(%s)
)
SELECT host_id, reason, recent_fen, last_fen, before_fen, visits, waiting, waiting_fen, opened,
       last_login, {last_share}, joined_at
  FROM ranked
 ORDER BY (place > %s), urgency, place
 LIMIT %s
""".replace("{last_share}", LAST_SHARE.format(host="ranked.host_id")).replace(
    "{last_share_of_all}", LAST_SHARE.format(host="activity.host_id")
)


def _why(need: Need, issue: Issue | None, now: datetime) -> str:
    match need.reason:
        case "waiting":
            worth = money.show_yuan(need.waiting_fen)
            return f"{need.waiting} 张订单放了一天多还没确认，共 {worth}"
        case "falling":
            lost = need.before_fen - max(0, need.last_fen)
            share = (lost * 200 + need.before_fen) // (2 * need.before_fen)  # half up
            return f"近两周成交 {money.show_yuan(need.last_fen)}，比前两周少了 {share}%"
        case "unsold":
            return f"7 天里带来 {need.visits} 次来访，一单没成"
        case "uninvited":
            return f"{_joined(need, now)}建的账号，还没有能用的登录入口"
        case "invited":
            return f"{_joined(need, now)}建的账号，登录入口给了，还没登录过"
        case "settling":
            return f"{_joined(need, now)}加入，登录过了，还没转发第一条"
        case "absent":
            return f"{_last_sign_in(need, now)}{_last_time(need, now)}"
        case "unshared":
            if _shared_another(need, issue, now):
                return f"打开了 {need.opened} 个本期的素材，还没转发过；{_another_time(need, now)}"
            return f"本期打开了 {need.opened} 个素材，还没转发过{_last_time(need, now)}"
        case _:
            number = content.issue_day(issue, now) if issue else 0
            if _shared_another(need, issue, now):
                return f"本期第 {number} 天了，还没打开过本期的素材；{_another_time(need, now)}"
            return f"本期第 {number} 天了，还没打开过{_last_time(need, now)}"


def _joined(need: Need, now: datetime) -> str:
    return humanize.say_day(clock.day_of(need.joined_at), today=clock.day_of(now))


def _last_sign_in(need: Need, now: datetime) -> str:
    if need.last_sign_in is None:
        return "还没登录过工作台"
    return f"上次登录是{humanize.say_day(clock.day_of(need.last_sign_in), today=clock.day_of(now))}"


def _last_time(need: Need, now: datetime) -> str:
    if need.last_share is None:
        return "，以前也没转发过"
    return f"，上次转发是{humanize.say_day(need.last_share, today=clock.day_of(now))}"


def _shared_another(need: Need, issue: Issue | None, now: datetime) -> bool:
    """Whether who shared nothing of the issue shared something else in its days."""
    if issue is None or need.last_share is None:
        return False
    return need.last_share >= span_of_issue(issue, now).first


def _another_time(need: Need, now: datetime) -> str:
    assert need.last_share is not None
    return f"上次转发别的是{humanize.say_day(need.last_share, today=clock.day_of(now))}"


_SAY = {
    "promised": "接着上次的话说：说好的那件事怎么样了，卡在哪里，能帮她做什么。",
    "uninvited": "先不谈业绩：把登录链接发给她，陪她设好密码。",
    "invited": "先不谈业绩：问她登录卡在哪一步，陪她登录一次。",
    "settling": "先不谈业绩：欢迎她，陪她挑一条、发出第一条。",
    "waiting": "先问是不是缺货或忙不过来，请她今天把这几单确认掉，客户在等。",
    "falling": "问问群里最近怎么样、客户在说什么，一起挑两款她的老客会再买的。",
    "unsold": "来看的人不少，问她客户卡在哪：价格、运费还是不放心，帮她备一句话术。",
    "absent": "先问候她最近忙不忙，听她说说为什么停下来；想接着做，就陪她登录一次、发第一条。",
    "unshared": "问她哪里不顺手，陪她把今天这条发出去，改成她自己的口气也行。",
    "unopened": "先关心近况，再告诉她今天发哪一条、几点发最好，三下就能转发。",
}
