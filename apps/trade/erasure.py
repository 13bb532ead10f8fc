"""What orders hold of one person. Amounts stay: they are others' books too, and the law wants them kept."""

from datetime import datetime
from typing import Any

from apps.lib import money
from apps.lib.phone import national
from apps.records.declarations import Holder, Subject
from apps.trade.models import IdempotencyKey, Order, OrderLine, OrderReversal


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    orders = (
        Order.objects.filter(relation__in=subject.relation_ids)
        .select_related("host", "earned_by")
        .prefetch_related("lines__product", "lines__sku", "reversals", "transitions")
        .order_by("placed_at")
    )
    return {
        "订单": [
            {
                "卖给你的人": _seller(order, subject),
                "下单时间": order.placed_at,
                "状态": order.get_status_display(),
                "商品": [_line(one) for one in order.lines.all()],
                "金额": money.decimal_yuan(order.total_fen),
                "已收款": order.is_paid,
                "记下收款的时间": order.paid_at,
                "存疑": order.get_doubt_display(),
                "服务你的人点头的时间": order.agreed_at,
                "没确认就自动取消的时间": order.release_at,
                "占着库存": order.holds_stock,
                "超过每人限购": order.is_over_limit,
                "外部单号": order.external_no,
                "收货人": order.receiver_name,
                "电话": national(order.receiver_phone),
                "地址": order.receiver_address,
                "留言": order.buyer_note,
                "退回": [_reversal(one) for one in order.reversals.all()],
                "经过": [
                    {"状态": one.get_to_status_display(), "时间": one.at} for one in order.transitions.all()
                ],
            }
            for order in orders
        ]
    }


def _seller(order: Order, subject: Subject) -> str:
    """Who earned it. Her host's word names no other host: she reads that it was one before her."""
    earner = order.earner
    return earner.name if subject.by_host in (None, earner.pk) else "以前服务你的人"


def _line(line: OrderLine) -> dict[str, Any]:
    return {"名称": line.product.title, "数量": line.quantity, "金额": money.decimal_yuan(line.total_fen)}


def _reversal(row: OrderReversal) -> dict[str, Any]:
    return {
        "类型": row.get_kind_display(),
        "金额": money.decimal_yuan(row.amount_fen),
        "时间": row.at,
        "原因": row.reason,
    }


def erase(subject: Subject, now: datetime) -> None:
    orders = Order.objects.filter(relation__in=subject.relation_ids)
    OrderReversal.objects.filter(order__in=orders).exclude(reason="").update(reason="")
    IdempotencyKey.objects.filter(order__in=orders).delete()
    orders.update(
        receiver_name="",
        receiver_phone="",
        receiver_address="",
        buyer_note="",
        view_digest=None,
        visitor=None,
        place="",
    )


_KEY = "我们给行的编号，指向列出的行"
HOLDER = Holder(
    name="trade",
    export=export,
    erase=erase,
    exported={
        "trade.Order": (
            "status", "external_no", "total_fen", "is_paid", "paid_at", "doubt", "agreed_at", "holds_stock",
            "is_over_limit",
            "placed_at", "release_at", "receiver_name", "receiver_phone", "receiver_address", "buyer_note",
        ),
        "trade.OrderLine": ("quantity", "total_fen"),
        "trade.OrderReversal": ("kind", "amount_fen", "reason", "at"),
        "trade.OrderTransition": ("at",),
    },
    exempt={
        "trade.Order": {
            "relation": _KEY,
            "visitor": "哪台设备下的单，只有一个编号",
            "place": "从哪个网络下的单，只有带密钥的摘要，大C确认或取消后清空",
        },
        "trade.OrderLine": {"order": _KEY},
        "trade.OrderReversal": {"order": _KEY},
        "trade.OrderTransition": {"order": _KEY},
        "trade.IdempotencyKey": {"*": "防止重复下单的标记，一天后删除"},
    },
)  # fmt: skip
