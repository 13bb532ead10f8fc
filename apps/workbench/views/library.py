"""素材: this issue by its days, and everything she may share, found by words, filters or what works."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from apps.accounts.access import host_required
from apps.catalog import access as catalog
from apps.catalog.models import Product
from apps.customers.models import Relation
from apps.database import db_role
from apps.database.paging import page_of_keys
from apps.insights.selectors import Works, what_works
from apps.lib import clock, given
from apps.library import access, selectors
from apps.library.models import Issue, Material
from apps.library.models.materials import MaterialQuerySet
from apps.library.selectors import Wanted
from apps.workbench import cards, pictures
from apps.workbench.paging import Page, page_of, paged
from apps.workbench.requests import HostRequest

#: A material counts as done when she did something with it in this time; an issue counts from its start.
RECENTLY = timedelta(days=30)
PAGE = 20
WORKS = "works"


@dataclass(frozen=True)
class Chip:
    """A link that changes one thing of the question."""

    word: str
    href: str
    is_on: bool


@dataclass(frozen=True)
class Choice:
    """A drop-down of the filters: (value, words) pairs, the first one for whatever."""

    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str]]


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
    wanted = wanted_of(request.GET)
    by_results = request.GET.get("sort") == WORKS
    rows = access.materials_for(request.host, now)
    wants_all = "all" in request.GET or bool(wanted) or by_results
    context: dict[str, Any] = {
        "tab": "materials",
        "issue": issue,
        "wanted": wanted,
        "chips": chips(request.GET, wanted, has_issue=issue is not None, wants_all=wants_all),
        "is_all": wants_all,
        "by_results": by_results,
    }
    if issue is not None and not wants_all:
        return render(request, "workbench/plan.html", {**context, **_plan(request, issue, now)})
    found = selectors.search(rows, wanted, host=request.host)
    works = _works(request, now) if by_results else None
    if works and works.is_enough:
        page = _by_results(found, works, request)
    else:
        page = page_of(light(found), request, size=PAGE)
    posts = cards.posts_of(page.rows, request.host, since=now - RECENTLY)
    if works and works.is_enough:
        worked = {row.material_id: row for row in works.ranked}
        posts = [replace(post, worked=worked.get(post.material.pk)) for post in posts]
    else:
        posts = cards.with_results(posts)
    context |= {
        "page": page,
        "works": works,
        "posts": cards.with_favourites(posts, request.host),
    }
    part = request.htmx and not request.htmx.boosted and request.htmx.target == "posts-more"
    if part:
        return render(request, "workbench/_posts.html", context)
    context |= {
        "choices": choices(rows, wanted, now),
        "asked": list(asked(request.GET).items()),
        "kept": [(key, value) for key, value in asked(request.GET).items() if key not in _CHOSEN],
        "narrowed": sum(bool(getattr(wanted, name)) for name in _CHOSEN),
    }
    return render(request, "workbench/materials.html", context)


# --- the question ---------------------------------------------------------------------------------------

_CHOSEN = ("occasion", "festival", "stage", "scene", "product")
_ASKED = ("q", "kind", *_CHOSEN, "fav", "sort")


def wanted_of(query: QueryDict) -> Wanted:
    """What the address asks for; what makes no sense is left out. Http404 for a product not on offer."""
    product = None
    if text := query.get("product", ""):
        product = catalog.product_offered(given.uuid(text))
    return Wanted(
        words=query.get("q", "").strip()[:60],
        kind=_known(query.get("kind", ""), Material.Kind.values),
        occasion=_known(query.get("occasion", ""), Material.Occasion.values),
        festival=query.get("festival", "")[:12],
        stage=_known(query.get("stage", ""), Relation.Stage.values),
        scene=_known(query.get("scene", ""), Material.Scene.values),
        product=product,
        favourites=query.get("fav") == "1",
    )


def _known(text: str, known: list[str]) -> str:
    return text if text in known else ""


def asked(query: QueryDict) -> dict[str, str]:
    return {name: value for name in _ASKED if (value := query.get(name, ""))}


def chips(query: QueryDict, wanted: Wanted, *, has_issue: bool, wants_all: bool) -> list[Chip]:
    """This issue, everything, hers, what works, then the kinds; each keeps what else is asked."""
    now = asked(query)
    by_results = now.get("sort") == WORKS
    plain = wants_all and not wanted.kind and not wanted.favourites and not by_results
    found = [Chip("本期", "?", not wants_all)] if has_issue else []
    found += [
        Chip("全部", _to({**now, "all": "", "kind": "", "fav": "", "sort": ""}), plain),
        Chip("收藏", _to({**now, "fav": "" if wanted.favourites else "1"}), wanted.favourites),
        Chip("有效果", _to({**now, "sort": "" if by_results else WORKS}), by_results),
    ]
    for value, word in Material.Kind.choices:
        is_on = value == wanted.kind
        found.append(Chip(str(word), _to({**now, "kind": "" if is_on else str(value)}), is_on))
    return found


def _to(query: dict[str, str]) -> str:
    kept = QueryDict(mutable=True)
    for name, value in query.items():
        if value:
            kept[name] = value
    return f"?{kept.urlencode()}" if kept else "?all"


def choices(rows: MaterialQuerySet, wanted: Wanted, now: datetime) -> list[Choice]:
    festivals = [
        (one.name, f"{one.name} · {on.month}月{on.day}日")
        for one, on in selectors.festivals_in_use(rows, now=now)
    ]
    products = catalog.products_offered().filter(Exists(rows.filter(product=OuterRef("pk"))))
    goods = [(str(pk), title) for pk, title in products.order_by("title").values_list("public_id", "title")]
    found = [
        Choice("festival", "节气节日", wanted.festival, festivals),
        Choice("occasion", "场合", wanted.occasion, [(str(v), str(w)) for v, w in Material.Occasion.choices]),
        Choice("stage", "客户阶段", wanted.stage, [(str(v), str(w)) for v, w in Relation.Stage.choices]),
        Choice("product", "商品", _id_of(wanted.product), goods),
    ]
    if wanted.kind == Material.Kind.SCRIPT or wanted.scene:
        scenes = [(str(v), str(w)) for v, w in Material.Scene.choices]
        found.insert(0, Choice("scene", "话术场景", wanted.scene, scenes))
    return [one for one in found if one.options]


def _id_of(product: Product | None) -> str:
    return str(product.public_id) if product is not None else ""


# --- the answer -----------------------------------------------------------------------------------------


def light(found: MaterialQuerySet) -> Any:
    return pictures.with_picture_id(found.light().select_related("video"))


def _works(request: HostRequest, now: datetime) -> Works:
    with db_role.as_worker():  # numbers of a circle of hosts together: rows of nobody's leave it
        return what_works(request.host, now=now)


def _by_results(found: MaterialQuerySet, works: Works, request: HostRequest) -> Page:
    """Those that can be compared, best first; the list of the circle's materials is short."""
    ranks = {row.material_id: (place,) for place, row in enumerate(works.ranked)}
    order = sorted(found.filter(pk__in=ranks).values_list("pk", flat=True), key=ranks.__getitem__)
    page = paged(
        request, lambda place: page_of_keys(order, place, of="works", rank=ranks.__getitem__, size=PAGE)
    )
    rows = light(found).in_bulk(page.rows)
    return replace(page, rows=[rows[pk] for pk in page.rows])


def _plan(request: HostRequest, issue: Issue, now: datetime) -> dict[str, object]:
    entries = selectors.open_entries(issue, now=now, host=request.host).select_related("material__video")
    posts = cards.with_results(cards.posts_of_plan(entries, request.host, since=issue.starts_at))
    posts = cards.with_favourites(posts, request.host)
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
