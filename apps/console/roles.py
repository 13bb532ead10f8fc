"""What each HQ role may do in the console: one literal table. Nobody may publish: approval does."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db import connections
from wagtail.models import Collection, GroupCollectionPermission

from apps.accounts import roles

ENTER = "wagtailadmin.access_admin"


def _may(verbs: str, *models: str) -> set[str]:
    """`_may("view change", "catalog.sku")` is `{"catalog.view_sku", "catalog.change_sku"}`."""
    return {
        f"{app}.{verb}_{model}"
        for app, model in (name.split(".") for name in models)
        for verb in verbs.split()
    }


_CONTENT = ("library.material", "library.issue", "learning.case", "learning.lesson", "learning.path")
#: To call hosts who need help, and to say who is on which.
_CALLS = "insights.add_hostcall"
#: To look at proofs of practice, which show hosts' groups, and judge them.
_PRACTICE = "learning.review_practice"
#: To read what consumers told, once they agreed, and take it or not.
_STORIES = "stories.review_story"
#: What materials are made with.
_MAKING = ("library.postertemplate", "library.festival")
#: The list of words that the advertising law forbids: whoever approves keeps it.
_WORDS = "library.forbiddenword"
_CATALOG = ("catalog.product", "catalog.category", "catalog.brand", "catalog.supplier")
#: Who may see numbers: hosts, funnels, money. The API asks the same by role (apps/insights/access.py).
_NUMBERS = "insights.hostday"
#: Who invites people to become hosts, and decides about those who apply.
_JOINING = {*_may("view add change", "accounts.invitation"), *_may("view change", "accounts.application")}
_PEOPLE = ("customers.customer", "customers.relation", "trade.order")
#: To see a name, phone or address whole, for a reason, as often as `settings.REVEALS_A_DAY` says.
_REVEAL = "records.reveal_personal"
#: To ask for an export; another person with the second right decides.
_ASK_EXPORT = {"privacy.view_exportrequest", "privacy.add_exportrequest"}
_APPROVE_EXPORT = "privacy.approve_export"
#: To call people back who asked for their data or its end.
_RIGHTS = {"privacy.view_rightsrequest", "privacy.change_rightsrequest"}

TABLE: dict[str, set[str]] = {
    roles.ADMIN: {
        ENTER,
        _PRACTICE,
        _STORIES,
        *_may("view add change withdraw", *_CONTENT),
        *_may("view add change", *_MAKING),
        *_may("view add change", _WORDS),
        *_may("view add change", *_CATALOG, "media.video", "accounts.organisation", "accounts.user"),
        *_may("view change", "accounts.host"),
        *_may("change", "trade.orderrules", "outbox.delivery"),
        *_may("view", *_PEOPLE, _NUMBERS, "outbox.delivery", "records.accesslog", "records.alert"),
        _CALLS,
        _REVEAL,
        *_JOINING,
        *_ASK_EXPORT,
        _APPROVE_EXPORT,
        *_RIGHTS,
        "records.add_legalhold",
        *_may("view add", "records.notice"),
        *_may("view add", "customers.handover"),
    },
    roles.EDITOR: {
        ENTER,
        *_may("view add change", *_CONTENT, *_MAKING, "media.video"),
        *_may("view", "catalog.product", _NUMBERS),
    },
    roles.REVIEWER: {
        ENTER,
        _PRACTICE,
        _STORIES,
        *_may("view change withdraw", *_CONTENT),
        *_may("view add change", _WORDS),
        *_may("view", "catalog.product", "media.video", _NUMBERS),
    },
    roles.MERCHANDISER: {
        ENTER,
        *_may("view add change", *_CATALOG),
        *_may("view", *_CONTENT, _NUMBERS),
    },
    roles.OPERATOR: {
        ENTER,
        _PRACTICE,
        *_may("view", *_CONTENT, "catalog.product", "accounts.organisation", *_PEOPLE, _NUMBERS),
        *_may("view change", "outbox.delivery"),
        *_may("view", "records.alert"),
        *_may("view change", "accounts.host"),
        _CALLS,
        _REVEAL,
        *_JOINING,
        *_ASK_EXPORT,
        _APPROVE_EXPORT,
        *_may("view add", "customers.handover"),
    },
    roles.ANALYST: {
        ENTER,
        *_may("view", *_CONTENT, "catalog.product", "accounts.organisation", "accounts.host", "trade.order"),
        *_may("view", _NUMBERS),
    },
    roles.REGION_MANAGER: {
        ENTER,
        _PRACTICE,
        *_may("view", *_CONTENT, "catalog.product", "accounts.host", *_PEOPLE, _NUMBERS),
        _CALLS,
        _REVEAL,
        *_JOINING,
        *_ASK_EXPORT,
        *_may("view", "customers.handover"),
    },
    roles.SUPPORT: {
        ENTER,
        *_may("view", "catalog.product", "accounts.host", *_PEOPLE),
        _REVEAL,
        *_RIGHTS,
    },
}
#: Pictures belong to a collection, and so do the rights to them.
PICTURES: dict[str, tuple[str, ...]] = {
    roles.ADMIN: ("add_image", "change_image", "choose_image"),
    roles.EDITOR: ("add_image", "change_image", "choose_image"),
    roles.REVIEWER: ("choose_image",),
    roles.MERCHANDISER: ("add_image", "change_image", "choose_image"),
}


def grant(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Make the groups' permissions those of the table, after the last app's migrate.

    Not a data migration: permissions are rows that Django makes only after migrating, and a table that is
    applied each time can't drift from what the tests compare.
    """
    if sender.label != _last_app() or "auth_permission" not in connections[using].introspection.table_names():
        return
    for name, wanted in TABLE.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.set(_permissions(wanted))
    Group.objects.filter(name__in=("Editors", "Moderators")).delete()  # Wagtail's own, for pages
    root = Collection.get_first_root_node()
    if root is None:
        root = Collection.add_root(name="Root")
    GroupCollectionPermission.objects.filter(group__name__in=TABLE).exclude(
        permission__codename__in=("add_image", "change_image", "choose_image")
    ).delete()
    for name, codenames in PICTURES.items():
        group = Group.objects.get(name=name)
        for permission in Permission.objects.filter(
            content_type__app_label="media", content_type__model="image", codename__in=codenames
        ):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=root, permission=permission
            )


def _permissions(names: Iterable[str]) -> list[Permission]:
    found = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type").filter(
            codename__in={name.split(".")[1] for name in names}
        )
    }
    missing = set(names) - found.keys()
    if missing:
        raise LookupError(f"没有这样的权限：{'、'.join(sorted(missing))}")
    return [found[name] for name in names]


def _last_app() -> str:
    """post_migrate comes once for each app that has models, in order."""
    return [config.label for config in apps.get_app_configs() if config.models_module is not None][-1]
