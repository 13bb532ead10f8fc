"""The forms in which HQ keeps hosts, organisations and its own people."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User
from apps.accounts.services import staff
from apps.lib import wecom_id
from apps.lib.forms import PhoneField, PlainTextField, WholeNumberField
from apps.lib.words import LONGEST_NAME


class NodeField(forms.ModelChoiceField):
    """A node of the tree, indented by its depth."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.depth - 1)}{obj.name}"


class HostForm(forms.ModelForm[Host]):
    """Who she is. Level and organisation are steps of her life, with a reason: PlaceForm.

    Her WeCom account is a way in: shown here, changed by an administrator's act (WecomForm).
    """

    wecom_userid = forms.CharField(
        label="企业微信账号",
        required=False,
        disabled=True,
        help_text="这里只看不改。换绑等于换一把钥匙：请管理员在她的「登录与安全」里办。",
    )
    field_order = ("name", "kind", "wecom_userid", "tagline")

    class Meta:
        model = Host
        fields = ("name", "kind", "tagline")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["wecom_userid"] = self.instance.wecom_userid or "没有绑定"


class WecomForm(forms.Form):
    """Another WeCom account for a host, or none: an act of an administrator."""

    wecom_userid = forms.CharField(
        label="新的企业微信账号",
        max_length=64,
        required=False,
        help_text="先当面或打电话确认是本人。留空就是解绑，她以后只能用密码登录。",
        validators=[wecom_id.validate],
    )
    reason = forms.CharField(label="原因", max_length=100)


class RenameForm(forms.Form):
    """Another name to sign in with: an act of an administrator."""

    username = forms.CharField(
        label="新的登录账号",
        max_length=150,
        validators=User._meta.get_field("username").validators,
    )
    reason = forms.CharField(label="原因", max_length=100)


class NewHostForm(forms.Form):
    """A host with an account of her own. She chooses her password herself, by a link that works once."""

    username = forms.CharField(
        label="登录账号", max_length=150, validators=User._meta.get_field("username").validators
    )
    name = PlainTextField(label="对外称呼", max_length=LONGEST_NAME)
    kind = forms.ChoiceField(label="身份", choices=Host.Kind.choices)
    organisation = NodeField(Organisation.objects.none(), label="所属组织")
    level = WholeNumberField(label="等级", min_value=1, max_value=99, initial=1)
    wecom_userid = forms.CharField(
        label="企业微信账号",
        max_length=64,
        required=False,
        empty_value=None,
        validators=[wecom_id.validate],
    )
    phone = PhoneField(required=False, help_text="总部给她打电话用，加密保存，平时打码。")

    def __init__(self, *args: Any, nodes: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = nodes  # type: ignore[attr-defined]

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("这个账号已经有人用了，请换一个。")
        return username

    def clean_wecom_userid(self) -> str | None:
        userid: str | None = self.cleaned_data["wecom_userid"]
        working = Host.objects.exclude(status=Host.Status.LEFT)
        if userid and working.filter(wecom_userid__iexact=userid).exists():
            raise ValidationError("这个企业微信账号已绑定另一位大C。")
        return userid


class StepForm(forms.Form):
    reason = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    def __init__(self, *args: Any, is_reason_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_reason_needed


class OrganisationForm(WagtailAdminModelForm):
    """A new node goes under its parent; moving one is an act of its own (`services.organisations`)."""

    instance: Organisation

    parent = NodeField(
        Organisation.objects.filter(is_active=True).order_by("path"), label="上级组织", required=False
    )

    class Meta:
        model = Organisation
        fields = ["name", "kind", "code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["parent"]
        else:
            self.fields["parent"].required = Organisation.objects.exists()

    def clean_code(self) -> str | None:
        return self.cleaned_data["code"] or None

    def save(self, commit: bool = True) -> Organisation:
        node: Organisation = self.instance
        if node.pk:
            node.save()
            return node
        parent: Organisation | None = self.cleaned_data.get("parent")
        self.instance = parent.add_child(instance=node) if parent else Organisation.add_root(instance=node)
        return self.instance


class StaffForm(WagtailAdminModelForm):
    instance: User
    for_user: User

    name = PlainTextField(label="姓名", max_length=LONGEST_NAME)
    roles = forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=roles.ALL),
        label="角色",
        widget=forms.CheckboxSelectMultiple,
    )
    organisation = NodeField(
        Organisation.objects.filter(is_active=True).order_by("path"),
        label="所属组织",
        required=False,
        help_text="区域经理只看得到这个组织和它下面的大C。",
    )

    class Meta:
        model = User
        fields = ["username", "is_active", "organisation"]
        labels = {"username": "登录账号", "is_active": "可以登录"}
        help_texts = {"username": "", "is_active": "不勾选就不能登录，已登录的马上退出。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["name"] = self.instance.name
            self.initial["roles"] = self.instance.groups.all()
            self.fields["username"].disabled = True
            self.fields["username"].help_text = "这里只看不改，要改请到「登录与安全」。"
            # A host may lose the last of them and goes on as a host.
            self.fields["roles"].required = getattr(self.instance, "host", None) is None

    field_order = ("username", "name", "roles", "organisation", "is_active")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = {group.name for group in data.get("roles") or ()}
        if roles.REGION_MANAGER in chosen and not data.get("organisation"):
            self.add_error("organisation", "区域经理要选一个组织。")
        sentence = staff.problem_with(
            self.instance, names=chosen, is_active=bool(data.get("is_active")), by=self.for_user
        )
        if sentence:
            self.add_error("roles", sentence)
        return data

    def save(self, commit: bool = True) -> User:
        """A new person has no password yet: an administrator gives her a link to choose one."""
        user: User = self.instance
        now, is_active = timezone.now(), self.cleaned_data["is_active"]
        user.first_name, user.last_name = self.cleaned_data["name"], ""
        if user.pk is None:
            user.set_unusable_password()
            user.save()
        else:
            # What opens doors has an actor and a time, each by its own act; her name is a plain edit.
            user.save(update_fields=["first_name", "last_name"])
            staff.place(user, self.cleaned_data["organisation"], by=self.for_user, now=now)
        staff.set_roles(user, {group.name for group in self.cleaned_data["roles"]}, by=self.for_user, now=now)
        staff.switch(user, is_active=is_active, by=self.for_user, now=now)
        return user
