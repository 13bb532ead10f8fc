"""Acts on many materials, and on other things that are published, in the console's lists."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import OuterRef
from wagtail.log_actions import log

from apps.console_kit.lists.acts import deleting
from apps.console_kit.lists.declaring import Given, Held, Life, ListAct, RefusedError, TakingBack
from apps.console_kit.lists.words import together
from apps.library import publishing, selectors
from apps.library.desk.copying import NotCopiedError, copy_material
from apps.library.models import Festival, Issue, Material
from apps.library.models.publishing import Publishable, State
from apps.tracking.models import Link, Subject

CHANGE = "library.change_material"
#: What it means is reckoned for each row.
_MOST = 200


def _withdraw(row: Publishable, given: Given) -> None:
    if not publishing.withdraw(row, by=given.by, now=given.now).did_something:
        raise RefusedError("刚刚已经不在外面了")


def _why_not_withdraw(row: Publishable, given: Given) -> str:
    return "" if row.live or row.approved_schedule else "没有对外发布"


def _published(row: Publishable) -> str:
    if row.first_published_at is not None:
        return "发布过，不能删"
    if row.workflow_in_progress:
        return "正在审核，先让审核的同事看完"
    return "已经通过、等着发布，先下架" if row.approved_schedule else ""


def life(model: type[Publishable], *, parts: Iterable[str] = (), held: tuple[Held, ...] = ()) -> Life:
    """Of what is published: drafts that nobody ever saw go, the rest is taken down and handed in again."""
    name = f"{model._meta.app_label}.change_{model._meta.model_name}"
    return Life(name, parts=frozenset(parts), held=held, unless=_published, retire="withdraw")


def withdrawing(permission: str) -> ListAct:
    """Takes down what is live, and calls off what is planned."""
    return ListAct(
        "withdraw",
        "下架",
        permission,
        apply=_withdraw,
        means=lambda rows, given: together(publishing.effects_of_withdrawing(row, given.now) for row in rows),
        why_not=_why_not_withdraw,
        most=_MOST,
        is_serious=True,
    )


# --- what a material is sorted by ---------------------------------------------------------------------------


class OccasionForm(forms.Form):
    occasion = forms.ChoiceField(label="改成哪个场合", choices=Material.Occasion.choices)

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)


class FestivalForm(forms.Form):
    festival = forms.ModelChoiceField(
        Festival.objects.filter(is_active=True),
        label="加上哪个节日",
        empty_label="请选择",
        error_messages={"required": "请选一个节日。"},
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)


def _why_not_edit(row: Any, given: Given) -> str:
    if row.state == State.REVIEW:
        return "正在审核，先让审核的同事看完"
    if row.state == State.SCHEDULED:
        return "已经通过、等着发布，要改先下架"
    return "被同事锁住了" if row.locked else ""


def _keep(row: Material, draft: Material, given: Given) -> None:
    """Save the draft as the form does: what is live stays as it is until the new version is approved."""
    if not row.live:
        draft.save()
    revision = draft.save_revision(user=given.by, clean=False)
    log(instance=row, action="wagtail.edit", user=given.by, revision=revision, content_changed=True)


def _sort(row: Material, given: Given) -> None:
    draft: Any = row.get_latest_revision_as_object()
    draft.occasion = given.data["occasion"]
    _keep(row, draft, given)


def _sort_back(row: Material, before: dict[str, Any], given: Given) -> None:
    draft: Any = row.get_latest_revision_as_object()
    draft.occasion = before["occasion"]
    _keep(row, draft, given)


def _celebrate(row: Material, given: Given) -> None:
    draft: Any = row.get_latest_revision_as_object()
    if given.data["festival"] in draft.festivals.all():
        raise RefusedError("已经有这个节日")
    draft.festivals.add(given.data["festival"])
    _keep(row, draft, given)


def _celebrate_back(row: Material, before: dict[str, Any], given: Given) -> None:
    draft: Any = row.get_latest_revision_as_object()
    draft.festivals.set(Festival.objects.filter(pk__in=before["festivals"]))
    _keep(row, draft, given)


def _read(row: Material) -> dict[str, Any]:
    draft: Any = row.get_latest_revision_as_object()
    return {
        "version": row.latest_revision_id,
        "occasion": draft.occasion,
        "festivals": sorted(one.pk for one in draft.festivals.all()),
    }


def _as_draft(rows: list[Any]) -> list[str]:
    live = sum(row.live for row in rows)
    return [f"其中 {live} 个已发布的变成有改动的草稿，交审核通过以后才对外。"] if live else []


OCCASION = ListAct(
    "occasion",
    "改场合",
    CHANGE,
    apply=_sort,
    means=lambda rows, given: [
        f"{len(rows)} 个素材的场合改成「{Material.Occasion(given.data['occasion']).label}」。",
        *_as_draft(rows),
    ],
    why_not=_why_not_edit,
    form=OccasionForm,
    rows=selectors.with_state,
    taking_back=TakingBack(_read, _sort_back),
)
FESTIVAL = ListAct(
    "festival",
    "加节日",
    CHANGE,
    apply=_celebrate,
    means=lambda rows, given: [f"{len(rows)} 个素材加上「{given.data['festival']}」。", *_as_draft(rows)],
    why_not=_why_not_edit,
    form=FestivalForm,
    rows=selectors.with_state,
    taking_back=TakingBack(_read, _celebrate_back),
)


def _copy(row: Material, given: Given) -> None:
    try:
        copy_material(row, by=given.by)
    except NotCopiedError:
        raise RefusedError(_STORY) from None


_STORY = "是客户的故事，她只同意用这一篇"
COPY = ListAct(
    "copy",
    "复制",
    "library.add_material",
    apply=_copy,
    means=lambda rows, given: [f"多出 {len(rows)} 份草稿，标题后面有「（副本）」，原来的不动。"],
    why_not=lambda row, given: _STORY if row.is_story else "",
    most=_MOST,
)
MATERIAL_LIFE = life(
    Material,
    parts={"library.TextPrint.material"},
    held=(
        Held(
            "分享链接",
            lambda: Link.objects.filter(subject_kind=Subject.MATERIAL, subject_id=OuterRef("pk")),
        ),
    ),
)
ISSUE_LIFE = life(Issue)
MATERIALS = (
    OCCASION,
    FESTIVAL,
    COPY,
    withdrawing("library.withdraw_material"),
    deleting(MATERIAL_LIFE),
)
ISSUES = (withdrawing("library.withdraw_issue"), deleting(ISSUE_LIFE))
