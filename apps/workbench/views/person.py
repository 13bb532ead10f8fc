"""One of her customers: who she is, why now, what to say and to send, what happened."""

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
from apps.catalog.models import Product
from apps.customers import access, services
from apps.customers.calling import greeting_name
from apps.customers.forms import NoteForm, TagForm
from apps.customers.models import Relation, Tag
from apps.lib import addresses, clock
from apps.lib.masks import mask_phone
from apps.library.models import Material
from apps.media.models import Image
from apps.privacy.services import data_requests
from apps.profiles import selectors as profiles
from apps.profiles.models import Facts
from apps.reach import asking
from apps.workbench import access_log, pictures, two_tabs
from apps.workbench.forms import PersonForm
from apps.workbench.requests import HostRequest

STEPS = 10


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
    access_log.note_reading(request, now=timezone.now())
    form, is_sound = two_tabs.opened_or_sent(
        request,
        lambda posted: PersonForm(posted, relation=access.relation_for(request.host, public_id)),
        rows=access.relations_of(request.host).filter(public_id=public_id),
    )
    relation, status = form.relation, 200
    if request.method == "POST":
        status = 422
        # The whole phone is never sent to this page: left empty, it stays as it is.
        phone = form.cleaned_data.get("phone") or relation.phone
        if phone != relation.phone and form.has_another_phone_than(request.POST.get("phone_was", "")):
            known = mask_phone(relation.phone) if relation.phone else "空"
            form.add_error("phone", two_tabs.asks(f"「{known}」"))
            is_sound = False
        if is_sound:
            data = {name: form.cleaned_data[name] for name in form.field_order}
            try:
                services.update_relation(
                    relation, **data | {"phone": phone}, by=request.user, now=timezone.now()
                )
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
    facts = Facts.objects.select_related("relation").get(pk=relation.pk)
    facts.relation = relation
    tags = list(Tag.objects.filter(relation_tags__relation=relation).order_by("relation_tags__tagged_at"))
    known = {tag.pk for tag in tags}
    offered = [tag for tag in access.tags_of(request.host)[:60] if tag.pk not in known][:12]
    no_offers = asking.refusal(relation, now=now)
    is_hers = relation.is_customer and relation.blocked_at is None
    fits = profiles.fitting(request.host, relation, facts, now) if is_hers and no_offers is None else []
    year = clock.day_of(now).year
    context = {
        "tab": "customers",
        "relation": relation,
        "facts": facts,
        "row": profiles.row_of(facts, now),
        "known_for": _known_for(relation.joined_at, now),
        "year": year,
        "care": profiles.why_now(relation, facts, now) if is_hers else None,
        "is_called_so": not relation.remark or bool(greeting_name(relation)),
        "fits": _shown(fits),
        "is_talked_to": relation.last_contact_at is not None
        and clock.day_of(relation.last_contact_at) == clock.day_of(now),
        "phone": mask_phone(relation.phone) if relation.phone else "",
        "no_offers": no_offers,
        "not_to_be_asked": asking.may_ask(relation, now=now) if no_offers is not None else None,
        "namesake": services.namesake_by_phone(relation),
        "tags": tags,
        "offered_tags": offered,
        "timeline": profiles.timeline(relation, before=request.GET.get("before", ""), limit=STEPS),
        "note_form": NoteForm(),
        "tag_form": TagForm(),
        **more,
    }
    return render(request, "workbench/person.html", context, status=status)


def _shown(fits: list[profiles.Fit]) -> list[dict[str, Any]]:
    """What suits her, with its picture and the form's word for it."""
    images = {one: _picture_of(one.row) for one in fits}
    small = pictures.sized((image.pk for image in images.values() if image is not None), pictures.THUMB)
    return [
        {
            "title": one.row.title,
            "why": one.why,
            "query": f"{one.kind}={one.row.public_id}",
            "picture": small.get(image.pk) if (image := images[one]) is not None else None,
        }
        for one in fits
    ]


def _picture_of(row: Material | Product) -> Image | None:
    return row.picture if isinstance(row, Material) else row.cover


def _known_for(since: datetime, now: datetime) -> str:
    """`认识 3 天`, `认识 8 个月`, `认识 2 年`"""
    days = max(0, clock.days_between(since, now))
    if days < 60:
        return f"认识 {days} 天" if days else "今天刚认识"
    if days < 730:
        return f"认识 {days // 30} 个月"
    return f"认识 {days // 365} 年"
