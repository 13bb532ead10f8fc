"""One material: what it says, in HQ's words or hers, what it brought her, and sharing it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.accounts.models import Host
from apps.insights.selectors import material_results
from apps.library import access, selectors, services, wording
from apps.library.models import Material
from apps.sharing import services as sharing
from apps.sharing import travelling
from apps.sharing.services import NoSuchWayError, NotNowError
from apps.sharing.subjects import of_material
from apps.tracking.facts import Fact
from apps.tracking.models import Channel
from apps.wecom.mass import sends
from apps.workbench import pictures, two_tabs, ways
from apps.workbench.forms import ActForm, ChannelForm, WordsForm
from apps.workbench.instead import said_of_material
from apps.workbench.requests import HostRequest
from apps.workbench.variants import chosen, variants_of
from apps.workbench.views.me import figures_of_material
from apps.workbench.views.shares import share_sheet

View = Callable[..., HttpResponse]


def about_material(view: View) -> View:
    """Say kindly, in the host's own frame, that a material is not hers to share now (any more).

    Expired, withdrawn, meant for others or never there: one answer, so that no id tells anything.
    """

    @wraps(view)
    def guarded(request: HostRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, "workbench/material_gone.html", {"tab": "materials"}, status=404)

    return guarded


@require_safe
@host_required
@about_material
def material(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    if request.method == "GET" and "say" not in request.GET:  # choosing a text is no second look
        services.record_act(Fact.MATERIAL_OPENED, request.host, found, now=now)
    sold = found.product if found.product is not None and found.product.is_on_sale else None
    result = material_results(request.host, [found.pk])[found.pk]
    offered = variants_of(request.host, found)
    context = {
        "tab": "materials",
        "material": found,
        "variants": offered,
        "say": chosen(offered, request.GET.get("say", "")),
        "is_favourite": bool(selectors.favourites_among(request.host, [found.pk])),
        "gallery": gallery_of(found),
        "film_cover": _one(found.video.cover_id, pictures.LARGE) if found.video else None,
        "product": sold,
        "product_picture": _one(sold.cover.pk, pictures.THUMB) if sold is not None and sold.cover else None,
        "has_results": bool(result.shares or result.reached or result.orders),
        "results": figures_of_material(result, material=str(public_id)),
        "share_url": reverse("workbench:material-share", args=[public_id]),
        "ways": ways.buttons(set(of_material(found, now).channels) - {Channel.COPY}),
        **said_of_material(request.host, found.product, now),
    }
    return render(request, "workbench/material.html", context)


def gallery_of(found: Material) -> list[pictures.Picture]:
    """Its own pictures, else the one that stands for it."""
    images = [picture.image_id for picture in found.pictures.all()]
    if not images and found.picture is not None and found.video is None:
        images = [found.picture.pk]
    large = pictures.sized(images, pictures.LARGE)
    return [large[pk] for pk in images if pk in large]


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
@about_material
def share(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    offered = variants_of(request.host, found)
    say = chosen(offered, request.POST.get("say") or request.GET.get("say") or "")
    context: dict[str, Any] = {
        "tab": "materials",
        "heading": found.title,
        "variants": offered,
        "say": say,
        "preview": say.text if say else found.summary or found.title,
        "share_url": request.path,
        "back_url": reverse("workbench:material", args=[public_id]),
        "send_url": reverse("workbench:material-send", args=[public_id]) if request.host.wecom_userid else "",
        "mass_url": reverse("workbench:material-mass", args=[public_id]),
        "mass_reason": sends.why_not(request.host),
        "is_story": found.is_story,
        "doubts": wording.doubts_of(say.text, product=found.product, host=request.host)
        if say is not None and say.is_mine
        else [],
        **said_of_material(request.host, found.product, now),
    }
    answer = share_sheet(request, of_material(found, now), context, text=say.text if say else "")
    fact = {"copied": Fact.MATERIAL_COPIED, "saved": Fact.MATERIAL_SAVED}.get(request.POST.get("took", ""))
    if fact is not None and answer.status_code < 400:
        services.record_act(fact, request.host, found, now=now)
    return answer


@require_POST
@host_required
@about_material
def send(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Bring what she shares into her own work chat: the way for a browser outside WeCom."""
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请从页面上的按钮操作。", status=400)
    channel, subject = Channel(form.cleaned_data["channel"]), of_material(found, now)
    say = chosen(variants_of(request.host, found), form.cleaned_data["say"])
    try:
        shared = sharing.prepare(request.host, subject, channel, now, text=say.text if say else "")
    except (NotNowError, NoSuchWayError) as error:
        messages.error(request, str(error))
        return redirect("workbench:material", public_id)
    if travelling.send_to_herself(request.host, shared, now=now):
        sharing.note_share(request.host, subject, channel, shared.link, now)
        messages.info(request, "正在发到你的企业微信，收到就能转发。")
    else:
        messages.error(request, "你的账号还没有绑定企业微信，先复制文字去粘贴吧。")
    return redirect("workbench:material", public_id)


