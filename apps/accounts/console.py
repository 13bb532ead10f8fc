"""Hosts, organisations and HQ's own people in the console."""

from typing import Any, ClassVar

import django_filters
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from apps.accounts import access, bulk, roles, services
from apps.accounts.filters import TreeFilter
from apps.accounts.forms import HostForm, NewHostForm, OrganisationForm, StaffForm, StepForm
from apps.accounts.imports import console as uploads
from apps.accounts.joining.forms import PlaceForm
from apps.accounts.joining.pages import welcomed_page
from apps.accounts.models import Host, Organisation, User
from apps.accounts.services import joining
from apps.console_kit.confirming import FIELD, Act, is_confirmed
from apps.console_kit.edit_conflicts import opened_or_sent
from apps.console_kit.lists.columns import in_use_column
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.lists.filters import InUseFilter
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    GuardedViewSet,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)

#: Higher apps add parts to a host's page: functions of (request, host) that give {"heading", "template", …}.
panels: list[Any] = []

# --- hosts ----------------------------------------------------------------------------------------------

#: What a step is called, by where it leads and whence.
STEPS = {
    (Host.Status.APPLIED, Host.Status.ACTIVE): "通过申请",
    (Host.Status.SUSPENDED, Host.Status.ACTIVE): "恢复使用",
    (Host.Status.ACTIVE, Host.Status.SUSPENDED): "停用",
    (Host.Status.ACTIVE, Host.Status.LEFT): "办理离开",
    (Host.Status.SUSPENDED, Host.Status.LEFT): "办理离开",
}


def tree_choices() -> QuerySet[Organisation]:
    return access.organisations()


class HostFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(choices=Host.Status.choices, label="状态", empty_label="全部")
    kind = django_filters.ChoiceFilter(choices=Host.Kind.choices, label="身份", empty_label="全部")
    organisation = TreeFilter()
    level = django_filters.RangeFilter(label="等级")
    joined_at = django_filters.DateFromToRangeFilter(label="加入日期")
    wecom = django_filters.ChoiceFilter(
        choices=[("yes", "绑了"), ("no", "没绑")], label="企业微信", empty_label="全部", method="by_wecom"
    )

    class Meta:
        model = Host
        fields: ClassVar[list[str]] = ["status", "kind", "organisation", "level", "joined_at", "wecom"]

    def by_wecom(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(wecom_userid__isnull=value == "no")


class HostList(SearchedList, DetailList):
    search_hint = "搜称呼、账号、企业微信账号"
    detail_url_name = "host:detail"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "name", "user__username", "wecom_userid")

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("organisation", "user")

    @property
    def header_buttons(self) -> list[Any]:
        if not self.request.user.has_perm(access.CHANGE_HOSTS):
            return []
        return [
            HeaderButton("新增大C", url=reverse("host:add"), icon_name="plus"),
            HeaderButton("批量导入", url=reverse("host:import"), icon_name="upload"),
        ]


