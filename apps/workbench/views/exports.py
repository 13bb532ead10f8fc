"""我的名单: a host takes her own customers and orders with her. Nobody approves it; it is logged."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import host_required
from apps.privacy import access
from apps.privacy.files import xlsx
from apps.privacy.served import EXPORTS
from apps.privacy.services import exports as services
from apps.workbench.requests import HostRequest

SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def exports(request: HostRequest) -> HttpResponse:
    known = EXPORTS
    if request.method == "POST":
        what = request.POST.get("what", "")
        if what not in known:
            messages.error(request, "没有这一种，请点下面的按钮导出。")
            return redirect("workbench:exports")
        try:
            services.ask_own(request.host, what=what, now=timezone.now())
        except services.TooManyError:
            messages.error(request, f"一天最多导出 {services.OWN_A_DAY} 次，明天再来吧")
        else:
            messages.success(request, "正在生成，一般一分钟内就好")
        return redirect("workbench:exports")
    mine = access.exports_visible_to(request.user).filter(own_host=request.host)
    context = {
        "tab": "me",
        "kinds": list(known.values()),
        "rows": [
            {"export": row, "label": known[row.what].label} for row in mine.order_by("-requested_at")[:SHOWN]
        ],
    }
    return render(request, "workbench/exports.html", context)


@require_safe
@never_cache
@host_required
def file(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.export_for(request.user, public_id)
    try:
        content = services.fetch(
            found,
            by=request.user,
            now=timezone.now(),
            request_id=str(request.META.get("REQUEST_ID", "")),
        )
    except services.TooLateError:
        messages.error(request, "文件过期删掉了，再导出一份就好")
        return redirect("workbench:exports")
    return xlsx(found, content)
