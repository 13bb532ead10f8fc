"""Invitations and applications in the console."""

from typing import Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import HeaderButton

from apps.accounts import access, kept_forms
from apps.accounts.filters import TreeFilter
from apps.accounts.joining import bulk
from apps.accounts.joining.bulk import STATES
from apps.accounts.joining.forms import ApprovalForm, InvitationForm, RefusalForm
from apps.accounts.joining.pages import private_link, welcomed_page
from apps.accounts.models import Application, Host, Invitation
from apps.accounts.services import joining
from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.console_kit.waiting import Waiting, declare
from apps.lib.masks import mask_phone
from apps.lib.phone import NotAPhoneError, national, normalise
from apps.lib.pinyin import is_called

# --- invitations ------------------------------------------------------------------------------------------


SEE_INVITATIONS, INVITE, REVOKE = (f"accounts.{verb}_invitation" for verb in ("view", "add", "change"))
SEE_APPLICATIONS, DECIDE = "accounts.view_application", "accounts.change_application"


class InvitationFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        choices=list(STATES.items()), label="状态", empty_label="全部", method="by_state"
    )
    organisation = TreeFilter(right=SEE_INVITATIONS)
    kind = django_filters.ChoiceFilter(choices=Host.Kind.choices, label="身份", empty_label="全部")
    made_at = django_filters.DateFromToRangeFilter(label="生成日期")

    class Meta:
        model = Invitation
        fields: ClassVar[list[str]] = ["state", "organisation", "kind", "made_at"]

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(pk__in=Invitation.objects.in_state(value, timezone.now()).values("pk"))


class InvitationList(SearchedList, DetailList):
    detail_url_name = "invitation:detail"
    search_hint = "搜给谁用、谁发的"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "label", "made_by__first_name", "organisation__name")

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("organisation", "made_by")

    @property
    def header_buttons(self) -> list[Any]:
        if not self.request.user.has_perm(INVITE):
            return []
        return [HeaderButton("邀请", url=reverse("invitation:add"), icon_name="plus")]


