"""Who came, and how far."""

from apps.insights.metrics.base import Listed, Metric, Rollup, Source, When, host_of, say_link
from apps.insights.metrics.days import DAYS
from apps.profiles import wording
from apps.tracking.facts import SHARED, VIEWED


def _named(names: tuple[str, ...]) -> str:
    return "t.name IN ({})".format(", ".join(f"'{name}'" for name in names))


_OF_LINK = "LEFT JOIN tracking_link l ON l.id = t.link_id"
VIEWS = Source(
    "views",
    "tracking_event t",
    When.MOMENT,
    at="t.occurred_at",
    where=f"{_named(VIEWED)} AND t.visitor_id IS NOT NULL",
    has_subject=True,
    channel="l.channel",
    join=_OF_LINK,
)
SHARING = Source(
    "sharing",
    "tracking_event t",
    When.MOMENT,
    at="t.occurred_at",
    where=_named(SHARED),
    has_subject=True,
    channel="coalesce(t.props->>'channel', '')",
    listed="t.host_id, t.link_id, t.subject_kind, t.subject_id, t.counted_at AS at, t.id",
)
#: One visitor of one link, and how far she came.
PROGRESS = Source(
    "progress",
    "insights_linkvisit t",
    When.MOMENT,
    at="t.reached_at",
    has_subject=True,
    channel="l.channel",
    join=_OF_LINK,
)
#: What a host did with one material, product or shelf on one day.
ACTS = Source("acts", "insights_actday t", When.DAY, at="t.day", has_subject=True)


def _say_visit(row: Listed, subjects: wording.Subjects) -> str:
    pages = f"，看了 {row['pages']} 页" if row["pages"] > 1 else ""
    return f"{say_link(row, subjects)}{pages}"


def _say_visitor(row: Listed, subjects: wording.Subjects) -> str:
    told = f"看了 {row['pages']} 次"
    if row["hosts"] == 1:
        return told
    return f"一共{told}，在 {row['hosts']} 位大C的页面上；这里是第一次的大C和时间"


def _say_share(row: Listed, subjects: wording.Subjects) -> str:
    return f"转发{say_link(row, subjects)}"


VISITS = Metric(
    name="visits",
    title="来访",
    unit="次",
    formula="打开过页面的人：同一个人、同一个链接、同一天只算一次；每天相加就是一段时间的。",
    source=VIEWS,
    each=("host_id", "link_id", "visitor_id", "counted_on"),
    rollups=(Rollup(DAYS, "visits"),),
    listed="t.host_id, t.link_id, t.visitor_id, t.counted_on, min(t.counted_at) AS at, count(*) AS pages",
    order="at DESC, link_id, visitor_id",
    say=_say_visit,
)
VISITORS = Metric(
    name="visitors",
    title="访客",
    unit="位",
    formula="整段时间里打开过页面的人，一位算一次，来几天都一样。",
    source=VIEWS,
    each=("visitor_id",),
    rollups=(Rollup(DAYS, "visitors", by_host=True),),
    listed=f"t.visitor_id, {host_of('t.counted_at', then='t.id')}, min(t.counted_at) AS at, "
    "count(*) AS pages",
    order="at DESC, visitor_id",
    say=_say_visitor,
)
SHARES = Metric(
    name="shares",
    title="转发",
    unit="次",
    formula=(
        "大C把素材、商品或货架分享出去的次数：一样东西一天里用同一种方式算一次；"
        "打开的第一种方式就算，其余的复制、保存或发出才算。"
    ),
    source=SHARING,
    rollups=(Rollup(DAYS, "shares"), Rollup(ACTS, "shared")),
    order="at DESC, id DESC",
    say=_say_share,
)


def _step(name: str, title: str, column: str, formula: str) -> Metric:
    return Metric(
        name=name,
        title=title,
        unit="人次",
        formula=formula,
        source=PROGRESS,
        where="TRUE" if column == "reached_at" else f"t.{column} IS NOT NULL",
        listed=f"t.host_id, t.link_id, t.visitor_id, t.{column} AS at",
        order="at DESC, link_id, visitor_id",
        say=say_link,
    )


REACHED = _step(
    "reached", "打开", "reached_at", "这段时间里第一次打开链接的人：同一个人、同一个链接一共只算一次。"
)
READ = _step("read", "阅读", "read_at", "「打开」的人里，到现在为止停留过三秒、点过什么或下过单的。")
ORDERED = _step(
    "ordered",
    "下单",
    "ordered_at",
    "「打开」的人里，到现在为止由这个链接下过单的；取消了、存疑的也算走到过。",
)
