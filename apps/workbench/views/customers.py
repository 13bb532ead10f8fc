"""客户: her list by views, search and order."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from apps.accounts.access import host_required
from apps.lib.phone import what_is_amiss
from apps.profiles import selectors as profiles
from apps.workbench import access_log
from apps.workbench.paging import paged
from apps.workbench.requests import HostRequest

#: What stands in the way of an empty view, in words.
_EMPTY = {
    profiles.View.ALL: (
        "people",
        "还没有客户",
        "客户加你的企业微信，或者从你的链接下单，就会出现在这里。认识的人也可以自己加上。",
    ),
    profiles.View.DUE: ("calm", "今天没有要跟进的人", "在客户页写一句「下一步」，到日子就会在这里提醒你。"),
    profiles.View.NEW: ("people", "这 7 天没有新客户", "把海报发到朋友圈，扫码下单的人会成为你的客户。"),
    profiles.View.BIRTHDAY: ("calm", "这 7 天没有人过生日", "知道谁的生日，就在客户资料里补上。"),
    profiles.View.SLEEPING: ("calm", "没有沉睡的客户", "大家最近都有动静，真不错。"),
    profiles.View.LOST: ("calm", "没有流失的客户", "半年没动静，或者删了好友的人会在这里。"),
    profiles.View.VALUED: ("people", "还没有成交的客户", "成交之后，买得最多的人会排在这里。"),
}

#: What she may do with many: where, by which icon and word.
_MANY = (
    (reverse_lazy("workbench:many-tag"), "tag", "打标签"),
    (reverse_lazy("workbench:many-note"), "note", "记一笔"),
    (reverse_lazy("workbench:many-remind"), "clock", "定下一步"),
    (reverse_lazy("workbench:many-share"), "share", "发内容"),
)


@require_safe
@never_cache
@vary_on_headers("HX-Request")
@host_required
def customers(request: HostRequest) -> HttpResponse:
    now = timezone.now()
    access_log.note_reading(request, now=now)
    view = request.GET.get("view", "")
    view = view if view in profiles.View.values else profiles.View.ALL
    sort = request.GET.get("sort", "")
    words = request.GET.get("q", "").strip()[:40]
    page = paged(
        request,
        lambda place: profiles.customer_rows(
            request.host, view=view, query=words, after=place, sort=sort, now=now
        ),
    )
    picking = request.GET.get("pick") == "1" and bool(page.rows)
    context = {
        "tab": "customers",
        "picking": picking,
        "acts": _MANY if picking else (),
        "page": page,
        "view": view,
        "words": words,
        "sort": sort,
        "sorts": profiles.SORTS,
        "amiss": what_is_amiss(words) if words and not page.rows else "",
    }
    if request.htmx and not request.htmx.boosted and request.htmx.target == "customers-more":
        return render(request, "workbench/_customers.html", context)
    counts = profiles.view_counts(request.host, now)
    art, title, text = _EMPTY[profiles.View(view)]
    here = request.GET.copy()
    here.pop("after", None)
    here.pop("pick", None)
    unpicked = here.urlencode()
    context |= {
        "unpicked": unpicked,
        "to_pick": f"{unpicked}&pick=1".lstrip("&"),
        "views": [(value, label, counts[value]) for value, label in profiles.View.choices],
        "art": art,
        "empty_title": title,
        "empty_text": text,
    }
    return render(request, "workbench/customers.html", context)
