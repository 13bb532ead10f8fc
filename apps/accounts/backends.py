"""Who somebody is, and what she may do in this session (settings.AUTHENTICATION_BACKENDS)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from apps.accounts import access


class RightsBackend(ModelBackend):
    """Django's own, but no right holds while a session or token lacks the second step where it is due."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return not access.awaits_second_step(user_obj) and super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return not access.awaits_second_step(user_obj) and super().has_module_perms(user_obj, app_label)
