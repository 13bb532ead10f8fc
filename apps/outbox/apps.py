from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "apps.outbox"
    verbose_name = _("出站与入站")

    def ready(self) -> None:
        from apps.outbox import invariants, registry
        from apps.outbox.services import tidying

        registry.register_job(tidying.JOB)
        invariants.register_check("outbox", invariants.check_outbox)
