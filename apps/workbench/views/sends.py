"""企业微信群发: what she has WeCom prepare of a material, and 发送记录: what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.accounts.models import Host
from apps.customers import access as customers
from apps.customers.models import Tag
from apps.lib import clock, given
from apps.library import access as content
from apps.library import wording
from apps.library.models import Material
from apps.outbox import registry
from apps.reach.gate import Decision
from apps.reach.models import Reason
from apps.sharing import services as sharing
from apps.sharing import travelling
from apps.sharing.subjects import of_material
from apps.tracking.models import Channel, Subject
from apps.wecom import access
from apps.wecom.mass import sends as mass_sends
from apps.wecom.mass.sends import RefusedError, SameAgainError
from apps.wecom.models import MassSend, MassSendRecipient
from apps.workbench import access_log, pictures, ways
from apps.workbench.forms import MassForm
from apps.workbench.instead import said_of_material
from apps.workbench.paging import page_of
from apps.workbench.requests import HostRequest
from apps.workbench.variants import chosen, is_by_hq, same_words, variants_of
from apps.workbench.views.materials import about_material

#: How many customers stand on the page to be ticked: those she was in touch with last.
SHOWN = 100
#: How many of those whom it did not reach are named.
NAMED = 50


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
@about_material
def mass(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Have WeCom prepare this material for her customers, her groups or her moments."""
    access_log.note_reading(request, now=timezone.now())
    now = timezone.now()
    found = content.material_for(request.host, public_id, now)
    channel = _channel(request.POST.get("channel") or request.GET.get("channel") or Channel.SINGLE)
    offered = variants_of(request.host, found)
    say = chosen(offered, request.GET.get("say", ""))
    words = say.text if say else found.title
    if request.method != "POST":
        form = MassForm(initial={"text": words, "key": uuid4()})
        return _page(request, found, channel, form, now)
    posted = request.POST.copy()
    is_reworded = found.is_story and not same_words(posted.get("text", ""), words)
    if is_reworded:
        posted["text"] = words
    form = MassForm(posted)
    if is_reworded:
        form.add_error("text", "这是一位顾客的原话，改了就不是她说的了。原话已经放回来，照原样发就好。")
    if not form.is_valid():
        return _page(request, found, channel, form, now)
    text = form.cleaned_data["text"].strip()
    if not form.cleaned_data["anyway"] and not is_by_hq(text, offered):
        doubts = wording.doubts_of(text, product=found.product, host=request.host)
        if doubts:
            return _page(request, found, channel, form, now, doubts=doubts)
    decision, audience = _chosen(request, channel, form.cleaned_data["audience"], now)
    shared = travelling.content_of(request.host, found, channel=channel, text=text, now=now)
    try:
        send, is_new = mass_sends.queue(
            request.host,
            channel,
            key=form.cleaned_data["key"],
            content=shared,
            audience=audience,
            decision=decision,
            now=now,
            until=found.expire_at,
            cause=registry.cause(Subject.MATERIAL, found.pk),
            again=form.cleaned_data["again"],
        )
    except SameAgainError:
        form.add_error(None, "刚刚已经排过同样一条，再排一次？")
        return _page(request, found, channel, form, now, asks=True)
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, found, channel, form, now)
    if is_new:
        sharing.note_share(request.host, of_material(found, now), channel, shared.link, now)
    else:
        messages.info(request, "这一条已经排过了，没有再排一次。")
        if not same_words(send.text, shared.text):
            # What she wrote since is in none of hers.
            return kept_forms.refused(redirect("workbench:send", send.public_id))
    return redirect("workbench:send", send.public_id)


def _channel(text: str) -> Channel:
    if text not in mass_sends.CHANNELS:
        raise Http404
    return Channel(text)


def _chosen(request: HostRequest, channel: Channel, how: str, now: datetime) -> tuple[Decision | None, str]:
    """Who of those she chose may be sent it, and for whom it is in words; Http404 for what is not hers."""
    if channel == Channel.GROUP:
        return None, "我的全部客户群"
    host = request.host
    hers = mass_sends.reachable(customers.relations_of(host))
    if channel == Channel.MOMENTS:
        return mass_sends.ask_gate(hers, channel, now=now), "同意收到的客户"
    match how:
        case "tag":
            tag = get_object_or_404(
                customers.tags_of(host), public_id=given.uuid(request.POST.get("tag", ""))
            )
            hers, audience = hers.filter(relation_tags__tag=tag), f"标签「{tag.name}」"
        case "pick":
            picked = customers.relations_for(host, request.POST.getlist("customers"))
            hers, audience = hers.filter(pk__in=[one.pk for one in picked]), "自己挑的客户"
        case _:
            audience = "同意收到的客户"
    return mass_sends.ask_gate(hers, channel, now=now), audience


