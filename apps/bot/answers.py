"""What the app answers in the chat. It shows on lock screens, so no customer's name or number is in it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlencode

from apps.accounts.models import Host
from apps.insights import selectors as insights
from apps.insights.selectors import DayNumbers, Numbers, Period
from apps.lib import addresses, humanize, money
from apps.library import access
from apps.library import selectors as content
from apps.library.models import IssueEntry, Material
from apps.profiles import selectors as profiles
from apps.sharing.services import link_to
from apps.sharing.subjects import of_material
from apps.tracking.models import Channel

#: A text message holds 2,048 bytes; a late answer begins with a line of its own.
LIMIT_BYTES = 1_960
#: Materials in one answer.
MOST_FOUND = 5

_PERIODS = {
    Period.TODAY: ("今日", "今天", "当天", "today", "1天"),
    Period.WEEK: ("7天", "七天", "近7天", "一周", "本周", "周", "7d"),
    Period.MONTH: ("30天", "三十天", "近30天", "一个月", "本月", "月", "30d"),
    Period.ISSUE: ("本期", "这期", "期", "14天", "双周"),
}
_PERIOD_OF = {word: period for period, words in _PERIODS.items() for word in words}
_REASONS = {
    "due": "到了约好跟进的日子",
    "birthday": "生日快到了",
    "looked": "看了还没下单",
    "greet": "新来的，还没打招呼",
    "rebuy": "差不多该再买了",
    "sleeping": "很久没动静",
}


def help_(host: Host, argument: str, now: datetime) -> str:
    return fit(
        [
            f"{host.name}，发这几个词给我就行：",
            "「今日」今天发什么、关心谁、昨天带来了什么",
            "「业绩」今天的数字，也可以发「业绩 7天」「业绩 30天」「业绩 本期」",
            f"「素材」加一个词，找能发的素材，两个字就行{_such_as(host, now)}",
            "「帮助」再看一遍",
        ],
        end=f"其他的都在工作台：{_page('today')}",
    )


def today(host: Host, argument: str, now: datetime) -> str:
    """What to post, how many to care for and why, and what yesterday brought."""
    posts = _posts(host, now)
    rest = [_care(host, now), _recounting() or _yesterday(insights.yesterday(host, now))]
    end = f"打开工作台：{_page('today')}"
    return fit(posts, keep=[line for line in rest if line], end=end, more="还有 {} 条，在工作台里看")


def _such_as(host: Host, now: datetime) -> str:
    """An example that finds something of hers: the beginning of her newest material's title."""
    newest = access.materials_for(host, now).order_by("-first_published_at", "-pk").first()
    words = newest.title.strip()[:2] if newest is not None else ""
    return f"，比如「素材 {words}」" if len(words.strip()) == 2 else ""


def materials(host: Host, argument: str, now: datetime) -> str:
    """Up to five materials of her library with these words in them, each with her own link."""
    words = argument.strip()
    if len(words.replace(" ", "")) < 2:
        return f"「素材」后面跟两个字以上的词就行{_such_as(host, now)}。"
    found = access.materials_for(host, now).matching(words)
    total = found.count()
    end = f"全部素材：{_page('materials')}?{urlencode({'q': words})}"
    if not total:
        return fit([f"没有找到「{words[:20]}」。换个词试试，一次写一个词更容易找到。"], end=end)
    newest = found.order_by("-first_published_at", "-pk")[:MOST_FOUND]
    lines = [
        f"{place}. {material.get_kind_display()}《{material.title}》\n{_link_to(host, material, now)}"
        for place, material in enumerate(newest, start=1)
    ]
    head = (
        f"找到 {total} 条「{words[:20]}」："
        if total <= MOST_FOUND
        else f"找到 {total} 条，先看最新的 {MOST_FOUND} 条："
    )
    return fit([head, *lines], end=end)


def results(host: Host, argument: str, now: datetime) -> str:
    """Her numbers of a period: 今日 unless she names another."""
    word = argument.replace(" ", "").casefold()
    period = _PERIOD_OF.get(word) if word else Period.TODAY
    if period is None:
        return "「业绩」后面可以跟：今日、7天、30天、本期。比如发「业绩 7天」。"
    numbers = insights.host_numbers(host, period, now)
    end = f"看明细：{_page('me')}?period={period.value}"
    recounting = _recounting()
    lines = [recounting] if recounting else _number_lines(numbers)
    return fit([f"{numbers.span.label}业绩", *lines], end=end)


