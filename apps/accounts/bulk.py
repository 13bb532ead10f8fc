"""Acts on many hosts, and on many of HQ's own people, in the console's lists."""

from typing import Any

from django import forms

from apps.accounts import access, services
from apps.accounts.forms import NodeField
from apps.accounts.models import Host, Organisation
from apps.accounts.services import organisations as tree
from apps.accounts.services import staff
from apps.accounts.services.hosts import NOT_ONESELF
from apps.console_kit.lists.acts import OFF, ON, deleting, switching
from apps.console_kit.lists.declaring import Given, Life, ListAct, RefusedError, TakingBack
from apps.console_kit.lists.words import together
from apps.lib.forms import WholeNumberField

CHANGE = "accounts.change_host"
CHANGE_STAFF = "accounts.change_user"
#: What is reckoned for each host by herself: no more at once.
MOST_REASONED = 200


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="写进每个人的记录。"
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)


class MoveForm(ReasonForm):
    organisation = NodeField(Organisation.objects.none(), label="调到哪个组织")
    field_order = ("organisation", "reason")

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data, user)
        self.fields["organisation"].queryset = access.places_of(user, access.CHANGE_HOSTS)  # type: ignore[attr-defined]


class LevelForm(ReasonForm):
    level = WholeNumberField(label="改成几级", min_value=1, max_value=99)
    field_order = ("level", "reason")


_LEFT = "已经离开"


def _why_not_place(host: Host, given: Given) -> str:
    if host.status == Host.Status.LEFT:
        return _LEFT
    if host.user_id == given.by.pk:
        return NOT_ONESELF
    if (node := given.data.get("organisation")) is not None and node.pk == host.organisation_id:
        return "已经在这个组织"
    return "已经是这一级" if given.data.get("level") == host.level else ""


def _place(host: Host, given: Given) -> None:
    _place_at(
        host,
        given,
        level=given.data.get("level"),
        organisation=given.data.get("organisation"),
        reason=given.data["reason"],
    )


def _place_at(
    host: Host, given: Given, *, level: int | None, organisation: Organisation | None, reason: str
) -> None:
    try:
        services.place_host(
            host, level=level, organisation=organisation, reason=reason, actor=given.by, now=given.now
        )
    except services.OneselfError as error:
        raise RefusedError(str(error)) from None
    except services.TransitionNotAllowedError:
        raise RefusedError(_LEFT) from None


def _place_back(host: Host, before: dict[str, Any], given: Given) -> None:
    if host.status == Host.Status.LEFT:
        raise RefusedError(_LEFT)
    node = access.organisations_of(given.by, access.CHANGE_HOSTS).filter(pk=before["organisation"]).first()
    if node is None:
        raise RefusedError("原来的组织不在你能调整的范围里")
    _place_at(host, given, level=before["level"], organisation=node, reason="撤销批量调整")


_PLACED_BACK = TakingBack(
    lambda host: {"organisation": host.organisation_id, "level": host.level}, _place_back
)
MOVE = ListAct(
    "move",
    "调组织",
    CHANGE,
    apply=_place,
    means=lambda hosts, given: [
        f"{len(hosts)} 位大C调到「{given.data['organisation']}」，客户、订单和货架跟着本人走。",
        "各级的数字从现在起按新的组织算。",
    ],
    why_not=_why_not_place,
    form=MoveForm,
    taking_back=_PLACED_BACK,
)
LEVEL = ListAct(
    "level",
    "改等级",
    CHANGE,
    apply=_place,
    means=lambda hosts, given: [
        f"{len(hosts)} 位大C改成 {given.data['level']} 级，能学的课和能看的素材跟着等级变。"
    ],
    why_not=_why_not_place,
    form=LevelForm,
    taking_back=_PLACED_BACK,
)


def _step(host: Host, to: str, given: Given) -> None:
    try:
        services.move_host(host, to=to, actor=given.by, now=given.now, reason=given.data.get("reason", ""))
    except services.OneselfError as error:
        raise RefusedError(str(error)) from None
    except services.TransitionNotAllowedError:
        raise RefusedError("状态刚刚变过") from None


def _why_not_resume(host: Host, given: Given) -> str:
    if host.status != Host.Status.SUSPENDED:
        return f"现在是「{host.get_status_display()}」"
    return NOT_ONESELF if host.user_id == given.by.pk else ""


