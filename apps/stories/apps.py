from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoriesConfig(AppConfig):
    name = "apps.stories"
    verbose_name = _("用户故事")

    def ready(self) -> None:
        from apps.library.models import materials
        from apps.records.registry import register_expiry, register_holder, when_withdrawn
        from apps.stories import agreed, expiry, taking_back
        from apps.stories.erasure import HOLDER

        register_holder(HOLDER)
        when_withdrawn(taking_back.consent_withdrawn)
        for rule in expiry.EXPIRIES:
            register_expiry(rule)
        if agreed.problems not in materials.CHECKS:
            materials.CHECKS.append(agreed.problems)
