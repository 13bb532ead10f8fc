"""Who may open a list that goes by one right of its own, not by Django's four."""

from collections.abc import Collection
from typing import Any

from django.db.models import Model
from wagtail.permission_policies import ModelPermissionPolicy


class ByOneRight(ModelPermissionPolicy):
    """Whoever has `right` may do here whatever the page offers."""

    def __init__(self, model: type[Model], right: str) -> None:
        super().__init__(model)
        self.right = right

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(user.has_perm(self.right))

    def user_has_any_permission(self, user: Any, actions: Collection[str]) -> bool:
        return bool(user.has_perm(self.right))
