"""People and places of the demo world. None of them is real; the phones are in a range nobody is given."""

from dataclasses import dataclass
from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢"
)
_GIVEN = (
    "秀英 桂兰 敏 静 丽 艳 娜 芳 燕 玲 洁 婷 雪 琳 晶 妍 茜 秋 珊 佳 嘉怡 欣怡 雨桐 诗涵 梓萱 一诺 晓彤 思远 "
    "建国 志强 伟 磊 军 洋 勇 杰 涛 超 明 浩然 子轩 宇航 博文 海燕 春梅 玉兰 淑芬 晓燕 美玲 慧 倩 颖 露 瑶 "
    "怡 婉清 若曦 梦琪 紫涵 可馨 雅静 书瑶 文静 晓雯 丹丹 莉莉 萍 红 霞 云 月 兰 凤 娟"
).split()
#: What hosts call people: by the child, by where they know each other, or by a name of its own.
_CHILDREN = "豆豆 乐乐 朵朵 团子 米粒 球球 果果 柚子 可乐 糖糖 安安 石头 小宝 多多 妞妞 壮壮 西西 一一 芒果 元宝".split()
_PLACES = "楼上 一楼 三单元 隔壁 对门 广场舞 瑜伽课 幼儿园 门口 健身房 菜场 老同事".split()
_ALONE = "小雨 阿珍 夏天 小鹿 老周 橙子 青青 木子 静静 暖暖 丸子 阿杰 大刘 小鱼 七七 老林".split()
_CITIES = (
    ("上海市", ("静安区", "徐汇区", "浦东新区", "闵行区")),
    ("杭州市", ("西湖区", "滨江区", "余杭区")),
    ("南京市", ("鼓楼区", "建邺区")),
    ("广州市", ("天河区", "越秀区", "番禺区")),
    ("成都市", ("锦江区", "武侯区", "高新区")),
    ("武汉市", ("江汉区", "洪山区")),
)
_ROADS = ("幸福路", "建设路", "文汇路", "梧桐街", "青年路", "滨河路", "学府路", "春晖街", "和平里", "望江路")

#: The organisation: company → regions → stores and teams. 6 nodes.
ORGANISATIONS = (
    ("company", "禾里好物", ""),
    ("region", "华东区", "禾里好物"),
    ("region", "华南区", "禾里好物"),
    ("store", "上海静安门店", "华东区"),
    ("store", "广州天河门店", "华南区"),
    ("team", "杭州社群团队", "华东区"),
)

#: (username, name, kind, organisation, tagline); the first three are the demo sign-ins.
NAMED_HOSTS = (
    ("host1", "林姐", "owner", "杭州社群团队", "住在西湖边的吃货，帮邻居挑好货"),
    ("host2", "阿珍", "owner", "广州天河门店", "两个孩子的妈，母婴用品都先自己试"),
    ("guide1", "小周", "guide", "上海静安门店", "静安店导购，护肤搭配找我"),
)
_HOST_NAMES = (
    "陈姐 王大姐 慧慧 小鱼儿 芳姐 梅子 苏苏 阿美 静静姐 婷婷 兰姨 团长老吴 朵妈 晓雯 莉姐 娟子 小何 燕子 阿琴 "
    "果妈 露露 云姐 小曼 阿芬 大玲 冰冰 菲菲 阿岚 小满 艳艳 红姐 阿秀 依依 佩佩 阿雪 思思 小贝"
).split()


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    nick: str
    phone: str
    address: str


def hosts() -> list[tuple[str, str, str, str, str]]:
    """40 hosts as (username, name, kind, organisation, tagline)."""
    places = ("上海静安门店", "广州天河门店", "杭州社群团队", "华东区", "华南区")
    rows = list(NAMED_HOSTS)
    for number, name in enumerate(_HOST_NAMES, start=len(rows) + 1):
        kind = "guide" if number % 3 == 0 else "owner"
        rows.append(
            (f"daren{number:02d}", name, kind, places[number % len(places)], "群里的老邻居，好东西一起买")
        )
    return rows


def person(number: int, dice: Random, taken: set[str]) -> Person:
    """The `number`-th consumer. 199xxxxxxxx with this prefix is not in use.

    A third have a nickname that is not `taken` yet: a host tells hers apart by it. It is added there.
    """
    name = dice.choice(_SURNAMES) + dice.choice(_GIVEN)
    city, districts = dice.choice(_CITIES)
    address = (
        f"{city}{dice.choice(districts)}{dice.choice(_ROADS)}{dice.randint(1, 320)}弄{dice.randint(1, 30)}号"
        f"{dice.randint(1, 18)}0{dice.randint(1, 4)}室"
    )
    nick = _nick(dice, name[0], taken) if dice.random() < 0.35 else ""
    return Person(name, nick, f"+861990{number:07d}", address)


def _nick(dice: Random, surname: str, taken: set[str]) -> str:
    while True:
        nick = dice.choice(
            (
                dice.choice(_CHILDREN) + dice.choice(("妈", "妈妈", "爸", "奶奶")),
                dice.choice(_PLACES) + surname + dice.choice(("姐", "阿姨", "哥", "叔", "婶")),
                dice.choice(_ALONE),
            )
        )
        if nick not in taken:
            taken.add(nick)
            return nick
