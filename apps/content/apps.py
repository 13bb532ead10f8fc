from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "apps.content"
    verbose_name = _("内容")

    def ready(self) -> None:
        from apps.catalog import ending
        from apps.content import announcing, causes, publishing, receivers, review
        from apps.content.cases import services as cases
        from apps.content.models import Case, Issue, Material, materials
        from apps.content.rights import HOLDER
        from apps.content.selling import posts_that_sell
        from apps.content.stories import agreed, expiry, taking_back
        from apps.outbox.registry import register_cause
        from apps.privacy.registry import register_expiry, register_holder, when_withdrawn

        ending.tell(posts_that_sell)
        register_holder(HOLDER)
        publishing.register(Material, causes.MATERIAL)
        publishing.register(Issue, causes.ISSUE, news=announcing.news_of)
        publishing.register(Case, cases.CAUSE, news=cases.news_of)
        register_cause(causes.END)
        for model in (Material, Issue, Case):
            receivers.follow(model)
        when_withdrawn(taking_back.consent_withdrawn)
        for rule in expiry.EXPIRIES:
            register_expiry(rule)
        if agreed.problems not in materials.CHECKS:
            materials.CHECKS.append(agreed.problems)
        post_migrate.connect(review.ensure_workflow, sender=self)
