"""What to do next after an issue, in words that its numbers carry. What they do not carry is not said."""

from dataclasses import dataclass
from math import sqrt

from apps.accounts.models import Host
from apps.insights.selectors.reports import IssueReport
from apps.insights.selectors.tallies import Tally
from apps.library.models import Material

#: Fewer openings than this tell nothing about a kind, an hour or a channel.
ENOUGH = 30
#: Fewer orders than this are chance.
FEW_ORDERS = 5
#: For a bound that is wrong one time in twenty.
_Z = 1.645
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do, and the numbers that speak for it. `hosts` are the first of those it is about."""

    topic: str
    do: str
    because: str
    hosts: tuple[Host, ...] = ()
    #: The number whose rows show it, if one does.
    number: str = ""


def advice(report: IssueReport) -> list[Advice]:
    """What to do next, most useful first. Never empty: too little to go by is an answer too."""
    return [
        *_about_kinds(report),
        *_about_hours(report),
        *_about_hosts(report),
        *_about_gaps(report),
    ]


# --- what worked -----------------------------------------------------------------------------------------


def _about_kinds(report: IssueReport) -> list[Advice]:
    total = report.total
    if total.reached < ENOUGH or total.ordered < FEW_ORDERS:
        return [
            Advice(
                "什么有用",
                "样本太少，先不下结论。",
                f"一共 {total.reached} 人次打开、{total.ordered} 人下单；"
                f"至少 {ENOUGH} 人次打开、{FEW_ORDERS} 人下单再比哪类素材更好。",
                number="reached",
            )
        ]
    found = []
    for kind, count, tally in report.kinds:
        rest = _rest(total, tally)
        if tally.reached < ENOUGH or rest.reached < ENOUGH:
            continue
        if tally.ordered >= FEW_ORDERS and _low(tally) > _high(rest):
            found.append(
                Advice(
                    "什么有用",
                    f"下一期多排「{kind.label}」，比这一期的 {count} 个再多一两个。",
                    f"每 100 次打开带来 {_rate(tally)} 人下单，其余各类是 {_rate(rest)} 人"
                    f"（{tally.reached} 次打开，{tally.ordered} 人下单）。",
                )
            )
        elif rest.ordered >= FEW_ORDERS and _high(tally) < _low(rest):
            found.append(
                Advice(
                    "什么没用",
                    f"「{kind.label}」换个写法，或少排一个。",
                    f"每 100 次打开只有 {_rate(tally)} 人下单，其余各类是 {_rate(rest)} 人"
                    f"（{tally.reached} 次打开，{tally.ordered} 人下单）。",
                )
            )
    return found or [
        Advice(
            "什么有用",
            "各类素材的差别还在偶然的范围里，下一期照现在的比例排。",
            f"一共 {total.reached} 次打开、{total.ordered} 人下单，分到每一类样本太少，看不出谁更好。",
        )
    ]


def _rest(total: Tally, part: Tally) -> Tally:
    return Tally(reached=total.reached - part.reached, ordered=total.ordered - part.ordered)


def _rate(tally: Tally) -> str:
    return f"{100 * tally.ordered / tally.reached:.1f}"


def _low(tally: Tally) -> float:
    return _wilson(tally, -1)


def _high(tally: Tally) -> float:
    return _wilson(tally, 1)


def _wilson(tally: Tally, side: int) -> float:
    """One end of Wilson's interval of ordered / reached: honest for small numbers and for none."""
    n = tally.reached
    if not n:
        return 0.0 if side < 0 else 1.0
    share, z = tally.ordered / n, _Z
    middle = share + z * z / (2 * n)
    width = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle + side * width) / (1 + z * z / n)


def _about_hours(report: IssueReport) -> list[Advice]:
    """Consumers look at other hours than the plan posts at: only worth saying with enough looks."""
    total = report.total.reached
    if total < 5 * ENOUGH or not report.materials:
        return []
    hours = report.tallies.hours
    best = max(range(23), key=lambda hour: sum(hours[h].reached for h in (hour, hour + 1) if h in hours))
    opens = sum(hours[h].reached for h in (best, best + 1) if h in hours)
    planned = sum(one.hour in {best - 1, best, best + 1} for one in report.materials)
    share = 100 * opens // total
    if share < 20 or 3 * planned >= len(report.materials):
        return []
    return [
        Advice(
            "几点发",
            f"把更多素材排在 {max(best - 1, 0)}—{best + 1} 点。",
            f"{best}—{best + 2} 点的打开占 {share}%（{opens} 次），"
            f"这个时段前后只排了 {planned} 个，一共 {len(report.materials)} 个。",
        )
    ]