class HostViewSet(ListOnlyViewSet):
    model = Host
    icon = "user"
    menu_label = "大C"
    url_prefix = "hosts"
    index_view_class = HostList
    filterset_class = HostFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        "name",
        "kind",
        Column("organisation", label="组织", accessor="organisation.name"),
        Column("username", label="登录账号", accessor="user.username"),
        Column("wecom_userid", label="企业微信账号"),
        Column("level", label="等级", sort_key="level"),
        MomentColumn("joined_at", label="加入", sort_key="joined_at"),
        StatusTagColumn(
            "status", label="状态", accessor="get_status_display", primary=lambda row: row.is_active
        ),
    ]
    desk = Desk(
        empty=Empty(
            "还没有大C。新增一位，或者发一个邀请链接让她自己申请。",
            "新增大C",
            "host:add",
            "accounts.change_host",
        ),
        acts=bulk.HOSTS,
        off=frozenset({"username", "wecom_userid"}),
        personal=frozenset({"name", "username", "wecom_userid"}),
    )

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(pk__in=access.hosts_visible_to(user, access.SEE_HOSTS, *also).values("pk"))

    def detail_view(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        """One host: who she is, what may be changed, and the next steps of her life here."""
        if not request.user.has_perm(access.SEE_HOSTS):
            raise PermissionDenied
        host = access.host_for(request.user, public_id, access.SEE_HOSTS)
        may_change = request.user.has_perm(access.CHANGE_HOSTS)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        form, is_sound = opened_or_sent(
            request,
            lambda data: HostForm(data, instance=Host.objects.get(pk=host.pk)),
            rows=Host.objects.filter(pk=host.pk),
        )
        if is_sound:
            form.save()
            messages.success(request, f"「{form.instance}」的资料已保存。")
            return redirect("host:detail", public_id=public_id)
        return TemplateResponse(
            request,
            "console/host.html",
            {
                "host": host,
                "form": form,
                "may_change": may_change,
                "is_oneself": host.user_id == request.user.pk,
                "steps": steps_from(host) if may_change and host.user_id != request.user.pk else [],
                "transitions": host.transitions.select_related(
                    "actor", "from_organisation", "to_organisation"
                ).order_by("-at", "-pk"),
                "panels": [panel(request, host) for panel in panels],
                **page(host.name, icon="user", under=("大C", "host:index")),
            },
        )

    def step_view(self, request: HttpRequest, public_id: Any, to: str) -> HttpResponse:
        """Say what the step means for whom, then take it."""
        if not request.user.has_perm(access.CHANGE_HOSTS):
            raise PermissionDenied
        host = access.host_for(request.user, public_id, access.CHANGE_HOSTS)
        step = next((step for step in steps_from(host) if step["to"] == to), None)
        if step is None:
            messages.error(request, f"「{host}」现在不能这样操作，状态刚变过。")
            return redirect("host:detail", public_id=public_id)
        form = StepForm(request.POST or None, is_reason_needed=to != Host.Status.ACTIVE)
        act = Act(
            question=f"「{host.name}」：{step['label']}",
            effects=step["effects"],
            button=str(step["label"]),
            back=reverse("host:detail", args=[public_id]),
        )
        if is_confirmed(request, act) and form.is_valid():
            try:
                services.move_host(
                    host,
                    to=to,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                    reason=form.cleaned_data["reason"],
                )
                messages.success(
                    request, "「{host}」：{step}，已完成。".format(host=host, step=step["label"])
                )
            except services.OneselfError as error:
                messages.error(request, str(error))
            except services.TransitionNotAllowedError:
                messages.error(request, f"「{host}」的状态刚变过，没有再改。")
            return redirect("host:detail", public_id=public_id)
        return TemplateResponse(
            request,
            "console/host_step.html",
            {
                "host": host,
                "form": form,
                "step": step,
                "act": act,
                "has_changed": bool(request.POST.get(FIELD)) and not is_confirmed(request, act),
                **page(step["label"], icon="user", under=("大C", "host:index")),
            },
        )

    def place_view(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        """Another level, another organisation: each is a line of her log."""
        if not request.user.has_perm(access.CHANGE_HOSTS):
            raise PermissionDenied
        host = access.host_for(request.user, public_id, access.CHANGE_HOSTS)
        if host.status == Host.Status.LEFT:
            messages.error(request, f"「{host}」已经离开，不再调整。")
            return redirect("host:detail", public_id=public_id)
        form = PlaceForm(
            request.POST or None,
            nodes=access.places_of(request.user, access.CHANGE_HOSTS),
            initial={"organisation": host.organisation_id, "level": host.level},
        )
        if request.method == "POST" and form.is_valid():
            before = (host.level, host.organisation_id)
            try:
                services.place_host(
                    host,
                    level=form.cleaned_data["level"],
                    organisation=form.cleaned_data["organisation"],
                    reason=form.cleaned_data["reason"],
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except services.OneselfError as error:
                messages.error(request, str(error))
            except services.TransitionNotAllowedError:
                messages.error(request, f"「{host}」刚刚离开了，不再调整。")
            else:
                if (host.level, host.organisation_id) != before:
                    messages.success(request, f"「{host}」的等级和组织已保存。")
                else:
                    messages.info(request, "等级和组织都和原来一样，没有改动。")
            return redirect("host:detail", public_id=public_id)
        return TemplateResponse(
            request,
            "console/form.html",
            {
                "form": form,
                "submit_label": "保存",
                **page("调整等级和组织", icon="user", under=("大C", "host:index"), subtitle=host.name),
            },
        )

    def add_view(self, request: HttpRequest) -> HttpResponse:
        """A host with an account of her own."""
        if not request.user.has_perm(access.CHANGE_HOSTS):
            raise PermissionDenied
        form = NewHostForm(request.POST or None, nodes=access.places_of(request.user, access.CHANGE_HOSTS))
        if request.method == "POST" and form.is_valid():
            try:
                welcomed = joining.welcome(
                    **form.cleaned_data,
                    now=timezone.now(),
                    by=request.user,  # type: ignore[arg-type]
                )
            except services.UsernameTakenError:
                form.add_error("username", "这个账号刚刚有人用了，请换一个。")
            except services.WecomTakenError:
                form.add_error("wecom_userid", "这个企业微信账号刚刚绑定了另一位大C。")
            else:
                return welcomed_page(request, welcomed, f"已新增「{welcomed.host}」")
        return TemplateResponse(
            request,
            "console/form.html",
            {
                "form": form,
                "submit_label": "新增",
                **page("新增大C", icon="user", under=("大C", "host:index")),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("add/", self.add_view, name="add"),
            *uploads.urlpatterns,
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/place/", self.place_view, name="place"),
            path("<uuid:public_id>/<slug:to>/", self.step_view, name="step"),
        ]


def steps_from(host: Host) -> list[dict[str, Any]]:
    """The steps that lead on from where she is, each with what it means."""
    return [
        {"to": str(to), "label": label, "effects": effects_of(host, to)}
        for (status, to), label in STEPS.items()
        if status == host.status
    ]


def effects_of(host: Host, to: str) -> list[str]:
    if to == Host.Status.ACTIVE:
        return ["她可以马上登录，看到本期素材。"]
    found = [
        "她马上退出登录，手机上的工作台、企业微信里的入口和接口都不能再用。",
        "她分享过的页面不再显示她的名字和货架。",
        *services.what_out_means(host),
    ]
    if to == Host.Status.LEFT:
        found.append("办理离开后不能恢复。")
    return found


# --- organisations ----------------------------------------------------------------------------------------


class OrganisationList(SearchedList, generic.IndexView):
    search_hint = "搜组织名称、编号"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "name", "code")

    def get_base_queryset(self) -> QuerySet[Any]:
        return tree_choices().annotate(host_count=Count("hosts", distinct=True))

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.order_by("path")


class OrganisationFilterSet(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(choices=Organisation.Kind.choices, label="类型", empty_label="全部")
    under = TreeFilter(field_name="", label="在哪个下面", method="by_place")
    hosts = django_filters.ChoiceFilter(
        choices=[("yes", "有大C"), ("no", "没有大C")], label="大C", empty_label="全部", method="by_hosts"
    )

    in_use = InUseFilter()

    class Meta:
        model = Organisation
        fields: ClassVar[list[str]] = ["kind", "under", "hosts", "in_use"]

    def by_place(self, rows: QuerySet[Any], name: str, value: Organisation) -> QuerySet[Any]:
        return rows.filter(path__startswith=value.path)

    def by_hosts(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(hosts__isnull=value == "no").distinct()


class OrganisationViewSet(GuardedViewSet, ModelViewSet):
    model = Organisation
    icon = "site"
    menu_label = "组织"
    url_prefix = "organisations"
    index_view_class = OrganisationList
    copy_view_enabled = False
    add_to_reference_index = False
    sort_order_field = None
    list_per_page = 100
    list_display: ClassVar[list[Any]] = [
        Column("name", label="名称", accessor=lambda row: f"{'　' * (row.depth - 1)}{row.name}"),
        "kind",
        "code",
        Column("hosts", label="大C人数", accessor="host_count"),
        in_use_column(),
    ]
    filterset_class = OrganisationFilterSet
    desk = Desk(
        empty=Empty(
            "还没有组织。先建公司，再建区域和门店。",
            "新增组织",
            "organisation:add",
            "accounts.add_organisation",
        ),
        acts=bulk.NODES,
        life=bulk.NODE_LIFE,
    )

    def get_form_class(self, for_update: bool = False) -> Any:
        return OrganisationForm


# --- HQ's own people ----------------------------------------------------------------------------------------


class StaffList(SearchedList, generic.IndexView):
    search_hint = "搜姓名、账号"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "first_name", "username")

    def get_base_queryset(self) -> QuerySet[Any]:
        return access.staff().select_related("organisation", "host").prefetch_related("groups")


class NewStaff(generic.CreateView):
    def get_success_url(self) -> str:
        # Where an administrator makes the link by which she chooses her password.
        return reverse("ways-in:one", args=[self.object.public_id])


class EditStaff(generic.EditView):
    def form_valid(self, form: Any) -> Any:
        answer = super().form_valid(form)
        if form.instance.pk == self.request.user.pk:
            # Other rights than before: a session id of before is worth nothing.
            self.request.session.cycle_key()
        return answer

    @property
    def header_buttons(self) -> list[Any]:
        url = reverse("ways-in:one", args=[self.object.public_id])
        return [HeaderButton("登录与安全", url=url, icon_name="lock")]


class StaffFilterSet(WagtailFilterSet):
    groups = django_filters.ModelChoiceFilter(
        queryset=Group.objects.filter(name__in=roles.ALL).order_by("name"), label="角色", empty_label="全部"
    )
    organisation = TreeFilter()
    is_active = django_filters.ChoiceFilter(
        choices=[("True", "在用"), ("False", "停用")], label="状态", empty_label="全部"
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["groups", "organisation", "is_active"]


class StaffViewSet(GuardedViewSet, ModelViewSet):
    """People at HQ, and hosts who have a role there too. A superuser is never made or changed here."""

    model = User
    name = "staff"
    icon = "group"
    menu_label = "总部人员"
    url_prefix = "staff"
    index_view_class = StaffList
    add_view_class = NewStaff
    edit_view_class = EditStaff
    copy_view_enabled = False
    add_to_reference_index = False
    ordering = "username"
    list_display: ClassVar[list[Any]] = [
        "username",
        Column("name", label="姓名", accessor="name"),
        Column("host", label="也是大C", accessor=lambda row: "是" if hasattr(row, "host") else ""),
        Column(
            "roles", label="角色", accessor=lambda row: "、".join(group.name for group in row.groups.all())
        ),
        Column("organisation", label="组织", accessor="organisation.name"),
        StatusTagColumn(
            "is_active",
            label="状态",
            accessor=lambda row: "在用" if row.is_active else "停用",
            primary=lambda row: row.is_active,
        ),
        MomentColumn("last_login", label="上次登录", sort_key="last_login"),
    ]
    filterset_class = StaffFilterSet
    desk = Desk(
        empty=Empty("还没有总部人员。", "新增总部人员", "staff:add", "accounts.add_user"),
        acts=bulk.STAFF,
        life=bulk.STAFF_LIFE,
        off=frozenset({"last_login"}),
        personal=frozenset({"username", "name"}),
    )

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:  # noqa: ARG004
        return rows.filter(pk__in=access.staff().values("pk"))

    def get_form_class(self, for_update: bool = False) -> Any:
        return StaffForm
