"""One of her customers: who she is, what happened, what to do next."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.accounts.access import host_required
from apps.customers import access, services
from apps.customers.forms import NoteForm, TagForm
from apps.customers.models import Relation, Tag
from apps.lib import addresses, clock, money
from apps.lib.masks import mask_phone
from apps.privacy.services import data_requests
from apps.profiles import selectors as profiles
from apps.profiles.lifecycle import stage_of
from apps.profiles.models import Facts
from apps.reach import asking
from apps.trade import access as trade
from apps.workbench import access_log
from apps.workbench.forms import PersonForm
from apps.workbench.requests import HostRequest

ORDERS = 5
STEPS = 15


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@host_required
def person(request: HostRequest, public_id: UUID) -> HttpResponse:
    relation = access.relation_for(request.host, public_id)
    access_log.note_reading(request, now=timezone.now())
    if request.htmx and not request.htmx.boosted and request.htmx.target == "timeline-more":
        steps = profiles.timeline(relation, before=request.GET.get("before", ""), limit=STEPS)
        return render(request, "workbench/_timeline.html", {"timeline": steps})
    return _show(request, relation)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def edit(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Her own words for this customer, the phone, and what to do next."""
    relation = access.relation_for(request.host, public_id)
    access_log.note_reading(request, now=timezone.now())
    form = PersonForm(
        request.POST or None,
        initial={
            "remark": relation.remark,
            "next_action": relation.next_action,
            "next_action_on": relation.next_action_on,
        },
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            # The whole phone is never sent to this page: left empty, it stays as it is.
            data["phone"] = data["phone"] or relation.phone
            try:
                services.update_relation(relation, **data, by=request.user, now=timezone.now())
            except services.PhoneTakenError:
                form.add_error("phone", "你的另一位客户已经用了这个手机号。")
            else:
                messages.success(request, "已保存")
                return redirect("workbench:customer", public_id)
    context = {
        "tab": "customers",
        "relation": relation,
        "form": form,
        "phone": mask_phone(relation.phone) if relation.phone else "",
    }
    return render(request, "workbench/person_edit.html", context, status=status)


@require_POST
@never_cache
@host_required
def reveal(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Show the whole telephone number; that is written down."""
    relation = access.relation_for(request.host, public_id)
    access_log.note_reveal(request, fields="手机号", relation_id=relation.pk, now=timezone.now())
    number = relation.phone
    if request.htmx:
        return render(request, "workbench/_phone.html", {"number": number})
    return _show(request, relation, number=number)


@require_POST
@host_required
def add_note(request: HostRequest, public_id: UUID) -> HttpResponse:
    relation = access.relation_for(request.host, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show(request, relation, note_form=form, status=422)
    services.add_note(relation, text=form.cleaned_data["text"], by=request.user, now=timezone.now())
    messages.success(request, "记下了")
    return redirect("workbench:customer", public_id)


@require_POST
@host_required
def add_tag(request: HostRequest, public_id: UUID) -> HttpResponse:
    relation = access.relation_for(request.host, public_id)
    form = TagForm(request.POST)
    if not form.is_valid():
        return _show(request, relation, tag_form=form, status=422)
    services.tag_relation(relation, name=form.cleaned_data["name"], by=request.user, now=timezone.now())
    return redirect("workbench:customer", public_id)


@require_POST
@host_required
def remove_tag(request: HostRequest, public_id: UUID, tag_id: UUID) -> HttpResponse:
    relation = access.relation_for(request.host, public_id)
    tag = get_object_or_404(Tag, relation_tags__relation=relation, public_id=tag_id)
    services.untag_relation(relation, tag=tag, by=request.user, now=timezone.now())
    return redirect("workbench:customer", public_id)


@require_POST
@host_required
def contacted(request: HostRequest, public_id: UUID) -> HttpResponse:
    relation = access.relation_for(request.host, public_id)
    services.mark_contacted(relation, by=request.user, now=timezone.now())
    messages.success(request, "记下了：今天联系过")
    return redirect("workbench:customer", public_id)


@require_POST
@never_cache
@host_required
def vouch(request: HostRequest, public_id: UUID) -> HttpResponse:
    """The link by which this customer sees, takes or erases what this host knows of her; shown once."""
    access_log.note_reading(request, now=timezone.now())
    relation = access.relation_for(request.host, public_id)
    try:
        token = data_requests.vouch(
            host_id=request.host.pk,
            relation_id=relation.pk,
            phone=relation.phone,
            by=request.user,
            now=timezone.now(),
        )
    except data_requests.TooLateError:
        raise Http404 from None
    address = addresses.page("storefront:my-data-page", token)
    context = {"tab": "customers", "relation": relation, "address": address}
    return render(request, "workbench/my_data_link.html", context)


def _show(request: HostRequest, relation: Relation, *, status: int = 200, **more: Any) -> HttpResponse:
    now = timezone.now()
    access_log.note_reading(request, now=now)
    facts = Facts.objects.get(pk=relation.pk)
    tags = list(Tag.objects.filter(relation_tags__relation=relation).order_by("relation_tags__tagged_at"))
    known = {tag.pk for tag in tags}
    offered = [tag for tag in access.tags_of(request.host)[:60] if tag.pk not in known][:12]
    no_offers = asking.refusal(relation, now=now)
    context = {
        "tab": "customers",
        "relation": relation,
        "facts": facts,
        "stage": stage_of(facts, now),
        "in_one_line": _in_one_line(relation, facts, now),
        "phone": mask_phone(relation.phone) if relation.phone else "",
        "no_offers": no_offers,
        "not_to_be_asked": asking.may_ask(relation, now=now) if no_offers is not None else None,
        "namesake": services.namesake_by_phone(relation),
        "tags": tags,
        "offered_tags": offered,
        "orders": trade.orders_of(request.host)
        .filter(relation=relation)
        .prefetch_related("lines__product")
        .order_by("-placed_at", "-pk")[:ORDERS],
        "timeline": profiles.timeline(relation, before=request.GET.get("before", ""), limit=STEPS),
        "note_form": NoteForm(),
        "tag_form": TagForm(),
        **more,
    }
    return render(request, "workbench/person.html", context, status=status)


def _in_one_line(relation: Relation, facts: Facts, now: datetime) -> str:
    """`认识 8 个月，买过 12 次，共 ¥3,200.00，今年 ¥1,280.00`"""
    said = [_known_for(relation.joined_at, now)]
    if facts.orders_count:
        said += [f"买过 {facts.orders_count} 次", f"共 {money.show_yuan(facts.gmv_fen)}"]
    elif facts.visits:
        said.append(f"来看过 {facts.visits} 次，还没下单")
    else:
        said.append("还没下过单")
    return "，".join(said)


def _known_for(since: datetime, now: datetime) -> str:
    """`认识 3 天`, `认识 8 个月`, `认识 2 年`"""
    days = max(0, clock.days_between(since, now))
    if days < 60:
        return f"认识 {days} 天" if days else "今天刚认识"
    if days < 730:
        return f"认识 {days // 30} 个月"
    return f"认识 {days // 365} 年"