class InvitationViewSet(ListOnlyViewSet):
    model = Invitation
    name = "invitation"
    icon = "link"
    menu_label = "邀请"
    url_prefix = "invitations"
    index_view_class = InvitationList
    filterset_class = InvitationFilterSet
    desk = Desk(
        empty=Empty(
            "还没有邀请。发一个链接，让想加入的人自己申请。",
            "邀请",
            "invitation:add",
            "accounts.add_invitation",
        ),
        acts=(bulk.REVOKE,),
    )
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("label", label="给谁用", accessor=lambda row: row.label or "没写"),
        Column("organisation", label="组织", accessor="organisation.name"),
        Column("kind", label="身份", accessor="get_kind_display"),
        Column("uses", label="已用", accessor=lambda row: f"{row.uses} / {row.uses_allowed}"),
        Column("made_by", label="谁发的", accessor="made_by.name"),
        MomentColumn("made_at", label="生成"),
        MomentColumn("expires_at", label="有效到"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor=lambda row: STATES[row.state(timezone.now())],
            primary=lambda row: row.state(timezone.now()) == "open",
        ),
    ]

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(organisation__in=access.organisations_of(user, SEE_INVITATIONS, *also))

    def _one(self, request: HttpRequest, public_id: Any, right: str) -> Invitation:
        if not request.user.has_perm(right):
            raise PermissionDenied
        rows = Invitation.objects.select_related("organisation", "made_by", "revoked_by")
        return get_object_or_404(
            rows.filter(organisation__in=access.organisations_of(request.user, right)), public_id=public_id
        )

    def add_view(self, request: HttpRequest) -> HttpResponse:
        """A new invitation; its link is on the answer to this post and nowhere else."""
        if not request.user.has_perm(INVITE):
            raise PermissionDenied
        form = InvitationForm(request.POST or None, nodes=access.places_of(request.user, INVITE))
        context: dict[str, Any] = {
            "form": form,
            "submit_label": "生成链接和二维码",
            **page("邀请", icon="link", under=("邀请", "invitation:index")),
        }
        if request.method != "POST" or not form.is_valid():
            return TemplateResponse(request, "console/form.html", context)
        now = timezone.now()
        data = form.cleaned_data
        secret, made = joining.invite(
            organisation=data["organisation"],
            kind=data["kind"],
            level=data["level"],
            uses=data["uses"],
            label=data["label"],
            expires_at=now + form.life,
            by=request.user,  # type: ignore[arg-type]
            now=now,
        )
        context |= {"invitation": made, "link": private_link("workbench:join", secret)}
        return kept_forms.done(TemplateResponse(request, "console/joining/invited.html", context))

    def detail_view(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        invitation = self._one(request, public_id, SEE_INVITATIONS)
        state = invitation.state(timezone.now())
        context = {
            "invitation": invitation,
            "state": state,
            "state_word": STATES[state],
            "applications": invitation.applications.select_related("host").order_by("-pk"),
            "may_revoke": state == "open" and request.user.has_perm(REVOKE),
            **page(invitation.label or "邀请", icon="link", under=("邀请", "invitation:index")),
        }
        return TemplateResponse(request, "console/joining/invitation.html", context)

    def revoke_view(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        invitation = self._one(request, public_id, REVOKE)
        if request.method == "POST":
            back = reverse("invitation:detail", args=[public_id])
            act = Act("作废这个邀请吗？", joining.what_revoking_means(invitation), "作废", back=back)
            if not is_confirmed(request, act):
                under = ("邀请", "invitation:index")
                return ask(request, act, page("作废邀请", icon="link", under=under))
            done = joining.revoke_invitation(invitation, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            if done:
                messages.success(request, "这个邀请已作废，再点开链接的人会看到“用不了了”。")
            else:
                messages.info(request, "这个邀请之前就作废了，没有别的改动。")
        return redirect("invitation:detail", public_id=public_id)

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("add/", never_cache(self.add_view), name="add"),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/revoke/", self.revoke_view, name="revoke"),
        ]


# --- applications ------------------------------------------------------------------------------------------


class ApplicationFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=Application.State.choices, label="状态", empty_label="全部")
    organisation = TreeFilter(field_name="invitation__organisation", right=SEE_APPLICATIONS)
    created_at = django_filters.DateFromToRangeFilter(label="申请日期")

    class Meta:
        model = Application
        fields: ClassVar[list[str]] = ["state", "organisation", "created_at"]


class ApplicationList(SearchedList, DetailList):
    detail_url_name = "application:detail"
    search_hint = "搜称呼，或完整手机号"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        phone = _phone_in(words)
        # Sealed as they are, names and phones are compared one by one.
        meant = [
            row.pk
            for row in rows.order_by()
            if (row.phone == phone if phone else is_called(words, row.name or ""))
        ]
        return rows.filter(pk__in=meant)

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("invitation__organisation", "decided_by")


def _phone_in(words: str) -> str:
    try:
        return normalise(words)
    except NotAPhoneError:
        return ""


class ApplicationViewSet(ListOnlyViewSet):
    model = Application
    name = "application"
    icon = "form"
    menu_label = "加入申请"
    url_prefix = "applications"
    index_view_class = ApplicationList
    filterset_class = ApplicationFilterSet
    desk = Desk(
        empty=Empty(
            "还没有人申请。发一个邀请链接出去，申请会到这里。",
            "去邀请",
            "invitation:add",
            "accounts.add_invitation",
        ),
        acts=(bulk.REFUSE,),
        personal=frozenset({"name", "phone"}),
        clear={"phone": lambda row: national(row.phone)},
        search_finds_people=True,
    )
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("name", label="称呼", accessor=lambda row: row.name or "已撤回"),
        Column("phone", label="手机号", accessor=lambda row: mask_phone(row.phone) or "—"),
        Column("organisation", label="组织", accessor="invitation.organisation.name"),
        Column("kind", label="身份", accessor="invitation.get_kind_display"),
        MomentColumn("created_at", label="申请"),
        Column("decided_by", label="谁审的", accessor="decided_by.name"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor="get_state_display",
            primary=lambda row: row.state == Application.State.WAITING,
        ),
    ]

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        nodes = access.organisations_of(user, SEE_APPLICATIONS, *also)
        return rows.filter(invitation__organisation__in=nodes)

    def _one(self, request: HttpRequest, public_id: Any, right: str) -> Application:
        if not request.user.has_perm(right):
            raise PermissionDenied
        rows = Application.objects.select_related(
            "invitation__organisation", "invitation__made_by", "decided_by", "host"
        )
        nodes = access.organisations_of(request.user, right)
        return get_object_or_404(rows.filter(invitation__organisation__in=nodes), public_id=public_id)

    def detail_view(
        self,
        request: HttpRequest,
        public_id: Any,
        approval: ApprovalForm | None = None,
        refusal: RefusalForm | None = None,
    ) -> HttpResponse:
        """One application, and while it waits the two ways to decide it."""
        application = self._one(request, public_id, SEE_APPLICATIONS)
        is_waiting = application.state == Application.State.WAITING
        may_decide = is_waiting and request.user.has_perm(DECIDE)
        context = {
            "application": application,
            "may_decide": may_decide,
            "approval": approval or (self._approval(request, application) if may_decide else None),
            "refusal": refusal or RefusalForm(),
            **page(application.name or "已撤回的申请", icon="form", under=("加入申请", "application:index")),
        }
        return TemplateResponse(request, "console/joining/application.html", context)

    def _approval(self, request: HttpRequest, application: Application) -> ApprovalForm:
        invitation = application.invitation
        return ApprovalForm(
            request.POST or None,
            nodes=access.places_of(request.user, DECIDE),
            initial={
                "username": joining.free_username(application.name),
                "organisation": invitation.organisation_id,
                "level": invitation.level,
                "wecom_userid": application.wecom_userid,
            },
        )

    def approve_view(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        application = self._one(request, public_id, DECIDE)
        if request.method != "POST":
            return redirect("application:detail", public_id=public_id)
        form = self._approval(request, application)
        if not form.is_valid():
            return self.detail_view(request, public_id, approval=form)
        try:
            welcomed = joining.approve(
                application,
                **form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except joining.AlreadyDecidedError:
            messages.error(request, "这份申请刚刚有同事处理过了，没有再改。")
        except joining.WecomTakenError:
            messages.error(request, "这个企业微信账号刚刚绑定了另一位大C，没有通过。")
        except joining.UsernameTakenError:
            messages.error(request, "这个登录账号刚刚有人用了，没有通过，换一个再试。")
        else:
            return welcomed_page(request, welcomed, "申请通过了")
        return redirect("application:detail", public_id=public_id)

    def refuse_view(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        application = self._one(request, public_id, DECIDE)
        if request.method != "POST":
            return redirect("application:detail", public_id=public_id)
        form = RefusalForm(request.POST)
        if not form.is_valid():
            approval = ApprovalForm(
                nodes=access.places_of(request.user, DECIDE),
                initial=self._approval(request, application).initial,
            )
            return self.detail_view(request, public_id, approval=approval, refusal=form)
        try:
            joining.refuse(
                application,
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
            messages.success(request, "已回复没有通过，申请人在她的页面上能看到原因。")
        except joining.AlreadyDecidedError:
            messages.error(request, "这份申请刚刚有同事处理过了，没有再改。")
        return redirect("application:detail", public_id=public_id)

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/approve/", never_cache(self.approve_view), name="approve"),
            path("<uuid:public_id>/refuse/", self.refuse_view, name="refuse"),
        ]


def _to_decide(user: Any) -> QuerySet[Application]:
    nodes = access.organisations_of(user, SEE_APPLICATIONS, DECIDE)
    return Application.objects.filter(state=Application.State.WAITING, invitation__organisation__in=nodes)


declare(Waiting("application:index", "份加入申请等审核", DECIDE, _to_decide))
