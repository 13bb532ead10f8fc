"""What a part of HQ's home page is, and what its parts know together."""

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel

from apps.insights import access
from apps.insights.selectors import Whose
from apps.library import selectors as content
from apps.library.desk import cells, review_page
from apps.library.models import Issue, Material
from apps.library.models.publishing import publishables


class Asked:
    """Who looks at the home, when; what several of its panels tell of is read once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user
        self.now: datetime = timezone.now()

    @cached_property
    def hosts(self) -> Whose:
        return access.hosts_counted_for(self.user)

    @cached_property
    def issue(self) -> Issue | None:
        return content.current_issue(self.now)

    @cached_property
    def glances(self) -> list[content.Glance]:
        return content.fortnight_glance(self.now)

    @cached_property
    def late(self) -> list[content.Late]:
        """What was approved for a time that has passed and is not out."""
        seen = [
            model
            for model in publishables()
            if self.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        ]
        return content.late(seen, self.now)

    @cached_property
    def reviews(self) -> list[dict[str, Any]]:
        """What lies before reviewers like her, with what she may decide: nothing on her own work."""
        found: list[dict[str, Any]] = WorkflowObjectsToModeratePanel().get_context_data(
            {"request": self.request, "csrf_token": ""}
        )["states"]
        for one in found:
            row = one["obj"]
            one["kind"] = row._meta.verbose_name
            one["edit_url"] = reverse(row.snippet_viewset.get_url_name("edit"), args=[quote(row.pk)])
            one["url"] = review_page.url_of(row) if one["actions"] else one["edit_url"]
            one["draft"] = one["revision"].as_object()
        cells.dress_drafts([one["draft"] for one in found if isinstance(one["obj"], Material)], self.user)
        return found


class Panel(Component):
    """A part of the home page. `order.py` says for whom it stands where, by its name."""

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {
            "all": ("css/console-home.css", "css/console-first-screen.css")
        }

    name: ClassVar[str]
    #: The permission without which it is not shown.
    permission: ClassVar[str] = "wagtailadmin.access_admin"

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def is_shown(self) -> bool:
        return bool(self.asked.user.has_perm(self.permission))

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return self.told()

    def told(self) -> dict[str, Any]:
        raise NotImplementedError
