"""Signing in to the console."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.admin.forms.auth import LoginForm

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.console.roles import ENTER


class SignInForm(LoginForm):
    """Name and password, with the lock-out that the workbench has too."""

    username = forms.CharField(
        label="账号", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs["placeholder"] = "请输入账号"
        self.fields["password"].widget.attrs["placeholder"] = "请输入密码"

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not username or not password:
            return self.cleaned_data
        if wait := accounts.wait_at_sign_in(self.request, now=timezone.now()):
            raise ValidationError(f"这里登录得太频繁了，请等 {wait} 秒再试。")
        try:
            user: User = accounts.check_password(
                self.request, username=username, password=password, now=timezone.now()
            )
        except accounts.LockedOutError as error:
            until = timezone.localtime(error.until)
            raise ValidationError(
                "密码连续错了太多次，先锁一会儿，{until} 以后再试。".format(until=f"{until:%H:%M}")
            ) from error
        except accounts.WrongCredentialsError as error:
            raise ValidationError("账号或密码不对，请再试一次。") from error
        if not user.has_perm(ENTER):
            raise ValidationError("这个账号不能进总部后台。大C请在手机上打开工作台登录。")
        self.user_cache = user
        return self.cleaned_data


class TokenForm(forms.Form):
    """A token for another system, made by somebody at HQ for herself."""

    name = forms.CharField(label="给什么用", max_length=40)
    days = forms.TypedChoiceField(
        label="多久有效",
        choices=[(7, "7 天"), (30, "30 天"), (90, "90 天")],
        initial=30,
        coerce=int,
    )
