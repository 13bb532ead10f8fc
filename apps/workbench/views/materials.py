"""素材: this issue's plan, the library, one material and what it brought her."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.accounts.access import host_required
from apps.catalog import access as catalog
from apps.content import access, selectors, services
from apps.content.models import Issue, Material
from apps.insights.selectors import material_results
from apps.lib import clock
from apps.tracking.models import Channel
from apps.workbench import cards, pictures, sharing
from apps.workbench.forms import ActForm, ChannelForm
from apps.workbench.paging import page_of
from apps.workbench.requests import HostRequest
from apps.workbench.views.me import figures_of_material, uuid_or_none
from apps.workbench.views.shares import answer_share, refuse_share, ways

#: A material counts as done when she did something with it in this time; an issue counts from its start.
RECENTLY = timedelta(days=30)


@dataclass
class Day:
    """One day of the plan."""

    number: int
    on: date
    is_today: bool
    posts: list[cards.Post] = field(default_factory=list)


@require_safe
@vary_on_headers("HX-Request")
@host_required
def library(request: HostRequest) -> HttpResponse:
    now = timezone.now()
    issue = selectors.current_issue(now)
    words = request.GET.get("q", "").strip()[:60]
    kind = _choice(request.GET.get("kind", ""), Material.Kind.values)
    occasion = _choice(request.GET.get("occasion", ""), Material.Occasion.values)
    about = None
    context: dict[str, Any] = {
        "tab": "materials",
        "issue": issue,
        "words": words,
        "kind": kind,
        "occasion": occasion,
        "kinds": Material.Kind.choices,
        "occasions": Material.Occasion.choices,
    }
    if "product" in request.GET:
        about = catalog.product_offered(uuid_or_none(request.GET["product"]))
        context["about"] = about
    wants_all = "all" in request.GET or bool(words or kind or occasion or about)
    if issue is not None and not wants_all:
        return render(request, "workbench/plan.html", {**context, **_plan(request, issue, now)})
    found = access.materials_for(request.host, now)
    if words:
        found = found.matching(words)
    if kind:
        found = found.filter(kind=kind)
    if occasion:
        found = found.filter(occasion=occasion)
    if about is not None:
        found = found.filter(product=about)
    rows = pictures.with_picture_id(found.select_related("video").order_by("-first_published_at", "-pk"))
    page = page_of(rows, request, size=20)
    context |= {
        "page": page,
        "posts": cards.with_results(cards.posts_of(page.rows, request.host, since=now - RECENTLY)),
        "is_all": True,
    }
    part = request.htmx and not request.htmx.boosted and request.htmx.target == "posts-more"
    return render(request, "workbench/_posts.html" if part else "workbench/materials.html", context)


def _plan(request: HostRequest, issue: Issue, now: datetime) -> dict[str, object]:
    entries = selectors.open_entries(issue, now=now, host=request.host).select_related("material__video")
    posts = cards.with_results(cards.posts_of_plan(entries, request.host, since=issue.starts_at))
    days = days_of(posts, issue, now)
    day = selectors.issue_day(issue, now)
    past = [one for one in days if one.number < day]
    before = [post for one in past for post in one.posts]
    return {
        "past": past,
        "past_done": sum(post.is_done for post in before),
        "past_planned": len(before),
        "ahead": [one for one in days if one.number >= day],
        "day": day,
        "done": sum(post.is_done for post in posts),
        "planned": len(posts),
    }


def days_of(posts: Iterable[cards.Post], issue: Issue, now: datetime) -> list[Day]:
    """The plan by day; days without a post are left out, except today."""
    today = clock.day_of(now)
    days: dict[int, Day] = {}
    for number in range(1, 15):
        on = issue.starts_on + timedelta(days=number - 1)
        days[number] = Day(number, on, on == today)
    for post in posts:
        if post.entry is not None:
            days[post.entry.day].posts.append(post)
    return [day for day in days.values() if day.posts or day.is_today]


@require_safe
@host_required
def material(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    if request.method == "GET":
        services.record_act("material.opened", request.host, found, now=now)
    sold = found.product if found.product is not None and found.product.is_on_sale else None
    result = material_results(request.host, [found.pk])[found.pk]
    context = {
        "tab": "materials",
        "material": found,
        "gallery": gallery_of(found),
        "film_cover": _one(found.video.cover_id, pictures.LARGE) if found.video else None,
        "product": sold,
        "product_picture": _one(sold.cover.pk, pictures.THUMB) if sold is not None and sold.cover else None,
        "has_results": bool(result.shares or result.reached or result.orders),
        "results": figures_of_material(result, material=str(public_id)),
        "share_url": reverse("workbench:material-share", args=[public_id]),
        "ways": ways([Channel.COPY, *sharing.left_out(found)]),
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
def share(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    context: dict[str, Any] = {
        "tab": "materials",
        "heading": found.title,
        "preview": found.share_text or found.summary or found.title,
        "share_url": request.path,
        "back_url": reverse("workbench:material", args=[public_id]),
        "act_url": reverse("workbench:material-act", args=[public_id]),
        "ways_left_out": sharing.left_out(found),
    }
    if request.method != "POST":
        return answer_share(request, None, context)
    form = ChannelForm(request.POST)
    if not form.is_valid() or form.cleaned_data["channel"] in context["ways_left_out"]:
        return refuse_share(request, context)
    channel = Channel(form.cleaned_data["channel"])
    shared = sharing.share_material(request.host, found, channel=channel, now=now)
    if channel in {Channel.GROUP, Channel.SINGLE, Channel.MOMENTS} and found.pictures.all():
        context["gallery"] = gallery_of(found)
    return answer_share(request, shared, context)


@require_POST
@host_required
def act(request: HostRequest, public_id: UUID) -> HttpResponse:
    """She copied the words or saved the pictures."""
    now = timezone.now()
    found = access.material_for(request.host, public_id, now)
    form = ActForm(request.POST)
    if not form.is_valid():
        return HttpResponse("请从页面上的按钮操作。", status=400)
    done = form.cleaned_data["act"]
    services.record_act(f"material.{done}", request.host, found, now=now)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    if done == "saved":
        return redirect(reverse("workbench:material-pictures", args=[public_id]))
    messages.info(request, "长按下面的文字，全选后复制。")
    return redirect("workbench:material", public_id)


@require_safe
@host_required
def all_pictures(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Every picture large, one below the other, to press and save where a browser can't download."""
    found = access.material_for(request.host, public_id, timezone.now())
    context = {"tab": "materials", "material": found, "gallery": gallery_of(found)}
    return render(request, "workbench/pictures.html", context)


def _one(image_id: int, spec: str) -> pictures.Picture | None:
    return pictures.sized([image_id], spec).get(image_id)


def _choice(text: str, known: list[str]) -> str:
    return text if text in known else ""
