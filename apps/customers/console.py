"""Customers as HQ sees them: masked, found by exact phone or number only, every look written down."""

from collections import Counter
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from apps.accounts import access as accounts
from apps.accounts.filters import TreeFilter
from apps.accounts.models import User
from apps.console_kit import counted
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.customers import services
from apps.customers.models import Identity, Relation
from apps.database import crypto
from apps.lib.masks import mask_phone
from apps.lib.phone import NotAPhoneError, national, normalise
from apps.records import services as privacy
from apps.records.console import reveal_form, revealed
from apps.records.models import AccessLog

SHOWN = "姓名、电话（打码）"
#: Higher apps add parts to the page: functions of (request, relation) that give {"heading", "template", …}.
panels: list[Any] = []


def find_person(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """The relations of the person with this exact phone or customer number; nothing for part of either.

    A number without an extension finds those behind one, too: a switchboard's, a shop's for parcels.
    """
    try:
        return rows.filter(customer__public_id=UUID(words.strip()))
    except ValueError:
        pass
    phone = phone_in(words)
    if phone is None:
        return rows.none()
    kind = Identity.Kind.PHONE
    index = services.identity_index(kind, issuer="", value=phone)
    people = Identity.objects.filter(Q(value_index=index) | Q(main_index=index), kind=kind, issuer="")
    return rows.filter(customer__in=people.values("customer"))


#: The right to see customers, masked.
SEE = "customers.view_relation"


def say_what_is_wrong(request: HttpRequest, words: str) -> None:
    """Who types a phone with a letter in it is told so; that nobody is found would say something else."""
    if sum(one.isdigit() for one in words) < 5 or is_number_of_customer(words):
        return
    try:
        normalise(words)
    except NotAPhoneError as error:
        messages.warning(request, str(error))


def is_number_of_customer(words: str) -> bool:
    try:
        UUID(words)
    except ValueError:
        return False
    return True


def phone_in(words: str) -> str | None:
    """The whole phone number that was typed, if it is one."""
    try:
        return normalise(words)
    except NotAPhoneError:
        return None


def may_search(request: HttpRequest, words: str) -> bool:
    """Count a search by a whole phone number like a reveal, once per session and number; False when spent."""
    assert isinstance(request.user, User)
    phone = phone_in(words)
    if phone is None:
        return True
    mark = crypto.blind_index(phone, scope="hq-search").hex()
    asked: list[str] = request.session.get(_ASKED, [])
    if mark in asked:  # another page of the same answer
        return True
    try:
        privacy.search_at_hq(request.user, now=timezone.now(), request_id=request.META.get("REQUEST_ID", ""))
    except privacy.QuotaSpentError as error:
        messages.error(request, error.sentence)
        return False
    request.session[_ASKED] = [*asked, mark][-_ASKED_KEPT:]
    return True


_ASKED, _ASKED_KEPT = "phones_asked_for", 50
counted.counts.add(may_search)


def write_down_looks(
    request: HttpRequest, hosts: Counter[int], *, fields: str, purpose: str = "总部客户列表"
) -> None:
    """One row for each host whose customers are on the page: she sees it in her own log."""
    for host_id, count in hosts.items():
        privacy.record_access(
            actor=request.user,  # type: ignore[arg-type]
            action=AccessLog.Action.VIEW,
            fields=fields,
            at=timezone.now(),
            host_id=host_id,
            is_hq=True,
            purpose=purpose,
            count=count,
            request_id=request.META.get("REQUEST_ID", ""),
        )


class CustomerFilterSet(WagtailFilterSet):
    stage = django_filters.ChoiceFilter(choices=Relation.Stage.choices, label="阶段", empty_label="全部")
    source = django_filters.ChoiceFilter(choices=Relation.Source.choices, label="来源", empty_label="全部")

    organisation = TreeFilter(field_name="host__organisation", right=SEE)
    joined_at = django_filters.DateFromToRangeFilter(label="成为客户的日期")

    class Meta:
        model = Relation
        fields: ClassVar[list[str]] = ["source", "organisation", "joined_at"]


class CustomerList(SearchedList, DetailList):
    page_title = "客户"
    search_hint = "输完整手机号或客户编号"
    detail_url_name = "customer:detail"
    find = staticmethod(find_person)

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        say_what_is_wrong(self.request, self.search_query)
        return super().search_queryset(queryset)

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset().customers().with_stage(timezone.now())
        return rows.select_related("host__organisation", "customer")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        hosts = Counter(relation.host_id for relation in context["object_list"])
        write_down_looks(self.request, hosts, fields=SHOWN)
        return context


def _detailed() -> QuerySet[Relation]:
    return Relation.objects.with_stage(timezone.now()).select_related("host__organisation", "customer")


class CustomerViewSet(ListOnlyViewSet):
    model = Relation
    name = "customer"
    icon = "group"
    menu_label = "客户"
    url_prefix = "customers"
    index_view_class = CustomerList
    filterset_class = CustomerFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("name", label="姓名", accessor="masked_name"),
        Column("phone", label="手机号", accessor=lambda row: mask_phone(row.phone) or "—"),
        Column("host", label="大C", accessor="host.name"),
        Column("organisation", label="组织", accessor="host.organisation.name"),
        Column("stage", label="阶段", accessor="stage_label"),
        "source",
        MomentColumn("joined_at", label="成为客户", sort_key="joined_at"),
    ]
    desk = Desk(
        empty=Empty("还没有客户。大C添加客户、客户下单以后，会出现在这里。"),
        personal=frozenset({"name", "phone"}),
        clear={"name": lambda row: row.name, "phone": lambda row: national(row.phone)},
        host_id_of=lambda row: row.host_id,
        search_finds_people=True,
    )

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(host__in=accounts.hosts_visible_to(user, SEE, *also), blocked_at=None)

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """One relation, masked: HQ sees what happened, not what the host wrote about her."""
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        rows = self.scope(request.user, _detailed())
        relation = get_object_or_404(rows, public_id=public_id)
        privacy.record_access(
            actor=request.user,  # type: ignore[arg-type]
            action=AccessLog.Action.VIEW,
            fields=SHOWN,
            at=timezone.now(),
            host_id=relation.host_id,
            relation_id=relation.pk,
            is_hq=True,
            purpose="总部客户详情",
            request_id=request.META.get("REQUEST_ID", ""),
        )
        return self._show(request, relation, is_clear=False, reveal=reveal_form(request, relation.host_id))

    def reveal_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Her whole name and phone, for a reason and within the role's quota; the host reads who and why."""
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        rows = self.scope(request.user, _detailed())
        relation = get_object_or_404(rows, public_id=public_id)
        if request.method != "POST":
            return redirect("customer:detail", public_id)
        return revealed(
            request,
            host_id=relation.host_id,
            relation_id=relation.pk,
            fields="姓名、手机号",
            show=partial(self._show, request, relation),
            back=reverse("customer:detail", args=[public_id]),
        )

    @staticmethod
    def _show(
        request: HttpRequest,
        relation: Relation,
        *,
        is_clear: bool,
        reveal: dict[str, Any] | None,
        status: int = 200,
    ) -> HttpResponse:
        response = TemplateResponse(
            request,
            "console/customer.html",
            {
                "relation": relation,
                "host": relation.host,
                "is_clear": is_clear,
                "reveal": reveal,
                "reveal_url": reverse("customer:reveal", args=[relation.public_id]),
                "name": (is_clear and relation.name) or relation.masked_name,
                "phone": (national(relation.phone) if is_clear else mask_phone(relation.phone)) or "—",
                "tags": relation.relation_tags.filter(tag__host=None).select_related("tag"),
                "panels": [panel(request, relation) for panel in panels],
                **page(relation.masked_name, icon="group", under=("客户", "customer:index")),
            },
            status=status,
        )
        response["Cache-Control"] = "private, no-store"
        return response

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
            path("<uuid:public_id>/reveal/", self.reveal_view, name="reveal"),
        ]
