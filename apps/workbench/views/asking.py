"""问她愿不愿意收优惠: who has not been asked, the words and link to send one person, and her host's word."""

from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import host_required
from apps.customers import access
from apps.lib import addresses
from apps.reach import asking, gate
from apps.reach.gate import Decision
from apps.reach.models import Purpose, Reason, Way
from apps.workbench import access_log
from apps.workbench.requests import HostRequest

#: How many stand on the page: more is no work for one day.
SHOWN = 30


@require_safe
@never_cache
@host_required
def to_ask(request: HostRequest) -> HttpResponse:
    """Her customers by whether they want offers, and those who may be asked, the nearest to her first."""
    now = timezone.now()
    access_log.note_reading(request, now=now)
    hers = access.relations_of(request.host).current()
    offers = gate.may_reach(hers, Purpose.OFFERS, Way.LINK, now=now)
    unanswered = (Reason.NEVER_ASKED, Reason.CLAIM, Reason.TO_ANOTHER)
    open_ = [pk for pk, reason in offers.reasons.items() if reason in unanswered]
    askable = gate.may_reach(open_, Purpose.ASKING, Way.LINK, now=now)
    people = hers.filter(pk__in=askable.allowed.relation_ids)
    context = {
        "tab": "customers",
        "decision": offers,
        "agreed": len(offers.allowed.relation_ids),
        "counts": offers.counts(),
        "people": people.order_by(F("last_contact_at").desc(nulls_last=True), "-pk")[:SHOWN],
        "claims": {pk for pk, reason in offers.reasons.items() if reason == Reason.CLAIM},
        "waiting": _waiting(askable),
    }
    return render(request, "workbench/to_ask.html", context)


def _waiting(decision: Decision) -> int:
    return sum(reason == Reason.ASKED_LATELY for reason in decision.reasons.values())


@require_POST
@never_cache
@host_required
def ask(request: HostRequest, public_id: UUID) -> HttpResponse:
    """The words and the link for this one person, shown once."""
    access_log.note_reading(request, now=timezone.now())
    relation = access.relation_for(request.host, public_id)
    try:
        secret = asking.ask(relation, by=request.user, now=timezone.now())
    except asking.NotNowError as error:
        messages.error(request, f"先别问她：{error}。等她自己提起再说。")
        return redirect("workbench:customer", public_id)
    address = addresses.page("storefront:agree", secret)
    words = (
        f"有新品和优惠的时候，我想发给你看看，一般一周一两回。愿意的话点开选一下，不愿意也没关系，"
        f"有事照样随时找我：\n{address}"
    )
    context = {
        "tab": "customers",
        "relation": relation,
        "words": words,
        "link": address,
        "days": gate.ANSWER_WITHIN.days,
    }
    return render(request, "workbench/ask_offers.html", context)


@require_POST
@never_cache
@host_required
def confirm(request: HostRequest, public_id: UUID) -> HttpResponse:
    """The tick on the order was hers: her host says so, under her own name."""
    relation = access.relation_for(request.host, public_id)
    try:
        asking.confirm_by_host(relation, by=request.user, now=timezone.now())
    except asking.NotNowError:
        messages.error(request, "没有等你确认的勾选了。")
    else:
        messages.success(request, "记下了：是她本人勾的，以后的新品和优惠可以发给她。")
    return redirect("workbench:customer", public_id)
