"""用户故事: a host writes down what a customer told, and sends her the link by which she herself agrees."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import host_required
from apps.catalog.models import Product
from apps.content.models import Story, StoryPicture
from apps.content.models.stories import MOST_PICTURES, MOST_WORDS
from apps.content.stories import access, services
from apps.content.training.console import picture_of
from apps.customers import access as customers
from apps.customers.models import Relation
from apps.media.cleaning import UploadRefusedError
from apps.trade.models import OrderLine
from apps.workbench.forms import H5Form
from apps.workbench.requests import HostRequest


class StoryForm(H5Form):
    called = forms.CharField(
        label="怎么称呼她",
        max_length=20,
        help_text="例如「两个娃的妈妈」，不要写全名。",
        error_messages={"required": "请写怎么称呼她。"},
    )
    text = forms.CharField(
        label="她的话",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "照她说的写，不要加工"}),
        error_messages={"required": "请写下她的话。"},
    )
    product = forms.ModelChoiceField(label="说的是哪个商品", queryset=Product.objects.none(), required=False)

    def __init__(self, *args: object, relation: Relation, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # What she bought: the story is of something she knows.
        bought = Product.objects.filter(
            pk__in=OrderLine.objects.filter(order__relation=relation).values("product")
        )
        self.fields["product"].queryset = bought.order_by("title")  # type: ignore[attr-defined]
        self.fields["product"].empty_label = "不选"  # type: ignore[attr-defined]


@require_safe
@never_cache
@host_required
def stories(request: HostRequest) -> HttpResponse:
    context = {"tab": "me", "stories": access.stories_of(request.host)[:100]}
    return render(request, "workbench/stories.html", context)


@sensitive_post_parameters("called", "text")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def ask(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Write a customer's story down; the answer is the link to send her, shown once."""
    relation = customers.relation_for(request.host, public_id)
    form = StoryForm(request.POST or None, relation=relation)
    files = request.FILES.getlist("pictures")
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            data = form.cleaned_data
            try:
                secret, story = services.ask(
                    relation,
                    called=data["called"],
                    text=data["text"],
                    pictures=files,
                    product=data["product"],
                    now=timezone.now(),
                )
                return _link_page(request, story, secret)
            except (services.NotPossibleError, UploadRefusedError) as error:
                form.add_error(None, str(error))
    context = {"tab": "customers", "relation": relation, "form": form, "most": MOST_PICTURES}
    return render(request, "workbench/story_new.html", context, status=status)


def _link_page(request: HostRequest, story: Story, secret: str) -> HttpResponse:
    context = {"tab": "me", "story": story, "url": f"{settings.SITE_URL}/u/{secret}/"}
    return render(request, "workbench/story_link.html", context)


@require_safe
@never_cache
@host_required
def story(request: HostRequest, public_id: UUID) -> HttpResponse:
    context = {"tab": "me", "story": access.story_of(request.host, public_id)}
    return render(request, "workbench/story.html", context)


@require_POST
@never_cache
@host_required
def renew(request: HostRequest, public_id: UUID) -> HttpResponse:
    """Another link for one that got lost; the earlier one opens nothing any more."""
    found = access.story_of(request.host, public_id)
    try:
        return _link_page(request, found, services.renew(found, now=timezone.now()))
    except services.NotPossibleError as error:
        messages.info(request, str(error))
        return redirect("workbench:story", public_id)


@require_POST
@host_required
def withdraw(request: HostRequest, public_id: UUID) -> HttpResponse:
    """She said so by another way: the host takes it back for her."""
    services.withdraw(access.story_of(request.host, public_id), now=timezone.now())
    messages.success(request, "撤回了，所有页面上都没有了。")
    return redirect("workbench:stories")


@require_safe
@never_cache
@host_required
def picture(request: HostRequest, public_id: UUID) -> HttpResponse:
    return picture_of(request, get_object_or_404(StoryPicture, public_id=public_id, host=request.host))
