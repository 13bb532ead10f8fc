"""多选: what she does with many of her customers at once. First who and what, then what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import host_required
from apps.catalog import access as catalog
from apps.customers import access
from apps.customers import many as acts
from apps.customers.many import Outcome
from apps.customers.models import Relation
from apps.library import access as library
from apps.reach.models import Reason
from apps.sharing import to_her
from apps.sharing.services import NoSuchWayError, NotNowError
from apps.sharing.subjects import Shareable
from apps.tracking.models import Channel, Subject
from apps.wecom.mass import sends as mass_sends
from apps.workbench import access_log
from apps.workbench.forms import ManyNoteForm, ManyRemindForm, ManyTagForm, ToHerForm
from apps.workbench.requests import HostRequest
from apps.workbench.views.to_her import subject_of

#: So many names stand on the page before 「等 N 位」.
NAMED = 12
#: What can be chosen to be sent.
_MATERIALS, _PRODUCTS = 12, 8
#: So many travel in one address to the page of mass messages.
_IN_ADDRESS = 60


@dataclass(frozen=True)
class _Act:
    """One thing to do with many: how it is asked and what is said."""

    title: str
    button: str
    form: type[forms.Form]
    run: Callable[..., Outcome]
    done: str


_ACTS = {
    "tag": _Act("打标签", "打上标签", ManyTagForm, acts.tag, "打上了标签"),
    "note": _Act("记一笔", "都记下", ManyNoteForm, acts.note, "记下了"),
    "remind": _Act("定下一步", "都定上", ManyRemindForm, acts.remind, "定好了下一步"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def act(request: HostRequest, name: str) -> HttpResponse:
    """Who is chosen and what is to be done; with `go` it is done, once, and told on a page of its own."""
    now = timezone.now()
    access_log.note_reading(request, now=now)
    found, gone = _chosen(request)
    if not found:
        return _nobody(request)
    this = _ACTS[name]
    is_going = "go" in request.POST
    form = this.form(request.POST if is_going else None)
    if is_going and form.is_valid():
        outcome = this.run(found, **form.cleaned_data, gone=gone, by=request.user, now=now)
        act_of = acts.sealed_outcome(request.host, name, outcome)
        return redirect(f"{reverse('workbench:many-done')}?{urlencode({'act': act_of})}")
    context = {
        "tab": "customers",
        "name": name,
        "act": this,
        "form": form,
        "offered_tags": access.tags_of(request.host)[:12] if name == "tag" else (),
        "planned": acts.planned_among(found) if name == "remind" else 0,
        "stands_at": _address(request, found),
        **_who(found, gone),
    }
    return render(request, "workbench/many.html", context, status=422 if is_going else 200)


def _chosen(request: HostRequest) -> tuple[list[Relation], int]:
    """Those whom she ticked, or whom the address names, and how many of them are not hers any more."""
    if ticked := request.POST.getlist("customers"):
        return acts.chosen(request.host, ticked)
    return acts.unsealed(request.host, request.GET.get("of", ""))


def _address(request: HostRequest, found: list[Relation]) -> str:
    """Where this page is found again with the same people: by a reload, after signing in anew."""
    if "of" in request.GET:
        return request.get_full_path()
    return f"{request.path}?{urlencode({'of': acts.sealed(request.host, found)})}"


def _nobody(request: HostRequest) -> HttpResponse:
    if request.method == "POST" or "of" in request.GET:
        messages.error(request, "先勾选要一起处理的客户。")
    return redirect(f"{reverse('workbench:customers')}?pick=1")


def _who(found: list[Relation], gone: int) -> dict[str, Any]:
    return {
        "people": found,
        "names": "、".join(one.shown_name for one in found[:NAMED])
        + (f"，还有 {len(found) - NAMED} 位" if len(found) > NAMED else ""),
        "gone": gone,
        "gone_words": acts.GONE,
    }


@require_safe
@never_cache
@host_required
def done(request: HostRequest) -> HttpResponse:
    """What came of one act: how many, who was left out and why, and the way back for tags."""
    act_of = request.GET.get("act", "")
    told = acts.told(request.host, act_of)
    if told is None:
        return redirect("workbench:customers")
    access_log.note_reading(request, now=timezone.now())
    context = {
        "tab": "customers",
        "act": _ACTS[told.name],
        "act_of": act_of,
        "told": told,
        "is_taken_back": told.tag is not None and bool(told.done) and not told.tagged,
        **_who(told.done, 0),
    }
    return render(request, "workbench/many_done.html", context)


@require_POST
@host_required
def undo(request: HostRequest) -> HttpResponse:
    """The tag comes off those who got it by the act that the form names, whatever she did since."""
    told = acts.told(request.host, request.POST.get("act", ""))
    if told is None or told.tag is None:
        raise Http404
    count = acts.untag(told, by=request.user, now=timezone.now())
    if count:
        messages.success(request, f"已撤回，{count} 位的「{told.tag.name}」去掉了")
    else:
        messages.info(request, f"这一次的「{told.tag.name}」已经不在了，没有再动。")
    return redirect("workbench:customers")


# --- 发内容 ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Letter:
    """What one of them is sent."""

    relation: Relation
    text: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def share(request: HostRequest) -> HttpResponse:
    """Who may be sent something and who not; once chosen, the words for each, to be copied one by one."""
    now = timezone.now()
    access_log.note_reading(request, now=now)
    found, gone = _chosen(request)
    if not found:
        return _nobody(request)
    decision = to_her.may_send(found, now)
    able = [one for one in found if one.pk in decision.allowed.relation_ids]
    context: dict[str, Any] = {
        "tab": "customers",
        "able": able,
        "held": [(Reason(reason).label, count) for reason, count in decision.counts()],
        "stands_at": _address(request, found),
        **_who(found, gone),
    }
    form = ToHerForm(_named(request.POST.get("what", "")))
    if "go" in request.POST and able and form.is_valid() and any(form.cleaned_data.values()):
        subject, text = subject_of(request, form)
        try:
            letters = [_Letter(one, to_her.words_for(one, subject, now, text=text).paste) for one in able]
        except (NotNowError, NoSuchWayError) as error:
            context["error"] = str(error)
        else:
            context |= {
                "subject": subject,
                "kind": str(subject.kind),
                "letters": letters,
                "mass_url": _mass_url(request, subject, able),
            }
            return render(request, "workbench/many_letters.html", context)
    elif "go" in request.POST:
        context["error"] = "选一样要发的。"
    status = 422 if "error" in context else 200
    return render(request, "workbench/many_share.html", context | _offered(request, now), status=status)


def _named(what: str) -> dict[str, str]:
    """`material:<id>` as the form reads it."""
    kind, _, public_id = what.partition(":")
    return {kind: public_id} if kind in (Subject.MATERIAL, Subject.PRODUCT) else {}


def _offered(request: HostRequest, now: datetime) -> dict[str, Any]:
    newest = library.materials_for(request.host, now).order_by("-first_published_at", "-pk")
    shelf = catalog.shelf_on_sale(request.host).order_by("position")
    return {
        "materials": newest.only("public_id", "title", "kind")[:_MATERIALS],
        "products": [item.product for item in shelf[:_PRODUCTS]],
        "what": request.POST.get("what", ""),
    }


def _mass_url(request: HostRequest, subject: Shareable, able: list[Relation]) -> str:
    """The page that has WeCom prepare it for these, where WeCom can bring it to all of them."""
    if subject.kind != Subject.MATERIAL or len(able) > _IN_ADDRESS or mass_sends.why_not(request.host):
        return ""
    hers = access.relations_of(request.host).filter(pk__in=[one.pk for one in able])
    if mass_sends.reachable(hers).count() != len(able):
        return ""
    assert subject.row is not None
    query = "&".join(f"customers={one.public_id}" for one in able)
    address = reverse("workbench:material-mass", args=[subject.row.public_id])
    return f"{address}?channel={Channel.SINGLE}&audience=pick&{query}"
