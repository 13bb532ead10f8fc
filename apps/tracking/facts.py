"""The vocabulary of the ledger: each kind of event once, with its meaning, its actor and where it is written.

docs/events.md is made of this (`manage.py document_events`). What belongs together is a group below: whoever
asks for "views" or "shares" names the group, so that a new kind of page is counted everywhere at once.
"""

from enum import StrEnum
from typing import Self


class By(StrEnum):
    """Whose act it is."""

    CONSUMER = "消费者"
    HOST = "大C"
    HQ = "总部"
    ANYONE = "谁都可能"


class Fact(StrEnum):
    """What happened, dotted and in the past tense.

    Each member is (code, meaning, whose act, kind of subject, the functions that write it).
    """

    meaning: str
    by: By
    #: `tracking.Subject`, or the name a higher app gives its own rows; empty: there is none.
    subject: str
    written_in: tuple[str, ...]

    def __new__(
        cls, code: str, meaning: str = "", by: By = By.ANYONE, subject: str = "", *written_in: str
    ) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning, member.by, member.subject = meaning, by, subject
        member.written_in = written_in
        return member

    # What a consumer does behind a host's link.
    MATERIAL_VIEWED = (
        "material.viewed",
        "打开了素材的分享页",
        By.CONSUMER,
        "material",
        "storefront.services.note_view",
    )
    PRODUCT_VIEWED = "product.viewed", "打开了商品页", By.CONSUMER, "product", "storefront.services.note_view"
    SHELF_VIEWED = "shelf.viewed", "打开了货架", By.CONSUMER, "shelf", "storefront.services.note_view"
    MATERIAL_READ = (
        "material.read", "在素材页停了三秒，或点了什么", By.CONSUMER, "material",
        "storefront.services.note_read", "storefront.services.note_tap",
    )  # fmt: skip
    PRODUCT_READ = (
        "product.read", "在商品页停了三秒，或点了什么", By.CONSUMER, "product",
        "storefront.services.note_read", "storefront.services.note_tap",
    )  # fmt: skip
    SHELF_READ = (
        "shelf.read", "在货架停了三秒，或点了什么", By.CONSUMER, "shelf",
        "storefront.services.note_read", "storefront.services.note_tap",
    )  # fmt: skip

    # What a host does with what she may share.
    MATERIAL_OPENED = (
        "material.opened", "看了素材", By.HOST, "material",
        "workbench.views.materials.material", "library.api.MaterialActView.post",
    )  # fmt: skip
    MATERIAL_COPIED = (
        "material.copied", "复制了文字", By.HOST, "material",
        "workbench.views.materials.act", "library.api.MaterialActView.post",
    )  # fmt: skip
    MATERIAL_SAVED = (
        "material.saved", "保存了图片", By.HOST, "material",
        "workbench.views.materials.act", "library.api.MaterialActView.post",
    )  # fmt: skip
    MATERIAL_SHARED = (
        "material.shared", "分享了素材", By.HOST, "material",
        "sharing.services.share",
    )  # fmt: skip
    PRODUCT_SHARED = (
        "product.shared", "分享了商品", By.HOST, "product",
        "sharing.services.share",
    )  # fmt: skip
    SHELF_SHARED = (
        "shelf.shared", "分享了整个货架", By.HOST, "shelf",
        "sharing.services.share",
    )  # fmt: skip
    MATERIAL_FAVOURED = (
        "material.favoured",
        "收藏了素材",
        By.HOST,
        "material",
        "library.services.set_favourite",
    )
    MATERIAL_UNFAVOURED = (
        "material.unfavoured", "取消了收藏", By.HOST, "material", "library.services.set_favourite"
    )  # fmt: skip
    MATERIAL_REWORDED = (
        "material.reworded",
        "存了自己的说法",
        By.HOST,
        "material",
        "library.services.keep_words",
    )
    MATERIAL_WORDS_DROPPED = (
        "material.words_dropped", "改回了总部的文案", By.HOST, "material",
        "library.services.keep_words", "library.services.drop_words",
    )  # fmt: skip
    MATERIAL_LET_GO = (
        "material.let_go", "过了日子，决定不发了", By.HOST, "material", "library.services.let_go"
    )  # fmt: skip
    SHELF_ADDED = "shelf.added", "上了货架", By.HOST, "product", "catalog.services.add_to_shelf"
    SHELF_REMOVED = "shelf.removed", "下了货架", By.HOST, "product", "catalog.services.remove_from_shelf"
    SHELF_PRICED = "shelf.priced", "改了自己的售价", By.HOST, "product", "catalog.services.edit_shelf_item"
    SHELF_REWORDED = "shelf.reworded", "改了推荐语", By.HOST, "product", "catalog.services.edit_shelf_item"
    SHELF_MOVED = "shelf.moved", "换了货架上的位置", By.HOST, "product", "catalog.services.move_shelf_item"

    # Orders.
    ORDER_PLACED = (
        "order.placed", "下单", By.CONSUMER, "order",
        "trade.services.place_order", "trade.imports.bulk._events",
        "trade.imports.order_chunks.OrderChunk._make_orders",
    )  # fmt: skip
    ORDER_CONFIRMED = "order.confirmed", "确认了订单", By.HOST, "order", "trade.services.confirm_order"
    ORDER_SHIPPED = "order.shipped", "发货", By.HOST, "order", "trade.services.ship_order"
    ORDER_DONE = "order.done", "订单完成", By.HOST, "order", "trade.services.finish_order"
    ORDER_CANCELLED = "order.cancelled", "取消了订单", By.ANYONE, "order", "trade.services.cancel_order"
    ORDER_RETURNED = "order.returned", "退货", By.HOST, "order", "trade.services.return_goods"
    ORDER_PAID = "order.paid", "记下已收款", By.HOST, "order", "trade.services.mark_paid"
    ORDER_CHANGED = (
        "order.changed", "导入更正了订单金额", By.HQ, "order",
        "trade.imports.order_chunks.OrderChunk._change_orders",
    )  # fmt: skip

    # A customer and her host.
    CUSTOMER_JOINED = (
        "customer.joined", "成为客户", By.CONSUMER, "relation",
        "customers.services._joined", "customers.imports.bulk.add_relations",
    )  # fmt: skip
    CUSTOMER_DELETED_HOST = (
        "customer.deleted_host", "删除了大C的企业微信", By.CONSUMER, "relation",
        "customers.services.detach_external_contact",
    )  # fmt: skip
    CUSTOMER_REMOVED = (
        "customer.removed", "大C删除了她的企业微信", By.HOST, "relation",
        "customers.services.detach_external_contact",
    )  # fmt: skip
    CUSTOMER_CONTACTED = (
        "customer.contacted",
        "联系过",
        By.HOST,
        "relation",
        "customers.services.mark_contacted",
    )
    MATERIAL_SENT = (
        "material.sent", "发给了一位客户", By.HOST, "material", "sharing.to_her.note_sent"
    )  # fmt: skip
    PRODUCT_SENT = (
        "product.sent", "发给了一位客户", By.HOST, "product", "sharing.to_her.note_sent"
    )  # fmt: skip
    CUSTOMER_NOTED = "customer.noted", "记了一笔", By.HOST, "relation", "customers.services.add_note"
    CUSTOMER_TAGGED = "customer.tagged", "打了标签", By.HOST, "relation", "customers.services.tag_relation"
    CUSTOMER_UNTAGGED = (
        "customer.untagged",
        "去掉标签",
        By.HOST,
        "relation",
        "customers.services.untag_relation",
    )
    CUSTOMER_REMARKED = (
        "customer.remarked",
        "改了称呼",
        By.HOST,
        "relation",
        "customers.services.update_relation",
    )
    CUSTOMER_PHONE_CHANGED = (
        "customer.phone_changed", "改了手机号", By.HOST, "relation", "customers.services.update_relation"
    )  # fmt: skip
    CUSTOMER_BIRTHDAY_CHANGED = (
        "customer.birthday_changed", "改了生日", By.HOST, "relation", "customers.services.update_relation"
    )  # fmt: skip
    CUSTOMER_PLANNED = (
        "customer.planned", "定了下一步", By.HOST, "relation", "customers.services.update_relation"
    )  # fmt: skip
    CUSTOMER_UNPLANNED = (
        "customer.unplanned", "划掉了下一步", By.HOST, "relation", "customers.services.update_relation"
    )  # fmt: skip
    CUSTOMER_HANDED_OVER = (
        "customer.handed_over", "交接给另一位大C", By.HQ, "relation", "customers.handover.moving._record"
    )  # fmt: skip
    CUSTOMER_REVEALED = (
        "customer.revealed", "看了打码的资料", By.ANYONE, "relation", "tracking.receivers.note_reveal"
    )  # fmt: skip
    CUSTOMER_ERASED = "customer.erased", "资料删除了", By.ANYONE, "relation", "customers.erasure.erase"
    BROWSER_FORGOTTEN = (
        "browser.forgotten", "设备很久没来，不再认作她的", By.ANYONE, "", "profiles.expiry.clear"
    )  # fmt: skip
    CONSENT_GIVEN = (
        "consent.given",
        "同意了",
        By.CONSUMER,
        "relation",
        "tracking.receivers.note_consent_given",
    )
    CONSENT_ASKED = "consent.asked", "请她同意收优惠", By.HOST, "relation", "reach.asking.ask"
    CONSENT_CONFIRMED = (
        "consent.confirmed", "订单上勾的确实是她本人", By.ANYONE, "relation",
        "tracking.receivers.note_consent_confirmed",
    )  # fmt: skip
    CONSENT_WITHDRAWN = (
        "consent.withdrawn", "收回了同意", By.CONSUMER, "relation",
        "tracking.receivers.note_consent_withdrawn",
    )  # fmt: skip

    # A host learns and follows cases; consumers tell stories.
    HOST_SIGNED_IN = (
        "host.signed_in", "登录", By.HOST, "",
        "workbench.views.session._begin", "workbench.views.join.start", "wecom.views.login_callback",
    )  # fmt: skip
    CASE_OPENED = "case.opened", "看了案例", By.HOST, "case", "workbench.views.cases.case"
    CASE_ADOPTED = "case.adopted", "照着案例做", By.HOST, "case", "learning.cases.services.adopt"
    CASE_STEP_DONE = "case.step_done", "做完了一步", By.HOST, "case", "learning.cases.services.tick"
    CASE_STEP_UNDONE = "case.step_undone", "一步改回没做", By.HOST, "case", "learning.cases.services.tick"
    CASE_FINISHED = "case.finished", "整个案例做完了", By.HOST, "case", "learning.cases.services.tick"
    CASE_DROPPED = "case.dropped", "不做这个案例了", By.HOST, "case", "learning.cases.services.drop"
    LESSON_STARTED = "lesson.started", "开始学一课", By.HOST, "lesson", "learning.training.services.begin"
    LESSON_ANSWERED = "lesson.answered", "答了一道题", By.HOST, "lesson", "learning.training.services.answer"
    LESSON_PRACTISED = "lesson.practised", "交了练习", By.HOST, "lesson", "learning.training.services.hand_in"
    LESSON_PRACTICE_PASSED = (
        "lesson.practice_passed", "练习通过", By.HQ, "lesson", "learning.training.services.review"
    )  # fmt: skip
    LESSON_PRACTICE_RETURNED = (
        "lesson.practice_returned", "练习退回", By.HQ, "lesson", "learning.training.services.review"
    )  # fmt: skip
    LESSON_FINISHED = "lesson.finished", "学完一课", By.HOST, "lesson", "learning.training.services.finish"
    STUDY_CHECKED_IN = "study.checked_in", "打卡", By.HOST, "lesson", "learning.training.services._check_in"
    STUDY_MADE_UP = "study.made_up", "补打了一天卡", By.HOST, "", "learning.training.services.make_up"
    STUDY_NAME_CHOSEN = (
        "study.name_chosen", "选了榜上显不显示名字", By.HOST, "", "learning.training.services.hide_name"
    )  # fmt: skip
    STORY_ASKED = "story.asked", "请客户同意讲她的故事", By.HOST, "story", "stories.services.ask"
    STORY_AGREED = "story.agreed", "同意了", By.CONSUMER, "story", "stories.services.agree"
    STORY_DECLINED = "story.declined", "不同意", By.CONSUMER, "story", "stories.taking_back.decline"
    STORY_WITHDRAWN = (
        "story.withdrawn",
        "收回了故事",
        By.CONSUMER,
        "story",
        "stories.taking_back.withdraw",
    )
    STORY_TAKEN = "story.taken", "收进素材库", By.HQ, "story", "stories.services.take"
    STORY_REFUSED = "story.refused", "没有收", By.HQ, "story", "stories.services.refuse"

    # HQ.
    MATERIAL_PUBLISHED = (
        "material.published",
        "素材上线",
        By.HQ,
        "material",
        "library.receivers.note_going_live",
    )
    ISSUE_PUBLISHED = "issue.published", "一期上线", By.HQ, "issue", "library.announcing.announce"
    CASE_PUBLISHED = "case.published", "案例上线", By.HQ, "case", "library.announcing.announce"
    LESSON_PUBLISHED = "lesson.published", "课程上线", By.HQ, "lesson", "library.receivers.note_going_live"
    PATH_PUBLISHED = "path.published", "学习路径上线", By.HQ, "path", "library.receivers.note_going_live"
    ISSUE_CORRECTED = (
        "issue.corrected", "更正了一期，告诉了大C", By.HQ, "issue", "library.announcing.correct"
    )  # fmt: skip
    CASE_CORRECTED = "case.corrected", "更正了案例，告诉了大C", By.HQ, "case", "library.announcing.correct"
    MATERIAL_WITHDRAWN = (
        "material.withdrawn",
        "素材下架",
        By.HQ,
        "material",
        "library.receivers.note_taking_down",
    )
    ISSUE_WITHDRAWN = "issue.withdrawn", "一期下架", By.HQ, "issue", "library.receivers.note_taking_down"
    CASE_WITHDRAWN = "case.withdrawn", "案例下架", By.HQ, "case", "library.receivers.note_taking_down"
    LESSON_WITHDRAWN = "lesson.withdrawn", "课程下架", By.HQ, "lesson", "library.receivers.note_taking_down"
    PATH_WITHDRAWN = "path.withdrawn", "学习路径下架", By.HQ, "path", "library.receivers.note_taking_down"
    PRODUCT_PRICED = "product.priced", "商品改价", By.HQ, "product", "catalog.receivers.note_prices"
    PRODUCT_OFFERED = "product.offered", "商品上架", By.HQ, "product", "catalog.receivers.note_offer"
    PRODUCT_TAKEN_OFF = "product.taken_off", "商品下架", By.HQ, "product", "catalog.receivers.note_offer"
    ORDER_RULES_CHANGED = "order_rules.changed", "改了下单规则", By.HQ, "", "trade.rules.note_change"
    HOST_PICTURE_SHOWN = (
        "host.picture_shown", "换了给客户看的头像或微信码", By.HOST, "",
        "media.services.show_of_host", "media.services.put_code_on_posters",
    )  # fmt: skip
    HOST_PICTURE_HIDDEN = (
        "host.picture_hidden", "拿掉了头像或微信码", By.HOST, "", "media.services.hide_of_host"
    )  # fmt: skip
    HOST_MOVED = "host.moved", "大C启用、停用或离开", By.HQ, "", "tracking.receivers.note_host_moved"
    HOST_REVEALED = "host.revealed", "看了大C完整的手机号", By.HQ, "", "tracking.receivers.note_reveal"
    HOST_PHONE_KEPT = "host.phone_kept", "填了大C的手机号", By.HQ, "", "insights.services.keep_phone"
    HOST_HELP_TAKEN = "host.help_taken", "接手帮一位大C", By.HQ, "", "insights.services.take"
    HOST_HELP_RELEASED = "host.help_released", "不再跟这位大C", By.HQ, "", "insights.services.release"
    HOST_CALLED = "host.called", "给大C打了电话", By.HQ, "", "insights.services.note_call"
    ROLE_GIVEN = "role.given", "给了角色", By.HQ, "", "tracking.receivers.note_account"
    ROLE_TAKEN = "role.taken", "收回角色", By.HQ, "", "tracking.receivers.note_account"
    SIGN_IN_ENABLED = "sign_in.enabled", "恢复登录", By.HQ, "", "tracking.receivers.note_account"
    SIGN_IN_DISABLED = "sign_in.disabled", "停止登录", By.HQ, "", "tracking.receivers.note_account"

    @classmethod
    def viewed(cls, kind: str) -> "Fact":
        """That a page about a subject of this kind was served."""
        return cls(f"{kind}.viewed")

    @classmethod
    def read(cls, kind: str) -> "Fact":
        return cls(f"{kind}.read")

    @classmethod
    def shared(cls, kind: str) -> "Fact":
        return cls(f"{kind}.shared")

    @classmethod
    def sent(cls, kind: str) -> "Fact":
        return cls(f"{kind}.sent")

    @classmethod
    def published(cls, kind: str) -> "Fact":
        return cls(f"{kind}.published")

    @classmethod
    def corrected(cls, kind: str) -> "Fact":
        return cls(f"{kind}.corrected")

    @classmethod
    def withdrawn(cls, kind: str) -> "Fact":
        return cls(f"{kind}.withdrawn")


