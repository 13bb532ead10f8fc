from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReachConfig(AppConfig):
    name = "apps.reach"
    verbose_name = _("触达")

    def ready(self) -> None:
        from apps.privacy.registry import register_expiry, register_holder
        from apps.reach.erasure import HOLDER
        from apps.reach.expiry import EXPIRY

        register_holder(HOLDER)
        register_expiry(EXPIRY)
