"""The forms in which HQ invites people and decides about those who apply."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from apps.accounts.forms import NodeField
from apps.accounts.models import Host, Organisation, User
from apps.lib import wecom_id
from apps.lib.forms import WholeNumberField

#: For how long an invitation may be open.
LIVES = {
    "1": (timedelta(days=1), "1 天"),
    "7": (timedelta(days=7), "7 天"),
    "30": (timedelta(days=30), "30 天"),
}
MOST_USES = 500


class _Placed(forms.Form):
    """Forms with a place in the tree, kept to where this person may put hosts."""

    def __init__(self, *args: Any, nodes: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = nodes  # type: ignore[attr-defined]


class InvitationForm(_Placed):
    organisation = NodeField(Organisation.objects.none(), label="加入哪个组织")
    kind = forms.ChoiceField(label="身份", choices=Host.Kind.choices)
    level = WholeNumberField(label="通过后的等级", min_value=1, max_value=99, initial=1)
    uses = WholeNumberField(
        label="可以用几次",
        min_value=1,
        max_value=MOST_USES,
        initial=1,
        help_text="一对一邀请填 1；贴在店里或群里，填大概的人数。",
    )
    days = forms.ChoiceField(
        label="有效期",
        choices=[(key, words) for key, (_life, words) in LIVES.items()],
        initial="7",
    )
    label = forms.CharField(
        label="给谁用",
        max_length=60,
        required=False,
        help_text="只给总部看，例如“静安店三月招募”。",
    )

    @property
    def life(self) -> timedelta:
        return LIVES[self.cleaned_data["days"]][0]


class ApprovalForm(_Placed):
    username = forms.CharField(
        label="登录账号", max_length=150, validators=User._meta.get_field("username").validators
    )
    organisation = NodeField(Organisation.objects.none(), label="所属组织")
    level = WholeNumberField(label="等级", min_value=1, max_value=99)
    wecom_userid = forms.CharField(
        label="企业微信账号",
        max_length=64,
        required=False,
        help_text="核对过再填：填了她就能用企业微信登录。",
        validators=[wecom_id.validate],
    )

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("这个账号已经有人用了，请换一个。")
        return username

    def clean_wecom_userid(self) -> str:
        userid = str(self.cleaned_data["wecom_userid"]).strip()
        working = Host.objects.exclude(status=Host.Status.LEFT)
        if userid and working.filter(wecom_userid__iexact=userid).exists():
            raise ValidationError("这个企业微信账号已绑定另一位大C。")
        return userid


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label="原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="申请人会看到这句话，写得客气、具体一点。",
    )


class PlaceForm(_Placed):
    """Another level or another place for a host; the reason goes into her log."""

    organisation = NodeField(Organisation.objects.none(), label="所属组织")
    level = WholeNumberField(label="等级", min_value=1, max_value=99)
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
