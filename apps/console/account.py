"""One's own account in the console: Wagtail's page with our own parts for name, picture and password.

Wagtail would ask for two names, decode pictures in this process, and leave tokens alive after a new password.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.views.account import (
    AccountView,
    AvatarSettingsPanel,
    BaseSettingsPanel,
    ChangePasswordPanel,
    NameEmailSettingsPanel,
)
from wagtail.users.models import UserProfile

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.lib.words import LONGEST_NAME
from apps.media.forms import FaceField

_REPLACED = (NameEmailSettingsPanel, AvatarSettingsPanel, ChangePasswordPanel)


class NameForm(forms.ModelForm[User]):
    """The whole name, in the one field that keeps it."""

    name = forms.CharField(label="姓名", max_length=LONGEST_NAME)

    class Meta:
        model = User
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = self.instance.name

    def save(self, commit: bool = True) -> User:
        user: User = self.instance
        user.first_name, user.last_name = self.cleaned_data["name"], ""
        # Nothing else: whether she may sign in may have changed meanwhile.
        user.save(update_fields=["first_name", "last_name"])
        return user


class FaceForm(forms.ModelForm[UserProfile]):
    """Her picture; the one before goes once the new one is kept."""

    avatar = FaceField(label="头像", required=False)

    class Meta:
        model = UserProfile
        fields: ClassVar[list[str]] = ["avatar"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = str(self.instance.avatar.name or "") if self.instance.avatar else ""

    def save(self, commit: bool = True) -> UserProfile:
        profile: UserProfile = self.instance
        if "avatar" in self.changed_data:
            if profile.avatar:
                extension = str(profile.avatar.name).rpartition(".")[2]
                profile.avatar.name = f"face.{extension}"  # what her file was called is nobody's business
            profile.save(update_fields=["avatar"])
            if self._before:
                transaction.on_commit(lambda: default_storage.delete(self._before))
        return profile


class OwnPasswordForm(PasswordChangeForm):
    """The old password and a new one, which may both be left out."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        for field in self.fields.values():
            field.required = False
            field.widget.attrs.pop("autofocus", None)
        self.fields[
            "new_password1"
        ].help_text = "至少 10 位，别和姓名、账号太像。改好以后，其他设备和接口令牌都要重新登录。"

    def save(self, commit: bool = True) -> User:
        accounts.change_password(self.request, self.cleaned_data["new_password1"], now=timezone.now())
        return self.user


class NamePanel(BaseSettingsPanel):
    name = "name_email"
    title = "姓名"
    order = 100
    form_class = NameForm


class FacePanel(AvatarSettingsPanel):
    form_class = FaceForm
    template_name = "console/account_face.html"


class PasswordPanel(BaseSettingsPanel):
    name = "password"
    title = "密码"
    order = 500

    def is_active(self) -> bool:
        return bool(self.user.has_usable_password())

    def get_form(self) -> OwnPasswordForm:
        given = any(self.request.POST.get(f"{self.name}-{field}") for field in _PASSWORD_FIELDS)
        data = self.request.POST if given else None
        return OwnPasswordForm(self.user, data, prefix=self.name, request=self.request)


_PASSWORD_FIELDS = ("old_password", "new_password1", "new_password2")


class AccountPage(AccountView):
    def get_panels(self) -> list[Any]:
        kept = [panel for panel in super().get_panels() if not isinstance(panel, _REPLACED)]
        user = self.request.user
        profile = UserProfile.get_for_user(user)
        own = [panel(self.request, user, profile) for panel in (NamePanel, FacePanel, PasswordPanel)]
        return [*kept, *(panel for panel in own if panel.is_active())]
