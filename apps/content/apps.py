from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "apps.content"
    verbose_name = _("内容")

    def ready(self) -> None:
        from apps.catalog import ending
        from apps.content import receivers, review  # noqa: F401 - receivers connect themselves
        from apps.content.causes import CAUSES
        from apps.content.models import materials
        from apps.content.rights import HOLDER
        from apps.content.selling import posts_that_sell
        from apps.content.stories import agreed, expiry, taking_back
        from apps.outbox.registry import register_cause
        from apps.privacy.registry import register_expiry, register_holder, when_withdrawn

        ending.tell(posts_that_sell)
        register_holder(HOLDER)
        for cause in CAUSES:
            register_cause(cause)
        when_withdrawn(taking_back.consent_withdrawn)
        for rule in expiry.EXPIRIES:
            register_expiry(rule)
        if agreed.problems not in materials.CHECKS:
            materials.CHECKS.append(agreed.problems)
        post_migrate.connect(review.ensure_workflow, sender=self)
