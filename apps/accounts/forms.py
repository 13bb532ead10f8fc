"""The forms in which HQ keeps hosts, organisations and its own people."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User
from apps.accounts.services import staff
from apps.lib import wecom_id


class NodeField(forms.ModelChoiceField):
    """A node of the tree, indented by its depth."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.depth - 1)}{obj.name}"


class HostForm(forms.ModelForm[Host]):
    """Who she is. Level and organisation are steps of her life, with a reason: PlaceForm."""

    class Meta:
        model = Host
        fields = ("name", "kind", "wecom_userid", "tagline")

    def clean_wecom_userid(self) -> str | None:
        userid = (self.cleaned_data["wecom_userid"] or "").strip() or None
        if userid and "wecom_userid" in self.changed_data:
            wecom_id.validate(userid)
        taken = (
            Host.objects.exclude(pk=self.instance.pk).filter(wecom_userid__iexact=userid) if userid else None
        )
        if taken is not None and taken.exists():
            raise ValidationError(_("这个企业微信账号已绑定另一位大C。"))
        return userid


class NewHostForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("登录账号"), max_length=150, validators=User._meta.get_field("username").validators
    )
    password = forms.CharField(
        label=gettext_lazy("初始密码"),
        required=False,
        help_text=gettext_lazy("不填就只能用企业微信登录。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    name = forms.CharField(label=gettext_lazy("对外称呼"), max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("身份"), choices=Host.Kind.choices)
    organisation = NodeField(Organisation.objects.none(), label=gettext_lazy("所属组织"))
    level = forms.IntegerField(label=gettext_lazy("等级"), min_value=1, max_value=99, initial=1)
    wecom_userid = forms.CharField(
        label=gettext_lazy("企业微信账号"),
        max_length=64,
        required=False,
        empty_value=None,
        validators=[wecom_id.validate],
    )

    def __init__(self, *args: Any, nodes: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = nodes  # type: ignore[attr-defined]

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("这个账号已经有人用了，请换一个。"))
        return username

    def clean_wecom_userid(self) -> str | None:
        userid: str | None = self.cleaned_data["wecom_userid"]
        if userid and Host.objects.filter(wecom_userid__iexact=userid).exists():
            raise ValidationError(_("这个企业微信账号已绑定另一位大C。"))
        return userid

    def clean_password(self) -> str | None:
        password = str(self.cleaned_data["password"])
        if not password:
            return None
        validate_password(password)
        return password


class StepForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )

    def __init__(self, *args: Any, is_reason_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_reason_needed


class OrganisationForm(WagtailAdminModelForm):
    """A new node goes under its parent; where a node stands is not changed here."""

    instance: Organisation

    parent = NodeField(Organisation.objects.order_by("path"), label=gettext_lazy("上级组织"), required=False)

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

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=30)
    roles = forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=roles.ALL),
        label=gettext_lazy("角色"),
        widget=forms.CheckboxSelectMultiple,
    )
    organisation = NodeField(
        Organisation.objects.order_by("path"),
        label=gettext_lazy("所属组织"),
        required=False,
        help_text=gettext_lazy("区域经理只看得到这个组织和它下面的大C。"),
    )

    class Meta:
        model = User
        fields = ["username", "is_active", "organisation"]
        labels = {"username": gettext_lazy("账号"), "is_active": gettext_lazy("可以登录")}
        help_texts = {"username": "", "is_active": gettext_lazy("不勾选就不能登录，已登录的马上退出。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["name"] = self.instance.name
            self.initial["roles"] = self.instance.groups.all()

    field_order = ("username", "name", "roles", "organisation", "is_active")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = {group.name for group in data.get("roles") or ()}
        if roles.REGION_MANAGER in chosen and not data.get("organisation"):
            self.add_error("organisation", _("区域经理要选一个组织。"))
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
            # Whether she may sign in has an actor and a time; the rest is a plain edit.
            user.save(update_fields=["username", "first_name", "last_name", "organisation"])
        staff.set_roles(user, {group.name for group in self.cleaned_data["roles"]}, by=self.for_user, now=now)
        staff.switch(user, is_active=is_active, by=self.for_user, now=now)
        return user
