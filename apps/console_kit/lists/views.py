"""What is sent from a list: columns, saved views, an act on many rows and its end, a file."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from apps.console_kit.access import run_of, view_of, views_of
from apps.console_kit.confirming import FIELD, Act, is_confirmed
from apps.console_kit.lists import columns as cells
from apps.console_kit.lists import exporting, running
from apps.console_kit.lists.choosing import (
    MOST_ROWS,
    QUERY,
    Choice,
    ChoiceError,
    chosen,
    must_fit,
    row_labels,
    the_one,
    too_many,
    unnamed,
    without_place,
    without_words,
)
from apps.console_kit.lists.declaring import Given, ListAct, may
from apps.console_kit.lists.page import address
from apps.console_kit.lists.registry import Opened, opened
from apps.console_kit.models import BulkItem, BulkRun, SavedView
from apps.lib import given as typed
from apps.lib.ids import uuid7
from apps.lib.words import plain

#: The list's whole address, to go back to; the run that a preview will become; that the form is filled in.
BACK, RUN, FILLED = "back", "run", "filled"
MOST_VIEWS = 20
_LONGEST_NAME = 20
_LONGEST_BACK = 2000
_SHOWN = 500


def _back(of: Opened, request: HttpRequest) -> HttpResponse:
    return redirect(_back_url(of, request))


def _back_url(of: Opened, request: HttpRequest) -> str:
    place = request.POST.get(BACK, "")[:_LONGEST_BACK]
    return f"{of.viewset.list_url}?{place}" if place else str(of.viewset.list_url)


# --- columns and saved views --------------------------------------------------------------------------------


@require_POST
def columns(request: HttpRequest, key: str) -> HttpResponse:
    """Which columns she sees, in her order; `reset` goes back to the list's own."""
    of = opened(request, key)
    if "reset" in request.POST:
        cells.keep_choice(request.user, key, columns=[])
        messages.success(request, "列已恢复成默认的。")
        return _back(of, request)
    names = _columns_in(of, request)
    if not names:
        messages.error(request, "至少留一列。没有改动。")
        return _back(of, request)
    view = next((one for one in _hers(request, key) if str(one.public_id) == request.POST.get("view")), None)
    if view is not None:
        view.columns = names
        view.save(update_fields=["columns"])
    else:
        cells.keep_choice(request.user, key, columns=names)
    return _back(of, request)


@require_POST
def look(request: HttpRequest, key: str) -> HttpResponse:
    """Whether she looks at the list as cards or as a table, from now on."""
    of = opened(request, key)
    if of.desk.card is None or request.POST.get("look") not in {"grid", "table"}:
        raise Http404
    cells.keep_choice(request.user, key, is_grid=request.POST["look"] == "grid")
    return _back(of, request)


def _columns_in(of: Opened, request: HttpRequest) -> list[str]:
    known = {one.name for one in of.view.all_columns[1:]}
    return [name for name in dict.fromkeys(request.POST.getlist("column")) if name in known]


def _hers(request: HttpRequest, key: str) -> list[SavedView]:
    return list(views_of(request.user, key))