def fit(
    lines: Iterable[str],
    *,
    keep: Iterable[str] = (),
    end: str,
    more: str = "",
    limit: int = LIMIT_BYTES,
) -> str:
    """`lines`, then `keep` and `end`, within `limit` bytes: the last of `lines` go, each as a whole.

    `more` says how many went.
    """
    taken, tail = list(lines), [*keep, end]
    whole = len(taken)
    while True:
        left_out = [more.format(whole - len(taken))] if more and len(taken) < whole else []
        text = "\n".join([*taken, *left_out, *tail])
        if len(text.encode()) <= limit or not taken:
            return text
        taken.pop()


def _posts(host: Host, now: datetime) -> list[str]:
    """A heading and one item for each thing to post today."""
    issue = content.current_issue(now)
    if issue is None:
        return [f"这一期还没发布。先从素材库挑一条发：{_page('materials')}"]
    day = content.issue_day(issue, now)
    entries = content.plan_of_day(issue, day, now=now, host=host)
    head = f"{issue}，第 {day} 天"
    if not entries:
        return [f"{head}\n今天没有排期，可以从素材库挑一条发：{_page('materials')}"]
    return [f"{head}\n今天发 {len(entries)} 条："] + [
        _post(host, entry, place, now) for place, entry in enumerate(entries, start=1)
    ]


def _post(host: Host, entry: IssueEntry, place: int, now: datetime) -> str:
    material = entry.material
    lines = [f"{place}. {entry.best_time:%H:%M} {material.get_kind_display()}《{material.title}》"]
    if entry.tip:
        lines.append(f"小提示：{entry.tip}")
    lines.append(_link_to(host, material, now))
    return "\n".join(lines)


def _link_to(host: Host, material: Material, now: datetime) -> str:
    """Her own link to a material. Words to say are copied from her page of it; beside it what they sell."""
    subject = of_material(material, now)
    link = link_to(host, subject, Channel.COPY, now=now)
    address = link.address if link is not None else ""
    if subject.opens == (subject.kind, subject.id):
        return address
    copied = _page("material", material.public_id)
    return f"复制文字：{copied}\n配的商品：{address}" if address else copied


def _care(host: Host, now: datetime) -> str:
    reasons = Counter(care.reason for care in profiles.who_to_care_for(host, now))
    if not reasons:
        return ""
    words = "，".join(f"{count} 位{_REASONS[reason]}" for reason, count in reasons.items())
    return f"今天关心 {reasons.total()} 位：{words}。名字和开场白在工作台里。"


def _recounting() -> str:
    """Instead of numbers that are too low just now: what is said in a chat stays there."""
    sentence = insights.recounting()
    return f"{sentence}。" if sentence else ""


def _yesterday(day: DayNumbers) -> str:
    parts = []
    if day.visits:
        parts.append(f"{humanize.say_count(day.visits)} 次来访")
    if day.new_customers:
        parts.append(f"{humanize.say_count(day.new_customers)} 位新客")
    if day.orders:
        parts.append(f"{humanize.say_count(day.orders)} 单")
    if day.gmv_fen:  # less what was taken back yesterday, as on every page
        parts.append(f"成交 {money.show_yuan(day.gmv_fen)}")
    return f"昨天带来：{'，'.join(parts)}。" if parts else ""


def _number_lines(numbers: Numbers) -> list[str]:
    lines = [
        f"来访 {humanize.say_count(numbers.visits)} 次，{humanize.say_count(numbers.visitors)} 人",
        f"订单 {humanize.say_count(numbers.orders)} 单，成交 {money.show_yuan(numbers.gmv_fen)}",
        f"佣金 {money.show_yuan(numbers.commission_fen)}",
        (
            f"新客 {humanize.say_count(numbers.new_customers)} 位，"
            f"一共 {humanize.say_count(numbers.customers)} 位"
        ),
        f"转发 {humanize.say_count(numbers.shares)} 次",
    ]
    if numbers.taken_back_fen:
        lines[1] += f"（已减去取消和退货 {money.show_yuan(numbers.taken_back_fen)}）"
    return lines


def _page(name: str, *args: object) -> str:
    """The absolute address of one of her pages."""
    return addresses.page(f"workbench:{name}", *args)
