"""用户故事: a host writes down what a customer told, and sends her the link by which she herself agrees."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.catalog.models import Product
from apps.customers import access as customers
from apps.customers.models import Relation
from apps.lib import addresses
from apps.media.cleaning import UploadRefusedError
from apps.media.views import show_private
from apps.stories import access, services, taking_back
from apps.stories.models import LONGEST_NAME, LONGEST_TITLE, MOST_PICTURES, MOST_WORDS, Story
from apps.trade.models import OrderLine
from apps.workbench import access_log
from apps.workbench.forms import H5Form
from apps.workbench.requests import HostRequest


class StoryForm(H5Form):
    text = forms.CharField(
        label="她的话",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "照她说的写，不用加工"}),
        error_messages={"required": "请写下她的话。", "max_length": f"她的话最多 {MOST_WORDS} 个字。"},
    )
    title = forms.CharField(
        label="标题",
        max_length=LONGEST_TITLE,
        help_text="一句话，例如「孩子自己盛粥了」。",
        error_messages={"required": "请写一个标题。", "max_length": f"标题最多 {LONGEST_TITLE} 个字。"},
    )
    called = forms.CharField(
        label="怎么称呼她",
        max_length=LONGEST_NAME,
        help_text="例如「两个娃的妈妈」，不写姓名。",
        error_messages={"required": "请写怎么称呼她。", "max_length": f"称呼最多 {LONGEST_NAME} 个字。"},
    )
    product = forms.ModelChoiceField(
        label="说的是哪个商品", queryset=Product.objects.none(), required=False, empty_label="不选"
    )

    def __init__(self, *args: Any, relation: Relation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What she bought: the story is of something she knows.
        lines = OrderLine.objects.filter(order__relation=relation)
        bought: Any = self.fields["product"]
        bought.queryset = Product.objects.filter(pk__in=lines.values("product")).order_by("title")


@require_safe
@never_cache
@host_required
def stories(request: HostRequest) -> HttpResponse:
    access_log.note_reading(request, now=timezone.now())
    context = {"tab": "me", "stories": access.stories_of(request.host)[:100]}
    return render(request, "workbench/stories.html", context)


@sensitive_post_parameters("called", "text", "title")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def ask(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Write a customer's story down; the answer is the link to send her, shown once."""
    access_log.note_reading(request, now=timezone.now())
    relation = customers.relation_for(request.host, public_id)
    form = StoryForm(request.POST or None, relation=relation)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                secret, _story = services.ask(
                    relation,
                    pictures=request.FILES.getlist("pictures"),
                    now=timezone.now(),
                    **form.cleaned_data,
                )
                return _link_page(request, secret)
            except (services.NotPossibleError, UploadRefusedError) as error:
                form.add_error(None, str(error))
    context = {"tab": "customers", "relation": relation, "form": form, "most": MOST_PICTURES}
    return render(request, "workbench/story_new.html", context, status=status)


def _link_page(request: HostRequest, secret: str) -> HttpResponse:
    url = addresses.page("storefront:story", secret)
    context = {"tab": "me", "url": url, "days": services.ASK_FOR.days}
    return render(request, "workbench/story_link.html", context)


@require_safe
@never_cache
@host_required
def story(request: HostRequest, public_id: UUID) -> HttpResponse:
    access_log.note_reading(request, now=timezone.now())
    found = access.story_of(request.host, public_id)
    is_late = found.state == Story.State.ASKED and timezone.now() >= found.ask_until
    return render(request, "workbench/story.html", {"tab": "me", "story": found, "is_late": is_late})


@require_POST
@never_cache
@host_required
def renew(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Another link for one that got lost; the earlier one opens nothing any more."""
    found = access.story_of(request.host, public_id)
    try:
        return _link_page(request, services.renew(found, now=timezone.now()))
    except services.NotPossibleError as error:
        messages.info(request, str(error))
        return kept_forms.refused(redirect("workbench:story", public_id))


@require_POST
@host_required
def withdraw(request: HostRequest, public_id: UUID) -> HttpResponse:
    """She said so by another way: the host takes it back for her."""
    taking_back.withdraw(access.story_of(request.host, public_id), now=timezone.now())
    messages.success(request, "撤回了，所有页面上都没有了。")
    return redirect("workbench:stories")


@require_safe
@never_cache
@host_required
def picture(request: HostRequest, public_id: UUID) -> HttpResponse:
    found = access.own_picture(request.host, public_id)
    return show_private(request, str(found.file.name))  # type: ignore[return-value]
