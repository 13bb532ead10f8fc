"""What materials and issues share: drafts, a second pair of eyes, a publishing time, a phone preview."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    Revision,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.models.workflows import AbstractGroupApprovalTask

from apps.accounts.models import User
from apps.accounts.services import two_people
from apps.database.models import PublicIdModel

#: How a draft that has content and no title is called.
NO_TITLE = "还没有标题"


class NotPublishableError(Exception):
    """It can't go live as it is; `reasons` are sentences for whoever tries."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class ReasonMissingError(Exception):
    """Nobody sends something back without saying why."""


class State(models.TextChoices):
    """Where a material or issue stands, as HQ's lists and filters name it."""

    DRAFT = "draft", "草稿"
    REVIEW = "review", "待审核"
    REJECTED = "rejected", "退回修改"
    SCHEDULED = "scheduled", "待发布"
    LATE = "late", "到时间没发出去"
    PUBLISHED = "published", "已发布"
    ARCHIVED = "archived", "已归档"


class Publishable(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    PublicIdModel,
    ClusterableModel,
):
    """A row that HQ writes in drafts and that others see only once a second person has approved it.

    `publish()` is the one way by which it goes live, whoever calls: the approval, the clock, the demo data.
    """

    #: A kind that waits for rows of others going live has a higher number than theirs.
    goes_live_after: ClassVar[int] = 0

    #: The field by which people call it, those in which something of somebody's stands besides, and rows
    #: below that a form brings along unasked.
    CALLED_BY: ClassVar[str] = "title"
    CONTENT: ClassVar[tuple[str, ...]] = ()
    BROUGHT: ClassVar[tuple[str, ...]] = ()

    preview_sizes: ClassVar[list[dict[str, Any]]] = [
        {"name": "mobile", "icon": "mobile-alt", "device_width": 390, "label": "手机预览"}
    ]
    default_preview_size = "mobile"

    class Meta:
        abstract = True

    def problems(self, now: datetime) -> list[str]:
        """Why it can't go live, as sentences; empty when it can."""
        raise NotImplementedError

    def goes_live_at(self, now: datetime) -> datetime | None:
        """When this draft goes live if it is approved now; None for at once."""
        return self.go_live_at if self.go_live_at is not None and self.go_live_at > now else None

    def publish(
        self,
        revision: Revision,
        user: User | None = None,
        *,
        as_of: datetime | None = None,
        at_once: bool = False,
        **kwargs: Any,
    ) -> None:
        """Make `revision` what everybody sees, or schedule it; NotPublishableError and nothing changed.

        `as_of` is for history that is told afterwards (demo data): the time at which it went live. Where no
        time is set, the kind of row has its own (`goes_live_at`), unless it is to be `at_once`.
        """
        with transaction.atomic():
            if as_of is None and not at_once:
                _keep_time(revision, timezone.now())
            reasons = revision.as_object().problems(as_of or timezone.now())
            if reasons:
                raise NotPublishableError(reasons)
            # Whoever listens to Wagtail's signal gets the revision and nothing else.
            revision.as_of, revision.is_first = as_of, self.first_published_at is None
            revision.comes_back = not revision.is_first and not self.live
            super().publish(revision, user=user, **kwargs)
            if as_of is not None:
                type(self)._base_manager.filter(pk=self.pk, live=True).update(
                    first_published_at=as_of, last_published_at=as_of
                )


def _keep_time(revision: Revision, now: datetime) -> None:
    """Write down the time at which this version goes live where its kind sets one."""
    at = revision.as_object().goes_live_at(now)
    if at is not None and revision.as_object().go_live_at is None:
        revision.content["go_live_at"] = at.isoformat()
        revision.save(update_fields=["content"])


class FourEyesTask(AbstractGroupApprovalTask):
    """Approval by somebody else: neither who handed it in nor who changed it last may approve.

    Nor who could have come in as one of them, or they as her.
    """

    class Meta:
        verbose_name = "双人审核"
        verbose_name_plural = "双人审核"

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        if not self._user_in_groups(user):
            return []
        reject = ("reject", "退回修改", True)
        state = obj.current_workflow_state
        last = obj.get_latest_revision()
        others = {one for one in (state and state.requested_by, last and last.user) if one is not None}
        if any(two_people.are_one(one, user, now=timezone.now()) for one in others):
            return []
        return [("approve", "通过", False), reject]

    def get_form_for_action(self, action: str) -> Any:
        form = super().get_form_for_action(action)
        if action != "reject":
            return form
        reason = forms.CharField(
            label="退回的原因",
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 4}),
            error_messages={"required": "请写一句原因，提交的人才知道怎么改。"},
        )
        return type("ReasonForm", (form,), {"comment": reason})

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> Any:
        if action_name == "reject" and not str(kwargs.get("comment", "")).strip():
            raise ReasonMissingError
        return super().on_action(task_state, user, action_name, **kwargs)

    @classmethod
    def get_description(cls) -> Any:
        return "由提交人和最后修改人以外的审核人通过后发布"


def publishables() -> list[type[Publishable]]:
    """Every kind that is published, also of the apps above: what waits for others comes after them."""
    found = [model for model in apps.get_models() if issubclass(model, Publishable)]
    return sorted(found, key=lambda model: (model.goes_live_after, model._meta.label))
