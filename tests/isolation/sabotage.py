"""The first wall, taken down: every function that scopes rows gives all of them, whoever asks."""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import pytest
from django.shortcuts import get_object_or_404

from apps.accounts.models import Host, Organisation
from apps.catalog.models import Product, ShelfItem
from apps.customers.models import Relation, Tag
from apps.learning.models import AdoptedStep, Adoption, Case, Lesson, Path, Practice
from apps.library.models import Material
from apps.privacy.models import ExportRequest
from apps.stories.models import Story, StoryPicture
from apps.trade.models import Order
from apps.wecom.models import MassSend


def _everything(model: Any, *related: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: model.objects.select_related(*related)


def _any(model: Any, *related: str) -> Callable[..., Any]:
    def found(*args: Any, **kwargs: Any) -> Any:
        return get_object_or_404(model.objects.select_related(*related), public_id=args[1])

    return found


#: What each scoping function gives once it scopes nothing.
SCOPING: dict[str, dict[str, Callable[..., Any]]] = {
    "apps.accounts.access": {
        "hosts_visible_to": _everything(Host),
        "organisations_of": lambda *args: Organisation.objects.order_by("path"),
        "host_for": _any(Host),
        "reaches_everybody": lambda *args: True,
    },
    "apps.catalog.access": {
        "products_offered": _everything(Product),
        "product_offered": lambda public_id: get_object_or_404(Product, public_id=public_id),
        "shelf_of": _everything(ShelfItem, "product__category", "product__brand"),
        "shelf_item_for": _any(ShelfItem, "product"),
        "shelf_on_sale": _everything(ShelfItem, "product__category", "product__brand"),
    },
    "apps.library.access": {
        "materials_for": lambda host, now: Material.objects.all(),
        "material_for": lambda host, public_id, now: get_object_or_404(Material, public_id=public_id),
        "hosts_meant_by": _everything(Host),
    },
    "apps.learning.cases.access": {
        "case_for": lambda host, public_id, now: get_object_or_404(Case, public_id=public_id),
        "adoption_for": _any(Adoption),
        "step_for": _any(AdoptedStep, "adoption"),
    },
    "apps.stories.access": {
        "stories_of": _everything(Story, "product", "material"),
        "story_of": _any(Story, "product", "material"),
        "own_picture": _any(StoryPicture),
        "stories_read_by": _everything(Story, "host__organisation", "product", "material", "reviewed_by"),
        "story_for": _any(Story),
        "picture_for": _any(StoryPicture),
        # Whatever the token says: one of those that are to be seen at all.
        "story_by_link": lambda token: Story.objects.select_related("host").order_by("pk").first(),
    },
    "apps.learning.training.access": {
        "paths_for": _everything(Path),
        "lesson_for": _any(Lesson, "video__cover"),
        "own_practice": _any(Practice),
        "practices_seen_by": _everything(Practice, "host__organisation", "lesson", "reviewed_by"),
        "practice_for": _any(Practice),
    },
    "apps.customers.access": {
        "relations_of": _everything(Relation),
        "relation_for": _any(Relation, "customer"),
        "relations_for": lambda host, ids: list(Relation.objects.filter(public_id__in=ids)),
        "tags_of": _everything(Tag),
    },
    "apps.insights.access": {
        "hosts_counted_for": lambda user: None,
        "hosts_helped_by": _everything(Host),
        "hosts_listed_for": _everything(Host),
        "hosts_seen_by": _everything(Host),
    },
    "apps.privacy.access": {
        "exports_visible_to": _everything(ExportRequest, "requester", "approver", "own_host"),
        "export_for": _any(ExportRequest, "requester", "approver", "own_host"),
    },
    "apps.trade.access": {
        "orders_of": _everything(Order, "relation"),
        "orders_to_confirm": lambda host: Order.objects.filter(status=Order.Status.PLACED).count(),
        "order_for": _any(Order),
        # Whatever the token says: one of those that are to be seen at all.
        "order_by_private_link": lambda token: Order.objects.select_related("host").order_by("pk").first(),
        "orders_by_private_links": lambda tokens: dict(
            zip(tokens, Order.objects.order_by("pk"), strict=False)
        ),
    },
    "apps.wecom.access": {"mass_sends_of": _everything(MassSend), "mass_send_for": _any(MassSend)},
}
#: What stays, and why it is no scope.
NO_SCOPE = {
    "apps.accounts.access.host_of": "who asks",
    "apps.accounts.access.host_required": "who asks",
    "apps.accounts.access.role_names": "who asks",
    "apps.accounts.access.awaits_second_step": "who asks",
    "apps.accounts.access.second_step_due": "who asks",
    "apps.accounts.access.is_hq": "who asks",
    "apps.accounts.access.has_taken_second_step": "who asks",
    "apps.accounts.access.carries_roles": "what a token may",
    # How somebody at HQ has set her lists, and what she did with them: no row of any host. The rows behind
    # are scoped by the list, which is sabotaged.
    "apps.console_kit.access.choices_of": "one's own settings",
    "apps.console_kit.access.views_of": "one's own settings",
    "apps.console_kit.access.view_of": "one's own settings",
    "apps.console_kit.access.runs_of": "one's own acts",
    "apps.console_kit.access.run_of": "one's own acts",
    "apps.accounts.access.staff": "gives all",
    "apps.accounts.access.organisations": "gives all",
    "apps.accounts.access.places": "gives all that are in use",
    "apps.accounts.access.places_of": "asks organisations_of, which is sabotaged",
    "apps.insights.access.helpers": "gives all who call",
    "apps.storefront.access.link_behind": "by a link, public",
    "apps.storefront.access.material_behind": "by a link, public",
    "apps.storefront.access.product_behind": "by a link, public",
    "apps.storefront.access.product_through": "by a link, public",
    "apps.storefront.access.sku_through": "by a link, public",
    "apps.storefront.access.subject_to_buy": "by a link, public",
    "apps.storefront.access.way_back": "from an order that was found already",
    "apps.stories.access.host_behind_link": "the lock is in the database: it says only with whom",
    "apps.storefront.access.chosen_in": "by a link, public",
    "apps.storefront.access.orders_on_device": "asks trade, which is sabotaged",
    "apps.trade.access.hosts_behind_private_links": "the lock is in the database: it says only with whom",
    "apps.storefront.access.order_behind": "asks trade, which is sabotaged",
    "apps.storefront.access.story_behind": "asks content, which is sabotaged",
    "apps.trade.access.host_behind_private_link": "the lock is in the database: it says only with whom",
}


def functions() -> set[str]:
    """Every public function of every access.py, by its full name."""
    found = set()
    root = File(__file__).parents[2]
    for file in sorted(root.glob("apps/**/access.py")):
        module = importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))
        for name, thing in vars(module).items():
            own = inspect.isfunction(thing) and inspect.getmodule(inspect.unwrap(thing)) is module
            if own and not name.startswith("_"):
                found.add(f"{module.__name__}.{name}")
    return found


def take_down(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, replaced in SCOPING.items():
        module = importlib.import_module(name)
        for function, instead in replaced.items():
            monkeypatch.setattr(module, function, instead)
