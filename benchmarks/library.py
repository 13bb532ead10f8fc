"""The library's search over 20,000 materials, beside a page of as many by the primary key."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import ground
from benchmarks.report import Verdict, median

MATERIALS, PAGE, ROUNDS = 20_000, 20, 30
_GOODS = "五常大米 赣南脐橙 桂花乌龙茶 高山苹果 每日坚果 菌菇汤包 有机小米 黑猪腊肠 土鸡蛋 洋槐蜂蜜 山茶油"
_WORDS = """
家里 孩子 早餐 新鲜 今天 产地 直发 口感 朋友 推荐 下单 好吃 天冷 暖胃 老人 送礼 实惠 放心 当季 限量 现摘 清甜
软糯 香气 冲泡 煲汤 下饭 健康 无糖 团购 截止 拼单 包邮 售后 试吃 回购 满意 评价 晒单 收藏
"""
GOODS, WORDS = _GOODS.split(), _WORDS.split()
#: In a tenth of all, in a few, of four characters, by initials, two words, a sentence's piece, in none.
ASKED = ("乌龙", "独家手作", "五常大米", "wcdm", "大米 暖胃", "冬至限定", "火箭")


def run(folder: Path) -> list[Verdict]:
    ground.fresh()
    host, now = _stock_the_library()
    from apps.library import access
    from apps.library.models import Material
    from apps.library.selectors import Wanted, search
    from apps.workbench.pictures import with_picture_id

    newest = Material.objects.order_by("pk").values_list("pk", flat=True)[MATERIALS // 2]

    def by_key() -> list[Any]:
        rows = Material.objects.filter(pk__gt=newest).order_by("pk")
        return list(with_picture_id(rows.light().select_related("video"))[: PAGE + 1])

    def by(words: str) -> Callable[[], list[Any]]:
        def ask() -> list[Any]:
            rows = search(access.materials_for(host, now), Wanted(words=words), host=host)
            return list(with_picture_id(rows.light().select_related("video"))[: PAGE + 1])

        return ask

    searches = {words: by(words) for words in ASKED}
    took: dict[str, list[float]] = {words: [] for words in ASKED}
    plain: list[float] = []
    for turn in range(ROUNDS + 3):  # in turns, so that all meet the same moments of the machine
        for words, ask in searches.items():
            one, other = _seconds(ask), _seconds(by_key)
            if turn >= 3:
                took[words].append(one)
                plain.append(other)
    every = [seconds for values in took.values() for seconds in values]
    ratios = {words: median(values) / median(plain) for words, values in took.items()}
    each = "、".join(f"「{words}」{ratio:.1f}" for words, ratio in ratios.items())
    detail = f"中位 {median(every) * 1e3:.1f} 对 {median(plain) * 1e3:.1f} 毫秒；{each}"
    return [Verdict(f"搜 {MATERIALS:,} 个素材最慢的问法，对主键翻页", max(ratios.values()), 3, True, detail)]


def _seconds(ask: Callable[[], list[Any]]) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def _stock_the_library() -> tuple[Any, Any]:
    from django.utils import timezone

    from apps.accounts import services as accounts
    from apps.accounts.models import Host, Organisation, User
    from apps.lib import clock
    from apps.library.models import Issue, IssueEntry, Material
    from apps.library.models.materials import grams

    now, dice = timezone.now(), Random(4)
    root = Organisation.objects.filter(depth=1).first() or Organisation.add_root(name="总部", kind="company")
    host = accounts.create_host(
        username="bench-library", name="林姐", kind=Host.Kind.OWNER, organisation=root, now=now
    )
    rows = []
    for number in range(MATERIALS):
        good = dice.choice(GOODS)
        words = [dice.choice(WORDS) for _ in range(dice.randint(40, 120))]
        if number % 3_000 == 7:
            words += ["独家手作", "冬至限定款"]
        row = Material(
            kind=dice.choice(Material.Kind.values),
            title=f"{good}{''.join(words[:3])}",
            summary="".join(words[3:8]),
            share_text="，".join(words[8:]),
            live=True,
            first_published_at=now - timedelta(minutes=30 * number),
            last_published_at=now,
        )
        row.search_text = row.words_to_find()
        row.search_grams = grams(row.search_text)
        rows.append(row)
    Material.objects.bulk_create(rows, batch_size=1_000)
    owner = User.objects.create(username="bench-editor")
    first = clock.monday_of(clock.day_of(now)) - timedelta(days=14 * 60)
    for number in range(60):
        issue = Issue(
            number=number + 1, theme="对比", starts_on=first + timedelta(days=14 * number), owner=owner
        )
        issue.live, issue.first_published_at = True, now
        issue.save()
        IssueEntry.objects.bulk_create(
            [
                IssueEntry(
                    issue=issue,
                    material=rows[number * 25 + place],
                    day=place % 14 + 1,
                    min_level=place % 4,
                    host_kind=Host.Kind.GUIDE if place % 7 == 0 else "",
                )
                for place in range(25)
            ]
        )
    with ground.plain() as connection:
        connection.execute("VACUUM ANALYZE")
    return host, now
