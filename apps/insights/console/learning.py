"""How training goes: each lesson, who is stuck where, and whether it goes with results."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.auth import permission_required

from apps.console_kit.viewsets import page as frame
from apps.insights import access
from apps.insights.console.asked import PERMISSION
from apps.insights.selectors.learning import learning_and_results
from apps.learning.training import selectors as training


@permission_required(PERMISSION)
def training_progress(request: HttpRequest) -> HttpResponse:
    """A region manager's own branch alone."""
    if not request.user.has_perm("learning.view_path"):
        raise PermissionDenied
    now = timezone.now()
    hosts = access.hosts_counted_for(request.user)
    context = {
        "lessons": training.lesson_progress(now, hosts=hosts),
        "stuck": training.stuck(now, hosts=hosts),
        "learning": learning_and_results(now, hosts=hosts),
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        **frame("学习进度", icon="list-ol"),
    }
    return TemplateResponse(request, "console/learning/progress.html", context)
