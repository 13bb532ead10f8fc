"""The application to become a host: its form, its notice, and how often one address may send it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.services import rate_limits
from apps.lib import wecom_id, words
from apps.lib.forms import PhoneField, PlainTextField
from apps.lib.requests import network_of
from apps.workbench.forms import H5Form

#: Applications from one network address.
JOINS_AN_HOUR = 20


class JoinForm(H5Form):
    """What somebody who wants to become a host tells us."""

    name = PlainTextField(
        label="怎么称呼你",
        max_length=words.LONGEST_NAME,
        help_text="客户看到的名字，例如“林姐”。",
        error_messages={
            "required": "写一个称呼吧，客户会看到它。",
            "max_length": "称呼最多 %(limit_value)d 个字。",
        },
    )
    phone = PhoneField(
        error_messages={"required": "留个手机号，审核的同事会打给你。"},
    )
    wecom_userid = forms.CharField(
        label="企业微信账号",
        max_length=64,
        required=False,
        help_text="有就填上，以后能直接用企业微信登录。不清楚可以不填。",
        validators=[wecom_id.validate],
    )
    why = forms.CharField(
        label="说说你自己",
        max_length=300,
        required=False,
        help_text="有几个群、多少客户、想卖什么，写两句就行。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "最多 300 个字，现在有 %(show_value)d 个。"},
    )
    consent = forms.BooleanField(
        label="同意", error_messages={"required": "请先勾选同意，我们才能收下你的申请。"}
    )


class FirstPasswordForm(SetPasswordForm):
    """The password by which a new host signs in from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "设一个密码"
        self.fields["new_password1"].help_text = "至少 10 位，别和姓名、账号太像。"
        self.fields["new_password2"].label = "再输一次"
        self.fields["new_password2"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs["class"] = "field__input"


def wait_s(request: HttpRequest) -> int:
    """0 when the request may pass, else the seconds to wait; counted by network address."""
    return rate_limits.wait_s(
        "join", network_of(request), limit=JOINS_AN_HOUR, window=timedelta(hours=1), now=timezone.now()
    )
