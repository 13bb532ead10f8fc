"""Acts on many invitations, and on many applications, in the console's lists."""

from django import forms

from apps.accounts.joining.forms import RefusalForm
from apps.accounts.models import Application, Invitation
from apps.accounts.services import joining
from apps.console_kit.lists.declaring import Given, ListAct, RefusedError
from apps.console_kit.lists.words import together

_MOST = 200
#: What an invitation is called by where it stands.
STATES = {
    "open": "可用",
    "revoked": "已作废",
    "used": "已用完",
    "expired": "已过期",
}


def _revoke(invitation: Invitation, given: Given) -> None:
    if not joining.revoke_invitation(invitation, by=given.by, now=given.now):
        raise RefusedError("之前就作废了")


def _why_not_revoke(invitation: Invitation, given: Given) -> str:
    state = invitation.state(given.now)
    return "" if state == "open" else STATES[state]


REVOKE = ListAct(
    "revoke",
    "作废",
    "accounts.change_invitation",
    apply=_revoke,
    means=lambda rows, given: together(joining.what_revoking_means(row) for row in rows),
    why_not=_why_not_revoke,
    most=_MOST,
    is_serious=True,
)


def _refuse(application: Application, given: Given) -> None:
    try:
        joining.refuse(application, reason=given.data["reason"], by=given.by, now=given.now)
    except joining.AlreadyDecidedError:
        raise RefusedError("刚刚有同事处理过了") from None


def _reason_form(data: object, user: object) -> forms.Form:
    return RefusalForm(data)  # type: ignore[arg-type]


REFUSE = ListAct(
    "refuse",
    "不通过",
    "accounts.change_application",
    apply=_refuse,
    means=lambda rows, given: [
        f"{len(rows)} 位申请人在自己的页面上看到没有通过和这句原因：「{given.data['reason']}」。",
        "以后想加入，要再用一个邀请重新申请。",
    ],
    why_not=lambda row, given: "" if row.state == Application.State.WAITING else row.get_state_display(),
    form=_reason_form,
    is_serious=True,
)
