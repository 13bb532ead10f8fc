"""Her face and her WeChat code, as her customers see them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.access import host_required
from apps.media import services as media
from apps.media.models import HostPicture
from apps.workbench.forms import MY_PICTURES
from apps.workbench.requests import HostRequest
from apps.workbench.views.account import settings_context


@require_POST
@host_required
def picture(request: HostRequest, kind: str) -> HttpResponse:
    """Put one up in the place of the one before, take it down, or say whether the code stands on posters."""
    if kind not in HostPicture.Kind.values:
        raise Http404
    which, now, do = HostPicture.Kind(kind), timezone.now(), request.POST.get("do", "")
    back = redirect(f"{reverse('workbench:settings')}#{which}")
    if do == "remove":
        if media.hide_of_host(request.host, which, by=request.user, now=now):
            messages.success(request, f"{which.label}已经拿掉")
        return back
    if do == "posters":
        is_on = request.POST.get("on_posters") == "on"
        media.put_code_on_posters(request.host, is_on=is_on, by=request.user, now=now)
        messages.success(request, "以后的海报会带上微信码" if is_on else "以后的海报不带微信码")
        return back
    form = MY_PICTURES[which](request.POST, request.FILES)
    if form.is_valid():
        media.show_of_host(request.host, which, form.cleaned_data["file"], by=request.user, now=now)
        messages.success(request, f"{which.label}换好了，客户现在看到的就是它")
        return back
    wrong = {f"{which}_errors": form.errors["file"]}
    return render(request, "workbench/settings.html", settings_context(request) | wrong, status=422)
