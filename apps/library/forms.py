"""The forms in which HQ writes materials and issues: drafts may be unfinished, what is handed in may not."""

from datetime import date
from typing import Any

from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User
from apps.console_kit.choosing import offer_in_use
from apps.lib import clock, given
from apps.library import checks
from apps.library.checks import Draft, Finding
from apps.library.models import issues as issue_rules
from apps.library.models import materials as material_rules


class CheckedForm(WagtailAdminModelForm):
    """Asks for what is missing only when the row is handed in, not while a draft is saved."""

    is_draft = False
    _is_checked = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        at = getattr(self.instance, "go_live_at", None)
        if at is not None and at <= timezone.now() and not self.instance.live:
            # The time of an earlier publication is no wish for the next one.
            self.initial["go_live_at"] = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        at = cleaned.get("go_live_at")
        is_kept = self.instance.live and at == self.instance.go_live_at
        if at is not None and at <= timezone.now() and not is_kept:
            self.add_error("go_live_at", "这个发布时间已经过去了。请改成以后的时间；想通过就发，就留空。")
        for name in {"go_live_at", "expire_at"} & cleaned.keys():
            if (moment := cleaned[name]) is not None and not clock.is_countable(moment):
                self.add_error(name, given.NOT_COUNTABLE)
        return cleaned

    def defer_required_fields(self) -> None:
        super().defer_required_fields()
        self.is_draft = True

    def is_valid(self) -> bool:
        valid = bool(super().is_valid())
        if valid and self.is_draft and self.instance.pk is None and self._is_blank():
            self.add_error(self.instance.CALLED_BY, "还是空的，没有保存。先写标题，或者写一点内容。")
        if valid and not self.is_draft and not self._is_checked:
            self._is_checked = True
            for reason in self.what_is_missing():
                self.add_error(None, reason)
            for finding in self.findings():
                if finding.blocks:
                    self.add_error(finding.field if finding.field in self.fields else None, str(finding))
        return valid and not self.errors

    def _is_blank(self) -> bool:
        """Whether there is neither a title nor anything of hers: a form that was merely opened."""
        row = self.instance
        if any(getattr(row, name) for name in (row.CALLED_BY, *row.CONTENT)):
            return False
        return not any(self.kept(name) for name in self.formsets if name not in row.BROUGHT)

    def findings(self) -> list[Finding]:
        """What the checks before review say of what is typed; nothing where words are HQ's own."""
        return []

    def what_is_missing(self) -> list[str]:
        raise NotImplementedError

    def kept(self, name: str) -> list[dict[str, Any]]:
        """The filled-in rows of a child form that stay; none where the form does not show them."""
        if name not in self.formsets:
            return []
        return [
            form.cleaned_data
            for form in self.formsets[name].forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]


class MaterialForm(CheckedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_in_use(self, "festivals", "poster_template")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # What a page that was left open still holds must not come back, by its preview neither.
        for why in material_rules.CLOSED:
            for reason in why(self.instance) if self.instance.pk is not None else ():
                self.add_error(None, reason)
        return cleaned

    def what_is_missing(self) -> list[str]:
        data = self.cleaned_data
        return material_rules.what_is_missing(
            kind=data["kind"],
            has_body=bool(data["body"]),
            pictures=len([row for row in self.kept("pictures") if row.get("image")]),
            has_product=data["product"] is not None,
            has_video=data["video"] is not None or bool(data.get("channels_url")),
            has_share_text=bool(data["share_text"].strip()),
            expire_at=data.get("expire_at"),
            go_live_at=data.get("go_live_at"),
            now=timezone.now(),
        )

    def findings(self) -> list[Finding]:
        data = self.cleaned_data
        return checks.check(
            Draft.of_parts(
                material_id=self.instance.pk,
                title=data["title"],
                summary=data["summary"],
                share_text=data["share_text"],
                body=data["body"],
                variants=[(row["label"], row["text"]) for row in self.kept("texts")],
                pictures=[(row["image"], row["caption"]) for row in self.kept("pictures")],
                cover=data.get("cover"),
                product=data["product"],
                expire_at=data.get("expire_at"),
            )
        )


class IssueForm(CheckedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            self.fields["owner"].queryset = User.objects.filter(
                is_active=True, groups__name__in=roles.ALL
            ).distinct()
            self.fields["owner"].label_from_instance = lambda user: user.name

    def clean_expire_at(self) -> None:
        """No wish of anybody's: an issue ends with its window, also where that has been moved."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.cleaned_data.get("starts_on"):
            self.instance.expire_at = self.instance.ends_at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts_on, now = cleaned.get("starts_on"), timezone.now()
        if starts_on is None:
            return cleaned
        wrong = issue_rules.out_of_time(starts_on=starts_on, go_live_at=cleaned.get("go_live_at"), now=now)
        for name, words in wrong.items():
            # What is over may still be written in, but not handed in.
            if name in self.fields and not (self.is_draft and name == "starts_on"):
                self.add_error(name, words)
        return cleaned

    def what_is_missing(self) -> list[str]:
        data = self.cleaned_data
        starts_on: date = data["starts_on"]
        return issue_rules.what_is_missing(
            entries=[
                issue_rules.Planned(row["material"], row["day"])
                for row in self.kept("entries")
                if row.get("material")
            ],
            quotas={row["kind"]: row["minimum"] for row in self.kept("quotas")},
            starts_on=starts_on,
            # Without a time of its own it goes live with its window.
            go_live_at=data.get("go_live_at") or (None if self.instance.live else clock.start_of(starts_on)),
            now=timezone.now(),
        )

    def findings(self) -> list[Finding]:
        data = self.cleaned_data
        tips = [(row["day"], row["tip"]) for row in self.kept("entries") if row.get("tip")]
        return checks.check_words(Draft.of_issue(theme=data["theme"], intro=data["intro"], tips=tips))


class EntryForm(WagtailAdminModelForm):
    """One line of the plan; the organisation is picked from the tree, indented."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("organisation")
        if field is not None:
            field.queryset = Organisation.objects.order_by("path")
            offer_in_use(self, "organisation")
            field.empty_label = "所有组织"
            self.fields["host_kind"].choices = [("", "所有大C"), *Host.Kind.choices]
            field.label_from_instance = lambda node: f"{'　' * (node.depth - 1)}{node.name}"