@require_POST
@host_required
@about_material
def act(request: HostRequest, public_id: UUID) -> HttpResponse:
    """She copied the words or saved the pictures."""
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    form = ActForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请从页面上的按钮操作。", status=400)
    done = form.cleaned_data["act"]
    services.record_act(Fact(f"material.{done}"), request.host, found, now=now)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    if done == "saved":
        return redirect(reverse("workbench:material-pictures", args=[public_id]))
    messages.info(request, "长按下面的文字，全选后复制。")
    return redirect("workbench:material", public_id)


@require_POST
@host_required
@about_material
def favourite(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Mark it to find it again, or take the mark away."""
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    wanted = request.POST.get("wanted") == "1"
    services.set_favourite(request.host, found, wanted=wanted, now=now)
    if request.htmx:
        return render(request, "workbench/_favourite.html", {"material": found, "is_favourite": wanted})
    messages.success(request, "已收藏，在「素材 · 收藏」里找得到。" if wanted else "已取消收藏。")
    return redirect("workbench:material", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
@about_material
def words(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Her own variant of the text. Doubts about its words or prices are said once; it stays her text."""
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    if found.is_story:
        messages.info(request, "这是一位顾客的原话，照原样发就好。")
        return kept_forms.refused(redirect("workbench:material", public_id))
    own = ""

    def build(posted: Any) -> WordsForm:
        nonlocal own
        own = selectors.own_variant(request.host, found)
        return WordsForm(posted, initial={"text": own or found.share_text})

    # Her row of a variant may not be there yet: she herself is held.
    form, is_sound = two_tabs.opened_or_sent(request, build, rows=Host.objects.filter(pk=request.host.pk))
    doubts: list[str] = []
    if is_sound:
        text = form.cleaned_data["text"]
        doubts = wording.doubts_of(text, product=found.product, host=request.host)
        if not doubts or form.cleaned_data["anyway"]:
            if services.keep_words(request.host, found, text=text, now=now):
                messages.success(request, "已保存，复制和分享都用你的说法。")
            else:
                messages.info(request, "和总部的文案一样，就用总部的，没有另存。")
            return redirect(f"{reverse('workbench:material', args=[public_id])}#words")
    context = {
        "tab": "materials",
        "material": found,
        "form": form,
        "doubts": doubts,
        "has_own": bool(own),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "workbench/words.html", context, status=status)


@require_POST
@host_required
@about_material
def reset_words(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.material_for(request.host, public_id, timezone.now())
    services.drop_words(request.host, found, now=timezone.now())
    messages.success(request, "已恢复总部的文案。")
    return redirect(f"{reverse('workbench:material', args=[public_id])}#words")


@require_safe
@host_required
@about_material
def all_pictures(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Every picture large, one below the other, to press and save where a browser can't download."""
    found = access.material_for(request.host, public_id, timezone.now())
    context = {"tab": "materials", "material": found, "gallery": gallery_of(found)}
    return render(request, "workbench/pictures.html", context)


def _one(image_id: int, spec: str) -> pictures.Picture | None:
    return pictures.sized([image_id], spec).get(image_id)