# --- whom to call ------------------------------------------------------------------------------------------


def _about_hosts(report: IssueReport) -> list[Advice]:
    found = []
    # On its first day nobody is late with anything yet.
    before = report.before if report.days_over else None
    if before is not None:
        fell = [
            report.hosts[pk]
            for pk, tally in sorted(before.hosts.items(), key=lambda row: -row[1].gmv_fen)
            if pk in report.in_use_ids
            and report.hosts[pk].is_active
            and tally.sharers
            and not report.tallies.hosts.get(pk, Tally()).sharers
        ]
        if fell:
            found.append(
                _call(fell, "问问最近怎么了", f"上一期（第 {before.issue.number} 期）转发过，这一期还没有。")
            )
    unsold = [
        host
        for host, tally in report.ranked_hosts
        if host.is_active and tally.reached >= ENOUGH and not tally.orders
    ]
    unsold.sort(key=lambda host: -report.tallies.hosts[host.pk].reached)
    if unsold:
        opens = sum(report.tallies.hosts[host.pk].reached for host in unsold)
        found.append(_call(unsold, "看看客户卡在哪", f"一共带来 {opens} 次打开，一单没成。"))
    if not report.days_over:
        return found
    known = {host.pk for one in found for host in one.hosts}
    found += _about_idle(report.idle, known)
    silent = [host for host in report.silent if host.pk not in known]
    if silent:
        found.append(_call(silent, "问她哪里不顺手", "打开看过，一次都没转发。"))
    return found


def _about_idle(idle: list[Host], known: set[int]) -> list[Advice]:
    """All of them are counted, as in their rows; named is who can be called and was not named yet."""
    to_call = [host for host in idle if host.is_active and host.pk not in known]
    if not to_call:
        return []
    gone = sum(not host.is_active for host in idle)
    because = "整期的素材一个都没打开" + (f"，其中 {gone} 位现在已暂停或离开。" if gone else "。")
    return [_call(to_call, "先关心近况，再陪她发一条", because, number="idle_hosts", total=len(idle))]


def _call(hosts: list[Host], how: str, because: str, number: str = "", total: int = 0) -> Advice:
    total = total or len(hosts)
    many = f"等 {total} 位" if total > min(len(hosts), _NAMED) else f" {total} 位"
    names = "、".join(host.name for host in hosts[:_NAMED])
    return Advice("给谁打电话", f"{names}{many}：{how}。", because, tuple(hosts[:_NAMED]), number)


# --- what was missing ---------------------------------------------------------------------------------------


def _about_gaps(report: IssueReport) -> list[Advice]:
    found = []
    if report.missing:
        named = "、".join(f"{Material.Kind(kind).label}少 {n} 个" for kind, n in report.missing.items())
        found.append(Advice("缺什么", f"下一期先补上：{named}。", "这一期没有排满自己的配额。"))
    planned = {one.day for one in report.materials}
    empty = [day for day in range(1, min(report.days, 14) + 1) if day not in planned]
    if len(empty) > 3:
        days = "、".join(str(day) for day in empty)
        found.append(
            Advice("缺什么", f"第 {days} 天没有安排。", f"{len(empty)} 天里大C打开「今日」没有要发的。")
        )
    unused = [
        one.material for one in report.materials if not one.tally.shares and one.day <= report.days_over
    ]
    if unused and report.total.shares:
        names = "".join(f"「{material.title}」" for material in unused[:3])
        more = f"等 {len(unused)} 个" if len(unused) > 3 else ""
        found.append(
            Advice("缺什么", f"{names}{more}没人转发，别再原样排进下一期。", "问两三位大C为什么不发，再改。")
        )
    unsellable = [
        one.material
        for one in report.materials
        if one.material.product_id is None and one.tally.reached >= ENOUGH
    ]
    if unsellable:
        names = "".join(f"「{material.title}」" for material in unsellable[:3])
        found.append(Advice("缺什么", f"给{names}关联一个商品。", "看的人不少，但页面上没有能买的东西。"))
    return found
