"""Hosts: who was there, and who took the materials up."""

from dataclasses import replace
from typing import Any

from apps.insights.metrics.base import Condition, Filter, Listed, Metric, Question, Rollup, Source, When
from apps.insights.metrics.visits import ACTS, SHARING
from apps.lib import humanize
from apps.profiles import wording

_OF_A_MATERIAL = "t.subject_kind = 'material'"
_OF_ISSUE = frozenset({Filter.ISSUE})


def _acts(asked: Question) -> Condition:
    """That she did anything with a material (of the issue) within the span."""
    params: list[Any] = [asked.span.first, asked.span.end]
    of_issue = ""
    if asked.issue is not None:
        of_issue = " AND a.subject_id IN (SELECT material_id FROM library_issueentry WHERE issue_id = %s)"
        params.append(asked.issue.pk)
    return Condition(
        "EXISTS (SELECT FROM insights_actday a WHERE a.host_id = t.host_id AND a.day >= %s AND a.day < %s"
        f" AND a.subject_kind = 'material'{of_issue})",
        tuple(params),
    )


_WAS_IN_USE = """(
    EXISTS (SELECT FROM accounts_hosttransition x
             WHERE x.host_id = t.host_id AND x.to_status = 'active' AND x.at >= %s AND x.at < %s)
    OR 'active' = (SELECT x.to_status FROM accounts_hosttransition x
                    WHERE x.host_id = t.host_id AND x.at < %s ORDER BY x.at DESC, x.id DESC LIMIT 1)
    OR (t.status = 'active' AND t.joined_at < %s
        AND NOT EXISTS (SELECT FROM accounts_hosttransition x WHERE x.host_id = t.host_id))
    OR {acts})"""


def _in_use(asked: Question) -> Condition:
    """That she was a host in use at any time of the span: what became of her afterwards changes nothing."""
    starts, ends, acts = asked.span.starts_at, asked.span.ends_at, _acts(asked)
    return Condition(_WAS_IN_USE.format(acts=acts.sql), (starts, ends, starts, ends, *acts.params))


def _idle(asked: Question) -> Condition:
    in_use, acts = _in_use(asked), _acts(asked)
    return Condition(f"{in_use.sql} AND NOT {acts.sql}", (*in_use.params, *acts.params))


_HOSTS = "(SELECT h.id AS host_id, h.status, h.joined_at, h.organisation_id FROM accounts_host h) t"
_LISTED = "t.host_id, t.status, NULL::timestamptz AS at, t.organisation_id"
IN_USE = Source("in_use", _HOSTS, When.SPAN, condition=_in_use, listed=_LISTED)
IDLE = Source("idle", _HOSTS, When.SPAN, condition=_idle, listed=_LISTED)
_STATUS = {"active": "", "suspended": "现在已暂停", "left": "现在已离开"}


def _say_host(row: Listed, subjects: wording.Subjects) -> str:
    return _STATUS.get(row["status"], "")


def _say_idle(row: Listed, subjects: wording.Subjects) -> str:
    return "，".join(part for part in ("还没打开过素材", _STATUS.get(row["status"], "")) if part)


ACTIVE_HOSTS = Metric(
    name="active_hosts",
    title="在用的大C",
    unit="位",
    formula="这段时间里有一天在用的大C；后来暂停或离开的也在内，过去的数字不变。",
    source=IN_USE,
    filters=_OF_ISSUE,
    order="organisation_id, host_id",
    say=_say_host,
)
IDLE_HOSTS = Metric(
    name="idle_hosts",
    title="还没打开的大C",
    unit="位",
    formula="在用的大C里，素材一个也没打开过的。",
    source=IDLE,
    filters=_OF_ISSUE,
    order="organisation_id, host_id",
    say=_say_idle,
)


def _takers(name: str, column: str, word: str) -> Metric:
    def say(row: Listed, subjects: wording.Subjects) -> str:
        return f"{word} {humanize.say_count(row['times'])} 次，{row['first']:%-m月%-d日}第一次"

    is_opening = column == "opened"
    return Metric(
        name=name,
        title=f"{word}过的大C",
        unit="位",
        formula="打开过素材（或复制、保存、转发过）的大C，一位算一次；后来暂停或离开的也在内。"
        if is_opening
        else f"{word}过素材的大C，一位算一次；后来暂停或离开的也在内。",
        source=ACTS,
        # Who copies, saves or shares has it open.
        where=_OF_A_MATERIAL + ("" if is_opening else f" AND t.{column} > 0"),
        each=("host_id",),
        listed=f"t.host_id, sum(t.{column}) AS times, min(t.counted_on) AS first",
        order="times DESC, host_id",
        say=say,
    )


OPENER_HOSTS = _takers("opener_hosts", "opened", "打开")
COPIER_HOSTS = _takers("copier_hosts", "copied", "复制")
SAVER_HOSTS = _takers("saver_hosts", "saved", "保存")
# Where she shared it to is known by the event alone; who shared at all is kept by day.
SHARER_HOSTS = replace(
    _takers("sharer_hosts", "shared", "转发"),
    source=SHARING,
    where=_OF_A_MATERIAL,
    rollups=(
        Rollup(ACTS, counts=f"count(DISTINCT t.host_id) FILTER (WHERE {_OF_A_MATERIAL} AND t.shared > 0)"),
    ),
    listed="t.host_id, count(*) AS times, min(t.counted_on) AS first",
)


def _say_adoption(row: Listed, subjects: wording.Subjects) -> str:
    done = (("打开", "opens"), ("复制", "copies"), ("保存", "saves"), ("转发", "times"))
    told = "，".join(f"{word} {row[name]} 次" for word, name in done if row[name])
    return f"{wording.say_subject(row['subject_kind'], row['subject_id'], subjects)}：{told}"


ADOPTED = Metric(
    name="adopted",
    title="用过的素材",
    unit="个",
    formula="打开、复制、保存或转发过的素材：一位大C和一个素材算一个。",
    source=ACTS,
    where=_OF_A_MATERIAL,
    each=("host_id", "subject_kind", "subject_id"),
    listed="t.host_id, t.subject_kind, t.subject_id, sum(t.opened) AS opens, sum(t.copied) AS copies, "
    "sum(t.saved) AS saves, sum(t.shared) AS times",
    order="host_id, subject_id",
    say=_say_adoption,
)