@require_POST
def save_view(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the filters, words, sorting and columns of now under a name."""
    user: Any = request.user
    of = opened(request, key, query := without_place(request.POST.get(QUERY, "")))
    name = plain(request.POST.get("name", ""))[:_LONGEST_NAME]
    hers = _hers(request, key)
    if not name:
        messages.error(request, "给这个视图起个名字，比如「快没货的」。")
        return _back(of, request)
    if len(hers) >= MOST_VIEWS:
        messages.error(request, f"最多存 {MOST_VIEWS} 个视图，先删掉不用的。")
        return _back(of, request)
    if of.viewset.desk.search_finds_people and (kept := without_words(query)) != query:
        query = kept
        messages.info(request, "按人查找的词不保存，其余的条件都存下了。")
    try:
        must_fit(query)
    except ChoiceError as error:
        messages.error(request, str(error))
        return _back(of, request)
    shown = [one.name for one in of.view.shown_columns if one is not of.view.title_column]
    try:
        with transaction.atomic():
            made = SavedView.objects.create(owner_id=user.pk, key=key, name=name, query=query, columns=shown)
    except IntegrityError:
        messages.error(request, f"已经有叫「{name}」的视图了，换个名字。")
        return _back(of, request)
    messages.success(request, f"已存为「{name}」，点列表上面的名字就能打开。")
    return redirect(address(of.viewset, made))


@require_POST
def change_view(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    """Rename one of hers, open the list with it, bring it up to date, or drop it: as her button says."""
    of = opened(request, key)
    view = view_of(request.user, key, public_id)
    match request.POST.get("step"):
        case "delete":
            view.delete()
            messages.success(request, f"「{view.name}」已删除。")
            return redirect(f"{of.viewset.list_url}?v=all")
        case "default":
            is_default = not view.is_default
            views_of(request.user, key).filter(is_default=True).update(is_default=False)
            view.is_default = is_default
            view.save(update_fields=["is_default"])
            words = "以后打开这个列表就是它。" if is_default else "以后打开这个列表是全部。"
            messages.success(request, words)
        case _:
            _rename(request, view)
    return redirect(address(of.viewset, view))


def _rename(request: HttpRequest, view: SavedView) -> None:
    before, view.name = view.name, plain(request.POST.get("name", ""))[:_LONGEST_NAME]
    if not view.name:
        messages.error(request, "名字不能空着，没有改。")
        return
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError:
        messages.error(request, f"已经有叫「{view.name}」的视图了，还叫「{before}」。")
    else:
        messages.success(request, f"已改名为「{view.name}」。")


# --- acts on many rows --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def do(request: HttpRequest, key: str, act: str) -> HttpResponse:
    """Choose, see what it means, say yes: then it is written down and done.

    Asked for by a link, for the one row that it names, it tells what it means and does nothing.
    """
    of = opened(request, key)
    user: Any = request.user
    found = of.viewset.desk.act(act)
    if found is None:
        raise Http404
    if not may(user, found.permission):
        raise PermissionDenied
    try:
        choice = chosen(request, key) if request.method == "POST" else the_one(request, key)
        most = found.most or MOST_ROWS
        if (count := choice.rows.count()) > most:
            raise ChoiceError(too_many(count, most))
    except ChoiceError as error:
        messages.error(request, str(error))
        return _back(of, request)
    is_filled = FILLED in request.POST
    form = found.form(request.POST if is_filled else None, user) if found.form else None
    if form is not None and not (is_filled and form.is_valid()):
        frame = _frame(of, found.label)
        context = {"form": form, "act": found, "count": count, **_carried(of, request, choice), **frame}
        return TemplateResponse(request, "console/lists/ask.html", context)
    data = Given(user, timezone.now(), form.cleaned_data if form else {})
    return _preview_or_do(request, choice, found, data, form)


def _preview_or_do(
    request: HttpRequest, choice: Choice, act: ListAct, data: Given, form: Any
) -> HttpResponse:
    of = choice.of
    reckoned = running.preview(choice, act, data)
    posted = {name: request.POST.get(name, "") for name in form.fields} if form else {}
    asked = Act(
        question=f"{act.label}：{len(reckoned.can)} 条",
        effects=[
            *reckoned.effects,
            *(f"{count} 条不做：{why}" for why, count, _ in reckoned.refused),
            *sorted(f"{name}={value}" for name, value in posted.items()),
        ],
        button=f"{act.label} {len(reckoned.can)} 条",
        back=_back_url(of, request),
    )
    run_id = typed.uuid(request.POST.get(RUN, ""))
    if run_id is not None and _is_taken(run_id, data, of):
        run_id = None  # told again, to be said yes to as a run of its own
    if reckoned.can and run_id is not None and is_confirmed(request, asked):
        run = running.begin(choice, act, data, posted=posted, public_id=run_id)
        return redirect("lists:run", of.viewset.key, run.public_id)
    if run_id is not None and BulkRun.objects.filter(public_id=run_id, owner_id=data.by.pk).exists():
        return redirect("lists:run", of.viewset.key, run_id)
    context = {
        "act": act,
        "asked": asked,
        "preview": reckoned,
        "field": FIELD,
        "has_changed": bool(request.POST.get(FIELD)),
        "run": uuid7(),
        "posted": posted,
        **_carried(of, request, choice),
        **_frame(of, act.label),
    }
    return TemplateResponse(request, "console/lists/preview.html", context)


def _is_taken(run_id: UUID, given: Given, of: Opened) -> bool:
    """Whether this run is another person's, or of another list."""
    runs = BulkRun.objects.filter(public_id=run_id)
    return runs.exclude(owner_id=given.by.pk, key=of.viewset.key).exists()


def _carried(of: Opened, request: HttpRequest, choice: Choice) -> dict[str, Any]:
    back = request.POST.get(BACK, "")[:_LONGEST_BACK]
    return {
        "carried": [*choice.fields, (BACK, back)],
        "filled": FILLED,
        "back_url": _back_url(of, request),
    }


def _frame(of: Opened, title: str) -> dict[str, Any]:
    return {
        "page_title": title,
        "header_title": f"{of.viewset.menu_label}：{title}",
        "header_icon": of.viewset.icon,
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": "首页"},
            {"url": of.viewset.list_url, "label": of.viewset.menu_label},
            {"url": "", "label": title},
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, key: str, public_id: UUID) -> HttpResponse:
    """What became of a run; sent, it takes the run back."""
    of = opened(request, key)
    found = run_of(request.user, key, public_id)
    act = of.viewset.desk.act(found.act)
    if act is None:
        raise Http404
    if request.method == "POST":
        if not may(request.user, act.permission):
            raise PermissionDenied
        if not running.take_back(found):
            messages.info(request, "这一次已经撤销过，或者没有可以撤销的了。")
        return redirect("lists:run", key, public_id)
    counts = running.counted(found)
    state = BulkItem.State
    shown = list(found.items.exclude(state=state.DONE).order_by("state", "why", "pk")[:_SHOWN])
    shown += list(found.items.filter(state=state.DONE).order_by("pk")[: _SHOWN - len(shown)])
    rows = of.view.get_queryset().in_bulk([one.row_id for one in shown])
    known = list(rows.values())
    labels = dict(zip(rows, row_labels(of, known), strict=True))
    response = TemplateResponse(
        request,
        "console/lists/run.html",
        {
            "run": found,
            "act": act,
            "total": sum(counts.values()),
            "waiting": counts[state.WAITING],
            "words": "，".join(f"{counts[one]} 条{words}" for one, words in _IN_WORDS.items() if counts[one]),
            "items": [
                {
                    "item": one,
                    "label": labels.get(one.row_id) or unnamed(one.row_id),
                    "url": of.viewset.row_url(of.view, rows.get(one.row_id)),
                }
                for one in shown
            ],
            "more": sum(counts.values()) - len(shown),
            "is_busy": found.state in {BulkRun.State.RUNNING, BulkRun.State.TAKING_BACK},
            "may_take_back": may(request.user, act.permission) and running.can_be_taken_back(found),
            "list_url": of.viewset.with_place(request, of.viewset.list_url),
            "list_label": of.viewset.menu_label,
            **_frame(of, f"{act.label}的结果"),
        },
    )
    if found.state in {BulkRun.State.RUNNING, BulkRun.State.TAKING_BACK}:
        response["Refresh"] = "3"
    return response


_IN_WORDS = {
    BulkItem.State.DONE: "做好了",
    BulkItem.State.TAKEN_BACK: "撤销了",
    BulkItem.State.REFUSED: "没有做",
    BulkItem.State.KEPT: "没有撤销",
}

# --- files --------------------------------------------------------------------------------------------------


@require_POST
def export(request: HttpRequest, key: str) -> HttpResponse:
    """What is ticked, else all that the filters find, in the columns on the page."""
    of = opened(request, key)
    if not exporting.may_export(request.user, of.desk):
        raise PermissionDenied
    kind = request.POST.get("kind", "xlsx")
    try:
        if kind not in exporting.KINDS:
            raise ChoiceError("这种文件导不出来，请选表格或纯文本。")
        choice = chosen(request, key, or_all=True)
        if (count := choice.rows.count()) > MOST_ROWS:
            raise ChoiceError(too_many(count))
        if not count:
            raise ChoiceError("筛选下来一条也没有，没有可导出的。")
    except ChoiceError as error:
        messages.error(request, str(error))
        return _back(of, request)
    names = _columns_in(of, request)
    if of.viewset.desk.personal:
        return exporting.by_two_people[0].ask(request, choice, names)
    return exporting.download(choice, kind, names, by=request.user, public_id=uuid7(), now=timezone.now())


export.each_counts = True  # type: ignore[attr-defined]  # a file asked for twice is given twice
