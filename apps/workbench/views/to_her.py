"""发给她: what one customer is sent from her own page, in words that call her by her name."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.access import host_required
from apps.catalog import access as catalog
from apps.customers import access
from apps.library import access as library
from apps.reach import asking
from apps.sharing import to_her
from apps.sharing.services import NoSuchWayError, NotNowError, Shared
from apps.sharing.subjects import Shareable, of_material, of_product
from apps.workbench import access_log
from apps.workbench.forms import ToHerForm
from apps.workbench.requests import HostRequest
from apps.workbench.variants import chosen, variants_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def send(request: HostRequest, public_id: UUID) -> HttpResponse:
    """The words and the link for this one person; a post says that she took them, which is written down."""
    now = timezone.now()
    relation = access.relation_for(request.host, public_id)
    access_log.note_reading(request, now=now)
    form = ToHerForm(request.POST if request.method == "POST" else request.GET)
    subject, text = subject_of(request, form)
    shared: Shared | None = None
    error, held = "", asking.refusal(relation, now=now)
    if held is not None:
        error = f"先不给她发新品和优惠：{held.label}。没有记下，也没有发。"
    else:
        try:
            shared = to_her.words_for(relation, subject, now, text=text)
            if request.method == "POST" and form.cleaned_data["took"]:
                to_her.note_sent(relation, subject, by=request.user, now=now)
        except (NotNowError, NoSuchWayError) as refused:
            shared, error = None, str(refused)
    is_refused = request.method == "POST" and shared is None
    if request.headers.get("X-Requested-With") == "fetch":
        # Why not, in one line: the page that holds the words puts it in their place.
        plain = "text/plain; charset=utf-8"
        return HttpResponse(error, plain, 422) if is_refused else HttpResponse(status=204)
    context: dict[str, Any] = {
        "tab": "customers",
        "relation": relation,
        "subject": subject,
        "kind": str(subject.kind),
        "shared": shared,
        "error": error,
        "held": held,
        "not_to_be_asked": asking.may_ask(relation, now=now) if held is not None else None,
        "is_noted": request.method == "POST" and shared is not None,
    }
    part = request.htmx and not request.htmx.boosted
    answer = render(request, "workbench/_to_her.html" if part else "workbench/to_her.html", context)
    answer["Vary"] = "HX-Request"
    answer.status_code = 422 if is_refused else 200
    return answer


def subject_of(request: HostRequest, form: ToHerForm) -> tuple[Shareable, str]:
    """The material or product that the form names, in her own words if she has any; Http404 for none."""
    now = timezone.now()
    if not form.is_valid():
        raise Http404
    if (material_id := form.cleaned_data["material"]) is not None:
        material = library.material_for(request.host, material_id, now)
        say = chosen(variants_of(request.host, material), "")
        return of_material(material, now), say.text if say else ""
    if (product_id := form.cleaned_data["product"]) is not None:
        return of_product(catalog.product_offered(product_id)), ""
    raise Http404
