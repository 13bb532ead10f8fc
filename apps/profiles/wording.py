"""What a customer did, in the words her host would use."""

import re
from collections.abc import Iterable

from apps.catalog.models import Product
from apps.lib import money
from apps.library.models import Material
from apps.tracking.facts import SENT, VISITED, Fact
from apps.tracking.models import Subject

Subjects = dict[tuple[str, int], str]

#: For an act that has no words of its own.
UNSAID = "有新动态"

_ORDER: dict[str, str] = {
    Fact.ORDER_PLACED: "下单",
    Fact.ORDER_CONFIRMED: "你确认了订单",
    Fact.ORDER_SHIPPED: "订单已发货",
    Fact.ORDER_DONE: "订单完成",
    Fact.ORDER_CANCELLED: "订单取消了",
    Fact.ORDER_RETURNED: "退货",
    Fact.ORDER_PAID: "你记下已收款",
    Fact.ORDER_CHANGED: "总部更正了订单金额",
}
#: The same in the line of an order that has been named already.
_GROWN: dict[str, str] = {
    Fact.ORDER_PLACED: "下单",
    Fact.ORDER_CONFIRMED: "确认",
    Fact.ORDER_SHIPPED: "发货",
    Fact.ORDER_DONE: "完成",
    Fact.ORDER_CANCELLED: "取消",
    Fact.ORDER_RETURNED: "退货",
    Fact.ORDER_PAID: "收款",
    Fact.ORDER_CHANGED: "总部更正了金额",
}
_JOINED = {
    "wecom": "加了你的企业微信",
    "import": "导入为你的客户",
    "order": "第一次向你下单，成为你的客户",
    "manual": "你把她加成了客户",
}
_OTHER: dict[str, str] = {
    Fact.CUSTOMER_CONTACTED: "你联系了她",
    Fact.CUSTOMER_DELETED_HOST: "删除了你的企业微信",
    Fact.CUSTOMER_REMOVED: "你删除了她的企业微信",
    Fact.CUSTOMER_HANDED_OVER: "交接给你",
    Fact.CUSTOMER_PLANNED: "你定了下一步",
    Fact.CUSTOMER_UNPLANNED: "你划掉了下一步",
}

#: Whom a sentence speaks to.
_ME = re.compile("向你|你的?")


def subjects_named(subjects: Iterable[tuple[str, int]]) -> Subjects:
    """The titles of materials and products, one query for each kind that occurs."""
    wanted: dict[str, set[int]] = {}
    for kind, pk in subjects:
        if pk:
            wanted.setdefault(kind, set()).add(pk)
    named: Subjects = {}
    if materials := wanted.get(Subject.MATERIAL):
        for pk, title in Material.objects.filter(pk__in=materials).values_list("pk", "title"):
            named[Subject.MATERIAL, pk] = f"《{title}》"
    if products := wanted.get(Subject.PRODUCT):
        for pk, title in Product.objects.filter(pk__in=products).values_list("pk", "title"):
            named[Subject.PRODUCT, pk] = f"「{title}」"
    return named


def say_subject(kind: str, pk: int | None, subjects: Subjects, *, shelf: str = "货架") -> str:
    """Its title; a shelf is called `shelf`, since whose it is depends on who reads."""
    if kind == Subject.SHELF:
        return shelf
    fallback = {Subject.MATERIAL: "一篇素材", Subject.PRODUCT: "一款商品"}
    return subjects.get((kind, pk or 0)) or fallback.get(kind, "一个页面")  # type: ignore[call-overload]


def say_act(
    name: str,
    kind: str,
    pk: int | None,
    subjects: Subjects,
    *,
    fen: int | None = None,
    source: str = "",
    with_another: bool = False,
) -> str:
    """`看了《…》`, `下单 ¥99.00`, `加了你的企业微信`: for the host whose customer did it.

    `with_another` says that it was between the customer and an earlier host of hers, or may have been.
    """
    if name in VISITED:
        seen = say_subject(kind, pk, subjects, shelf=address("你的货架", with_another=with_another))
        return f"{'逛了' if kind == Subject.SHELF else '看了'}{seen}"
    if name in SENT:
        return address(f"你发了{say_subject(kind, pk, subjects)}给她", with_another=with_another)
    if name == Fact.CUSTOMER_JOINED:
        return address(_JOINED.get(source, "成为你的客户"), with_another=with_another)
    said = address(_ORDER.get(name) or _OTHER.get(name, UNSAID), with_another=with_another)
    return f"{said} {money.show_yuan(fen)}" if name in _ORDER and fen is not None else said


def address(said: str, *, with_another: bool) -> str:
    """These words, without 你 where whoever reads them was not the one."""
    if not with_another:
        return said
    return _ME.sub("", said.replace("给你", "给另一位大C"))


def say_order(name: str, fen: int | None = None) -> str:
    """A step of an order: `下单 ¥99.00`, `你确认了订单`, `退货 ¥59.00`."""
    return f"{_ORDER[name]} {money.show_yuan(fen)}" if fen is not None else _ORDER[name]


def say_grown(name: str, fen: int | None = None) -> str:
    """The same within the order's own line: `确认`, `退货 ¥59.00`."""
    return f"{_GROWN[name]} {money.show_yuan(fen)}" if fen is not None else _GROWN[name]


def say_to_her(name: str) -> str:
    """What happened, as its meaning in the ledger's vocabulary, for the consumer herself to read."""
    if name not in set(Fact):
        return "有过一件事"
    words = Fact(name).meaning.replace("请客户", "请你").replace("大C", "服务你的人")
    return words.replace("她", "你")
