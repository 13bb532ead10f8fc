"""What to say on the telephone: a text made of what is known of her, ready to be read out or sent."""

from datetime import datetime

from apps.insights.selectors.calls import Need
from apps.lib import clock, humanize, money


def opening(need: Need | None, *, to: str, by: str, now: datetime) -> str:
    """How `by` begins a talk with the host called `to`."""
    me = by if by.startswith("总部") else f"总部的{by}"
    return f"{to}你好，我是{me}。{_about(need, now)}"


def _about(need: Need | None, now: datetime) -> str:
    if need is None:
        return "最近群里怎么样？有什么我能帮上的，你尽管说。"
    match need.reason:
        case "promised":
            return f"上次我们说好「{need.promise.rstrip('。')}」，今天来问问怎么样了，卡住的地方我来想办法。"
        case "waiting":
            worth = money.show_yuan(need.waiting_fen)
            return (
                f"你有 {need.waiting} 张订单放了一天多还没确认，共 {worth}。是缺货，还是这两天忙不过来？"
                "缺什么我现在去问；能发的今天先确认掉，客户在等。"
            )
        case "falling":
            return (
                f"这两周你成交 {money.show_yuan(need.last_fen)}，"
                f"再往前两周是 {money.show_yuan(need.before_fen)}。"
                "最近群里怎么样，客户在说什么？我们一起挑两款老客会再买的，今天就发一条试试。"
            )
        case "unsold":
            return (
                f"这 7 天你带来了 {need.visits} 次来访，大家愿意看，就差一步下单。"
                "她们卡在哪里：价格、运费，还是不放心？我帮你备一句话。"
            )
        case "absent":
            return (
                f"{_since(need, now)}最近是不是忙？想听你说说哪里不顺手。还想做的话，我现在陪你上来看一眼。"
            )
        case "unshared":
            return (
                f"本期你看过 {need.opened} 个素材，还没发出去。是文字不像你说的话，还是不知道发给谁？"
                "我陪你改一条，用你自己的口气发。"
            )
        case "unopened":
            return (
                f"本期已经第 {need.issue_day} 天了，今天有一条很适合你的群，点三下就能发。"
                "你方便的时候打开看一眼，我在线等你。"
            )
        case "uninvited":
            return "你的账号建好了，我把登录链接发给你：点开，设好密码就能进来。我等你，登上了告诉我一声。"
        case "invited":
            return "登录的路已经给你了，还没看到你上来。是链接打不开，还是密码没设好？我现在陪你登录一次。"
        case _:
            return "欢迎你加入。我陪你从今天的素材里挑一条，改成你的口气，发出第一条，五分钟就好。"


def _since(need: Need, now: datetime) -> str:
    if need.last_share is None:
        return "有一阵没看到你了。"
    return f"上次看到你转发是{humanize.say_day(need.last_share, today=clock.day_of(now))}，后来就没看到你了。"
