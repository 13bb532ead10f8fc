"""The year's 节气 and 节日 and the words that the advertising law forbids, to begin with; HQ goes on from there."""

from typing import ClassVar

from django.db import migrations

from apps.lib.ids import uuid7

TERMS = "立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 立冬 小雪 大雪 冬至 小寒 大寒"
LUNAR = {
    "春节": (1, 1), "元宵节": (1, 15), "端午节": (5, 5), "七夕": (7, 7), "中秋节": (8, 15), "重阳节": (9, 9),
    "腊八节": (12, 8), "小年": (12, 23), "除夕": (12, 30),
}
SOLAR = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "劳动节": (5, 1), "儿童节": (6, 1), "618": (6, 18),
    "教师节": (9, 10), "国庆节": (10, 1), "双十一": (11, 11), "双十二": (12, 12),
}
SUNDAY = {"母亲节": (5, 2), "父亲节": (6, 3)}

#: Level, why, words (with what may be said instead after ` → `, and where it is fine after ` | `).
WORDS = [
    ("block", "绝对化用语", (
        "最佳 → 很适合", "最好 → 很好 | 最好先、最好在、最好提前、最好别、最好不要", "最优 → 很优惠 | 最优先", "最优惠 → 这几天有优惠", "最低价 → 这几天的价",
        "最便宜 → 价格实在", "最高级 → 用料好", "最先进", "最大 → 很大 | 最大程度", "最强 → 很能打", "最受欢迎 → 很多人回购",
        "最时尚", "最舒适 → 很舒服", "最安全", "最健康", "最有效", "最专业", "最权威", "最顶级", "最奢侈", "最后一波 → 这一批", "最后一天 → 今天截止 | 最后一天上班",
        "第一品牌 → 老牌子", "第一名", "全网第一", "品质第一", "口碑第一", "世界第一", "No.1",
        "唯一 → 少见 | 唯一缺点、唯一的缺点", "独一无二 → 很特别", "全网最低 → 这几天有优惠", "全国第一", "全球第一", "销量第一 → 卖得不错", "排名第一", "行业第一",
        "顶级 → 用料讲究", "顶尖", "极品 → 好货", "极致 → 很细致", "巅峰", "至尊", "王牌", "冠军 → 卖得好", "之王 → 很受欢迎", "销冠 → 卖得好",
        "国家级", "世界级", "全球级", "宇宙级", "国家免检", "国家领导人", "驰名商标", "中国名牌",
        "万能 → 用处多", "百分百 → 尽量 | 百分百棉、百分百纯棉", "100%有效", "绝对 → 确实", "永久 → 长时间", "史无前例", "前无古人", "空前绝后", "无与伦比",
        "全网独家", "史上 → 这次", "秒杀全网 → 价格实在", "零风险", "无效退款 → 不满意可以退",
    )),
    ("block", "普通商品不能说疗效", (
        "治疗", "治愈 | 治愈系、很治愈、被治愈", "根治", "疗效", "药效", "特效", "处方", "药到病除", "包治百病", "抗癌", "防癌", "抗肿瘤", "降血压", "降血糖", "降血脂",
        "消炎 → 温和", "杀菌率 | 杀菌率检测报告", "排毒 → 清爽", "抗病毒", "增强免疫力 → 营养全面", "提高免疫力 → 营养全面", "补肾", "壮阳", "活血化瘀", "祛湿 → 暖身",
        "安神助眠 → 放松", "改善睡眠 → 睡前放松", "减肥 → 控制饮食时的选择", "瘦身 → 轻盈", "丰胸", "增高", "生发", "祛斑 → 提亮", "祛痘 → 清爽", "医用级", "医美级",
        "药妆", "无副作用", "零添加激素",
    )),
    ("block", "不能用的身份和保证", (
        "人民大会堂", "军队特供", "专供 → 供应", "特供 → 供应", "国宴", "钓鱼台", "质量免检", "无需国家质量检测", "保证治好", "稳赚", "保本", "躺赚", "日入过万",
    )),
    ("warn", "容易说过头", (
        "第一 → 很多人选 | 第一次、第一天、第一时间、第一步、第一口、第一眼、第一个、第一款、第一批、第一杯、第一锅、第一件、第一位、第一期、第一版、第一篇、第一张",
        "最新 → 新到 | 最新鲜、最新一期", "纯天然 → 天然原料", "无添加 → 配料干净", "零添加 → 配料干净", "进口品质", "明星同款", "网红爆款 → 很多人回购", "秒杀 → 限时优惠", "抢疯了 → 卖得快", "疯抢 → 卖得快",
        "再不抢就没了 → 这一批数量不多", "错过等一年 → 这一批卖完要等", "仅此一次", "限时 → 写清楚到几号", "清仓 → 写清楚原因", "全场最低", "史低 → 这几天有优惠", "亏本 → 价格实在",
        "老字号", "名牌", "顶配", "神器 → 好帮手", "黑科技", "永不", "从未", "完美 → 挺好", "专家推荐", "医生推荐", "一洗白", "立竿见影", "速效", "抗衰老 → 保养",
        "抗衰 → 保养", "美白 → 提亮", "养生 → 日常吃", "滋补 → 营养", "清热 → 清爽", "孕妇可用", "婴儿可用",
    )),
]  # fmt: skip


def add_festivals(apps, schema_editor):
    Festival = apps.get_model("library", "Festival")
    rows = [Festival(name=name, calendar="term", public_id=uuid7()) for name in TERMS.split()]
    for calendar, days in (("lunar", LUNAR), ("solar", SOLAR), ("sunday", SUNDAY)):
        rows += [
            Festival(name=name, calendar=calendar, month=month, day=day, public_id=uuid7())
            for name, (month, day) in days.items()
        ]
    Festival.objects.bulk_create(rows)


def add_forbidden_words(apps, schema_editor):
    ForbiddenWord = apps.get_model("library", "ForbiddenWord")
    rows, seen = [], set()
    for level, reason, entries in WORDS:
        for entry in entries:
            rest, _, fine_in = entry.partition(" | ")
            word, _, instead = rest.partition(" → ")
            if word not in seen:
                seen.add(word)
                rows.append(
                    ForbiddenWord(
                        public_id=uuid7(),
                        word=word,
                        level=level,
                        reason=reason,
                        instead=instead,
                        fine_in=fine_in,
                    )
                )
    ForbiddenWord.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("library", "0001_initial")]
    operations: ClassVar = [
        migrations.RunPython(add_festivals, migrations.RunPython.noop),
        migrations.RunPython(add_forbidden_words, migrations.RunPython.noop),
    ]
