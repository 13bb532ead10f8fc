"""HQ's home: one panel for each question, shown to those who may know the answer.

A panel is a class with `order`, `permission`, `template_name` and `get_context_data`; adding it to `PANELS`
puts it on the page.
"""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel

from apps.console.numbers import PANELS as NUMBERS
from apps.console.panels import Panel
from apps.learning.cases import selectors as cases
from apps.lib import humanize
from apps.library import selectors as content
from apps.library.models.publishing import publishables
from apps.privacy.console import todo

#: Wagtail's own panel that stays: what became of what this person handed in.
KEPT = {"UserObjectsInWorkflowModerationPanel"}


class ReviewsPanel(WorkflowObjectsToModeratePanel):
    """What waits for this reviewer, with what she may decide in sight rather than in a menu."""

    order = 22
    template_name = "console/home/reviews.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(parent_context)
        for one in context["states"]:
            row = one["obj"]
            one["kind"] = row._meta.verbose_name
            one["edit_url"] = reverse(row.snippet_viewset.get_url_name("edit"), args=[quote(row.pk)])
        return context


class LatePanel(Panel):
    """What was approved for a time that has passed and is not out: why, and what to do."""

    name = "late"
    order = 20
    template_name = "console/home/late.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        now = timezone.now()
        user = parent_context["request"].user
        found: list[dict[str, Any]] = []
        seen = [
            model
            for model in publishables()
            if user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        ]
        for one in content.late(seen, now):
            viewset: Any = one.row.snippet_viewset
            url = reverse(viewset.get_url_name("edit"), args=[quote(one.row.pk)])
            at = humanize.name_moment(one.planned_at, now=now)
            found.append({"late": one, "at": at, "kind": one.row._meta.verbose_name, "edit_url": url})
        return {"found": found}


class FortnightPanel(Panel):
    """This issue and the next: where each stands, what is missing, what is late."""

    name = "fortnight"
    order = 50
    permission = "library.view_issue"
    template_name = "console/home_fortnight.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        now = timezone.now()
        user = parent_context["request"].user
        return {
            "glances": content.fortnight_glance(now),
            "is_missing": content.is_current_issue_missing(now),
            "may_change": user.has_perm("library.change_issue"),
            "may_add": user.has_perm("library.add_issue"),
        }


class PrivacyPanel(Panel):
    """What waits for this person because of personal data; nothing, most days."""

    name = "privacy"
    order = 60
    template_name = "console/home/privacy.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"todos": todo(parent_context["request"].user)}


class CasePanel(Panel):
    """The month's case and the next one's: where each stands, what is missing, what is late."""

    name = "case"
    order = 55
    permission = "learning.view_case"
    template_name = "console/home_case.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        return {
            "months": cases.glance(timezone.now()),
            "may_change": user.has_perm("learning.change_case"),
            "may_add": user.has_perm("learning.add_case"),
        }


PANELS: list[type[Panel]] = [LatePanel, FortnightPanel, CasePanel, PrivacyPanel, *NUMBERS]


def panels(request: HttpRequest) -> list[Panel]:
    return [panel() for panel in PANELS if panel().is_shown(request.user)]
