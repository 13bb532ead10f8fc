"""Customer groups as the API shows them."""

from apps.sandbox import fieldcheck
from apps.sandbox.endpoints.members import find_member
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint
from apps.sandbox.groupview import served_view
from apps.sandbox.models import Group
from apps.sandbox.paging import page

WITHOUT_FILTER = 1000


@endpoint("externalcontact/groupchat/list", is_customer_api=True, empty={"group_chat_list": []})
def groupchat_list(call: Call) -> Answer:
    limit = fieldcheck.number(call.body, "limit", least=1, most=1000)
    status = fieldcheck.number(call.body, "status_filter", default=0, least=0, most=3)
    owner_filter = fieldcheck.table(call.body, "owner_filter")
    owners = fieldcheck.texts(owner_filter, "userid_list", most=100, too_many=40032)
    if not owners and call.visible_members().in_corp().count() > WITHOUT_FILTER:
        raise ApiError(81017)
    groups = Group.objects.filter(is_dismissed=False, owner__in=call.visible_members())
    if owners:
        groups = groups.filter(owner__in=[find_member(call, userid) for userid in owners])
    if status:
        groups = groups.filter(status=status)
    keys, cursor = page(call, list(groups.order_by("pk").values_list("pk", flat=True)), limit=limit)
    shown = Group.objects.filter(pk__in=keys).order_by("pk")
    return {
        "group_chat_list": [{"chat_id": group.chat_id, "status": group.status} for group in shown],
        "next_cursor": cursor,
    }


@endpoint("externalcontact/groupchat/get", is_customer_api=True, empty={"group_chat": {}})
def groupchat_get(call: Call) -> Answer:
    chat_id = fieldcheck.text(call.body, "chat_id", missing=86003)
    group = Group.objects.select_related("owner").filter(chat_id=chat_id, is_dismissed=False).first()
    if group is None:
        raise ApiError(86003)
    if not call.app.sees(group.owner):
        raise ApiError(60011)
    view = served_view(group, call.simulation, call.now)
    if view is None:
        raise ApiError(86003)
    if not fieldcheck.flag(call.body, "need_name"):
        view = view | {
            "member_list": [
                {key: value for key, value in seat.items() if key != "name"} for seat in view["member_list"]
            ]
        }
    return {"group_chat": view}