SUSPEND = ListAct(
    "suspend",
    "停用",
    CHANGE,
    apply=lambda host, given: _step(host, Host.Status.SUSPENDED, given),
    means=lambda hosts, given: [
        f"{len(hosts)} 位大C马上退出登录，手机上的工作台、企业微信里的入口和接口都不能再用。",
        "她们分享过的页面不再显示名字和货架。",
        *together(services.what_out_means(host) for host in hosts),
    ],
    why_not=lambda host, given: "" if host.is_active else f"现在是「{host.get_status_display()}」",
    form=ReasonForm,
    rows=lambda rows: rows.select_related("user"),
    most=MOST_REASONED,
    is_serious=True,
)
RESUME = ListAct(
    "resume",
    "恢复使用",
    CHANGE,
    apply=lambda host, given: _step(host, Host.Status.ACTIVE, given),
    means=lambda hosts, given: [f"{len(hosts)} 位大C可以马上登录，看到本期素材。"],
    why_not=_why_not_resume,
)
HOSTS = (MOVE, LEVEL, SUSPEND, RESUME)


# --- HQ's own people ----------------------------------------------------------------------------------------


def _switch(user: Any, is_active: bool, given: Given) -> None:
    try:
        staff.switch(user, is_active=is_active, by=given.by, now=given.now)
    except staff.LastAdminError as error:
        raise RefusedError(str(error)) from None


def _why_not_stop(user: Any, given: Given) -> str:
    if not user.is_active:
        return "已经停用"
    return "不能停用自己" if user.pk == given.by.pk else ""


STAFF = (
    ListAct(
        "stop",
        "停用",
        CHANGE_STAFF,
        apply=lambda user, given: _switch(user, False, given),
        means=lambda users, given: [f"{len(users)} 个账号马上退出登录，以后登不进来。资料和做过的事都留着。"],
        why_not=_why_not_stop,
        is_serious=True,
    ),
    ListAct(
        "start",
        "恢复登录",
        CHANGE_STAFF,
        apply=lambda user, given: _switch(user, True, given),
        means=lambda users, given: [f"{len(users)} 个账号可以马上登录，角色和原来一样。"],
        why_not=lambda user, given: "已经能登录" if user.is_active else "",
    ),
)


# --- organisations ------------------------------------------------------------------------------------------


def _why_keep(node: Organisation) -> str:
    if node.depth == 1:
        return "公司这一级不能删"
    return "下面还有组织" if node.numchild else ""


CHANGE_NODE = "accounts.change_organisation"


class ParentForm(forms.Form):
    parent = NodeField(Organisation.objects.none(), label="放到哪个组织下面", empty_label="请选择")

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        self.fields["parent"].queryset = access.places()  # type: ignore[attr-defined]


def _move_node(node: Organisation, given: Given) -> None:
    try:
        tree.move(node, under=given.data["parent"], by=given.by)
    except tree.NotMovedError as error:
        raise RefusedError(str(error)) from None


def _move_back(node: Organisation, before: dict[str, Any], given: Given) -> None:
    parent = Organisation.objects.filter(pk=before["parent"]).first()
    if parent is None:
        raise RefusedError("原来的上级已经没有了")
    _move_node(node, Given(given.by, given.now, {"parent": parent}))


def _where(node: Organisation) -> dict[str, Any]:
    parent = node.get_parent()
    return {"parent": parent.pk if parent else None}


MOVE_NODES = ListAct(
    "move",
    "移到别处",
    CHANGE_NODE,
    apply=_move_node,
    means=lambda nodes, given: together(tree.what_moving_means(node, given.data["parent"]) for node in nodes),
    why_not=lambda node, given: tree.why_not_under(node, given.data["parent"]),
    form=ParentForm,
    taking_back=TakingBack(_where, _move_back),
    most=MOST_REASONED,
)
NODE_LIFE = Life(CHANGE_NODE, unless=_why_keep, move="move", retire=OFF, bring_back=ON)
NODES = (
    MOVE_NODES,
    *switching(
        CHANGE_NODE,
        on=("启用", "重新可以选，可以放大C和人员。"),
        off=("停用", "不能再选，不再放新的大C；过去的数字都还在。"),
        unless=lambda node, value: tree.why_not_open(node) if value else tree.why_not_close(node),
    ),
    deleting(NODE_LIFE),
)
#: An account that was ever made keeps the book of what was done with it.
STAFF_LIFE = Life(never="账号建过就有记录，不删；不用了就停用。", retire="stop", bring_back="start")