#: A page was served to a consumer.
VIEWED = (Fact.MATERIAL_VIEWED, Fact.PRODUCT_VIEWED, Fact.SHELF_VIEWED)
#: She stayed, or tapped something.
READ = (Fact.MATERIAL_READ, Fact.PRODUCT_READ, Fact.SHELF_READ)
#: Coming by, as a browser: it names no relation, whose the browser is says `profiles`.
VISITED = (*VIEWED, *READ)
#: A host sent it on.
SHARED = (Fact.MATERIAL_SHARED, Fact.PRODUCT_SHARED, Fact.SHELF_SHARED)
#: A host sent it to one customer by name; it is shared, too.
SENT = (Fact.MATERIAL_SENT, Fact.PRODUCT_SENT)
#: A host took a material away, in whichever form.
TAKEN = (Fact.MATERIAL_SHARED, Fact.MATERIAL_COPIED, Fact.MATERIAL_SAVED)
#: What settles a post of the plan whose day is past: she took it, or let it go.
SETTLED = (*TAKEN, Fact.MATERIAL_LET_GO)
#: What a host does with something that she may share.
HANDLED = (Fact.MATERIAL_OPENED, Fact.MATERIAL_COPIED, Fact.MATERIAL_SAVED, *SHARED)
#: The life of an order; each of them may change its money.
ORDERED = (
    Fact.ORDER_PLACED,
    Fact.ORDER_CONFIRMED,
    Fact.ORDER_SHIPPED,
    Fact.ORDER_DONE,
    Fact.ORDER_CANCELLED,
    Fact.ORDER_RETURNED,
    Fact.ORDER_PAID,
    Fact.ORDER_CHANGED,
)
#: What a customer does herself: the last of these is her last act.
BY_CUSTOMER = (*VISITED, Fact.ORDER_PLACED, Fact.CUSTOMER_JOINED, Fact.CUSTOMER_DELETED_HOST)
#: Both sides of what is between a customer and her host. Looking into her file, or asking, is none of it.
DEALINGS = (
    *BY_CUSTOMER,
    *ORDERED[1:],
    *SENT,
    Fact.CUSTOMER_CONTACTED,
    Fact.CUSTOMER_NOTED,
    Fact.CUSTOMER_REMOVED,
    Fact.CUSTOMER_TAGGED,
    Fact.CUSTOMER_UNTAGGED,
    Fact.CUSTOMER_PLANNED,
    Fact.CUSTOMER_UNPLANNED,
    Fact.CUSTOMER_HANDED_OVER,
)

GROUPS: dict[str, tuple[Fact, ...]] = {
    "VIEWED": VIEWED,
    "READ": READ,
    "VISITED": VISITED,
    "SHARED": SHARED,
    "SENT": SENT,
    "TAKEN": TAKEN,
    "SETTLED": SETTLED,
    "HANDLED": HANDLED,
    "ORDERED": ORDERED,
    "BY_CUSTOMER": BY_CUSTOMER,
    "DEALINGS": DEALINGS,
}
