from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "apps.content"
    verbose_name = _("内容")

    def ready(self) -> None:
        from apps.content import receivers, review  # noqa: F401 - receivers connect themselves
        from apps.content.rights import HOLDER
        from apps.privacy.registry import register_holder

        register_holder(HOLDER)
        post_migrate.connect(review.ensure_workflow, sender=self)