def _page(
    request: HostRequest,
    found: Material,
    channel: Channel,
    form: MassForm,
    now: datetime,
    *,
    doubts: Sequence[str] = (),
    asks: bool = False,
) -> HttpResponse:
    host = request.host
    if found.is_story:
        form.fields["text"].widget.attrs["readonly"] = True
    images = [picture.image_id for picture in found.pictures.all()]
    thumbs = pictures.sized(images, pictures.THUMB)
    has_link = of_material(found, now).opens is not None
    room = mass_sends.room_for_pictures(channel, has_link=has_link, has_film=found.video is not None)
    month = clock.first_of_month(clock.day_of(now))
    context: dict[str, Any] = {
        "tab": "materials",
        "material": found,
        "channel": str(channel),
        "way": ways.word_of(channel),
        "form": form,
        "doubts": doubts,
        "asks": asks,
        "reason": mass_sends.why_not(host),
        "back": reverse("workbench:material", args=[found.public_id]),
        "thumbs": [thumbs[pk] for pk in images[:room] if pk in thumbs],
        "left_out": max(0, len(images) - room),
        "has_link": has_link,
        "film": found.video,
        "month_days": (clock.next_month(month) - month).days,
        "sent_this_month": access.mass_sends_of(host)
        .filter(created_at__gte=clock.start_of(month))
        .exclude(state__in=[MassSend.State.REFUSED, MassSend.State.EXPIRED])
        .exclude(channel=Channel.MOMENTS)
        .count(),
    }
    context |= said_of_material(host, found.product, now)
    if channel != Channel.GROUP:
        context |= _whom(host, channel, request.POST if request.method == "POST" else request.GET, now)
    status = 422 if form.is_bound else 200
    return render(request, "workbench/mass.html", context, status=status)


def _whom(host: Host, channel: Channel, asked: QueryDict, now: datetime) -> dict[str, Any]:
    """Whom she can choose from, who of them agreed, and what she has chosen so far."""
    hers = mass_sends.reachable(customers.relations_of(host))
    decision = mass_sends.ask_gate(hers, channel, now=now)
    agreed = decision.allowed.relation_ids
    able = Count("relation_tags", filter=Q(relation_tags__relation__in=agreed))
    tags: list[Tag] = list(customers.tags_of(host).annotate(able=able).filter(able__gt=0))
    people = hers.filter(pk__in=agreed)
    picked = [one for text in asked.getlist("customers") if (one := given.uuid(text)) is not None]
    newest = people.order_by(F("last_contact_at").desc(nulls_last=True), "-joined_at")
    chosen = list(newest.filter(public_id__in=picked))
    return {
        "total": decision.total,
        "agreed": len(agreed),
        "in_words": mass_sends.in_words(decision),
        "without": customers.relations_of(host).current().count() - decision.total,
        "tags": tags,
        "people": [*chosen, *newest.exclude(public_id__in=picked)[:SHOWN]],
        "audience": asked.get("audience", "all"),
        "tag": asked.get("tag", ""),
        "picked": set(asked.getlist("customers")),
    }


# --- 发送记录 -------------------------------------------------------------------------------------------


@require_safe
@host_required
def sends(request: HostRequest) -> HttpResponse:
    page = page_of(access.mass_sends_of(request.host), request)
    return render(request, "workbench/sends.html", {"tab": "me", "page": page, "rows": page.rows})


@require_safe
@host_required
def send(request: HostRequest, public_id: UUID) -> HttpResponse:
    access_log.note_reading(request, now=timezone.now())
    found = access.mass_send_for(request.host, public_id)
    missed = (
        found.recipients.filter(
            state__in=MassSendRecipient.MISSED, relation__in=customers.relations_of(request.host)
        )
        .select_related("relation")
        .order_by("pk")[:NAMED]
    )
    context = {
        "tab": "me",
        "send": found,
        "way": ways.word_of(found.channel),
        "missed": list(missed),
        "left_out": [(Reason(one).label, count) for one, count in found.left_out.items()],
        "pictures": len(found.image_ids) + (found.poster_id is not None),
    }
    return render(request, "workbench/send.html", context)


@require_POST
@host_required
def refresh(request: HostRequest, public_id: UUID) -> HttpResponse:
    """She says that she confirmed in WeCom: it is asked now rather than at the next round."""
    found = access.mass_send_for(request.host, public_id)
    mass_sends.ask_again(found, now=timezone.now())
    messages.info(request, "正在问企业微信，过几秒再打开这页就是最新的。")
    return redirect("workbench:send", public_id)
