"""What consumers are told and asked, in plain words. HQ may publish versions of its own in the console.

Delivering an order needs the receiver's name, phone and address: that is the contract's necessity (PIPL
article 13, 2), so she is told and ticks that she has read it; nothing is "agreed" that she could not refuse.
Being contacted with offers, and having her purchases used to choose goods, the order does without: each is
asked apart, unticked, and refused by doing nothing.
"""

from apps.reach.notices import MARKETING
from apps.records.models import Notice

ORDER = (
    "为了送货和售后，这笔订单的收货人姓名、手机号、地址和留言会交给向你推荐商品的人，以及上面写明的公司。"
    "只用于这笔订单，加密保存；不会公开，也不会卖给别人。没有这些就送不到货，所以这一项不能不给。"
    "想看、想更正、想删除，随时可以在订单页最下面的「我的资料」里办。"
)
SHARING = (
    "你勾选以后，上面写明的公司会把你买过什么和别的客户合在一起看，用来决定进什么货、怎么改进。"
    "不用来给你单独定价，也不交给别的公司。不勾也能正常下单，勾了随时可以在订单页收回。"
)
TEXTS: dict[str, str] = {
    Notice.Purpose.ORDER.value: ORDER,
    Notice.Purpose.MARKETING.value: MARKETING,
    Notice.Purpose.SHARING.value: SHARING,
}
#: What is asked, and may be left unticked.
ASKED = (Notice.Purpose.MARKETING, Notice.Purpose.SHARING)
