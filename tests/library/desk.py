"""The editorial desk for tests: who sits at it, and what lies on it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from apps.accounts import roles
from apps.accounts.models import User
from apps.console_kit.confirming import FIELD
from apps.lib.clock import SHANGHAI
from apps.library.models import Issue, IssueEntry, IssueQuota, Material
from apps.media import services as media
from tests.media import samples

#: A Thursday; the Mondays around it are the 2nd and the 9th, the 16th.
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
MONDAY = date(2026, 3, 9)


def a_person(role: str, username: str = "", name: str = "") -> User:
    user = User.objects.create_user(username=username or f"u{User.objects.count()}", first_name=name or role)
    user.groups.add(Group.objects.get(name=role))
    return user


def an_editor(username: str = "editor", name: str = "小文") -> User:
    return a_person(roles.EDITOR, username, name)


def a_reviewer(username: str = "reviewer", name: str = "周审") -> User:
    return a_person(roles.REVIEWER, username, name)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def material_form(kind: str = "article", title: str = "小米粥怎么煮", **changes: Any) -> dict[str, Any]:
    """What an editor's form for a material sends."""
    body = [("paragraph", rich_text("<p>早上一碗热粥。</p>"))] if kind == "article" else []
    pictures = [{"image": image, "caption": ""} for image in changes.pop("pictures", [])]
    data: dict[str, Any] = {
        "kind": kind,
        "occasion": "daily",
        "title": title,
        "summary": "",
        "share_text": "自己家也在喝。",
        "body": streamfield(body),
        "pictures": inline_formset(pictures),
        "texts": inline_formset(changes.pop("texts", [])),
        "product": "",
        "video": "",
        "cover": "",
        "go_live_at": "",
        "expire_at": "",
    }
    return nested_form_data({**data, **changes})


def issue_form(issue: Issue, **changes: Any) -> dict[str, Any]:
    """What the form for `issue` sends, with its plan."""
    entries = [
        {
            "id": entry.pk or "",
            "material": entry.material_id,
            "day": entry.day,
            "best_time": "09:00",
            "tip": "",
            "organisation": "",
            "host_kind": "",
            "min_level": 0,
        }
        for entry in issue.entries.all()
    ]
    quotas = [
        {"id": quota.pk or "", "kind": quota.kind, "minimum": quota.minimum} for quota in issue.quotas.all()
    ]
    initial = Issue.objects.filter(pk=issue.pk).exists()
    data: dict[str, Any] = {
        "number": issue.number,
        "theme": issue.theme,
        "intro": issue.intro,
        "starts_on": issue.starts_on.isoformat(),
        "owner": issue.owner_id,
        "entries": inline_formset(entries, initial=len(entries) if initial else 0),
        "quotas": inline_formset(quotas, initial=len(quotas) if initial else 0),
        "go_live_at": "",
        "expire_at": "",
    }
    return nested_form_data({**data, **changes})


def a_material(
    kind: str = "article", title: str = "小米粥怎么煮", *, live: bool = True, **fields: Any
) -> Material:
    """A material as it lies in the library; `live=False` is a draft."""
    fields.setdefault("share_text", "自己家也在喝。")
    material = Material(kind=kind, title=title, live=False, **fields)
    if kind == "article":
        material.body = [("heading", "先说结论")]
    material.save()
    if live:
        stamp = timezone.now()
        Material.objects.filter(pk=material.pk).update(
            live=True, first_published_at=stamp, last_published_at=stamp
        )
        material.refresh_from_db()
    return material


def an_issue(
    owner: User,
    materials: list[Material],
    *,
    number: int = 7,
    starts_on: date = MONDAY,
    quotas: dict[str, int] | None = None,
) -> Issue:
    """A draft issue that plans one material a day."""
    issue = Issue(number=number, theme="春日焕新", starts_on=starts_on, owner=owner, live=False)
    issue.entries = [
        IssueEntry(material=material, day=day, best_time=time(9))
        for day, material in enumerate(materials, start=1)
    ]
    issue.quotas = [IssueQuota(kind=kind, minimum=minimum) for kind, minimum in (quotas or {}).items()]
    issue.save()
    return issue


def a_picture(title: str = "图") -> Any:
    return media.add_generated_pictures([media.GeneratedPicture(title, samples.picture())], by=None)[0]


def said(response: Any) -> str:
    """What the console told the person, in one text."""
    texts = [str(message) for message in response.context["messages"]] if response.context else []
    form = response.context.get("form") if response.context else None
    if form is not None:
        texts += [str(error) for errors in form.errors.values() for error in errors]
    return " ".join(" ".join(texts).split())


def approve(client: Client, row: Any, action: str = "approve", comment: str = "") -> Any:
    """Decide on what waits, as the home page's button does."""
    kind = row._meta.model_name
    row = type(row).objects.get(pk=row.pk)
    state = row.current_workflow_task_state
    url = f"/hq/{kind}s/workflow/action/{row.pk}/{action}/{state.pk}/"
    return confirm(client, url, {"comment": comment})


def confirm(client: Client, url: str, data: dict[str, Any] | None = None) -> Any:
    """Send a form, and once more with what was read where the console asks before it acts."""
    answer = client.post(url, data or {}, follow=True)
    act = answer.context.get("act") if answer.context else None
    if act is None:
        return answer
    return client.post(url, {**(data or {}), FIELD: act.mark}, follow=True)


def days(count: int) -> timedelta:
    return timedelta(days=count)
