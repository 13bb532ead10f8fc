"""The editorial parts of HQ's home: the issues, the month's case, what waits for review, what is late."""

from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse

from apps.console.home.panel import Panel
from apps.learning.cases import selectors as cases
from apps.lib import humanize
from apps.library import selectors as content


class ReviewsPanel(Panel):
    """What waits for this reviewer, with what she may decide in sight rather than in a menu."""

    name = "reviews"
    template_name = "console/home/reviews.html"

    def told(self) -> dict[str, Any]:
        return {
            "mine": [one for one in self.asked.reviews if one["actions"]],
            "others": [one for one in self.asked.reviews if not one["actions"]],
        }


class LatePanel(Panel):
    """What was approved for a time that has passed and is not out: why, and what to do."""

    name = "late"
    template_name = "console/home/late.html"

    def told(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        for one in self.asked.late:
            viewset: Any = one.row.snippet_viewset
            url = reverse(viewset.get_url_name("edit"), args=[quote(one.row.pk)])
            at = humanize.name_moment(one.planned_at, now=self.asked.now)
            found.append({"late": one, "at": at, "kind": one.row._meta.verbose_name, "edit_url": url})
        return {"found": found}


class FortnightPanel(Panel):
    """This issue and the next: where each stands, what is missing, what is late."""

    name = "fortnight"
    permission = "library.view_issue"
    template_name = "console/home/fortnight.html"

    def told(self) -> dict[str, Any]:
        user = self.asked.user
        is_between = all(glance.starts_later for glance in self.asked.glances)
        return {
            "glances": self.asked.glances,
            "is_missing": is_between and content.is_current_issue_missing(self.asked.now),
            "may_change": user.has_perm("library.change_issue"),
            "may_add": user.has_perm("library.add_issue"),
        }


class CasesPanel(Panel):
    """The month's case and the next one's: where each stands, what is missing, what is late."""

    name = "cases"
    permission = "learning.view_case"
    template_name = "console/home/cases.html"

    def told(self) -> dict[str, Any]:
        user = self.asked.user
        return {
            "months": cases.glance(self.asked.now),
            "may_change": user.has_perm("learning.change_case"),
            "may_add": user.has_perm("learning.add_case"),
        }


PANELS: list[type[Panel]] = [ReviewsPanel, LatePanel, FortnightPanel, CasesPanel]
